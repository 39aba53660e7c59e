// Building elements, and writing numbers and times as people read them.

/** An element. `attributes` are properties where the element has them, else attributes; `children` are nodes or texts. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (key === "class") element.className = value;
    else if (key in element) element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const byId = (id) => document.getElementById(id);

const numbers = new Intl.NumberFormat("en");
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const exactClock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3,
});
const day = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });

export const number = (value) => numbers.format(value);
export const time = (at) => clock.format(at);
export const exactTime = (at) => exactClock.format(at);
export const dayOf = (at) => day.format(at).replace(",", "");

/** A size in bytes: "812 B", "3.4 KB", "21 MB". */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  const [unit, count] = bytes < 999_500 ? ["KB", bytes / 1000] : ["MB", bytes / 1_000_000];
  return `${count < 9.95 ? count.toFixed(1) : number(Math.round(count))} ${unit}`;
}

/** A length of time in milliseconds: "+0.4 ms", "+9 ms", "+1.84 s", "+2 min 5 s". */
export function after(ms) {
  const sign = ms < 0 ? "−" : "+";
  const size = Math.abs(ms);
  if (size < 0.95 && size >= 0.05) return `${sign}${size.toFixed(1)} ms`;
  if (size < 999.5) return `${sign}${Math.round(size)} ms`;
  if (size < 60_000) return `${sign}${(size / 1000).toFixed(2)} s`;
  const seconds = Math.round(size / 1000);
  return `${sign}${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Up to two letters that stand for a name. */
export function initials(name) {
  return name.split(/\s+/).slice(0, 2).map((word) => [...word][0] ?? "").join("").toUpperCase();
}
