"""The stage: processes that are started, watched and stopped, and the report of what was seen."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path


def free_ports(count):
    """Ports that nobody listens on. Held together until all are known, so that none comes twice."""
    sockets = [socket.socket() for _ in range(count)]
    for held in sockets:
        held.bind(("127.0.0.1", 0))
    ports = [held.getsockname()[1] for held in sockets]
    for held in sockets:
        held.close()
    return ports


def call(method, url, body=None, headers=None, timeout=20):
    """One HTTP request with a JSON body. Gives the status and the answer, read as JSON where it is."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json", **(headers or {})}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            status, text = response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read().decode()
    try:
        return status, json.loads(text)
    except ValueError:
        return status, text


def until(condition, seconds, step=0.05):
    """Waits until `condition` gives something true, and gives that; what it gave last where the time runs out."""
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(step)
    return found


class Process:
    """A process with a log of its own."""

    def __init__(self, name, command, home, env):
        self.name = name
        self.log = Path(home) / f"{name}.log"
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(command, cwd=home, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def serves(self, url, seconds=30):
        """Waits until `url` answers with 200."""
        def answers():
            if self.running.poll() is not None:
                raise SystemExit(f"{self.name} ended with {self.running.returncode}:\n{self.log.read_text()}")
            try:
                return call("GET", url, timeout=2)[0] == 200
            except OSError:
                return False

        if not until(answers, seconds):
            raise SystemExit(f"{self.name} does not serve {url}:\n{self.log.read_text()}")

    def stop(self):
        """Ends it as an operator would, and gives its exit code."""
        if self.running.poll() is None:
            self.running.send_signal(signal.SIGTERM)
        try:
            return self.running.wait(20)
        except subprocess.TimeoutExpired:
            self.running.kill()
            return self.running.wait()


def ask(sql):
    """What the database says, one line a row, columns apart by `|`."""
    command = ["psql", "--no-psqlrc", "--tuples-only", "--no-align", "--command", sql, os.environ["DATABASE_URL"]]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class Report:
    """What was seen, line by line."""

    def __init__(self):
        self.passed, self.failed = 0, 0
        self.began = time.monotonic()

    def section(self, title):
        print(f"\n{title}", flush=True)

    def check(self, what, holds, seen=""):
        self.passed, self.failed = self.passed + bool(holds), self.failed + (not holds)
        seconds = time.monotonic() - self.began
        print(f"{'ok  ' if holds else 'FAIL'} {seconds:6.1f} s  {what}{': ' if seen != '' else ''}{seen}", flush=True)
