// Message text with its entities as nodes. Offsets are UTF-16 code units, as JavaScript counts.

import {element} from "./dom.js";

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote", mention: "span", hashtag: "span", cashtag: "span",
};
const SAFE = /^(https?|tg|mailto):/i;

export function rich(text, entities, command) {
  const sorted = [...(entities || [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const part = document.createDocumentFragment();
  part.append(...pieces(text, 0, text.length, sorted, command));
  return part;
}

function pieces(text, start, end, entities, command) {
  const nodes = [];
  let at = start;
  let rest = entities;
  while (rest.length) {
    const [entity, ...others] = rest;
    const from = Math.max(entity.offset, at);
    const to = Math.min(entity.offset + entity.length, end);
    const inner = others.filter((other) => other.offset < to);
    rest = others.filter((other) => other.offset >= to);
    if (to <= from) continue;
    if (from > at) nodes.push(text.slice(at, from));
    nodes.push(wrap(entity, text.slice(from, to), pieces(text, from, to, inner, command), command));
    at = to;
  }
  if (at < end) nodes.push(text.slice(at, end));
  return nodes;
}

function wrap(entity, plain, children, command) {
  if (entity.type === "text_link") return link(entity.url, children);
  if (entity.type === "url") return link(/^\w+:/.test(plain) ? plain : `http://${plain}`, children);
  if (entity.type === "email") return link(`mailto:${plain}`, children);
  if (entity.type === "bot_command") {
    return element("button", {type: "button", class: "command", onclick: () => command(plain)}, ...children);
  }
  if (entity.type === "spoiler") {
    const spoiler = element("button", {type: "button", class: "spoiler", "aria-label": "Hidden text, press to show"}, ...children);
    spoiler.addEventListener("click", () => {
      spoiler.classList.add("shown");
      spoiler.removeAttribute("aria-label");
    });
    return spoiler;
  }
  return element(TAGS[entity.type] || "span", {class: `entity-${entity.type}`, "data-language": entity.language}, ...children);
}

function link(url, children) {
  if (!SAFE.test(url)) return element("span", {}, ...children);
  return element("a", {href: url, target: "_blank", rel: "noopener noreferrer"}, ...children);
}
