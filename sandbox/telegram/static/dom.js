// Building nodes. Text always becomes a text node: nothing here reads HTML.

export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export function time(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString([], {hour: "2-digit", minute: "2-digit"});
}

export function day(seconds) {
  return new Date(seconds * 1000).toLocaleDateString([], {day: "numeric", month: "long"});
}

export function bytes(count) {
  const units = ["B", "KB", "MB"];
  let unit = 0;
  while (count >= 1000 && unit < units.length - 1) {
    count /= 1024;
    unit += 1;
  }
  return `${unit ? count.toFixed(1) : count} ${units[unit]}`;
}

// A short note over a pane, or a window that has to be closed.
export function toast(host, text) {
  const note = element("p", {class: "toast", role: "status"}, text);
  host.append(note);
  setTimeout(() => note.remove(), 3500);
}

export function alertBox(title, text) {
  const box = element("dialog", {class: "alert", "aria-label": title},
    element("p", {}, text),
    element("form", {method: "dialog"}, element("button", {type: "submit", class: "primary"}, "OK")));
  document.body.append(box);
  box.addEventListener("close", () => box.remove());
  box.showModal();
  return box;
}
