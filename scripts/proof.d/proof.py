"""Sets the stage for the proof, plays it, and clears it away. Started by scripts/proof."""

import os
import subprocess
import sys
import tempfile

import model_faults
import telegram_chats
from doors import before_webhook
from stage import Process, Report, free_ports
from telegram import Telegram

TOKEN, SECRET, KEY = "4242:a-token-of-nobody", "a-secret-of-nobody", "a-key-of-nobody"
# Of people, and of every answer of llmock.
SAID = ("I like tea", "The barn needs", "the cat sat", "chatcmpl-")
LLM_TIMEOUT = 2


def main(program, tools):
    report = Report()
    with tempfile.TemporaryDirectory(prefix="proof.") as home:
        running = {}
        try:
            play(report, program, tools, home, running)
        finally:
            for process in reversed(running.values()):
                process.stop()
            if report.failed or sys.exc_info()[0]:
                for process in (running[name] for name in ("web", "worker") if name in running):
                    print(f"\n--- {process.name}, its last lines\n{tail(process.log)}")
    print(f"\n{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


def play(report, program, tools, home, running):
    web, http, model, *others = free_ports(8)
    plain = {"PATH": os.environ["PATH"], "HOME": home}

    def start(name, command, env):
        running[name] = Process(name, command, home, {**plain, **env})
        return running[name]

    names = ("SMTP", "FTP", "FTPS", "FTPS_IMPLICIT", "SFTP")
    ports = {f"MOCKPOST_{name}_PORT": str(port) for name, port in zip(names, others)}
    mockpost = start("mockpost", [f"{tools}/mockpost"],
                     {"MOCKPOST_HOST": "127.0.0.1", "MOCKPOST_HTTP_PORT": str(http), "MOCKPOST_LOG_LEVEL": "warning", **ports})
    llmock = start("llmock", [f"{tools}/llmock", "serve", "--host", "127.0.0.1", "--port", str(model),
                              "--context-window", "5000", "--log-level", "warning"], {})

    mockpost.serves(f"http://127.0.0.1:{http}/health")
    llmock.serves(f"http://127.0.0.1:{model}/health")

    env = {
        **plain,
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "TELEGRAM_API_URL": f"http://127.0.0.1:{http}/telegram",
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_WEBHOOK_SECRET": SECRET,
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": f"http://127.0.0.1:{model}/v1",
        "OPENAI_MODEL": "gpt-4o",
        "ENCRYPTION_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "LLM_TIMEOUT": str(LLM_TIMEOUT),
        "HOST": "127.0.0.1",
        "PORT": str(web),
    }
    subprocess.run([program, "migrate"], cwd=home, env=env, check=True, stdout=subprocess.DEVNULL)
    start("web", [program, "web"], env)

    def work(model_url=None):
        """Starts the worker, after the one before has ended; gives that one's exit code."""
        before = running.get("worker")
        code = before and before.stop()
        start("worker", [program, "worker"], {**env, **({"OPENAI_BASE_URL": f"{model_url}/v1"} if model_url else {})})
        return code

    work()
    running["web"].serves(f"http://127.0.0.1:{web}/readyz")

    telegram = Telegram(f"http://127.0.0.1:{http}", TOKEN)
    telegram.open(before_webhook(f"http://127.0.0.1:{web}/telegram/webhook", SECRET))
    control = model_faults.Model(f"http://127.0.0.1:{model}")
    telegram_chats.run(report, telegram, control, program, env, home)
    model_faults.run(report, telegram, control, work, LLM_TIMEOUT)
    logs(report, running["web"].log.read_text(), running["worker"].log.read_text())


def logs(report, web, worker):
    report.section("The logs")
    told = [words for words in (*SAID, TOKEN, SECRET, KEY) if words in web + worker]
    report.check("hold neither what was said nor a secret", not told, told or "")
    warnings = [line for line in web.splitlines() if " WARN " in line or " ERROR " in line]
    report.check("web has nothing to warn of", not warnings, f"{len(warnings)}, such as {warnings[0]}" if warnings else "")
    # mockpost has no setMyCommands. The worker was started twice.
    lacking = [line for line in worker.splitlines() if "who this bot is" in line or "commands" in line]
    report.check("a method that the Bot API server lacks is mentioned once a start", len(lacking) <= 2, len(lacking))


def tail(log):
    return "\n".join(log.read_text(errors="replace").splitlines()[-40:])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
