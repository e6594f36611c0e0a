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
from pathlib import Path
from typing import Any

import httpx

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
    with tempfile.TemporaryDirectory(prefix="clewline-conformance-") as name:
        directory = Path(name)
        if store == "sqlite":
            return with_environment(base_environment(directory, {}), directory, server, only)
        postgres = PostgreSQL()
        try:
            url = postgres.create_database("conformance")
            environment = base_environment(directory, {"CLEWLINE_DATABASE_URL": url})
            return with_environment(environment, directory, server, only)
        finally:
            postgres.close()


def with_environment(
    environment: dict[str, str], directory: Path, server: str, only: str
) -> tuple[int, int, list[str]]:
    manage(environment, "migrate", "--run-syncdb", "-v", "0")
    port = free_port()
    log = directory / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *SERVERS[server], str(port), "tests.conformance.asgi:application"],
            cwd=ROOT, env=environment, stdout=output, stderr=output,
        )  # fmt: skip
    try:
        url = f"http://127.0.0.1:{port}"
        until(lambda: answers(url, process, log), timeout=30, what="the server answers")
        passed, total, failures = suite(url, directory, only)
    finally:
        process.terminate()
        process.wait(20)
    # Refusals are logged too, and they are what the suite is about; errors of ours are not.
    text = log.read_text()
    if failures or "Traceback" in text:
        failures.append(f"The server's log:\n{text[-6000:]}")
    return passed, total, failures


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
