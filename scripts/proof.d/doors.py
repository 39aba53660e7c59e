"""Two doors on the way: one before the webhook, one before the model's server."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self):
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in ("connection", "content-length", "date", "server", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _open(handler):
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"


def _send(url, body, headers, method="POST"):
    request = urllib.request.Request(url, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.getheaders(), response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers.items(), error.read()


def before_webhook(webhook, secret):
    """Opens a door that adds Telegram's secret header, and delivers every update three times at the same moment."""

    class Handler(_Door):
        def do_POST(self):
            body = self.body()
            headers = {"content-type": "application/json", "x-telegram-bot-api-secret-token": secret}
            with ThreadPoolExecutor(3) as pool:
                answers = [pool.submit(_send, webhook, body, headers) for _ in range(3)]
            worst = max((answer.result() for answer in answers), key=lambda answer: answer[0])
            self.answer(*worst)

    return _open(Handler)


NEWER_FIELDS = ("reasoning_effort", "max_completion_tokens")


class BeforeModel:
    """A door that passes a server's answers on, damaged where that was asked for.

    llmock damages streams only, and the program asks for whole answers: these are the same damages done to those. A strict
    door also refuses the fields that smaller servers do not know.
    """

    KINDS = ("cut", "stalled", "not JSON", "an HTML page", "no choices")

    def __init__(self, server, stall):
        self.waiting = deque()
        self.is_strict, self.refused = False, 0
        door = self

        class Handler(_Door):
            def do_GET(self):
                self.answer(*_send(server + self.path, None, self.passed(), "GET"))

            def do_POST(self):
                asked = self.body()
                unknown = [field for field in NEWER_FIELDS if door.is_strict and field in json.loads(asked)]
                if unknown:
                    door.refused += 1
                    time.sleep(0.3)  # so that several are refused before anybody knows
                    refusal = {"error": {"message": f"Unknown field: {unknown[0]}"}}
                    self.answer(400, [("content-type", "application/json")], json.dumps(refusal).encode())
                    return
                status, headers, body = _send(server + self.path, asked, self.passed())
                kind = door.waiting.popleft() if door.waiting else None
                if kind is None:
                    self.answer(status, headers, body)
                elif kind == "not JSON":
                    self.answer(status, headers, body[: len(body) // 2])
                elif kind == "an HTML page":
                    self.answer(200, [("content-type", "text/html")], b"<html><body>Sign in to the network</body></html>")
                elif kind == "no choices":
                    self.answer(200, [("content-type", "application/json")], json.dumps({"choices": []}).encode())
                else:
                    self.half(body, stall if kind == "stalled" else 0)

            def passed(self):
                return {name: value for name in ("content-type", "authorization") if (value := self.headers.get(name))}

            def half(self, body, wait):
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[: len(body) // 2])
                self.wfile.flush()
                time.sleep(wait)
                self.close_connection = True

        self.url = _open(Handler)
