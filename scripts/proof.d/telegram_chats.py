"""A private chat and a group through mockpost: first contact, commands, Markdown, silence where nobody asked."""

import re
import subprocess
import time
from html.parser import HTMLParser

from stage import ask, call, until

PRIVATE, MARKDOWN, GROUP = 501, 502, -1005

# https://core.telegram.org/bots/api#html-style
TAGS = {"b", "i", "u", "s", "code", "pre", "a", "blockquote", "tg-spoiler"}

COMMANDS = {
    "/start": "Welcome",
    "/help": "/shortterm",
    "/status": "Account: temporary",
    "/account_id": f"chat {PRIVATE}",
    "/model": "Model: gpt-4o",
    "/session long": "12 hours",
    "/shortterm": "Total: 2 messages",
    "/wholehistory": "From people: 1",
    "/clear": "Cleared",
    "/hlep": "Did you mean /help?",
}


class Markup(HTMLParser):
    """Reads a message as Telegram would: what is wrong with its HTML, and the text without it."""

    def __init__(self, html):
        super().__init__()
        self.open, self.wrong, self.seen, self.text = [], [], set(), ""
        self.feed(html)
        self.close()
        self.wrong += self.open

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.open.append(tag)
        if tag not in TAGS:
            self.wrong.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append("/" + tag)

    def handle_data(self, text):
        self.text += text


def long_answer():
    """Markdown of about 10,000 characters, with numbered words so that a lost one is missed."""
    numbers = iter(range(10_000))

    def words(count):
        return " ".join(f"w{next(numbers)}" for _ in range(count))

    blocks = ["# A heading with <angle> & ampersand"]
    for _ in range(14):
        blocks += [
            f"**Bold {words(3)}** and _slanted {words(3)}_, `code {words(2)}`,"
            f" [a link](https://example.org/?a=1&b=2). {words(40)} 👩‍👩‍👧",
            f"- {words(4)}\n- {words(4)}\n  1. {words(4)}",
            f"```rust\nfn main() {{ // {words(20)}\n    let a = 1 < 2 && true; // {words(30)}\n}}\n```",
        ]
    blocks.append(f"| one | two |\n|---|---|\n| {words(1)} | {words(1)} |")
    blocks.append(f"> quoted {words(5)}\n\nAn *unclosed **thing {words(2)}")
    return "\n\n".join(blocks), next(numbers)


def units(text):
    return len(text.encode("utf-16-le")) // 2


def first_contact(report, telegram):
    statuses = {telegram.say(PRIVATE, "Hi, my name is Olena and I like tea")}
    heard = telegram.hear(PRIVATE, 2)
    report.check("each update, delivered three times at once, is taken with 200", statuses == {200}, statuses)
    report.check("first contact: the welcome, then one answer", len(heard) == 2 and "Welcome" in heard[0], len(heard))
    shown = call("GET", f"{telegram.url}/?channel=telegram")[1]
    report.check("mockpost's own page shows both sides", "I like tea" in shown and "PykhBrain Bot" in shown)


def commands(report, telegram):
    before = len(telegram.sent(PRIVATE))
    for number, (command, expected) in enumerate(COMMANDS.items(), 1):
        telegram.say(PRIVATE, command)
        heard = telegram.hear(PRIVATE, before + number)[before:]
        answer = heard[-1] if len(heard) == number else ""
        report.check(command, expected in answer, " / ".join(answer.splitlines()[:3])[:110])


def markdown(report, telegram, model):
    answer, words = long_answer()
    model.plan({"type": "reply", "text": answer})
    telegram.say(MARKDOWN, "Tell me everything")
    until(lambda: f"w{words - 1}" in " ".join(telegram.texts(MARKDOWN)), 30)
    parts = telegram.sent(MARKDOWN)[1:]
    read = [Markup(part["text"]) for part in parts]
    report.check("a long answer comes in several messages of at most 4096 units",
                 len(parts) > 2 and max(units(one.text) for one in read) <= 4096,
                 f"{len(answer)} characters, units {[units(one.text) for one in read]}")
    report.check("each is HTML that Telegram takes, closed within the message",
                 all(not one.wrong for one in read) and all(part["parse_mode"] == "HTML" for part in parts),
                 sorted(set().union(*(one.seen for one in read))))
    found = re.findall(r"\bw\d+\b", "\n".join(one.text for one in read))
    report.check("no word of it is lost, doubled or out of order", found == [f"w{n}" for n in range(words)],
                 f"{len(found)} of {words} words")
    report.check("no markup shows as text", not re.search(r"\*\*B|```|\[a link\]|<b>|&amp;", "".join(one.text for one in read)))


def group(report, telegram, model):
    telegram.say(GROUP, "The barn needs a new roof", "Borys")
    telegram.say(GROUP, "@mockpost_bot what did Borys say?", "Olena")
    telegram.hear(GROUP, 1)
    telegram.say(GROUP, "/status@mockpost_bot", "Borys")
    telegram.say(GROUP, "/status@another_bot", "Borys")
    telegram.hear(GROUP, 2)
    time.sleep(1)
    sent = telegram.sent(GROUP)
    report.check("in a group it answers the mention and its own command, and nothing else", len(sent) == 2, len(sent))
    report.check("as replies to those messages", all("reply_parameters" in message for message in sent))
    asked = model.requests()[-1]["body"]["messages"]
    report.check("the prompt holds what was said before by whom",
                 any("Borys: The barn needs a new roof" in message["content"] for message in asked))
    report.check("and nothing of the private chat", not any("tea" in message["content"] for message in asked))


def command_line(report, program, env, home):
    """`webhook` and `doctor` against mockpost, with a bot of their own."""
    other = {**env, "TELEGRAM_TOKEN": "4343:another-bot", "PUBLIC_URL": "https://bot.example.org"}

    def run(*arguments, env=other):
        done = subprocess.run([program, *arguments], cwd=home, env=env, capture_output=True, text=True)
        return done.returncode, " / ".join((done.stdout + done.stderr).splitlines())

    report.check("webhook set", run("webhook", "set")[0] == 0)
    code, shown = run("webhook", "info")
    report.check("webhook info", code == 0 and "https://bot.example.org/telegram/webhook" in shown, shown)
    report.check("webhook delete", run("webhook", "delete")[0] == 0)
    code, shown = run("webhook", "info")
    report.check("webhook info, afterwards", code == 0 and "Address: none" in shown, shown)
    code, shown = run("doctor", env=env)
    report.check("doctor", code == 0 and "@mockpost_bot" in shown, shown)


def run(report, telegram, model, program, env, home):
    report.section("Telegram by mockpost")
    first_contact(report, telegram)
    commands(report, telegram)
    markdown(report, telegram, model)
    group(report, telegram, model)
    command_line(report, program, env, home)
    stored = ask("select count(*), count(*) filter (where outcome is null) from telegram_updates")
    said = 1 + len(COMMANDS) + 1 + 4
    report.check("every update is stored once and none waits", stored == f"{said}|0", stored)
