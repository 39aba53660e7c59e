// Beside the chat: the way of the chosen message, and what the model saw of it.

import { getWay } from "./api.js";
import { after, byId, exactTime, make, number } from "./dom.js";

const PARTS = [
  ["guidelines", "Guidelines and rules"],
  ["facts", "Facts"],
  ["short_term", "Recent messages"],
  ["recalled", "Recalled"],
  ["current", "This message"],
];
/** How a dropped part is counted. */
const DROPPED = { short_term: "recent message", recalled: "recalled message", facts: "fact" };
const AGAIN_MS = 700;

let asTable = false;
let showsPrompt = false;
let again = null;

export function nothingChosen(app) {
  clearTimeout(again);
  showsPrompt = false;
  markPrompt(app, null);
  byId("way").replaceChildren(make("p", { class: "muted" },
    "Choose a message, and its way is here: when it came in, what the model saw, when the answer went out."));
  byId("saw").hidden = true;
}

/** Draws the way of the chosen message, and again until it has come to its end. */
export async function drawWay(app) {
  clearTimeout(again);
  const chosen = app.chosen;
  try {
    const way = await getWay(chosen.chatId, chosen.messageId);
    if (app.chosen !== chosen) return;
    drawSteps(app, chosen, way);
    drawSaw(app, chosen, way.saw);
    if (!way.finished) again = setTimeout(() => drawWay(app), AGAIN_MS);
  } catch (problem) {
    if (app.chosen !== chosen) return;
    byId("way").replaceChildren(make("p", { class: "problem" }, problem.message));
    byId("saw").hidden = true;
  }
}

function drawSteps(app, chosen, { steps, answers_to: answersTo }) {
  if (!steps.length) {
    byId("way").replaceChildren(make("p", { class: "muted" },
      "Nothing is kept of its way any more: received messages are kept for 7 days, sent ones for 30."));
    return;
  }
  const question = answersTo && app.chats.get(chosen.chatId)?.messages.find((message) => message.message_id === answersTo);
  const first = steps.find((step) => step.at !== null)?.at;
  byId("way").replaceChildren(
    question
      ? make("button", { type: "button", class: "link answers", onclick: () => app.choose(question) }, `Answers: ${question.text}`)
      : "",
    make("ol", { class: "steps" }, ...steps.map((step, place) => make("li",
      { class: step.failed ? "failed" : step.at === null ? "waiting" : "done" },
      make("span", { class: "what" }, step.what),
      make("time", {}, step.at === null ? "not yet" : place === 0 ? exactTime(step.at) : after(step.at - first)),
      make("span", { class: "detail" }, step.detail)))));
}

function drawSaw(app, chosen, saw) {
  const panel = byId("saw");
  panel.hidden = !saw?.sections;
  if (panel.hidden) return markPrompt(app, null);
  const known = PARTS.map(([key]) => key);
  const parts = [...PARTS, ...Object.keys(saw.sections).filter((key) => !known.includes(key)).map((key) => [key, key])]
    .map(([key, name]) => ({ key, name, tokens: saw.sections[key] ?? 0 }))
    .filter(({ tokens }) => tokens > 0);
  const total = parts.reduce((sum, { tokens }) => sum + tokens, 0);
  const toggle = make("button",
    { type: "button", class: "link", onclick: () => { asTable = !asTable; drawSaw(app, chosen, saw); byId("as-table").focus(); }, id: "as-table" },
    asTable ? "as a bar" : "as a table");
  panel.replaceChildren(
    make("div", { class: "row between" },
      make("h2", { id: "saw-title" }, "What the model saw"),
      make("span", { class: "muted num" }, `${number(total)} tokens · `, toggle)),
    ...(asTable ? [table(parts, total)] : [bar(parts, total), legend(parts)]),
    make("p", { class: "muted" }, leftOut(saw.dropped), " ", inChat(app, chosen, saw)));
  if (showsPrompt) markPrompt(app, saw);
}

function bar(parts, total) {
  const words = parts.map(({ name, tokens }) => `${name} ${number(tokens)}`).join(", ");
  const element = make("div", { class: "bar", role: "img", "aria-label": `${number(total)} tokens: ${words}` });
  for (const { key, tokens } of parts) {
    const part = make("span", { class: `part ${key}` });
    part.style.flexGrow = tokens;
    element.append(part);
  }
  return element;
}

function legend(parts) {
  return make("ul", { class: "legend" }, ...parts.map(({ key, name, tokens }) => make("li", {},
    make("span", { class: `dot part ${key}` }), make("span", {}, name), make("span", { class: "num" }, number(tokens)))));
}

function table(parts, total) {
  const head = (text, scope = "col") => make("th", { scope }, text);
  return make("table", {},
    make("thead", {}, make("tr", {}, head("Part"), head("Tokens"), head("Share"))),
    make("tbody", {}, ...parts.map(({ name, tokens }) => make("tr", {},
      head(name, "row"), make("td", { class: "num" }, number(tokens)),
      make("td", { class: "num" }, `${((tokens / total) * 100).toFixed(1)}%`)))));
}

function leftOut(dropped = {}) {
  const counted = Object.entries(dropped ?? {})
    .filter(([, count]) => count > 0)
    .map(([key, count]) => `${number(count)} ${DROPPED[key] ?? key}${count === 1 ? "" : "s"}`);
  return counted.length ? `Left out to fit: ${counted.join(", ")}.` : "Nothing was left out.";
}

/** The messages of the prompt lead to themselves. */
function inChat(app, chosen, saw) {
  const count = tiers(saw).size;
  if (!count) return "";
  return make("button",
    { type: "button", class: "link", "aria-pressed": String(showsPrompt), onclick: () => {
      showsPrompt = !showsPrompt;
      drawSaw(app, chosen, saw);
      markPrompt(app, showsPrompt ? saw : null);
      // Where the way covers the chat it makes room.
      if (showsPrompt) byId("inspector").classList.remove("open");
    } },
    showsPrompt ? "Stop showing them in the chat" : `Show the ${count === 1 ? "message" : `${number(count)} messages`} in the chat`);
}

function tiers({ messages }) {
  return new Map([
    ...messages.short_term.map((id) => [id, "recent"]),
    ...messages.recalled.map((id) => [id, "recalled"]),
  ]);
}

function markPrompt(app, saw) {
  const marks = saw ? tiers(saw) : new Map();
  app.columns.forEach((column) => column.markPrompt(column.chat.id === app.chosen?.chatId ? marks : new Map()));
}
