"""Tokens a second that one worker core takes from the model to the log: ``python -m tests.bench.agent_throughput``.

The real SDK reads a stand-in in another process, which sends each token by itself at a steady pace, as in life; the
copilot and the run host append to SQLite (or to ``CLEWLINE_DATABASE_URL``). Counted is the CPU of the worker's process
only, all its threads, appends included. What is offered should be more than the aim: a writer with little to do commits
nearly every token by itself, which is quick for readers and dear in CPU.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from typing import Any

AIM = 6000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--runs", type=int, default=200, help="answers at the same time; default: %(default)s"
    )
    parser.add_argument("--tokens", type=int, default=800, help="of each answer; default: %(default)s")
    parser.add_argument(
        "--speed", type=float, default=60.0, help="tokens a second of each; 0: flat out; default: %(default)s"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="clewline-bench-") as data:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "CLEWLINE_RUNS_PER_PERSON": "100000",
            "CLEWLINE_DATA_DIR": data,
            "CLEWLINE_NO_MIGRATIONS": "1",
            "CLEWLINE_ANTHROPIC_API_KEY": "",
        }
        standin = subprocess.Popen(
            [sys.executable, "manage.py", "standin", "--port", "0", "--control", "--pause", "0.2"],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert standin.stdout is not None
            url = standin.stdout.readline().split()[-1]
            os.environ["CLEWLINE_ANTHROPIC_BASE_URL"] = url
            print(json.dumps(_measure(url, options)))
        finally:
            standin.terminate()
            standin.wait()


def _order(url: str, order: dict[str, Any]) -> None:
    request = urllib.request.Request(f"{url}/_control", json.dumps(order).encode(), method="POST")
    urllib.request.urlopen(request, timeout=10).close()


def _measure(url: str, options: argparse.Namespace) -> dict[str, Any]:
    import django  # noqa: PLC0415  the settings come from the environment that was just made

    django.setup()

    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from sales_app.people.models import User  # noqa: PLC0415
    from sessions_app.control.send import send_input  # noqa: PLC0415
    from sessions_app.runs import dispatch  # noqa: PLC0415
    from sessions_app.runs.host import RunHost  # noqa: PLC0415
    from sessions_app.runs.models import Run, Step  # noqa: PLC0415
    from sessions_app.session.sessions import create_session  # noqa: PLC0415

    call_command("migrate", run_syncdb=True, verbosity=0)
    user = User.objects.create_user("bench@example.com", role="rep")
    actor = f"user:{user.pk}"

    def ask(session_id: str) -> str:
        # A repeated measurement on one database begins new runs.
        accepted = send_input(session_id=session_id, actor=actor, client_id=uuid.uuid4().hex, text="Hello")
        assert accepted.run_id is not None
        return accepted.run_id

    def wait(run_ids: list[str]) -> None:
        while Run.objects.filter(pk__in=run_ids).exclude(status__in=Run.TERMINAL).exists():
            threading.Event().wait(0.25)

    host = RunHost()
    host.start()
    sessions = [
        str(create_session(actor=actor, name="Bench", agent="copilot").pk) for _ in range(options.runs)
    ]
    dispatch.on_wake(lambda run_id, queue: None)
    _order(url, {"next": [{"filler": 20}], "speed": options.speed})
    warm = ask(str(create_session(actor=actor, name="Bench", agent="copilot").pk))
    host.submit(warm)
    wait([warm])

    # The host also finds runs by itself, so the order stands first.
    _order(url, {"next": [{"filler": options.tokens, "times": options.runs, "delay": 2.0}]})
    run_ids = [ask(session) for session in sessions]
    cpu, wall = time.process_time(), time.monotonic()
    for run_id in run_ids:
        host.submit(run_id)
    wait(run_ids)
    cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    host.stop(grace=5)
    steps = Step.objects.filter(run__in=run_ids)
    said = sum(step.output_tokens for step in steps)
    finished = Run.objects.filter(pk__in=run_ids, status=Run.Status.FINISHED).count()
    assert finished == options.runs, f"only {finished} of {options.runs} answers are whole"
    tokens = options.runs * options.tokens
    assert said >= tokens
    return {
        "store": connection.vendor,
        "runs": options.runs,
        "tokens": tokens,
        "tokens_per_second": round(tokens / wall),
        "cpu_us_per_token": round(cpu / tokens * 1e6, 1),
        "tokens_per_second_and_core": round(tokens / cpu),
        "aim": AIM,
    }


if __name__ == "__main__":
    main()
