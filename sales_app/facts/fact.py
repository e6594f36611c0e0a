"""A fact, its sources, and what can be done about it. Plain values that survive JSON."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a statement can be read again.

    ``category`` is a connector category (``crm``, ``email``, …), ``ref`` the item's id there, ``url`` a page of ours that shows
    it, ``as_of`` when it was true or read (aware, ISO 8601), ``quote`` the words that the statement rests on. ``untrusted``:
    outsiders wrote it.
    """

    category: str
    provider: str
    ref: str
    label: str
    url: str
    as_of: str
    quote: str = ""
    untrusted: bool = False


@dataclass(frozen=True, kw_only=True)
class Action:
    """Something that can be done from a fact: ``prompt`` is sent to the copilot, or ``url`` is opened."""

    label: str
    prompt: str = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """``text`` is one complete sentence. ``kind`` is what a skill's outline names, such as ``unanswered_mail``.

    ``rank`` orders facts of a kind, highest first; the collector computes it. ``values`` are the raw numbers, dates and names
    of the statement, JSON. ``id`` is ``f1``, ``f2`` … within one run (``numbered``).
    """

    kind: str
    text: str
    sources: tuple[Source, ...]
    rank: float = 0.0
    values: Json = field(default_factory=dict)
    action: Action | None = None
    id: str = ""

    @property
    def untrusted(self) -> bool:
        return any(source.untrusted for source in self.sources)

    def as_json(self) -> Json:
        return asdict(self)


def fact_from_json(value: Json) -> Fact:
    action = value.get("action")
    return Fact(
        **{
            **value,
            "sources": tuple(Source(**source) for source in value["sources"]),
            "action": Action(**action) if action else None,
        }
    )


def numbered(facts: Iterable[Fact], *, start: int = 1) -> list[Fact]:
    """The facts by falling rank within their kind, kinds in order of appearance, with ids ``f1``, ``f2`` …"""
    found = list(facts)
    order = {kind: place for place, kind in enumerate(dict.fromkeys(fact.kind for fact in found))}
    found.sort(key=lambda fact: (order[fact.kind], -fact.rank))
    return [replace(fact, id=f"f{number}") for number, fact in enumerate(found, start)]


def moment(at: datetime) -> str:
    """As ``Source.as_of`` wants it."""
    return at.isoformat(timespec="seconds")
