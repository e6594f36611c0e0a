"""The base layer of the demo company, taken from a leadforge dataset: who buys, when, for how much.

leadforge (PyPI, MIT) simulates B2B sales; its environment weighs 400 MB, so its result is committed. To make
it again, in an environment of its own::

    leadforge generate --recipe b2b_saas_procurement_v1 --seed 42 --mode student_public \
        --difficulty intermediate --n-leads 700 --out DIR
    python -m sales_app.demo.base DIR      # needs pyarrow
    python -m sales_app.demo.generate

One JSON array per account:
``[industry, region, employees, contacts [[title, buyer role]], deals [[amount, stage, activity days [int]]]]``.
"""

import gzip
import json
import sys
from collections import defaultdict
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

BASE = Path(__file__).parent / "data" / "base.jsonl.gz"


def read_base() -> list[Any]:
    with gzip.open(BASE, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def write_packed(path: Path, lines: list[str]) -> None:
    """The same bytes for the same lines: no name and no time in the header."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.write("".join(line + "\n" for line in lines).encode())


def _extract(directory: Path) -> list[str]:
    parquet = import_module("pyarrow.parquet")

    def table(name: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = parquet.read_table(directory / "tables" / f"{name}.parquet").to_pylist()
        return rows

    contacts, deals, days = defaultdict(list), defaultdict(list), defaultdict(list)
    for contact in table("contacts"):
        contacts[contact["account_id"]].append([contact["job_title"], contact["buyer_role"]])
    leads = {lead["lead_id"]: lead for lead in table("leads")}
    for activity in table("sales_activities"):
        began = date.fromisoformat(leads[activity["lead_id"]]["lead_created_at"])
        day = date.fromisoformat(activity["activity_timestamp"][:10])
        days[activity["lead_id"]].append((day - began).days)
    for deal in table("opportunities"):
        account = leads[deal["lead_id"]]["account_id"]
        deals[account].append([deal["estimated_acv"], deal["stage"], sorted(days[deal["lead_id"]])])
    return [
        json.dumps(
            [
                account["industry"],
                account["region"],
                account["employee_band"],
                contacts[account["account_id"]],
                deals[account["account_id"]],
            ],
            separators=(",", ":"),
        )
        for account in table("accounts")
        if deals[account["account_id"]]
    ]


if __name__ == "__main__":
    write_packed(BASE, _extract(Path(sys.argv[1])))
