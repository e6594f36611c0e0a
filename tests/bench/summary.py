"""Medians of the driver's records as tables: ``python -m tests.bench.summary results.jsonl [docs/evidence.md]``.

With a document, what stands between its two markers is replaced; otherwise the tables are printed.
"""

import json
import os
import platform
import re
import statistics
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

Record = dict[str, Any]
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
PACKAGES = ("django", "channels", "channels-redis", "daphne", "uvicorn", "celery", "redis", "psycopg")

# (name, workload, conditions, fields, bars of the production profile, bars of the embedded one)
ROWS: list[tuple[str, str, Record, list[str], str, str]] = [
    ("W1: one stream, 50 tok/s, p50 / p99 ms", "W1.50", {}, ["p50", "p99"], "4 / 10", "2 / 6"),
    ("W1: one stream as fast as it goes, tok/s", "W1.max", {}, ["tokps"], "", ""),
    ("W2: 10 subscribers, p50 / p99 ms", "W2.50", {"subs": 10}, ["p50", "p99"], "", ""),
    ("W2: 100 subscribers, p50 / p99 ms", "W2.50", {"subs": 100}, ["p50", "p99"], "6 / 12", ""),
    ("W3: 200 sessions, 26,000 tok/s, p50 / p99 ms", "W3.level", {"agg": 26000}, ["p50", "p99"], "", ""),
    ("W3: server CPU us per token at 26,000", "W3.level", {"agg": 26000}, ["usPerTok"], "60", ""),
    ("W3: 200 sessions, 44,000 tok/s, p50 / p99 ms", "W3.level", {"agg": 44000}, ["p50", "p99"], "- / 100", ""),
    ("W3: 200 runs started at once, all streaming after ms", "W3.level", {}, ["startMs"], "", ""),
    ("W3: highest level with p99 < 250 ms, tok/s", "W3.best", {}, ["best"], "44000", ""),
    ("W4: drops", "W4", {}, ["drops"], "10000", ""),
    ("W4: lost / doubled / out of order", "W4", {}, ["missing", "dup", "reorder"], "0 / 0 / 0", ""),
    ("W4: catch-up p50 / p99 ms", "W4", {}, ["catchupP50", "catchupP99"], "", ""),
    ("W5: received before SIGKILL / kept", "W5", {}, ["received", "kept"], "all", "all"),
    ("W6: stop, click to receipt / to last token, p50 / p99 ms", "W6", {}, ["receiptP50", "receiptP99", "lastP50", "lastP99"], "10 / 50", "10 / 50"),
    ("W6: tokens after the receipt", "W6", {}, ["late"], "0", "0"),
    ("W7: fresh client, 100,000 deltas, ended: ms / MB", "W7.after", {}, ["ms", "mb"], "25 / 0.62", ""),
    ("W7: the same during the answer", "W7.during", {}, ["ms", "mb"], "25 / 0.62", ""),
    ("W7: every token its own record, ended", "W7.apart.after", {}, ["ms", "mb"], "25 / 0.62", ""),
    ("W7: every token its own record, during", "W7.apart.during", {}, ["ms", "mb"], "25 / 0.62", ""),
    ("W8: KiB per idle socket, fresh web process", "W8", {}, ["kib"], "30", ""),
]  # fmt: skip


def read(lines: Iterable[str]) -> list[Record]:
    return [json.loads(line) for line in lines if line.startswith("{")]


def cell(records: list[Record], peer: str, workload: str, conditions: Record, fields: list[str]) -> str:
    those = [
        r for r in records
        if r["peer"] == peer and r["w"] == workload and all(r.get(k) == v for k, v in conditions.items())
    ]  # fmt: skip
    values = []
    for name in fields:
        numbers = [r[name] for r in those if isinstance(r.get(name), int | float)]
        values.append(f"{statistics.median(numbers):.3g}" if numbers and max(numbers) < 1000 else
                      f"{statistics.median(numbers):,.0f}" if numbers else "-")  # fmt: skip
    return " / ".join(values) if any(value != "-" for value in values) else ""


def table(records: list[Record]) -> list[str]:
    peers = list(dict.fromkeys(r["peer"] for r in records))
    lines = [
        "| | bar: production | bar: embedded | " + " | ".join(peers) + " |",
        "|---" * (len(peers) + 3) + "|",
    ]
    for name, workload, conditions, fields, production, embedded in ROWS:
        cells = [cell(records, peer, workload, conditions, fields) for peer in peers]
        if any(cells):
            lines.append(f"| {name} | {production} | {embedded} | " + " | ".join(cells) + " |")
    return lines


def circumstances(records: list[Record]) -> list[str]:
    busy = [r["neighbours"] for r in records if "neighbours" in r]
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    errors = [f"{r['peer']} {r['w']}: {r['error'].splitlines()[0]}" for r in records if "error" in r]
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {_processor()}, Python {platform.python_version()}, "
        f"{_node()}, {versions}. Driver, servers, PostgreSQL and Redis share the cores. Medians of the repetitions.",
    ]
    if busy:
        lines += [
            f"Other programs used {statistics.median(busy):.2f} cores meanwhile (median; at most {max(busy):.2f})."
        ]
    return lines + [f"Failed: {error}" for error in errors]


def _processor() -> str:
    found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.machine()


def _node() -> str:
    return (
        "Node "
        + subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    )


def main(results: str, document: str | None = None) -> None:
    records = read(Path(results).read_text().splitlines())
    text = "\n".join([*circumstances(records), "", *table(records)])
    if document is None:
        print(text)
        return
    path = Path(document)
    before, _, rest = path.read_text().partition(BEGIN)
    path.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
