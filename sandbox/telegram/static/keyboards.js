// Inline keyboards under messages and reply keyboards under the input.

import {post} from "./api.js";
import {element, toast} from "./dom.js";
import {openWebApp} from "./webapp.js";

const PATIENCE_MS = 30000;

export function inlineKeyboard(view, pane) {
  const rows = view.reply_markup?.inline_keyboard;
  if (!rows) return null;
  return element("div", {class: "inline-keyboard", role: "group", "aria-label": "Buttons"},
    ...rows.map((row) => element("div", {class: "keyboard-row"}, ...row.map((button) => inlineButton(view, button, pane)))));
}

function inlineButton(view, button, pane) {
  const style = `inline-button${button.style ? ` style-${button.style}` : ""}`;
  if (button.url) {
    const address = /^\w+:/.test(button.url) ? button.url : `https://${button.url}`;
    const safe = /^(https?|tg|ton):/i.test(address) ? address : null;
    return element("a", {class: `${style} leads-out`, href: safe, target: "_blank", rel: "noopener noreferrer"}, button.text);
  }
  const node = element("button", {type: "button", class: style}, button.text);
  if (button.web_app) {
    node.classList.add("leads-in");
    node.addEventListener("click", () => openWebApp(pane, {url: button.web_app.url, kind: "inline", title: button.text}));
  } else if (button.copy_text) {
    node.classList.add("copies");
    node.addEventListener("click", () => copy(button.copy_text.text, pane));
  } else if (button.callback_data !== undefined) {
    node.addEventListener("click", () => tap(node, view, button, pane));
  } else {
    node.addEventListener("click", () => toast(pane.composer.node, "The sandbox does not model this kind of button."));
  }
  return node;
}

async function copy(text, pane) {
  try {
    await navigator.clipboard.writeText(text);
    toast(pane.composer.node, "Copied");
  } catch {
    toast(pane.composer.node, text);
  }
}

async function tap(node, view, button, pane) {
  if (node.getAttribute("aria-busy")) return;
  node.setAttribute("aria-busy", "true");
  const calm = () => node.removeAttribute("aria-busy");
  try {
    const pressed = await post("/press", {
      user: pane.user.id, chat: view.chat_id, message_id: view.message_id, data: button.callback_data, bot: pane.bot.id,
    });
    pane.awaitAnswer(pressed.callback_query_id, calm);
    setTimeout(calm, PATIENCE_MS);
  } catch (error) {
    calm();
    toast(pane.composer.node, error.message);
  }
}

// The newest keyboard-like markup decides; `null` when there is none.
export function standingKeyboard(views) {
  for (const view of [...views].reverse()) {
    const markup = view.reply_markup;
    if (!markup || markup.inline_keyboard) continue;
    if (markup.remove_keyboard) return null;
    if (markup.keyboard) return {view, markup};
  }
  return null;
}

export function replyKeyboard(markup, pane) {
  return element("div", {class: "reply-keyboard", role: "group", "aria-label": "Suggested answers"},
    ...markup.keyboard.map((row) => element("div", {class: "keyboard-row"}, ...row.map((button) => replyButton(button, pane)))));
}

function replyButton(button, pane) {
  const press = button.web_app
    ? () => openWebApp(pane, {url: button.web_app.url, kind: "keyboard", title: button.text})
    : () => pane.sendFromKeyboard(button.text);
  return element("button", {type: "button", class: "reply-button", onclick: press}, button.text);
}
