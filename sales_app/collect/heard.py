"""What people of an account said in calls and wrote in mails, and what we noted of it, sentence by sentence with its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sales_app.collect.base import Asking
from sales_app.collect.commitments import sentences
from sales_app.collect.origin import of_activity, of_item
from sales_app.collect.words import day, short, stop
from sales_app.connectors import ConnectorError, Item, Reading, ask
from sales_app.crm.access import activities_for
from sales_app.crm.models import Activity
from sales_app.database import in_database
from sales_app.facts import Fact, Source
from sales_app.facts.fact import moment as instant

LOOK_BACK = timedelta(days=365)
NOTES_MOST = 200
SHORTEST = 18  # characters; below that a line is "Yes." and the like

# We say back what we heard, and they agree.
RECAP = re.compile(
    r"\b(?:say back|sum (?:it )?up|to summari[sz]e|what I have understood|what I heard|in your words|correct me|is that right)\b",
    re.IGNORECASE,
)
YES = re.compile(r"^\W*(?:that is right|that's right|right|correct|yes|exactly|still right)\b", re.IGNORECASE)

Voice = Literal["them", "us", "note"]


@dataclass(frozen=True, kw_only=True)
class Heard:
    """``voice``: their own words, ours, or a note of ours about them. ``where`` names the place, with the minute of a call.

    ``confirmed_by``: of ours, who of them said "that is right" to it.
    """

    text: str
    voice: Voice
    speaker: str
    title: str
    at: datetime
    where: str
    source: Source
    order: int = 0
    confirmed_by: str = ""

    @property
    def said_by(self) -> str:
        return f"{self.speaker} ({self.title})" if self.title else self.speaker


@dataclass(frozen=True, kw_only=True)
class Hearing:
    """Newest conversation first, in its order within. ``calls``, ``mails`` and ``notes`` were read; ``unread`` could not be."""

    said: tuple[Heard, ...]
    calls: int = 0
    mails: int = 0
    notes: int = 0
    unread: dict[str, str] = field(default_factory=dict)

    @property
    def theirs(self) -> tuple[Heard, ...]:
        return tuple(each for each in self.said if each.voice == "them")

    def about(self) -> tuple[Heard, ...]:
        """Their words, our notes about them, and what we said back and they confirmed."""
        return tuple(each for each in self.said if each.voice != "us" or each.confirmed_by)

    def gaps(self, kind: str, asking: Asking) -> list[Fact]:
        return [gap(kind, category, why, asking) for category, why in self.unread.items()]


async def heard(asking: Asking) -> Hearing:
    """Of the account in ``asking``; a year back. A system that is down is told in ``unread``."""
    assert asking.account is not None
    since = (asking.now - LOOK_BACK).isoformat()
    about = {"since": since, "account": str(asking.account.pk)}
    said: list[Heard] = []
    unread: dict[str, str] = {}
    counts = {"calls": 0, "email": 0}
    for category, operation, read in (("calls", "calls", _of_call), ("email", "messages", _of_mail)):
        try:
            reading = await ask(asking.user, category, operation, **about)
        except ConnectorError as down:
            unread[category] = down.message
            continue
        for item in reading.items:
            if item.at <= asking.now and item.account == asking.account.pk:
                counts[category] += 1
                said += read(item, reading, asking)
    notes = await in_database(_notes, asking)
    for note in notes:
        said += _of_note(note, asking)
    said.sort(key=lambda each: (-each.at.timestamp(), each.source.ref, each.order))
    return Hearing(
        said=tuple(said), calls=counts["calls"], mails=counts["email"], notes=len(notes), unread=unread
    )


def gap(kind: str, category: str, why: str, asking: Asking) -> Fact:
    name = {
        "email": "The mailbox",
        "calls": "Recorded calls",
        "chat": "The chat",
        "docs": "Our documents",
        "enrichment": "Company data",
        "calendar": "The calendar",
    }[category]
    source = Source(
        category=category,
        provider="",
        ref=category,
        label=name,
        url="",
        as_of=instant(asking.now),
        quote=why,
    )
    return Fact(
        kind=kind,
        text=f"{name} could not be read: {stop(why)}",
        sources=(source,),
        values={"category": category},
    )


def when(at: datetime, asking: Asking) -> str:
    return day(at.astimezone(asking.zone).date(), asking.local.date())


def quoted(each: Heard, asking: Asking, characters: int = 160) -> str:
    """``Tessa Boateng (AP Manager) on Tuesday 27 October in the call "Demo" at 3:12: "Not on a scaffold."``"""
    return f'{each.said_by} on {when(each.at, asking)} in {each.where}: "{short(each.text, characters)}"'


def _of_call(item: Item, reading: Reading, asking: Asking) -> Iterator[Heard]:
    titles = {str(each.get("name")): str(each.get("title") or "") for each in item.meta.get("speakers", ())}
    lines = list(item.meta.get("lines", ()))
    for order, line in enumerate(lines):
        text = " ".join(str(line.get("text", "")).split())
        if len(text) < SHORTEST:
            continue
        second = int(line.get("at") or 0)
        speaker = str(line.get("speaker") or "")
        ours = line.get("side") == "us"
        confirmed = ""
        if ours and order + 1 < len(lines) and RECAP.search(text):
            confirmed = _confirmed(lines[order + 1])
        # What we said back holds several things; each is confirmed.
        for said in [part for _, part in sentences(text)] if confirmed else [text]:
            yield Heard(
                text=said,
                voice="us" if ours else "them",
                speaker=speaker,
                title=titles.get(speaker, ""),
                at=item.at,
                where=f'the call "{short(item.title, 60)}" at {second // 60}:{second % 60:02d}',
                source=of_item(item, reading, quote=said, anchor=f"t{second}"),
                order=order,
                confirmed_by=confirmed,
            )


def _confirmed(line: Any) -> str:
    """By whom, when the answer is a yes."""
    theirs = line.get("side") != "us" and YES.match(str(line.get("text", "")))
    return str(line.get("speaker") or "them") if theirs else ""


def _of_mail(item: Item, reading: Reading, asking: Asking) -> Iterator[Heard]:
    if item.meta.get("bulk"):
        return
    ours = item.meta.get("direction") == "sent"
    for order, (_, text) in enumerate(sentences(item.text)):
        if len(text) < SHORTEST:
            continue
        yield Heard(
            text=" ".join(text.split()),
            voice="us" if ours else "them",
            speaker=item.people[0] if item.people else str(item.meta.get("from") or ""),
            title="",
            at=item.at,
            where=f'the mail "{short(item.title, 60)}"',
            source=of_item(item, reading, quote=text),
            order=order,
        )


def _of_note(note: Activity, asking: Asking) -> Iterator[Heard]:
    for order, (_, text) in enumerate(sentences(note.body)):
        if len(text) < SHORTEST:
            continue
        yield Heard(
            text=" ".join(text.split()),
            voice="note",
            speaker=str(note.owner or "Somebody of ours"),
            title="",
            at=note.starts_at,
            where=f'the {note.get_kind_display().lower()} "{short(note.subject, 60)}"',
            source=of_activity(note, asking.now, quote=text),
            order=order,
        )


def _notes(asking: Asking) -> list[Activity]:
    """What was written after something had happened: plans are no knowledge."""
    rows = activities_for(asking.user).filter(
        account=asking.account, starts_at__lte=asking.now, starts_at__gte=asking.now - LOOK_BACK
    )
    rows = rows.exclude(kind=Activity.Kind.TASK).exclude(body="")
    return list(rows.select_related("owner", "contact").order_by("-starts_at", "-pk")[:NOTES_MOST])
