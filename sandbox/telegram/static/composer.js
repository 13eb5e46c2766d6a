// The lower end of a chat: input, list of commands, menu button, reply and edit banners, START and RESTART.

import {element} from "./dom.js";
import {replyKeyboard, standingKeyboard} from "./keyboards.js";
import {openWebApp} from "./webapp.js";

export class Composer {
  constructor(pane) {
    this.pane = pane;
    this.reply = null;
    this.editing = null;
    this.hiddenKeyboard = null;
    this.chosen = -1;
    const id = `pane-${pane.user.id}`;
    this.list = element("ul", {class: "commands", role: "listbox", id: `${id}-commands`, "aria-label": "Commands", hidden: true});
    this.banner = element("div", {class: "banner", hidden: true});
    this.menu = element("button", {type: "button", class: "menu-button", onclick: () => this.pressMenu()});
    this.input = element("textarea", {
      rows: 1, placeholder: "Message", "aria-label": `Message as ${pane.user.first_name}`, "aria-controls": `${id}-commands`, autocomplete: "off",
    });
    this.send = element("button", {type: "submit", class: "send", "aria-label": "Send"}, "➤");
    this.form = element("form", {class: "composer"}, this.menu, this.input, this.send);
    this.keyboard = element("div", {class: "keyboard-place"});
    this.start = element("button", {type: "button", class: "start-button", onclick: () => pane.start()}, "START");
    this.node = element("footer", {class: "pane-foot"}, this.list, this.banner, this.form, this.keyboard, this.start);
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.input.addEventListener("input", () => { this.grow(); this.suggest(); });
    this.input.addEventListener("keydown", (event) => this.key(event));
  }

  draw() {
    const {pane} = this;
    const first = pane.chatId > 0 && (pane.blocked || !pane.views.size || pane.startPayload !== "");
    this.start.hidden = !first;
    this.start.textContent = pane.blocked ? "RESTART BOT" : "START";
    this.form.hidden = first;
    this.drawMenu();
    this.drawKeyboard(first);
    this.drawBanner();
    this.suggest();
  }

  drawMenu() {
    const button = this.pane.menuButton;
    const app = button.type === "web_app";
    this.menu.hidden = this.pane.chatId < 0 || (!app && !this.pane.commands.length);
    this.menu.textContent = app ? button.text : "☰";
    this.menu.setAttribute("aria-label", app ? button.text : "Commands");
    this.menu.classList.toggle("opens-app", app);
  }

  drawKeyboard(hidden) {
    const standing = hidden ? null : standingKeyboard([...this.pane.views.values()]);
    const shown = standing && standing.view.message_id !== this.hiddenKeyboard;
    this.keyboard.replaceChildren(...(shown ? [replyKeyboard(standing.markup, this.pane)] : []));
    const forced = this.reply && this.reply.reply_markup?.force_reply ? this.reply.reply_markup : null;
    this.input.placeholder = (forced || (shown && standing.markup))?.input_field_placeholder || "Message";
    this.oneTime = shown && standing.markup.one_time_keyboard ? standing.view.message_id : null;
  }

  drawBanner() {
    const about = this.editing || this.reply;
    this.banner.hidden = !about;
    if (!about) return;
    const text = about.message.text ?? about.message.caption ?? "Message";
    this.banner.replaceChildren(
      element("div", {class: "quote"}, element("strong", {}, this.editing ? "Edit message" : `Reply to ${about.message.from.first_name}`),
        element("span", {}, text.slice(0, 80))),
      element("button", {type: "button", class: "quiet", "aria-label": "Cancel", onclick: () => this.clear()}, "✕"));
  }

  replyTo(view) {
    this.reply = view;
    this.editing = null;
    this.draw();
    this.input.focus();
  }

  keyboardUsed() {
    if (this.oneTime) this.hiddenKeyboard = this.oneTime;
  }

  clear() {
    this.reply = null;
    this.editing = null;
    this.input.value = "";
    this.grow();
    this.draw();
  }

  submit() {
    const text = this.input.value.trim();
    if (!text) return;
    const {editing, reply} = this;
    this.clear();
    if (editing) this.pane.edit(editing, text);
    else this.pane.sendText(text, reply?.message_id);
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 160)}px`;
  }

  key(event) {
    if (!this.list.hidden && this.listKey(event)) {
      event.preventDefault();
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.submit();
    } else if (event.key === "Escape") {
      this.clear();
    } else if (event.key === "ArrowUp" && !this.input.value) {
      const last = [...this.pane.views.values()].reverse().find((view) => view.sender_id === this.pane.user.id && view.message.text);
      if (last) {
        event.preventDefault();
        this.editing = last;
        this.input.value = last.message.text;
        this.draw();
      }
    }
  }

  listKey(event) {
    const options = [...this.list.children];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.choose((this.chosen + (event.key === "ArrowDown" ? 1 : options.length - 1) + options.length) % options.length);
    } else if (event.key === "Tab" && options.length) {
      this.input.value = `${options[Math.max(0, this.chosen)].dataset.command} `;
      this.suggest();
    } else if (event.key === "Enter" && this.chosen >= 0) {
      options[this.chosen].click();
    } else if (event.key === "Escape") {
      this.list.hidden = true;
    } else {
      return false;
    }
    return true;
  }

  choose(index) {
    this.chosen = index;
    [...this.list.children].forEach((option, place) => option.setAttribute("aria-selected", String(place === index)));
    this.list.children[index]?.scrollIntoView({block: "nearest"});
  }

  pressMenu() {
    const button = this.pane.menuButton;
    if (button.type === "web_app") {
      openWebApp(this.pane, {url: button.web_app.url, kind: "menu", title: button.text});
      return;
    }
    const show = this.list.hidden;
    this.fill(show ? this.pane.commands : []);
    this.input.focus();
  }

  suggest() {
    const typed = this.input.value;
    this.fill(/^\/\w*$/.test(typed) ? this.pane.commands.filter((command) => `/${command.command}`.startsWith(typed)) : []);
  }

  fill(commands) {
    this.chosen = -1;
    this.list.hidden = !commands.length;
    this.list.replaceChildren(...commands.map((command) => element("li", {
      role: "option", "aria-selected": "false", "data-command": `/${command.command}`,
      onclick: () => { this.list.hidden = true; this.input.value = ""; this.pane.sendText(`/${command.command}`); },
    }, element("strong", {}, `/${command.command}`), element("span", {}, command.description))));
  }
}
