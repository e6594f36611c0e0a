"""~~docs: product documents, policies, initiatives, events, the brand kit, notes on competitors."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from django.urls import reverse

from sales_app.connectors.arguments import count, required, text
from sales_app.connectors.base import Item
from sales_app.connectors.demo.files import folder
from sales_app.connectors.demo.reader import Json, Operation, Reader
from sales_app.demo.when import Calendar
from sales_app.people.models import User

DATA = Path(__file__).parent / "data"
MOST = 50

_HEADER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_DAY = re.compile(r"\[D([+-]\d+)\]")
_WORD = re.compile(r"[^\W_]{2,}")
_CLAIM = re.compile(r"^- (?P<text>.+?) \(source: (?P<source>.+), (?P<date>\d{4}-\d\d-\d\d)\)$", re.MULTILINE)
# Headers that count from the day of loading, and where a Saturday or Sunday moves to.
_DAYS: dict[str, dict[int, int]] = {"updated": {}, "due": {5: -1, 6: -2}, "starts": {5: 2, 6: 1}}
_LISTS = ("regions", "segments", "industries", "tags")


class DocsProvider(Reader):
    """Everybody reads all of it. ``search`` gives the best match first; without a query the latest.

    A document is a Markdown file, its name the id. Its header (``name: value`` lines between ``---``) has ``title``, ``kind``
    (product, policy, initiative, event, brand, competitor), ``updated`` as days from the day of loading, and what the kind needs:
    ``version`` (policy), ``owner`` and ``due`` (initiative), ``starts``, ``place``, ``regions``, ``segments``, ``industries`` (event),
    ``competitor``. ``[D-12]`` in the text is the day twelve days before loading, in ISO 8601.

    ``meta`` holds these headers, days as ISO 8601, lists as lists; of a competitor also ``claims`` ``[{"text", "source", "date"}]``
    and ``matrix`` ``[{"capability", "us", "them"}]``; from ``search`` also ``excerpt``. ``at`` is when an event begins, else
    when the document was last changed.
    """

    name = "demo_docs"
    title = "Demo documents"
    category = "docs"

    def __init__(self, data: Path | None = None) -> None:
        self.folder = folder(data, DATA)

    def operations(self) -> Mapping[str, Operation]:
        return {"search": self._search, "document": self._document}

    def _items(self) -> list[Item]:
        when = self.folder.calendar()
        return [parse(name, raw, when) for name, raw in self.folder.texts()]

    def _search(self, user: User, arguments: Json) -> Iterator[Item]:
        kind, query = text(arguments, "kind"), text(arguments, "query")
        words = set(_WORD.findall(query.lower()))
        items = [item for item in self._items() if not kind or item.kind == kind]
        scored = [(_score(item, words), item) for item in items]
        found = [(score, item) for score, item in scored if score or not words]
        found.sort(key=lambda each: (-each[0], -each[1].at.timestamp(), each[1].id))
        for _, item in found[: count(arguments, "limit", default=10, most=MOST)]:
            item.meta["excerpt"] = excerpt(item.text, words)
            yield item

    def _document(self, user: User, arguments: Json) -> Iterator[Item]:
        id = required(arguments, "id")
        yield from (item for item in self._items() if item.id == id)


def parse(name: str, raw: str, when: Calendar) -> Item:
    """One document. Its title falls back to the name, its kind to ``product``."""
    header = _HEADER.match(raw)
    meta: Json = {}
    for line in header[1].splitlines() if header else ():
        key, _, value = line.partition(":")
        meta[key.strip()] = value.strip()
    for key in _LISTS:
        if key in meta:
            meta[key] = [part.strip() for part in meta[key].split(",") if part.strip()]
    for key, weekend in _DAYS.items():
        if key in meta:
            day = when.day(int(meta[key]))
            meta[key] = (day + timedelta(days=weekend.get(day.weekday(), 0))).isoformat()
    body = when.text(
        _DAY.sub(lambda found: when.day(int(found[1])).isoformat(), raw[header.end() if header else 0 :])
    )
    title = when.text(meta.pop("title", name))
    kind = meta.pop("kind", "product")
    if kind == "competitor":
        meta["claims"] = [found.groupdict() for found in _CLAIM.finditer(body)]
        meta["matrix"] = _matrix(body)
    day = date.fromisoformat(meta.get("starts") or meta.get("updated") or when.today.isoformat())
    return Item(
        id=name,
        kind=kind,
        at=datetime.combine(day, time(9), UTC),
        title=title,
        text=body.strip(),
        url=reverse("source", args=["docs", name]),
        meta=meta,
    )


def _matrix(body: str) -> list[Json]:
    """The rows of the table ``| Capability | We | They |``."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in body.splitlines()
        if line.startswith("|")
    ]
    return [
        {"capability": row[0], "us": row[1], "them": row[2]}
        for row in rows[2:]  # behind the heading and the line below it
        if len(row) == 3
    ]


def _score(item: Item, words: set[str]) -> float:
    title = set(_WORD.findall(f"{item.title} {item.id} {' '.join(item.meta.get('tags', []))}".lower()))
    body = _WORD.findall(item.text.lower())
    return sum(5.0 * (word in title) + min(body.count(word), 4) for word in words)


def excerpt(body: str, words: set[str]) -> str:
    """The paragraph that has most of the words; without any the first one."""
    paragraphs = [part.strip() for part in body.split("\n\n") if part.strip() and not part.startswith("#")]
    return max(paragraphs, key=lambda part: len(words & set(_WORD.findall(part.lower()))), default="")
