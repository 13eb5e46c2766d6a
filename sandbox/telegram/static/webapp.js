// Mini apps in an iframe: launch with signed data, and the basics of Telegram's postMessage bridge.

import {post} from "./api.js";
import {alertBox, element, toast} from "./dom.js";

export function themeParameters() {
  const styles = getComputedStyle(document.documentElement);
  const color = (name) => styles.getPropertyValue(name).trim();
  return {
    bg_color: color("--surface"), secondary_bg_color: color("--background-plain"), text_color: color("--text"), hint_color: color("--hint"),
    link_color: color("--accent"), button_color: color("--accent"), button_text_color: "#ffffff", header_bg_color: color("--surface"),
    accent_text_color: color("--accent"), section_bg_color: color("--surface"), section_header_text_color: color("--accent"),
    subtitle_text_color: color("--hint"), destructive_text_color: color("--danger"),
  };
}

export async function openWebApp(pane, {url, kind, title}) {
  let launch;
  try {
    launch = await post("/web_app", {user: pane.user.id, bot: pane.bot.id, url, kind, theme: themeParameters()});
  } catch (error) {
    toast(pane.composer.node, error.message);
    return;
  }
  new WebAppWindow(pane, launch.url, kind, title);
}

class WebAppWindow {
  constructor(pane, url, kind, title) {
    Object.assign(this, {pane, kind, title, confirmClose: false});
    this.origin = new URL(url).origin;
    this.frame = element("iframe", {src: url, title, allow: "clipboard-write"});
    this.back = element("button", {type: "button", class: "quiet", hidden: true, onclick: () => this.send("back_button_pressed")}, "Back");
    this.main = element("button", {type: "button", class: "primary web-app-main", hidden: true, onclick: () => this.send("main_button_pressed")});
    this.box = element("dialog", {class: "web-app", "aria-label": title},
      element("header", {}, this.back, element("strong", {}, title),
        element("button", {type: "button", class: "quiet", onclick: () => this.close(), "aria-label": "Close"}, "✕")),
      this.frame, this.main);
    this.listen = (event) => this.receive(event);
    window.addEventListener("message", this.listen);
    this.box.addEventListener("close", () => this.gone());
    document.body.append(this.box);
    this.box.showModal();
  }

  send(eventType, eventData = null) {
    this.frame.contentWindow?.postMessage(JSON.stringify({eventType, eventData}), this.origin);
  }

  receive(event) {
    if (event.source !== this.frame.contentWindow || event.origin !== this.origin) return;
    let message;
    try {
      message = typeof event.data === "string" ? JSON.parse(event.data) : event.data;
    } catch {
      return;
    }
    const handler = HANDLERS[message?.eventType];
    if (handler) handler(this, message.eventData ?? {});
  }

  viewport() {
    const size = this.frame.getBoundingClientRect();
    this.send("viewport_changed", {height: size.height, width: size.width, is_expanded: true, is_state_stable: true});
  }

  close() {
    if (!this.confirmClose || window.confirm("Changes that you made may not be saved.")) this.box.close();
  }

  gone() {
    window.removeEventListener("message", this.listen);
    this.box.remove();
  }
}

const HANDLERS = {
  iframe_ready: (app) => app.send("set_custom_style", ""),
  web_app_ready: (app) => app.viewport(),
  web_app_expand: (app) => app.viewport(),
  web_app_request_viewport: (app) => app.viewport(),
  web_app_request_theme: (app) => app.send("theme_changed", {theme_params: themeParameters()}),
  web_app_request_safe_area: (app) => app.send("safe_area_changed", {top: 0, bottom: 0, left: 0, right: 0}),
  web_app_request_content_safe_area: (app) => app.send("content_safe_area_changed", {top: 0, bottom: 0, left: 0, right: 0}),
  web_app_close: (app) => app.box.close(),
  web_app_setup_closing_behavior: (app, data) => { app.confirmClose = Boolean(data.need_confirmation); },
  web_app_setup_back_button: (app, data) => { app.back.hidden = !data.is_visible; },
  web_app_setup_main_button: (app, data) => {
    app.main.hidden = !data.is_visible;
    app.main.disabled = data.is_active === false;
    if (data.text) app.main.textContent = data.text;
    if (data.is_progress_visible) app.main.setAttribute("aria-busy", "true");
    else app.main.removeAttribute("aria-busy");
  },
  web_app_open_link: (_app, data) => {
    if (/^https?:/i.test(data.url ?? "")) window.open(data.url, "_blank", "noopener");
  },
  web_app_open_popup: (app, data) => {
    const box = alertBox(data.title || app.title, data.message || "");
    const buttons = (data.buttons || []).filter((button) => button.text).map((button) =>
      element("button", {type: "submit", class: "primary", value: button.id || ""}, button.text));
    if (buttons.length) box.querySelector("form").replaceChildren(...buttons);
    box.addEventListener("close", () => app.send("popup_closed", {button_id: box.returnValue || null}));
  },
  web_app_data_send: (app, data) => {
    if (app.kind !== "keyboard") return;
    post("/web_app_data", {user: app.pane.user.id, bot: app.pane.bot.id, data: String(data.data ?? ""), button_text: app.title})
      .catch((error) => toast(app.pane.composer.node, error.message));
    app.box.close();
  },
};
