"""Content of the demo systems: files in a folder, seen from the day on which the demo company was loaded."""

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from sales_app.connectors.base import NotConnected
from sales_app.crm.access import accounts_for
from sales_app.demo.load import day_of_loading
from sales_app.demo.people import BY_KEY
from sales_app.demo.when import Calendar
from sales_app.people.models import User

Row = dict[str, Any]


@dataclass(frozen=True)
class Folder:
    """``own``: the folder that comes with the product, whose content is the demo company's.

    It answers only where that company is loaded, so that nobody else takes its policies for their own. Another folder
    always answers; without the demo company its days count from today.
    """

    path: Path
    own: bool

    def calendar(self) -> Calendar:
        """Raises NotConnected."""
        day = day_of_loading()
        if day is None and self.own:
            raise NotConnected(
                f"No system is connected for {self.path.parent.name}: the demo's answers with the demo company, which is "
                "not loaded. RevOps connects another in the admin."
            )
        return Calendar(day or timezone.localdate())

    def rows(self, name: str) -> tuple[Row, ...]:
        """The objects of ``<name>.jsonl`` or ``<name>.jsonl.gz``; none without such a file."""
        for path in (self.path / f"{name}.jsonl", self.path / f"{name}.jsonl.gz"):
            if path.exists():
                return _parsed(path, path.stat().st_mtime_ns)
        return ()

    def texts(self) -> tuple[tuple[str, str], ...]:
        """(name, text) of every ``*.md``, in the order of their names."""
        return tuple((path.stem, path.read_text(encoding="utf-8")) for path in sorted(self.path.glob("*.md")))


@lru_cache(maxsize=32)
def _parsed(path: Path, changed: int) -> tuple[Row, ...]:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    return tuple(json.loads(line) for line in text.split("\n") if line.strip())


def folder(data: Path | None, own: Path) -> Folder:
    return Folder(data or own, own=data is None)


def accounts_by_reference(user: User, references: Iterable[str]) -> dict[str, int]:
    """Id for each external id of an account, of those that ``user`` may see."""
    wanted = {reference for reference in references if reference}
    rows = accounts_for(user).filter(external_id__in=wanted) if wanted else accounts_for(user).none()
    return {reference: pk for reference, pk in rows.values_list("external_id", "pk") if reference}


def reference_of(user: User, account: int) -> str:
    """The external id of an account that ``user`` may see, or an empty text."""
    found = accounts_for(user).filter(pk=account).values_list("external_id", flat=True).first()
    return found or ""


def person_named(key: str) -> str:
    """How a colleague is written: by their key in the demo company, else as it stands in the file."""
    person = BY_KEY.get(key)
    return person.name if person else key


def email_of(key: str) -> str:
    person = BY_KEY.get(key)
    return person.email if person else key


def zone_of(key: str) -> ZoneInfo:
    """In which a colleague's times are written; UTC of whoever is not in the demo company."""
    person = BY_KEY.get(key)
    return ZoneInfo(person.time_zone if person else "UTC")
