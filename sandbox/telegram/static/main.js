// The page: which users are shown, as columns on a wide screen and as tabs on a narrow one. ?user=7&user=8 &bot=… &start=PAYLOAD

import {follow, get, post} from "./api.js";
import {element} from "./dom.js";
import {Pane} from "./pane.js";

const query = new URLSearchParams(location.search);
const tabs = document.querySelector(".tabs");
const panes = new Map();
let bot = null;

async function chooseBot() {
  const waiting = document.querySelector(".waiting");
  for (;;) {
    const overview = await get("/overview");
    const wanted = Number(query.get("bot"));
    const found = overview.bots.find((each) => each.id === wanted) || overview.bots[0];
    if (found) {
      waiting.hidden = true;
      if (overview.bots.length > 1) offerBots(overview.bots, found);
      return {found, overview};
    }
    waiting.hidden = false;
    waiting.textContent = "No bot has called yet. It appears here with its first call.";
    await new Promise((again) => setTimeout(again, 700));
  }
}

function offerBots(bots, found) {
  const chooser = element("select", {"aria-label": "Bot"},
    ...bots.map((each) => element("option", {value: each.id, selected: each.id === found.id}, each.first_name)));
  chooser.addEventListener("change", () => {
    query.set("bot", chooser.value);
    location.search = query.toString();
  });
  document.querySelector(".bar-title").after(chooser);
}

function wantedUsers(overview) {
  const asked = query.getAll("user").flatMap((value) => value.split(",")).map(Number).filter((id) => Number.isInteger(id) && id > 0);
  return asked.length ? asked : overview.users.slice(0, 1).map((user) => user.id);
}

async function open(userId) {
  const view = await get(`/views/${userId}?bot=${bot.id}`);
  const pane = new Pane(view, panes.size ? "" : query.get("start") || "");
  panes.set(userId, pane);
  document.querySelector(".panes").append(pane.node);
  tabs.append(element("button", {
    type: "button", role: "tab", class: "tab", "aria-controls": `pane-${userId}`, "data-user": userId, onclick: () => activate(userId),
  }, view.user.first_name));
  const sequence = await pane.show(userId);
  activate(userId);
  return sequence;
}

function activate(userId) {
  for (const tab of tabs.children) tab.setAttribute("aria-selected", String(Number(tab.dataset.user) === userId));
  for (const [id, pane] of panes) pane.node.classList.toggle("active", id === userId);
  const pane = panes.get(userId);
  pane.keepAtEnd(true);
  if (matchMedia("(min-width: 700px)").matches) pane.composer.input.focus({preventScroll: true});
  remember();
}

function remember() {
  query.delete("user");
  for (const id of panes.keys()) query.append("user", id);
  history.replaceState(null, "", `?${query}`);
}

function distribute(entry) {
  if (entry.bot_id && entry.bot_id !== bot.id) return;
  for (const pane of panes.values()) pane.take(entry);
}

async function main() {
  const {found, overview} = await chooseBot();
  bot = found;
  document.title = `${bot.first_name} · Telegram sandbox`;
  const link = document.querySelector(".link-state");
  follow(overview.sequence, distribute, (up) => { link.textContent = up ? "" : "Connecting…"; });
  const users = wantedUsers(overview);
  if (!users.length) users.push((await post("/users", {})).id);
  for (const id of users) await open(id);
  activate(users[0]);
  document.querySelector(".add-user").addEventListener("click", async () => open((await post("/users", {})).id));
}

main();
