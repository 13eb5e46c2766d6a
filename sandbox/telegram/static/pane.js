// One user's chat: his messages with the bot (or in a group), kept in step with the stream.

import {get, post} from "./api.js";
import {bubble, unsentBubble} from "./bubbles.js";
import {Composer} from "./composer.js";
import {alertBox, day, element, toast} from "./dom.js";

const TYPING_MS = 5000;
const DOING = {typing: "typing…", upload_photo: "sending a photo…", upload_document: "sending a file…"};

export class Pane {
  constructor(view, startPayload) {
    this.user = view.user;
    this.chatId = view.user.id;
    this.startPayload = startPayload;
    this.views = new Map();
    this.waiting = new Map();
    this.early = null;
    this.sendCommand = (text) => this.sendText(text);
    this.build(view);
    this.learn(view);
  }

  build(view) {
    this.title = element("h2", {}, view.bot.first_name);
    this.subtitle = element("p", {class: "subtitle", role: "status"}, "bot");
    this.chooser = element("select", {"aria-label": "Chat", hidden: true});
    this.chooser.addEventListener("change", () => this.show(Number(this.chooser.value)));
    this.blocker = element("button", {type: "button", class: "quiet", onclick: () => this.toggleBlock()});
    this.log = element("div", {class: "log", role: "log", "aria-label": "Messages", tabindex: 0});
    this.composer = new Composer(this);
    this.node = element("section", {
      class: "pane", id: `pane-${view.user.id}`, role: "tabpanel", "data-user": view.user.id, "aria-label": `Chat of ${view.user.first_name}`,
    },
    element("header", {class: "pane-head"},
      element("span", {class: "avatar", "aria-hidden": "true"}, view.bot.first_name.slice(0, 1)),
      element("div", {class: "names"}, this.title, this.subtitle),
      this.chooser,
      element("span", {class: "viewer"}, `as ${view.user.first_name}`),
      this.blocker),
    this.log, this.composer.node);
  }

  learn(view) {
    Object.assign(this, {bot: view.bot, blocked: view.blocked, commands: view.commands, menuButton: view.menu_button, description: view.description});
    this.title.textContent = view.bot.first_name;
    this.blocker.textContent = view.blocked ? "Unblock" : "Block";
    const chats = [{id: this.user.id, title: view.bot.first_name}, ...view.groups];
    this.chooser.hidden = chats.length < 2;
    this.chooser.replaceChildren(...chats.map((chat) => element("option", {value: chat.id, selected: chat.id === this.chatId}, chat.title)));
  }

  async refresh() {
    this.learn(await get(`/views/${this.user.id}?bot=${this.bot.id}`));
    this.draw();
  }

  async show(chatId) {
    this.chatId = chatId;
    const early = this.early = [];
    const read = await get(`/chats/${chatId}?bot=${this.bot.id}&limit=300`).finally(() => {
      if (this.early === early) this.early = null;
    });
    if (this.early) return read.sequence;
    this.views = new Map(read.messages.map((view) => [view.message_id, view]));
    this.draw();
    for (const entry of early) if (entry.sequence > read.sequence) this.take(entry);
    this.log.scrollTop = this.log.scrollHeight;
    return read.sequence;
  }

  draw() {
    const stay = this.atEnd();
    const nodes = [];
    let shownDay = "";
    for (const view of this.views.values()) {
      const its = day(view.sent_at);
      if (its !== shownDay) nodes.push(element("p", {class: "day"}, its));
      shownDay = its;
      nodes.push(bubble(view, this));
    }
    this.log.replaceChildren(...(nodes.length ? nodes : [this.introduction()]));
    this.composer.draw();
    if (stay) this.keepAtEnd(true);
  }

  introduction() {
    const about = this.description
      ? [element("strong", {}, "What can this bot do?"), element("span", {}, this.description)]
      : [element("strong", {}, "No messages here yet…"), element("span", {}, "Press START to begin.")];
    return element("div", {class: "introduction"}, ...about);
  }

  atEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 120;
  }

  keepAtEnd(now = false) {
    if (now || this.atEnd()) this.log.scrollTop = this.log.scrollHeight;
  }

  // What the stream tells while the chat is being read is kept until then: it may be newer than what was read.
  take(entry) {
    if (this.early) {
      this.early.push(entry);
      return;
    }
    if (entry.kind === "toast" && entry.data.user_id === this.user.id) this.answered(entry.data);
    if (entry.chat_id !== this.chatId && entry.kind !== "profile") return;
    if (entry.kind === "message") this.arrive(entry.data);
    else if (entry.kind === "edit") this.change(entry.data);
    else if (entry.kind === "delete") this.vanish(entry.message_id);
    else if (entry.kind === "action") this.doing(entry.data.action);
    else if (["profile", "blocked", "unblocked"].includes(entry.kind)) this.refresh();
  }

  arrive(view) {
    const stay = this.atEnd() || view.sender_id === this.user.id;
    const known = [...this.views.values()].pop();
    this.views.set(view.message_id, view);
    if (!known || day(known.sent_at) !== day(view.sent_at)) this.draw();
    else this.log.append(bubble(view, this));
    for (const unsent of this.log.querySelectorAll(".unsent")) this.log.append(unsent);
    if (view.sender_id === this.bot.id) this.quiet();
    if (view.reply_markup?.force_reply) this.composer.replyTo(view);
    else this.composer.draw();
    if (stay) this.keepAtEnd(true);
  }

  change(view) {
    this.views.set(view.message_id, view);
    const stay = this.atEnd();
    this.log.querySelector(`[data-id="${view.message_id}"]`)?.replaceWith(bubble(view, this));
    this.composer.draw();
    if (stay) this.keepAtEnd(true);
  }

  vanish(messageId) {
    this.views.delete(messageId);
    this.draw();
  }

  doing(action) {
    this.subtitle.textContent = DOING[action] || "busy…";
    this.subtitle.classList.add("busy");
    clearTimeout(this.quietTimer);
    this.quietTimer = setTimeout(() => this.quiet(), TYPING_MS);
  }

  quiet() {
    clearTimeout(this.quietTimer);
    this.subtitle.textContent = "bot";
    this.subtitle.classList.remove("busy");
  }

  awaitAnswer(queryId, calm) {
    if (queryId) this.waiting.set(queryId, calm);
  }

  answered(answer) {
    this.waiting.get(answer.callback_query_id)?.();
    this.waiting.delete(answer.callback_query_id);
    if (answer.text && answer.show_alert) alertBox(this.bot.first_name, answer.text);
    else if (answer.text) toast(this.composer.node, answer.text);
    if (/^https?:/i.test(answer.url)) window.open(answer.url, "_blank", "noopener");
  }

  async sendText(text, replyTo) {
    const unsent = unsentBubble(text, () => this.sendText(text, replyTo));
    this.log.append(unsent.node);
    this.keepAtEnd(true);
    try {
      await post("/send", {user: this.user.id, chat: this.chatId, bot: this.bot.id, text, reply_to: replyTo ?? null});
      unsent.node.remove();
    } catch (error) {
      unsent.failed(error.message);
    }
  }

  sendFromKeyboard(text) {
    this.composer.keyboardUsed();
    this.sendText(text);
  }

  async edit(view, text) {
    try {
      await post("/edit", {user: this.user.id, chat: this.chatId, bot: this.bot.id, message_id: view.message_id, text});
    } catch (error) {
      toast(this.composer.node, error.message);
    }
  }

  async start() {
    if (this.blocked) await post("/block", {user: this.user.id, bot: this.bot.id, blocked: false});
    this.blocked = false;
    const payload = this.startPayload;
    this.startPayload = "";
    await this.sendText(payload ? `/start ${payload}` : "/start");
    this.composer.draw();
    this.composer.input.focus();
  }

  async toggleBlock() {
    await post("/block", {user: this.user.id, bot: this.bot.id, blocked: !this.blocked});
    await this.refresh();
  }
}
