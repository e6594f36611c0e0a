"""Makes the content of the demo's systems: ``python -m sales_app.demo.sources.generate`` writes it, always the same."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sales_app.demo.base import write_packed
from sales_app.demo.generate import DATA, lines_of
from sales_app.demo.sources import calls, chat, chatter, companies, mails
from sales_app.demo.sources.company import World

SYSTEMS = Path(__file__).parents[2] / "connectors" / "demo"


def _lines(rows: Iterable[dict[str, Any]]) -> list[str]:
    return [json.dumps(row, separators=(",", ":"), ensure_ascii=False) for row in rows]


def files(world: World) -> dict[Path, list[str]]:
    return {
        DATA / "mails.jsonl.gz": lines_of(mails.made(world)),
        SYSTEMS / "calls" / "data" / "calls.jsonl.gz": _lines(row for row, _, _ in calls.made(world)),
        SYSTEMS / "chat" / "data" / "channels.jsonl": _lines(chatter.channels()),
        SYSTEMS / "chat" / "data" / "messages.jsonl": _lines(chat.made(world)),
        SYSTEMS / "enrichment" / "data" / "companies.jsonl.gz": _lines(companies.companies(world)),
        SYSTEMS / "enrichment" / "data" / "news.jsonl.gz": _lines(companies.news(world)),
    }


if __name__ == "__main__":
    for path, lines in files(World()).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".gz":
            write_packed(path, lines)
        else:
            path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
