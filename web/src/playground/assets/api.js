// Talking to the server: calls, and the news that it sends.

async function call(method, path, body) {
  let response;
  try {
    response = await fetch(`/playground/api/${path}`, {
      method,
      headers: body ? { "content-type": "application/json" } : {},
      body: body && JSON.stringify(body),
    });
  } catch {
    throw new Error("pykhbrain does not answer. Is it still running?");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `The server refused (${response.status}).`);
  return answer;
}

export const getState = () => call("GET", "state");
export const getWay = (chatId, messageId) => call("GET", `way?chat_id=${chatId}&message_id=${messageId}`);
export const sendMessage = (message) => call("POST", "messages", message);
export const changeMessage = (edit) => call("PATCH", "messages", edit);
export const pressKey = (press) => call("POST", "presses", press);
export const documentAddress = (message) =>
  `/playground/api/documents?chat_id=${message.chat_id}&message_id=${message.message_id}`;
export const createChat = (chat) => call("POST", "chats", chat);

/**
 * Everything that there is, then each piece of news. `everything(state)` comes again after a break; `news(name, body)` never
 * before it: what arrives while the state is asked for is held back, because the state may be older.
 */
export function follow({ everything, news, live }) {
  const events = new EventSource("/playground/api/events");
  let held = null;

  async function load() {
    if (held) return;
    held = [];
    try {
      everything(await getState());
      live(true);
    } catch {
      live(false);
      setTimeout(() => { held = null; load(); }, 1000);
      return;
    }
    const waiting = held;
    held = null;
    waiting.forEach(([name, body]) => news(name, body));
  }

  events.addEventListener("open", load);
  events.addEventListener("error", () => live(false));
  events.addEventListener("lost", load);
  for (const name of ["chat", "message", "edited", "withdrawn", "typing", "commands", "toast"]) {
    events.addEventListener(name, (event) => {
      const body = JSON.parse(event.data);
      if (held) held.push([name, body]);
      else news(name, body);
    });
  }
}
