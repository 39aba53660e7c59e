"""Telegram's side as mockpost has it: what people say, and what the bot has sent them."""

import json

from stage import call, until

APP = "pykhbrain"


class Telegram:
    """One bot at mockpost."""

    def __init__(self, url, token):
        self.url, self.token = url, token

    def open(self, webhook):
        """Makes the bot known, and has its updates delivered to `webhook`."""
        status, app = call("POST", f"{self.url}/api/apps", {"name": APP, "creds": {"telegram_token": self.token}})
        assert status == 200, app
        status, answer = call("POST", f"{self.url}/telegram/bot{self.token}/setWebhook", {"url": webhook})
        assert status == 200 and answer["ok"], answer

    def say(self, chat, text, name="Olena"):
        """A person writes; gives the status with which the webhook took it."""
        body = {"chat_id": chat, "text": text, "from_user": name}
        status, answer = call("POST", f"{self.url}/telegram/client/sendMessage", body, {"X-MockPost-App": APP})
        assert status == 200 and len(answer["webhooks_delivered"]) == 1, answer
        return answer["webhooks_delivered"][0]["response_code"]

    def sent(self, chat):
        """The parameters of every message that the bot has sent to the chat, oldest first."""
        _, messages = call("GET", f"{self.url}/api/messages?channel=telegram&app={APP}&limit=500")
        ours = [m for m in messages if m["direction"] == "outbound" and m["recipient"] == str(chat)]
        return [json.loads(message["raw_payload"]) for message in sorted(ours, key=lambda m: m["created_at"])]

    def texts(self, chat):
        return [message["text"] for message in self.sent(chat)]

    def hear(self, chat, count, seconds=20):
        """Waits for `count` messages in all to the chat, and gives their texts."""
        until(lambda: len(self.sent(chat)) >= count, seconds)
        return self.texts(chat)
