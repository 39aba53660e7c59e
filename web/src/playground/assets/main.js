// The page: what is known, which chats are open, which message is chosen. The parts draw; this file decides.

import { follow } from "./api.js";
import { Column } from "./column.js";
import { byId } from "./dom.js";
import { askForChat, drawAbout, drawChats, showMenu } from "./sidebar.js";
import { drawWay, nothingChosen } from "./way.js";

/** Telegram shows "typing" for five seconds, <https://core.telegram.org/bots/api#sendchataction>. */
const TYPING_MS = 5000;

const app = {
  bot: null,
  commands: { private: [], group: [] },
  chats: new Map(),
  unread: new Map(),
  typing: new Map(),
  columns: [],
  chosen: null,

  isOpen: (chatId) => app.columns.some((column) => column.chat.id === chatId),
  chatsBesideFit: () => Math.max(1, Math.floor((window.innerWidth - 580) / 330)),

  /** Opens a chat in the last column, or in one of its own. `as`: the person who looks and speaks. */
  open(chatId, { beside = false, as } = {}) {
    const chat = app.chats.get(chatId);
    if (!chat) return;
    const fits = app.chatsBesideFit();
    const already = app.columns.find((column) => column.chat.id === chatId);
    showMenu(false);
    if (already && !beside) return already.focus();
    // A group beside itself is seen by its next person.
    const taken = app.columns.filter((column) => column.chat.id === chatId).map((column) => column.as.id);
    const person = chat.people.find((one) => one.id === as) ?? chat.people.find((one) => !taken.includes(one.id)) ?? chat.people[0];
    const column = new Column(app, chat, person);
    if (!beside && app.columns.length) app.columns.pop().close();
    while (app.columns.length >= fits) app.columns.shift().close();
    app.columns.push(column);
    byId("columns").append(column.element);
    column.toEnd();
    app.unread.delete(chatId);
    app.arranged();
    column.focus();
  },

  close(column) {
    app.columns = app.columns.filter((other) => other !== column);
    column.close();
    app.arranged();
    app.columns.at(-1)?.focus();
  },

  /** After columns have come or gone: the list of chats and the page's address follow. */
  arranged() {
    byId("columns").classList.toggle("several", app.columns.length > 1);
    app.columns.forEach((column) => column.arranged(app.columns.length > 1));
    history.replaceState(null, "", `#${app.columns.map((column) => `${column.chat.id}.${column.as.id}`).join(",")}`);
    drawChats(app);
  },

  /** Shows the way of a message beside the chat. */
  choose(message) {
    app.chosen = message && { chatId: message.chat_id, messageId: message.message_id };
    app.columns.forEach((column) => column.mark(app.chosen));
    byId("inspector").classList.toggle("open", Boolean(message));
    if (message) drawWay(app);
    else nothingChosen(app);
  },
};

function everything(state) {
  const first = !app.bot;
  Object.assign(app, { bot: state.bot, commands: state.commands });
  app.chats = new Map(state.chats.map((chat) => [chat.id, chat]));
  drawAbout(state);
  if (first) {
    openFromAddress();
    nothingChosen(app);
  }
  app.columns.forEach((column) => column.refresh(app.chats.get(column.chat.id) ?? column.chat));
  drawChats(app);
}

function openFromAddress() {
  const wanted = location.hash.slice(1).split(",").map((part) => part.split(".").map(Number));
  const known = wanted.filter(([chatId]) => app.chats.has(chatId));
  if (!known.length) known.push([app.chats.keys().next().value]);
  known.slice(0, app.chatsBesideFit()).forEach(([chatId, as], place) => app.open(chatId, { beside: place > 0, as }));
}

const heard = {
  chat(chat) {
    if (!app.chats.has(chat.id)) app.chats.set(chat.id, { ...chat, messages: [] });
  },
  message(message) {
    const chat = app.chats.get(message.chat_id);
    if (!chat || chat.messages.some((known) => known.message_id === message.message_id)) return;
    chat.messages.push(message);
    if (message.from_id === app.bot.id) typingEnds(message.chat_id);
    if (!app.isOpen(chat.id)) app.unread.set(chat.id, (app.unread.get(chat.id) ?? 0) + 1);
    columnsOf(chat.id).forEach((column) => column.add(message));
    if (app.chosen?.chatId === chat.id) drawWay(app);
  },
  edited(message) {
    const messages = app.chats.get(message.chat_id)?.messages ?? [];
    const place = messages.findIndex((known) => known.message_id === message.message_id);
    if (place >= 0) messages[place] = message;
    columnsOf(message.chat_id).forEach((column) => column.replace(message));
  },
  withdrawn({ chat_id: chatId, message_id: messageId }) {
    const chat = app.chats.get(chatId);
    if (chat) chat.messages = chat.messages.filter((known) => known.message_id !== messageId);
    columnsOf(chatId).forEach((column) => column.remove(messageId));
    if (app.chosen?.messageId === messageId) app.choose(null);
  },
  typing({ chat_id: chatId }) {
    clearTimeout(app.typing.get(chatId));
    app.typing.set(chatId, setTimeout(() => typingEnds(chatId), TYPING_MS));
    columnsOf(chatId).forEach((column) => column.typing(true));
  },
  toast({ chat_id: chatId, from_id: fromId, text }) {
    columnsOf(chatId).filter((column) => column.as.id === fromId).forEach((column) => column.toast(text));
  },
  commands(commands) {
    app.commands = commands;
  },
};

const columnsOf = (chatId) => app.columns.filter((column) => column.chat.id === chatId);

function typingEnds(chatId) {
  clearTimeout(app.typing.get(chatId));
  app.typing.delete(chatId);
  columnsOf(chatId).forEach((column) => column.typing(false));
}

async function create(kind) {
  const wanted = await askForChat(kind, app);
  if (!wanted) return;
  heard.chat(wanted);
  app.open(wanted.id);
}

byId("new-private").addEventListener("click", () => create("private"));
byId("new-group").addEventListener("click", () => create("group"));
byId("inspector-close").addEventListener("click", () => {
  const { chatId } = app.chosen ?? {};
  app.choose(null);
  columnsOf(chatId)[0]?.focus();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  showMenu(false);
  if (app.chosen) app.choose(null);
});
window.addEventListener("resize", () => drawChats(app));

follow({
  everything,
  news(name, body) {
    heard[name](body);
    if (name === "chat" || name === "message" || name === "edited" || name === "withdrawn") drawChats(app);
  },
  live(isLive) {
    byId("live-dot").className = isLive ? "dot good" : "dot warn";
    byId("live-word").textContent = isLive ? "live" : "not connected, trying again";
  },
});
