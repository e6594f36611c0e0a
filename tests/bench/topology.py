"""Start one topology for the driver and obey it: ``python -m tests.bench.topology production|embedded [server]``.

Prints one JSON line when everything is up, then reads commands from standard input, one a line, and answers each
with a line: ``kill`` (SIGKILL to all of Clewline, the services stay), ``start``. Ends everything at end of input.
Services are our own: PostgreSQL with fsync and synchronous_commit, Redis, on free ports, in temporary directories.
"""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.support.topology import Clewline, Templates, Topologies

SIGN_IN = """
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
cookies = []
for number in range(PEOPLE):
    user = get_user_model().objects.create_user(email=f"rep{number}@example.com")
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    cookies.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
print("cookies", *cookies)
"""
PEOPLE = 200  # as many as W3 has sessions: each has a tab of their own


def make(topologies: Topologies, kind: str, server: str) -> Clewline:
    env = {
        "CLEWLINE_EXTRA_APPS": "tests.bench",
        "CLEWLINE_BENCH_AGENT_PORT": os.environ["CLEWLINE_BENCH_AGENT_PORT"],
        "CLEWLINE_LEASE_SECONDS": "5",
        "CLEWLINE_LOG_LEVEL": "WARNING",
    }
    if kind == "production":
        return topologies.production(server=server, webs=1, workers=1, env=env)
    return topologies.embedded(server=server, env=env)


def facts(clewline: Clewline, cookies: list[str]) -> str:
    roles = {process.name: process.pid for process in clewline.processes}
    if clewline.postgres is not None and clewline.postgres.process is not None:
        roles["postgres"] = clewline.postgres.process.pid
    if clewline.redis is not None and clewline.redis.process is not None:
        roles["redis"] = clewline.redis.process.pid
    return json.dumps({"port": clewline.web.port, "pids": roles, "cookies": cookies})


def main(kind: str, server: str) -> None:
    directory = Path(tempfile.mkdtemp(prefix="clewline-bench-"))
    templates = Templates(directory)
    topologies = Topologies(directory, templates)
    try:
        clewline = make(topologies, kind, server)
        said = clewline.shell(SIGN_IN.replace("PEOPLE", str(PEOPLE))).split()
        cookies = said[said.index("cookies") + 1 :]
        print(facts(clewline, cookies), flush=True)
        for line in sys.stdin:
            match line.strip():
                case "kill":
                    for process in clewline.processes:
                        process.kill()
                    print("{}", flush=True)
                case "start":
                    clewline.start()
                    print(facts(clewline, cookies), flush=True)
    finally:
        for name, text in topologies.logs():
            if "Traceback" in text or "ERROR" in text:
                print(f"--- log of {name}\n{text}", file=sys.stderr)
        topologies.close()
        templates.close()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "uvicorn")
