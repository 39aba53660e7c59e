"""Everything that llmock can break, and llmock's judgement of how the program took it."""

from doors import BeforeModel
from stage import ask, call, until

COMPLETIONS = "/v1/chat/completions"
UNREACHABLE, NOT_ALLOWED = "could not reach my language model", "does not accept my key"
# llmock's window is 5,000 tokens, and it takes a quarter of the characters for the number of tokens. Short words keep that
# close to the truth, long ones make it far too many.
SHORT_WORDS, LONG_WORDS = "the cat sat on the mat and " * 148, "international representatives " * 133


class Model:
    """llmock's control."""

    def __init__(self, url):
        self.url = url

    def plan(self, *behaviours):
        """Queues faults and answers for the next calls."""
        # The program also asks for the list of models, at its start and once a day.
        behaviours = [{"match": {"path": COMPLETIONS}, **behaviour} for behaviour in behaviours]
        status, answer = call("POST", f"{self.url}/_llmock/scenario", {"behaviors": behaviours})
        assert status == 201, answer

    def waiting(self):
        return call("GET", f"{self.url}/_llmock/scenario")[1]["pending"]

    def clear(self):
        call("DELETE", f"{self.url}/_llmock/scenario")

    def requests(self):
        """The completions that were asked for, oldest first."""
        asked = call("GET", f"{self.url}/_llmock/requests")[1]["requests"]
        return [request for request in asked if request["path"] == COMPLETIONS]

    def requests_for(self, text):
        """Those whose current message is `text`."""
        return [r for r in self.requests() if r["body"]["messages"][-1]["content"].endswith(text)]

    def verdict(self):
        return call("GET", f"{self.url}/_llmock/verdict")[1]


class Chats:
    """New private chats, each asked one thing."""

    def __init__(self, telegram, model, first):
        self.telegram, self.model, self.next = telegram, model, first

    def ask(self, *texts):
        """Asks in as many new chats. Gives by text: the chat, the last thing heard, and the calls of the model."""
        chats = {text: self.next + number for number, text in enumerate(texts)}
        self.next += len(texts)
        for text, chat in chats.items():
            self.telegram.say(chat, text)
        return {text: (chat, self.telegram.hear(chat, 2, 40)[1:], self.model.requests_for(text)) for text, chat in chats.items()}


def is_answer(text):
    """Whether llmock's words came, and not a sentence about why they did not."""
    return "gpt-4o" in text or "LLMock" in text


def statuses(requests):
    return [request["status"] for request in requests]


def waits(requests):
    return [round(after["started_at"] - before["ended_at"], 1) for before, after in zip(requests, requests[1:])]


def transient(report, chats, model):
    [(_, heard, asked)] = chats.ask("healthy").values()
    report.check("healthy: one call, one answer", len(heard) == 1 and is_answer(heard[0]) and statuses(asked) == [200])

    model.plan({"type": "fail", "status": 429, "retry_after": 2, "times": 2})
    [(_, heard, asked)] = chats.ask("too many requests").values()
    report.check("429 with Retry-After 2, twice: waited for, then answered",
                 len(heard) == 1 and statuses(asked) == [429, 429, 200] and min(waits(asked)) >= 2, f"waits {waits(asked)}")

    model.plan({"type": "fail", "status": 429, "retry_after": 1, "times": 5})
    [(_, heard, asked)] = chats.ask("a busy minute").values()
    report.check("429 five times (a crowd shares one quota): patience, then answered",
                 len(heard) == 1 and is_answer(heard[0]) and statuses(asked) == [429] * 5 + [200], f"waits {waits(asked)}")
    model.clear()

    model.plan({"type": "fail", "status": 503, "retry_after": 3})
    [(_, heard, asked)] = chats.ask("back in three seconds").values()
    report.check("503 with Retry-After 3: waited for, then answered",
                 len(heard) == 1 and statuses(asked) == [503, 200] and min(waits(asked)) >= 3, f"waits {waits(asked)}")

    codes = [408, 409, 500, 502, 503, 504, 529]
    model.plan(*({"type": "fail", "status": code} for code in codes))
    seen = chats.ask(*(f"fault {number}" for number in range(len(codes)))).values()
    report.check(f"each of {codes} in a chat of its own: asked again once, answered once",
                 sorted(statuses(asked) for _, _, asked in seen) == [[code, 200] for code in codes]
                 and all(len(heard) == 1 and is_answer(heard[0]) for _, heard, _ in seen))

    model.plan({"type": "reply", "text": ""}, {"type": "reply", "tool_calls": [{"name": "search"}]})
    seen = chats.ask("empty one", "empty two").values()
    report.check("an empty answer, a tool call that nobody offered: asked again, answered",
                 all(len(heard) == 1 and is_answer(heard[0]) and statuses(asked) == [200, 200] for _, heard, asked in seen))

    model.plan({"type": "delay", "seconds": 5})
    [(_, heard, asked)] = chats.ask("slow").values()
    report.check("slower than LLM_TIMEOUT: given up, asked again, answered", len(heard) == 1 and len(asked) == 2, statuses(asked))


def lasting(report, chats, model):
    model.plan({"type": "fail", "status": 500, "times": None})
    [(chat, heard, asked)] = chats.ask("outage").values()
    report.check("an outage: four tries with growing waits, then one plain sentence",
                 statuses(asked) == [500] * 4 and len(heard) == 1 and UNREACHABLE in heard[0], f"waits {waits(asked)}")
    model.clear()
    chats.telegram.say(chat, "after the outage")
    heard = chats.telegram.hear(chat, 3)
    report.check("the next message is answered", len(heard) == 3 and is_answer(heard[-1]))

    for codes, sentence in (((400, 404, 422), UNREACHABLE), ((401, 403), NOT_ALLOWED)):
        model.plan(*({"type": "fail", "status": code} for code in codes))
        seen = chats.ask(*(f"refusal of {code}" for code in codes)).values()
        report.check(f"{codes}: not asked again, said plainly",
                     sorted(statuses(asked) for _, _, asked in seen) == [[code] for code in codes]
                     and all(len(heard) == 1 and sentence in heard[0] for _, heard, _ in seen))


def too_long(report, chats, model):
    """Groups, because what nobody asked the bot is remembered there without a call of the model."""
    for chat, words, messages, title in (
        (-2001, SHORT_WORDS, 9, "over the context window"),
        (-2002, LONG_WORDS, 6, "over the window of a model that counts more tokens than the program"),
    ):
        for _ in range(messages):
            chats.telegram.say(chat, words, "Borys")
        question = f"how long is this, {chat}?"
        chats.telegram.say(chat, f"@mockpost_bot {question}", "Olena")
        heard = chats.telegram.hear(chat, 1)
        asked = model.requests_for(question)
        sizes = [sum(len(message["content"]) for message in request["body"]["messages"]) for request in asked]
        report.check(f"{title}: shortened, asked again once, answered",
                     statuses(asked) == [400, 200] and len(heard) == 1 and sizes[1] < sizes[0], f"characters {sizes}")

    model.plan({"type": "fail", "status": 400, "code": "context_length_exceeded"})
    [(_, heard, asked)] = chats.ask("short, and too long all the same").values()
    report.check("nothing left to shorten: not asked again, said plainly",
                 statuses(asked) == [400] and len(heard) == 1 and not is_answer(heard[0]), statuses(asked))
    model.clear()


def crowd(report, telegram, model):
    """Faults spread over eight chats that write four messages each without waiting."""
    kinds = [{"type": "fail", "status": 429, "retry_after": 1}, {"type": "fail", "status": 500}, {"type": "fail", "status": 503}]
    model.plan(*(kinds * 4))
    crowd = range(3001, 3009)
    lines = {chat: [f"line {number} of {chat}" for number in range(4)] for chat in crowd}
    for number in range(4):
        for chat in crowd:
            telegram.say(chat, lines[chat][number])
    heard = {chat: telegram.hear(chat, 5, 40)[1:] for chat in crowd}
    report.check("eight chats write four messages each amid twelve faults: every one is answered once",
                 all(len(answers) == 4 and all(map(is_answer, answers)) for answers in heard.values()),
                 [len(answers) for answers in heard.values()])
    good = [request for request in model.requests() if request["status"] == 200]
    for chat, said in lines.items():
        asked = [r["body"]["messages"] for r in good if r["body"]["messages"][-1]["content"] in said]
        in_order = [messages[-1]["content"] for messages in asked] == said
        grown = all([m["content"] for m in messages[1::2]] == said[: n + 1] for n, messages in enumerate(asked))
        if not (in_order and grown):
            report.check(f"chat {chat}: in order, each prompt with what was said before", False)
            break
    else:
        report.check("in each chat in order, each prompt with what was said and answered before", True)


def streams(report, chats, model):
    kinds = ("disconnect", "truncate", "stall", "malformed")
    model.plan(*({"type": "stream_fault", "kind": kind, "match": {"stream": True}} for kind in kinds))
    [(_, heard, asked)] = chats.ask("no stream").values()
    report.check("faults of streams meet nobody: whole answers are asked for",
                 len(heard) == 1 and not asked[0]["stream"] and len(model.waiting()) == len(kinds))
    model.clear()


def judged(report, model):
    verdict = model.verdict()
    report.check("llmock's verdict is clean", verdict["passed"] and not verdict["findings"],
                 f"{verdict['calls']} calls, {verdict['attempts']} attempts, {verdict['faults_injected']} faults, "
                 f"{verdict['errors']} errors, {verdict['warnings']} warnings")
    for finding in verdict["findings"]:
        print(f"     {finding['severity']} {finding['code']}, requests {finding['requests']}: {finding['title']}")


def hopeless(report, chats, model):
    """After the verdict, which wants every 429 tried again, however long the wait that it asks for."""
    model.plan({"type": "fail", "status": 429, "retry_after": 3600})
    [(_, heard, asked)] = chats.ask("quota of the day used up").values()
    report.check("429 with Retry-After of an hour: nobody waits that long, said plainly",
                 len(heard) == 1 and not is_answer(heard[0]) and statuses(asked) == [429])


def damaged(report, chats, model, work, timeout):
    """Whole answers that are cut, stalled or garbled on their way, which llmock does to streams only."""
    door = BeforeModel(model.url, stall=timeout + 2)
    report.check("the worker ends with 0 on SIGTERM", work(door.url) == 0)
    door.is_strict = True
    seen = chats.ask(*(f"plain fields only {number}" for number in range(8))).values()
    report.check("eight chats at once ask a server that refuses reasoning_effort and max_completion_tokens: all answered",
                 all(len(heard) == 1 and is_answer(heard[0]) for _, heard, _ in seen), f"{door.refused} refusals")
    door.waiting.extend(door.KINDS)
    seen = chats.ask(*(f"damage {number}" for number in range(len(door.KINDS)))).values()
    report.check(f"an answer damaged on the way ({', '.join(door.KINDS)}): asked again, answered once",
                 all(len(heard) == 1 and is_answer(heard[0]) for _, heard, _ in seen)
                 and not door.waiting, [len(heard) for _, heard, _ in seen])


def kept(report):
    """What the database says afterwards."""
    outcomes = ask("select outcome, count(*) from telegram_updates group by 1 order by 1").replace("\n", ", ")
    report.check("no update waits", ask("select count(*) from telegram_updates where outcome is null") == "0", outcomes)
    unsent = ask("select count(*) from outgoing_messages where state <> 'sent'")
    report.check("nothing is left unsent", unsent == "0")
    held = until(lambda: ask("select count(*) from chat_turns where scheduled or holder is not null") == "0", 5)
    report.check("no chat's turn is held", held)
    calls = ask("select outcome, count(*) from llm_usage group by 1 order by 1").replace("\n", ", ")
    report.check("every call of the model is on record", "ok|" in calls and "rate_limited|" in calls, calls)


def run(report, telegram, model, work, timeout):
    """`work(url)` starts the worker again with its model there, and gives the exit code of the one before."""
    report.section("A model's server by llmock")
    chats = Chats(telegram, model, 2001)
    transient(report, chats, model)
    lasting(report, chats, model)
    too_long(report, chats, model)
    streams(report, chats, model)
    crowd(report, telegram, model)
    judged(report, model)
    hopeless(report, chats, model)
    damaged(report, chats, model, work, timeout)
    kept(report)
