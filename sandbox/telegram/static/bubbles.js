// One message as a bubble: sender, reply, media, text, keyboard, time. A message that changed is drawn anew in the same place.

import {bytes, element, time} from "./dom.js";
import {rich} from "./entities.js";
import {inlineKeyboard} from "./keyboards.js";

export function bubble(view, pane) {
  const message = view.message;
  const own = view.sender_id === pane.user.id;
  const node = element("article", {
    class: `bubble ${own ? "own" : "other"}${message.photo ? " with-photo" : ""}`,
    "data-id": view.message_id,
    "aria-label": `${own ? "You" : message.from.first_name}, ${time(view.sent_at)}`,
  });
  const body = element("div", {class: "bubble-body"});
  if (pane.chatId < 0 && !own) body.append(element("p", {class: "sender"}, message.from.first_name));
  body.append(...above(message), ...media(message, pane));
  const text = message.text ?? message.caption;
  if (text !== undefined) {
    body.append(element("div", {class: "text", dir: "auto"}, rich(text, message.entities || message.caption_entities, pane.sendCommand)));
  }
  if (message.web_app_data) body.append(element("p", {class: "service"}, `Data sent from “${message.web_app_data.button_text}”`));
  body.append(footer(view, own));
  node.append(body);
  const keyboard = inlineKeyboard(view, pane);
  if (keyboard) node.append(keyboard);
  return node;
}

function above(message) {
  const parts = [];
  if (message.forward_origin) {
    parts.push(element("p", {class: "forwarded"}, `Forwarded from ${message.forward_origin.sender_user?.first_name ?? "somebody"}`));
  }
  const reply = message.reply_to_message;
  if (reply) {
    parts.push(element("div", {class: "quote"},
      element("strong", {}, reply.from.first_name),
      element("span", {}, (reply.text ?? reply.caption ?? "Photo or document").slice(0, 80))));
  }
  return parts;
}

function media(message, pane) {
  if (message.photo) {
    const size = message.photo[message.photo.length - 1];
    const source = `/control/files/${pane.bot.id}/${encodeURIComponent(size.file_id)}`;
    const image = element("img", {src: source, width: size.width, height: size.height, alt: message.caption || "Photo"});
    image.addEventListener("load", () => pane.keepAtEnd());
    return [element("a", {class: "photo", href: source, target: "_blank", rel: "noopener"}, image)];
  }
  if (message.document) {
    const file = message.document;
    return [element("a", {
      class: "document", href: `/control/files/${pane.bot.id}/${encodeURIComponent(file.file_id)}`, download: file.file_name,
    },
    element("span", {class: "document-icon", "aria-hidden": "true"}, (file.file_name.split(".").pop() || "").slice(0, 4).toUpperCase()),
    element("span", {class: "document-name"}, file.file_name),
    element("span", {class: "document-size"}, bytes(file.file_size)))];
  }
  return [];
}

function footer(view, own) {
  const line = element("p", {class: "foot"});
  if (view.edit_count) line.append(element("span", {class: "edited"}, "edited "));
  line.append(element("time", {datetime: new Date(view.sent_at * 1000).toISOString()}, time(view.sent_at)));
  if (own) line.append(element("span", {class: "tick", "aria-label": "sent"}, " ✓"));
  return line;
}

// What the user wrote and the sandbox has not taken yet.
export function unsentBubble(text, again) {
  const foot = element("p", {class: "foot"}, element("span", {class: "tick", "aria-label": "sending"}, "◷"));
  const node = element("article", {class: "bubble own unsent"},
    element("div", {class: "bubble-body"}, element("div", {class: "text", dir: "auto"}, text), foot));
  return {
    node,
    failed(reason) {
      node.classList.add("failed");
      foot.replaceChildren(
        element("span", {role: "alert"}, `Not sent: ${reason} `),
        element("button", {type: "button", class: "retry", onclick: () => { node.remove(); again(); }}, "Try again"));
    },
  };
}
