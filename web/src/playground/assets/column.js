// One open chat: its head, its messages, and the place to write.

import { pressKey } from "./api.js";
import { bubble } from "./bubble.js";
import { Composer } from "./composer.js";
import { dayOf, make } from "./dom.js";
import { avatar } from "./sidebar.js";

/** Pixels from the end at which a person still follows the conversation. */
const NEAR_END = 120;

/** A person reads two hundred characters in this time. */
const TOAST_MS = 6000;

export class Column {
  constructor(app, chat, as) {
    Object.assign(this, { app, chat, as });
    this.subtitle = make("span", { class: "subtitle" });
    this.closer = make("button", { type: "button", class: "btn", onclick: () => app.close(this) }, "Close");
    this.log = make("div", {
      class: "log", role: "log", "aria-label": `Messages in ${chat.title}`,
      "aria-description": "Up and down go from message to message, Enter shows a message's way, R replies to it.",
    });
    this.log.addEventListener("keydown", (event) => this.moves(event));
    this.typingSign = make("p", { class: "typing", role: "status" });
    this.toastSign = make("p", { class: "toast", role: "status" });
    this.composer = new Composer(this);
    this.element = make("section", { class: "column panel", "aria-label": chat.title },
      make("header", { class: "column-head" },
        avatar(chat),
        make("div", { class: "titles" }, make("h1", {}, chat.title), this.subtitle),
        this.closer),
      this.log,
      this.toastSign,
      this.typingSign,
      this.composer.element);
    this.draw();
  }

  /** Everything anew: after a break, or seen by somebody else. */
  draw() {
    const { chat, app } = this;
    this.subtitle.textContent = chat.kind === "private"
      ? `private chat with ${app.bot.name}`
      : `${chat.people.map((person) => person.first_name).join(", ")} and ${app.bot.name}`;
    this.log.replaceChildren();
    this.lastDay = null;
    this.lastAuthor = null;
    this.nothing = null;
    if (!chat.messages.length) this.log.append((this.nothing = this.emptyState()));
    chat.messages.forEach((message) => this.append(message));
    this.mark(app.chosen);
    this.toEnd();
    this.typing(app.typing.has(chat.id));
  }

  refresh(chat) {
    const changed = JSON.stringify(chat) !== JSON.stringify(this.chat);
    this.chat = chat;
    if (changed) this.draw();
  }

  emptyState() {
    const say = (text) => make("button", { type: "button", class: "btn", onclick: () => this.composer.send(text) }, text);
    return make("div", { class: "empty" },
      make("p", {}, "Write something, and this is where the answer comes."),
      make("p", { class: "row" }, say("/start"), say("/help")));
  }

  append(message) {
    this.nothing?.remove();
    const day = dayOf(message.at);
    if (day !== this.lastDay) {
      this.log.append(make("h2", { class: "day" }, day));
      this.lastDay = day;
      this.lastAuthor = null;
    }
    this.log.append(this.bubbleOf(message, this.lastAuthor !== message.from_id));
    this.lastAuthor = message.from_id;
    for (const other of this.log.querySelectorAll('.bubble[tabindex="0"]')) other.tabIndex = -1;
    this.log.lastElementChild.tabIndex = 0;
  }

  bubbleOf(message, isFirst) {
    const original = message.reply_to && this.message(message.reply_to);
    const isGroup = this.chat.kind === "group";
    const element = bubble(message, {
      author: this.nameOf(message),
      mine: message.from_id === this.as.id,
      isBot: message.from_id === this.app.bot.id,
      showAuthor: isGroup && isFirst && message.from_id !== this.as.id,
      original,
      originalAuthor: original && this.nameOf(original),
      onReply: () => this.composer.replyTo(message),
      onPress: (key) => this.press(message, key),
    });
    element.classList.toggle("first", isFirst);
    element.addEventListener("click", (event) => {
      if (!event.target.closest("a, .key") && !String(window.getSelection())) this.app.choose(this.message(message.message_id));
    });
    return element;
  }

  add(message) {
    const follows = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR_END;
    this.append(message);
    if (follows || message.from_id === this.as.id) this.toEnd();
  }

  replace(message) {
    const old = this.find(message.message_id);
    if (!old) return;
    const changed = this.bubbleOf(message, old.classList.contains("first"));
    changed.tabIndex = old.tabIndex;
    old.replaceWith(changed);
    this.mark(this.app.chosen);
  }

  remove(messageId) {
    this.find(messageId)?.remove();
    if (!this.chat.messages.length) this.draw();
  }

  /** Sees the chat as somebody else of it. */
  speakAs(person) {
    this.as = person;
    this.draw();
    this.app.arranged();
  }

  mark(chosen) {
    const id = chosen?.chatId === this.chat.id ? chosen.messageId : null;
    for (const element of this.log.querySelectorAll(".bubble")) {
      if (Number(element.dataset.id) === id) element.setAttribute("aria-current", "true");
      else element.removeAttribute("aria-current");
    }
  }

  /** Names the tier that each message of the prompt came from; `tiers` maps message ids to words. */
  markPrompt(tiers) {
    for (const element of this.log.querySelectorAll(".bubble")) {
      const tier = tiers.get(Number(element.dataset.id));
      if (tier) element.dataset.tier = tier;
      else delete element.dataset.tier;
    }
    // What appears in the bubbles must not push the chosen one away.
    this.log.querySelector(".bubble[aria-current]")?.scrollIntoView({ block: "nearest" });
  }

  typing(isTyping) {
    this.typingSign.textContent = isTyping ? `${this.app.bot.name} is typing …` : "";
  }

  arranged(several) {
    this.closer.hidden = !several;
    this.composer.drawSpeakers();
  }

  /** Presses a key; what the bot says to it comes as a toast. */
  async press(message, key) {
    this.composer.problem.textContent = "";
    try {
      await pressKey({
        chat_id: this.chat.id, from_id: this.as.id, message_id: message.message_id, data: key.callback_data,
      });
    } catch (problem) {
      this.composer.problem.textContent = problem.message;
    }
  }

  toast(text) {
    clearTimeout(this.toastEnds);
    this.toastSign.textContent = text;
    this.toastEnds = setTimeout(() => { this.toastSign.textContent = ""; }, TOAST_MS);
  }

  /** Up and down go from message to message, Enter shows the way, R replies. */
  moves(event) {
    const bubbles = [...this.log.querySelectorAll(".bubble")];
    const at = bubbles.indexOf(event.target);
    if (at < 0) return;
    const steps = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: bubbles.length - 1 };
    if (event.key in steps) {
      const next = bubbles[Math.max(0, Math.min(bubbles.length - 1, steps[event.key]))];
      bubbles[at].tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      this.app.choose(this.message(Number(event.target.dataset.id)));
    } else if (event.key === "r" && !event.ctrlKey && !event.metaKey && !event.altKey) {
      this.composer.replyTo(this.message(Number(event.target.dataset.id)));
    } else {
      return;
    }
    event.preventDefault();
  }

  message(messageId) {
    return this.chat.messages.find((message) => message.message_id === messageId);
  }

  find(messageId) {
    return this.log.querySelector(`.bubble[data-id="${messageId}"]`);
  }

  nameOf(message) {
    return this.chat.people.find((person) => person.id === message.from_id)?.first_name ?? this.app.bot.name;
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  focus() {
    this.composer.input.focus();
  }

  close() {
    this.element.remove();
  }
}
