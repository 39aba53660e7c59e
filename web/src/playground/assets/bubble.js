// One message, as people see it. Text and entities become elements of a short list; nothing is ever read as HTML.

import { documentAddress } from "./api.js";
import { make, size, time } from "./dom.js";

const ELEMENTS = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strikethrough: "s",
  code: "code",
  blockquote: "blockquote",
  mention: "b",
  bot_command: "b",
};

/** These end their line by themselves, so a line break after them would be a second one. */
const BLOCKS = ["pre", "blockquote"];

/** The text with its entities as nodes. Entities come from the outer to the inner, counted in UTF-16 units as strings are. */
export function formatted(text, entities = [], from = 0, to = text.length) {
  const nodes = [];
  let at = from;
  for (let i = 0; i < entities.length; i += 1) {
    const entity = entities[i];
    const start = Math.max(entity.offset, at);
    const end = Math.min(entity.offset + entity.length, to);
    if (start >= end) continue;
    const isInside = (other) => other.offset >= start && other.offset + other.length <= end;
    const inner = [];
    while (i + 1 < entities.length && isInside(entities[i + 1])) inner.push(entities[(i += 1)]);
    nodes.push(text.slice(at, start), element(entity, formatted(text, inner, start, end)));
    at = BLOCKS.includes(entity.type) && end < to && text[end] === "\n" ? end + 1 : end;
  }
  if (at < to) nodes.push(text.slice(at, to));
  return nodes;
}

function element(entity, children) {
  if (entity.type === "text_link" && isLink(entity.url)) {
    return make("a", { href: entity.url, target: "_blank", rel: "noopener noreferrer" }, ...children);
  }
  if (entity.type === "pre") {
    const code = make("code", {}, ...children);
    return make("pre", { tabIndex: 0 }, entity.language ? make("span", { class: "language" }, entity.language) : null, code);
  }
  if (entity.type === "spoiler") return spoiler(children);
  const name = ELEMENTS[entity.type];
  if (!name) return make("span", {}, ...children);
  return make(name, name === "b" ? { class: "named" } : {}, ...children);
}

/** Hidden until somebody asks for it. */
function spoiler(children) {
  const hidden = make("span", { class: "spoiler", role: "button", tabIndex: 0, "aria-label": "Hidden text, show it" },
    make("span", {}, ...children));
  const show = (event) => {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    hidden.className = "";
    for (const name of ["role", "tabindex", "aria-label"]) hidden.removeAttribute(name);
  };
  hidden.addEventListener("click", show);
  hidden.addEventListener("keydown", show);
  return hidden;
}

function isLink(url) {
  try {
    return ["http:", "https:", "tg:", "mailto:", "tel:"].includes(new URL(url).protocol);
  } catch {
    return false;
  }
}

/** A file to download. */
function file(message) {
  const { name, size: bytes } = message.document;
  return make("a", { class: "file", href: documentAddress(message), download: name },
    make("span", { class: "file-name" }, name),
    make("span", { class: "file-size num" }, `${size(bytes)} · download`));
}

/** What can be pressed under a message, in the bot's rows. */
function keys(rows, onPress) {
  return make("div", { class: "keys", role: "group", "aria-label": "What you can press" },
    ...rows.map((row) => make("div", { class: "keys-row" },
      ...row.map((key) => make("button", { type: "button", class: "btn key", onclick: () => onPress(key) }, key.text)))));
}

/** A bubble. `mine`: by the person who looks at the chat. */
export function bubble(message, { author, mine, isBot, showAuthor, original, originalAuthor, onReply, onPress }) {
  const reply = message.reply_to && make("span", { class: "quote" },
    make("span", { class: "quote-author" }, original ? originalAuthor : "An earlier message"),
    make("span", { class: "quote-text" }, original ? original.text : "which is not shown any more"));
  const details = [
    message.thread_id ? `topic ${message.thread_id}` : null,
    message.edited_at ? "edited" : null,
  ].filter(Boolean);
  return make("article",
    {
      class: ["bubble", mine && "mine", isBot && "bot"].filter(Boolean).join(" "),
      tabIndex: -1,
      "aria-label": `${author}, ${time(message.at)}`,
      "data-id": message.message_id,
    },
    showAuthor ? make("span", { class: "author" }, author) : null,
    reply || null,
    message.document ? file(message) : null,
    make("div", { class: "text" }, ...formatted(message.text, message.entities)),
    make("span", { class: "meta" },
      details.length ? make("span", {}, `${details.join(" · ")} · `) : null,
      make("time", { dateTime: new Date(message.at).toISOString() }, time(message.at))),
    message.keyboard ? keys(message.keyboard, onPress) : null,
    make("button", { type: "button", class: "reply", tabIndex: -1, onclick: (event) => { event.stopPropagation(); onReply(); } }, "Reply"));
}
