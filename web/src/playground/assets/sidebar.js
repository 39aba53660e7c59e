// The list of chats, what the page says of itself, and the question for a new chat.

import { createChat } from "./api.js";
import { byId, initials, make, time } from "./dom.js";

export function drawAbout({ model }) {
  byId("model").textContent = model;
}

/** The chat that spoke last stands first, before it only those that wait for their first word. */
export function drawChats(app) {
  const list = byId("chats");
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  const newest = (chat) => chat.messages.at(-1)?.at ?? Number.MAX_SAFE_INTEGER;
  const chats = [...app.chats.values()].sort((one, other) => newest(other) - newest(one));
  list.replaceChildren(...chats.map((chat) => row(app, chat)));
  if (focused) list.querySelector(`[data-key="${focused}"]`)?.focus();
}

function row(app, chat) {
  const last = chat.messages.at(-1);
  const isOpen = app.isOpen(chat.id);
  const unread = app.unread.get(chat.id);
  const mayStandBeside = app.chatsBesideFit() > 1 && (!isOpen || (chat.kind === "group" && app.columns.length < 2));
  const open = make("button",
    {
      type: "button",
      class: isOpen ? "chat on" : "chat",
      "aria-current": isOpen ? "true" : undefined,
      "data-key": `open${chat.id}`,
      onclick: () => app.open(chat.id),
    },
    avatar(chat),
    make("span", { class: "chat-name" }, chat.title),
    make("span", { class: "chat-time" }, last ? time(last.at) : ""),
    make("span", { class: "chat-last" }, last ? preview(app, chat, last) : "nothing said yet"),
    unread ? make("span", { class: "unread" }, String(unread), make("span", { class: "hidden" }, " new")) : null);
  const beside = make("button",
    {
      type: "button",
      class: "beside",
      title: `Open ${chat.title} beside`,
      "data-key": `beside${chat.id}`,
      onclick: () => app.open(chat.id, { beside: true }),
    },
    "Beside");
  return make("li", {}, open, mayStandBeside ? beside : null);
}

export function avatar(chat) {
  return make("span", { class: `avatar ${chat.kind}`, "aria-hidden": "true" }, initials(chat.title));
}

function preview(app, chat, last) {
  const author = chat.people.find((person) => person.id === last.from_id)?.first_name ?? app.bot.name;
  if (chat.kind === "group") return `${author}: ${last.text}`;
  return last.from_id === app.bot.id ? last.text : `You: ${last.text}`;
}

/** On narrow screens the list of chats is a menu. */
export function showMenu(open) {
  byId("sidebar").classList.toggle("open", open);
  byId("menu-button").setAttribute("aria-expanded", String(open));
}

byId("menu-button").addEventListener("click", () => {
  const opens = !byId("sidebar").classList.contains("open");
  showMenu(opens);
  if (opens) byId("chats").querySelector("button")?.focus();
});

/** Asks for a new chat and makes it. Null where the person thinks better of it. */
export function askForChat(kind, app) {
  const isGroup = kind === "group";
  const [dialog, form, name, people] = [byId("new-chat"), byId("new-chat").querySelector("form"), byId("new-chat-name"), byId("new-chat-people")];
  byId("new-chat-title").textContent = isGroup ? "New group" : "New private chat";
  byId("new-chat-name-label").firstChild.textContent = isGroup ? "Title" : "Who talks to the bot";
  byId("new-chat-people-label").hidden = !isGroup;
  byId("new-chat-problem").textContent = "";
  name.value = "";
  const known = [...app.chats.values()].filter((chat) => chat.kind === "private").map((chat) => chat.people[0].first_name);
  people.value = [...new Set([...known, "Taras"])].slice(0, 3).join(", ");
  dialog.showModal();
  return new Promise((resolve) => {
    form.onsubmit = async (event) => {
      event.preventDefault();
      const names = people.value.split(",").map((one) => one.trim()).filter(Boolean);
      const wanted = isGroup ? { kind, title: name.value, people: names } : { kind, name: name.value };
      try {
        const chat = await createChat(wanted);
        resolve(chat);
        dialog.close();
      } catch (problem) {
        byId("new-chat-problem").textContent = problem.message;
      }
    };
    byId("new-chat-cancel").onclick = () => dialog.close();
    dialog.onclose = () => resolve(null);
  });
}
