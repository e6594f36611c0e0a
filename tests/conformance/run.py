"""The public Durable Streams suite against the real server, on each store.

    make conformance                                   # SQLite, then PostgreSQL
    make conformance ARGS="--store sqlite --server daphne"

What counts is the number of tests that passed: a suite that finds none also ends with success.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.support.ports import free_port, until
from tests.support.requirements import GET, JS, find, required
from tests.support.services import PostgreSQL
from tests.support.topology import ROOT, base_environment, manage

EXPECTED = 332
HERE = Path(__file__).resolve().parent
SERVERS = {
    "uvicorn": [
        "-m",
        "uvicorn",
        "--host",
        "127.0.0.1",
        "--log-level",
        "warning",
        "--ws",
        "wsproto",
        "--port",
    ],
    "daphne": ["-m", "daphne", "-b", "127.0.0.1", "-v", "0", "-p"],
}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--store", choices=["sqlite", "postgres"], action="append")
    parser.add_argument("--server", choices=list(SERVERS), default="uvicorn")
    parser.add_argument("--only", default="", help="tests whose names match; the number is not checked then")
    options = parser.parse_args()
    if not (JS / "node_modules" / "@durable-streams").is_dir() or find("node") is None:
        print(f"node is missing: {GET['node']}", file=sys.stderr)
        return 1
    good = True
    for store in options.store or ["sqlite", "postgres"]:
        if store == "postgres" and find("postgres") is None:
            print(f"Skipped on PostgreSQL: {GET['postgres']}", file=sys.stderr)
            good = good and not required("postgres")
            continue
        passed, total, failures = on_store(store, options.server, options.only)
        for failure in failures:
            print(f"\n{failure}", file=sys.stderr)
        print(f"{store}, {options.server}: {passed} of {total} passed")
        good = good and not failures and (bool(options.only) or passed == total == EXPECTED)
    return 0 if good else 1


def on_store(store: str, server: str, only: str) -> tuple[int, int, list[str]]:
    with serving(store, server) as running, tempfile.TemporaryDirectory(prefix="clewline-report-") as name:
        passed, total, failures = suite(running.url, Path(name), only)
        # Refusals are logged too, and they are what the suite is about; errors of ours are not.
        text = running.log.read_text()
        if failures or "Traceback" in text:
            failures.append(f"The server's log:\n{text[-6000:]}")
        return passed, total, failures


@dataclass(frozen=True)
class Running:
    url: str
    pid: int
    log: Path
    postgres: PostgreSQL | None

    def database_connections(self) -> int:
        """How many the server's process holds; needs /proc for SQLite."""
        if self.postgres is None:
            return sum(map(is_database, Path(f"/proc/{self.pid}/fd").iterdir()))
        with psycopg.connect(self.postgres.url("postgres")) as connection:
            row = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = 'conformance'"
            ).fetchone()
            return int(row[0]) if row else 0


def is_database(link: Path) -> bool:
    try:
        return str(link.readlink()).endswith(".sqlite3")
    except FileNotFoundError:  # closed in the meantime
        return False


@contextmanager
def serving(store: str, server: str) -> Iterator[Running]:
    """The open mount on an empty store."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clewline-conformance-")))
        environment = base_environment(directory, {})
        postgres = PostgreSQL() if store == "postgres" else None
        if postgres is not None:
            stack.callback(postgres.close)
            environment["CLEWLINE_DATABASE_URL"] = postgres.create_database("conformance")
        manage(environment, "migrate", "--run-syncdb", "-v", "0")
        port = free_port()
        log = directory / "server.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, *SERVERS[server], str(port), "tests.conformance.asgi:application"],
                cwd=ROOT, env=environment, stdout=output, stderr=output,
            )  # fmt: skip
        stack.callback(process.wait, 20)
        stack.callback(process.terminate)
        url = f"http://127.0.0.1:{port}"
        until(lambda: answers(url, process, log), timeout=30, what="the server answers")
        yield Running(url, process.pid, log, postgres)


def answers(url: str, process: "subprocess.Popen[bytes]", log: Path) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"The server ended:\n{log.read_text()[-4000:]}")
    try:
        return httpx.head(f"{url}/v1/stream/none").status_code == 404
    except httpx.TransportError:
        return False


def suite(url: str, directory: Path, only: str) -> tuple[int, int, list[str]]:
    """Tests passed, tests found, and what failed."""
    report = directory / "report.json"
    command = [
        JS / "node_modules" / ".bin" / "vitest", "run", "--root", HERE, "--no-coverage", "--testTimeout=30000",
        "--reporter=json", f"--outputFile={report}",
    ]  # fmt: skip
    if only:
        command += ["-t", only]
    done = subprocess.run(
        command, cwd=HERE, env={**os.environ, "STREAMS_URL": url}, capture_output=True, text=True, check=False
    )
    if not report.exists():
        return 0, 0, [f"vitest made no report:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"]
    found: dict[str, Any] = json.loads(report.read_text())
    tests = [t for file in found["testResults"] for t in file["assertionResults"] if t["status"] != "skipped"]
    failures = [
        f"{t['fullName']}\n{''.join(t['failureMessages'])[:1500]}" for t in tests if t["status"] != "passed"
    ]
    return sum(t["status"] == "passed" for t in tests), len(tests), failures


if __name__ == "__main__":
    sys.exit(main())
