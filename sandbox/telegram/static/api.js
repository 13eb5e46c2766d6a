// Talking to the control interface: requests and the stream of everything.

export async function get(path) {
  return read(await fetch(`/control${path}`));
}

export async function post(path, body) {
  return read(await fetch(`/control${path}`, {
    method: "POST",
    headers: {"Content-Type": "application/json"},
    body: JSON.stringify(body),
  }));
}

async function read(answer) {
  const body = await answer.json();
  if (!answer.ok) {
    throw new Error(typeof body.detail === "string" ? body.detail : `refused (${answer.status})`);
  }
  return body;
}

// Calls `entry` for each journal entry after `sequence`; the browser connects again by itself and goes on where it was.
export function follow(sequence, entry, connected) {
  const stream = new EventSource(`/control/events?after=${sequence}`);
  stream.addEventListener("journal", (event) => entry(JSON.parse(event.data)));
  stream.addEventListener("open", () => connected(true));
  stream.addEventListener("error", () => connected(false));
  return stream;
}
