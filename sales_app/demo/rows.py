"""The files of the demo company: a line with the names of the columns, then an array for each row."""

import gzip
import json
from typing import Any

from sales_app.demo.generate import DATA


def read(name: str) -> list[dict[str, Any]]:
    with gzip.open(DATA / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        columns = json.loads(next(lines))
        return [dict(zip(columns, json.loads(line), strict=True)) for line in lines]
