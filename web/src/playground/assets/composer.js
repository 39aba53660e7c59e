// The place to write: sending, replying, changing, and the lists of commands and of names.

import { changeMessage, sendMessage } from "./api.js";
import { make } from "./dom.js";

let nextId = 0;

export class Composer {
  constructor(column) {
    this.column = column;
    this.app = column.app;
    this.replying = null;
    this.editing = null;
    this.offers = [];
    this.picked = -1;
    const listId = `offers-${(nextId += 1)}`;
    this.speakers = make("div", { class: "speakers", role: "radiogroup", "aria-label": "Speak as" });
    this.about = make("div", { class: "about-message" });
    this.list = make("ul", { class: "offers", id: listId, role: "listbox", "aria-label": "Commands and names", hidden: true });
    this.input = make("textarea", {
      rows: 1, maxLength: 4096, "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": listId,
      "aria-label": `Message in ${column.chat.title}`,
    });
    this.problem = make("p", { class: "problem", role: "alert" });
    this.button = make("button", { type: "submit", class: "btn btn-main" }, "Send");
    const hint = column.chat.kind === "group"
      ? make("p", { class: "hint" }, `In a group ${this.app.bot.name} answers when it is mentioned (type @), replied to or commanded.`)
      : null;
    this.element = make("form", { class: "composer" },
      this.speakers, this.about, this.problem,
      make("div", { class: "line" }, this.list, this.input, this.button), hint);
    this.element.addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    this.input.addEventListener("input", () => this.changed());
    this.input.addEventListener("keydown", (event) => this.keys(event));
    this.input.addEventListener("blur", () => this.offer([]));
    this.drawSpeakers();
  }

  /** In a group one chooses who speaks. */
  drawSpeakers() {
    const { chat, as } = this.column;
    this.input.placeholder = chat.kind === "group" ? `Write as ${as.first_name}` : "Write a message, or / for commands";
    if (chat.kind !== "group") return;
    const hadFocus = this.speakers.contains(document.activeElement);
    this.speakers.replaceChildren(make("span", { class: "speakers-title", "aria-hidden": "true" }, "Speak as"),
      ...chat.people.map((person) => make("button",
        {
          type: "button", role: "radio", class: "chip", tabIndex: person.id === as.id ? 0 : -1,
          "aria-checked": String(person.id === as.id), onclick: () => this.column.speakAs(person),
        },
        person.first_name)));
    this.speakers.onkeydown = (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const place = chat.people.findIndex((person) => person.id === this.column.as.id);
      this.column.speakAs(chat.people.at((place + step) % chat.people.length));
    };
    if (hadFocus) this.speakers.querySelector('[aria-checked="true"]').focus();
  }

  replyTo(message) {
    this.editing = null;
    this.replying = message;
    this.drawAbout();
    this.input.focus();
  }

  editLast() {
    const own = this.column.chat.messages.filter((message) => message.from_id === this.column.as.id);
    if (!own.length) return;
    this.replying = null;
    this.editing = own.at(-1);
    this.input.value = this.editing.text;
    this.resize();
    this.drawAbout();
  }

  /** Says what the text is going to be, where it is not just a new message. */
  drawAbout() {
    const message = this.editing ?? this.replying;
    this.button.textContent = this.editing ? "Save" : "Send";
    this.about.replaceChildren(...(message
      ? [
          make("span", { class: "quote" },
            make("span", { class: "quote-author" }, this.editing ? "Changing" : `Reply to ${this.column.nameOf(message)}`),
            make("span", { class: "quote-text" }, message.text)),
          make("button", { type: "button", class: "btn", onclick: () => this.cancel() }, "Cancel"),
        ]
      : []));
  }

  cancel() {
    if (this.editing) this.input.value = "";
    this.editing = null;
    this.replying = null;
    this.resize();
    this.drawAbout();
    this.input.focus();
  }

  /** Sends what is written, or `text`. What is written stays until it is taken. */
  async send(text = this.input.value) {
    if (!text.trim() || this.sending) return;
    const { chat, as } = this.column;
    this.sending = true;
    this.problem.textContent = "";
    try {
      if (this.editing) {
        await changeMessage({ chat_id: chat.id, message_id: this.editing.message_id, text });
      } else {
        await sendMessage({
          chat_id: chat.id, from_id: as.id, text,
          reply_to: this.replying?.message_id, thread_id: this.replying?.thread_id,
        });
      }
      this.input.value = "";
      this.editing = null;
      this.replying = null;
      this.drawAbout();
      this.offer([]);
      this.resize();
    } catch (problem) {
      this.problem.textContent = problem.message;
    } finally {
      this.sending = false;
      this.input.focus();
    }
  }

  changed() {
    this.resize();
    this.offer(this.fitting());
  }

  /** The commands or names that could go on from what stands before the cursor. */
  fitting() {
    const before = this.input.value.slice(0, this.input.selectionStart);
    const { chat } = this.column;
    if (/^\/\w*$/.test(before)) {
      return this.app.commands[chat.kind]
        .filter(({ command }) => `/${command}`.startsWith(before.toLowerCase()))
        .map(({ command, description }) => ({ text: `/${command}`, description, length: before.length }));
    }
    const name = chat.kind === "group" && /(?:^|\s)(@\w*)$/.exec(before)?.[1].toLowerCase();
    if (!name) return [];
    return [{ username: this.app.bot.username, first_name: "the bot" }, ...chat.people]
      .filter(({ username }) => `@${username}`.startsWith(name))
      .map(({ username, first_name }) => ({ text: `@${username}`, description: first_name, length: name.length }));
  }

  offer(offers) {
    this.offers = offers;
    this.pick(offers.length ? 0 : -1);
    this.list.hidden = !offers.length;
  }

  pick(place) {
    this.picked = place;
    this.list.replaceChildren(...this.offers.map((offer, at) => make("li",
      {
        role: "option", id: `${this.list.id}-${at}`, "aria-selected": String(at === place),
        onpointerdown: (event) => { event.preventDefault(); this.take(offer); },
      },
      make("b", {}, offer.text), make("span", {}, offer.description))));
    if (place >= 0) {
      this.input.setAttribute("aria-activedescendant", `${this.list.id}-${place}`);
      this.list.children[place].scrollIntoView({ block: "nearest" });
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  take({ text, length }) {
    const end = this.input.selectionStart;
    this.input.setRangeText(`${text} `, end - length, end, "end");
    this.offer([]);
    this.resize();
  }

  keys(event) {
    if (event.isComposing) return;
    const { key } = event;
    if (this.offers.length && ["ArrowUp", "ArrowDown", "Tab", "Escape", "Enter"].includes(key) && !event.shiftKey) {
      const offer = this.offers[this.picked];
      const isWhole = this.input.value === offer.text;
      if (key === "Escape") this.offer([]);
      else if (key === "ArrowUp") this.pick((this.picked - 1 + this.offers.length) % this.offers.length);
      else if (key === "ArrowDown") this.pick((this.picked + 1) % this.offers.length);
      else if (key === "Enter" && isWhole) this.send();
      else this.take(offer);
    } else if (key === "Enter" && !event.shiftKey) {
      this.send();
    } else if (key === "ArrowUp" && !this.input.value) {
      this.editLast();
    } else if (key === "Escape" && (this.editing || this.replying)) {
      this.cancel();
    } else {
      return;
    }
    event.preventDefault();
  }

  /** As high as the text, up to a third of the window. */
  resize() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight + 2, window.innerHeight / 3)}px`;
  }
}
