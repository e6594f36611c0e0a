"""Rivals: which one is named where, what it can and cannot against us, what the account said about it, how we fared.

What we know of a rival stands in documents of the kind ``competitor``, with a day for each claim. Older than ``STALE_AFTER`` days is
marked: it is to be checked before it is said. Everything else is counted from records.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sales_app.collect.base import Asking, collector
from sales_app.collect.commitments import sentences
from sales_app.collect.concerns import LONGEST, best_sentence, plain_lines
from sales_app.collect.heard import Heard, Hearing, gap, heard, quoted, when
from sales_app.collect.origin import of_deal, of_item, of_list
from sales_app.collect.topics import topic_of
from sales_app.collect.words import day, listed, short, stop
from sales_app.connectors import ConnectorError, Item, Reading, ask
from sales_app.crm.access import deals_for
from sales_app.crm.models import Deal
from sales_app.crm.models.deal import OPEN_STAGES, Stage
from sales_app.database import in_database
from sales_app.facts import Action, Fact, Source

Json = dict[str, Any]

STALE_AFTER = timedelta(days=90)
FEW = 10  # deals; below that a share says nothing
RIVALS_MOST = 2  # on one card
US = "Clewline"

OBJECTION = re.compile(
    r"\b(?:why (?:pay|should|change)|cheaper|below yours|too (?:expensive|early|dear)|first quarter free|pay more|people have browsers|take(?:s)? for ?ever|not convinced|"
    r"do(?:es)? not (?:need|see|like)|I do not like|costs? more|a lot of money|no time|doing nothing|lowest price)\b",
    re.IGNORECASE,
)
# What our note says to leave alone.
KEEP_OFF = re.compile(r"^(?:do not|don't|concede|never)\b", re.IGNORECASE)
YES = re.compile(r"^(?:yes|included|strong)\b", re.IGNORECASE)
NO = re.compile(
    r"^(?:no|none|basic|extra charge|add-on|reads only|browser only|online only|by department only)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Naming:
    """One place where a rival is named."""

    rival: str
    at: datetime
    words: str
    source: Source


@dataclass(frozen=True, kw_only=True)
class Rival:
    """``note`` is our document about it; None: there is none."""

    name: str
    note: Item | None
    named: tuple[Naming, ...] = ()


@dataclass
class Sight:
    """Everything that a card is made of."""

    rivals: list[Rival]
    reading: Reading | None
    hearing: Hearing
    deals: list[Deal]
    gaps: list[Fact] = field(default_factory=list)
    assumed: bool = False


def namings(names: Iterable[str], hearing: Hearing, deals: Sequence[Deal], asking: Asking) -> list[Naming]:
    """Where rivals are named in the account's deals, calls, mails and notes, the latest first; of each rival and source one."""
    found: dict[tuple[str, str], Naming] = {}
    for name in dict.fromkeys(names):
        pattern = pattern_of(name)
        for deal in deals:
            if deal.competitor.strip().lower() == name.lower() and deal.is_open:
                words = f"Competitor on record: {name}"
                found[(name, f"deal:{deal.pk}")] = Naming(
                    rival=name,
                    at=deal.stage_changed_at,
                    words=f"on record at the deal {deal.name}",
                    source=of_deal(deal, asking.now, quote=words),
                )
        for each in hearing.said:
            if pattern.search(each.text):
                key = (name, each.source.ref)
                # Their own words are the better evidence.
                if key not in found or (each.voice == "them" and not found[key].words.endswith('"')):
                    found[key] = Naming(
                        rival=name, at=each.at, words=quoted(each, asking), source=each.source
                    )
    return sorted(found.values(), key=lambda each: (-each.at.timestamp(), each.rival, each.source.ref))


@collector(
    "rivals",
    "Compare with the rivals",
    kinds=("rival_named", "rival_usual", "rival_matrix", "rival_claim", "rival_said", "rival_record", "landmine", "keep_off", "objection", "stale_source", "rivals_unread"),
    needs=("account",),
)  # fmt: skip
async def rivals(asking: Asking) -> list[Fact]:
    sight = await look(asking)
    facts = [*_named(sight, asking)]
    for rival in sight.rivals:
        if rival.note is not None and sight.reading is not None:
            facts += _from_note(rival, rival.note, sight, asking)
        facts += _said_about(rival, sight, asking)
        facts += await in_database(_record_against, rival, asking)
    objections = await _objections(sight, asking)
    facts += [fact for fact, _ in objections]
    if facts:
        data = {"matrix": matrix(sight, asking), "objections": [value for _, value in objections]}
        facts[0] = _with_data(facts[0], data)
    return [*facts, *sight.gaps]


async def look(asking: Asking) -> Sight:
    gaps: list[Fact] = []
    notes: tuple[Item, ...] = ()
    reading: Reading | None = None
    try:
        reading = await rival_notes(asking)
        notes = reading.items
    except ConnectorError as down:
        gaps.append(gap("rivals_unread", "docs", down.message, asking))
    hearing = await heard(asking)
    gaps += hearing.gaps("rivals_unread", asking)
    deals = await in_database(_deals, asking)
    named = namings(_names(notes, deals), hearing, deals, asking)
    chosen, assumed = await in_database(_chosen, asking, named, notes, deals)
    by_name = {rival_name(item).lower(): item for item in notes}
    found = [
        Rival(
            name=name,
            note=by_name.get(name.lower()),
            named=tuple(each for each in named if each.rival == name),
        )
        for name in chosen
    ]
    return Sight(rivals=found, reading=reading, hearing=hearing, deals=deals, gaps=gaps, assumed=assumed)


async def rival_notes(asking: Asking) -> Reading:
    """Our documents about rivals. Raises ConnectorError."""
    return await ask(asking.user, "docs", "search", query="", kind="competitor", limit=50)


def rival_name(note: Item) -> str:
    return str(note.meta.get("competitor") or note.title)


def pattern_of(rival: str) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(rival)}\b", re.IGNORECASE)


def _deals(asking: Asking) -> list[Deal]:
    rows = deals_for(asking.user).filter(account=asking.account).select_related("account")
    return list(rows.order_by("-stage_changed_at", "-pk")[:60])


def _names(notes: Sequence[Item], deals: Sequence[Deal]) -> list[str]:
    names = [rival_name(item) for item in notes]
    known = {name.lower() for name in names}
    return [
        *names,
        *(
            deal.competitor.strip()
            for deal in deals
            if deal.competitor.strip() and deal.competitor.strip().lower() not in known
        ),
    ]


def _chosen(
    asking: Asking, named: Sequence[Naming], notes: Sequence[Item], deals: Sequence[Deal]
) -> tuple[list[str], bool]:
    """Whom the person asked about; else the deal's on record; else whoever was named last; else whom we meet most, which is said."""
    request = str(asking.arguments.get("request", ""))
    asked = [name for name in _names(notes, deals) if pattern_of(name).search(request)]
    if asked:
        return asked[:RIVALS_MOST], False
    deal = asking.deal or next((each for each in deals if each.is_open and each.competitor.strip()), None)
    on_record = [deal.competitor.strip()] if deal and deal.competitor.strip() else []
    found = list(dict.fromkeys([*on_record, *(each.rival for each in named)]))
    if found:
        return found[:RIVALS_MOST], False
    counts: dict[str, int] = {}
    rows = (
        deals_for(asking.user)
        .exclude(competitor="")
        .filter(stage__in=OPEN_STAGES)
        .values_list("competitor", flat=True)
    )
    for name in rows:
        counts[name] = counts.get(name, 0) + 1
    most = sorted(counts, key=lambda name: (-counts[name], name))
    return most[:1] or [rival_name(item) for item in notes[:1]], True


def _named(sight: Sight, asking: Asking) -> list[Fact]:
    facts: list[Fact] = []
    for rival in sight.rivals:
        action = Action(
            label=f"Battle card against {rival.name}",
            prompt=f"/competitive-intel {asking.account} against {rival.name}",
        )
        for place, each in enumerate(rival.named):
            facts.append(
                Fact(
                    kind="rival_named",
                    text=stop(f"{rival.name} is named: {each.words}"),
                    sources=(each.source,),
                    rank=100.0 - place,
                    values={"rival": rival.name, "at": each.at.isoformat()},
                    action=action,
                )
            )
        if sight.assumed:
            source = of_list(
                "Open deals with a competitor", "/deals/", asking.now, quote=f"competitor: {rival.name}"
            )
            facts.append(
                Fact(
                    kind="rival_usual",
                    text=f"Nobody at {asking.account} has named a rival on record; {rival.name} is the one that we meet most in open deals.",
                    sources=(source,),
                    rank=1.0,
                    values={"rival": rival.name, "assumed": True},
                    action=action,
                )
            )
    return facts


def is_stale(day_of: date, asking: Asking) -> bool:
    return asking.local.date() - day_of > STALE_AFTER


def _from_note(rival: Rival, note: Item, sight: Sight, asking: Asking) -> list[Fact]:
    assert sight.reading is not None
    today = asking.local.date()
    updated = note.at.astimezone(asking.zone).date()
    asked = _asked_topics(sight)
    facts: list[Fact] = []
    old = ", to be checked" if is_stale(updated, asking) else ""
    for place, row in enumerate(note.meta.get("matrix", ())):
        topic = topic_of(str(row["capability"]))
        wanted = asked.get(topic.name) if topic else None
        tail = f"; raised by {wanted.speaker} on {when(wanted.at, asking)}" if wanted else ""
        line = f"| {row['capability']} | {row['us']} | {row['them']} |"
        facts.append(
            Fact(
                kind="rival_matrix",
                text=f"{row['capability']}: we {row['us']}, {rival.name} {row['them']} (our notes, {day(updated, today)}{old}){tail}.",
                sources=(of_item(note, sight.reading, quote=line), *((wanted.source,) if wanted else ())),
                rank=(50.0 if wanted else 20.0) - place,
                values={
                    "rival": rival.name,
                    "criterion": row["capability"],
                    "us": row["us"],
                    "them": row["them"],
                    "updated": updated.isoformat(),
                    "stale": bool(old),
                    "asked": bool(wanted),
                    "edge": edge(str(row["us"]), str(row["them"])),
                },
            )
        )
    stale: list[str] = []
    for place, claim in enumerate(note.meta.get("claims", ())):
        told = date.fromisoformat(claim["date"])
        is_old = is_stale(told, asking)
        stale += [claim["text"]] if is_old else []
        facts.append(
            Fact(
                kind="rival_claim",
                text=f"{rival.name}: {stop(claim['text'])[:-1]} ({claim['source']}, {day(told, today)}{', older than 90 days' if is_old else ''}).",
                sources=(
                    of_item(
                        note,
                        sight.reading,
                        quote=f"{claim['text']} (source: {claim['source']}, {claim['date']})",
                    ),
                ),
                rank=max(0.0, 40.0 - (today - told).days / 5) - place / 100 - (30.0 if is_old else 0.0),
                values={"rival": rival.name, "date": claim["date"], "stale": is_old},
            )
        )
    for place, text in enumerate(_how_to_win(note)):
        off = KEEP_OFF.match(text)
        facts.append(
            Fact(
                kind="keep_off" if off else "landmine",
                text=stop(text),
                sources=(of_item(note, sight.reading, quote=text),),
                rank=10.0 - place,
                values={"rival": rival.name},
            )
        )
    if is_stale(updated, asking):
        stale.insert(0, f"the note itself, of {day(updated, today)}")
    if stale:
        facts.append(
            Fact(
                kind="stale_source",
                text=f"Older than 90 days, to be checked before it is said of {rival.name}: {'; '.join(short(each, 80) for each in stale)}.",
                sources=(of_item(note, sight.reading, quote="; ".join(stale)),),
                rank=float(len(stale)),
                values={"rival": rival.name, "stale": stale},
                action=Action(label="Open the note", url=note.url),
            )
        )
    return facts


def _how_to_win(note: Item) -> list[str]:
    _, _, rest = note.text.partition("## How to win")
    body = rest.split("\n## ")[0]
    return [text for _, text in sentences(plain_lines(body))]


def edge(us: str, them: str) -> str:
    """``us``, ``them`` or ``even``, from cells that say yes or no; ``open`` where words do not tell."""
    ours, theirs = (1 if YES.match(cell) else -1 if NO.match(cell) else 0 for cell in (us, them))
    if us.strip().lower() == them.strip().lower():
        return "even"
    if not ours and not theirs:
        return "open"
    return "us" if ours > theirs else "them" if theirs > ours else "even"


def _asked_topics(sight: Sight) -> dict[str, Heard]:
    """Topic -> who of them raised it last."""
    found: dict[str, Heard] = {}
    for each in sight.hearing.theirs:
        topic = topic_of(each.text)
        if topic is not None and len(each.text) <= LONGEST:
            found.setdefault(topic.name, each)
    return found


def matrix(sight: Sight, asking: Asking) -> Json:
    """As ``artifacts/rendering/battle_card.py`` reads it; what the account asked about stands first."""
    asked = _asked_topics(sight)
    shown = [rival for rival in sight.rivals if rival.note is not None]
    names: dict[str, Heard | None] = {}
    for rival in shown:
        assert rival.note is not None
        for row in rival.note.meta.get("matrix", ()):
            topic = topic_of(str(row["capability"]))
            names.setdefault(str(row["capability"]), asked.get(topic.name) if topic else None)
    rows = [
        {
            "criterion": name,
            "asked": {"by": wanted.speaker, "said": wanted.text, "url": wanted.source.url}
            if wanted
            else None,
            "cells": _cells(name, shown, sight, asking),
        }
        for name, wanted in names.items()
    ]
    rows.sort(key=lambda row: row["asked"] is None)
    return {
        "columns": [US, *(rival.name for rival in shown)],
        "as_of": asking.local.date().isoformat(),
        "rows": rows,
    }


VERDICT = {"us": "ahead", "them": "behind", "even": "even", "open": ""}


def _cells(criterion: str, shown: Sequence[Rival], sight: Sight, asking: Asking) -> list[Json]:
    """Ours first; empty where a note has no such row. Our verdict is against the strongest of them."""
    theirs: list[Json] = []
    ours: Json = {}
    edges: list[str] = []
    for rival in shown:
        assert rival.note is not None
        row = next((row for row in rival.note.meta.get("matrix", ()) if row["capability"] == criterion), None)
        if row is None:
            theirs.append({})
            continue
        source = _dated(rival.note, asking, f"| {row['capability']} | {row['us']} | {row['them']} |")
        theirs.append({"text": str(row["them"]), "source": source})
        edges.append(edge(str(row["us"]), str(row["them"])))
        ours = ours or {"text": str(row["us"]), "source": source}
    ours["verdict"] = next((VERDICT[each] for each in ("them", "even", "us") if each in edges), "")
    return [ours, *theirs]


def _dated(item: Item, asking: Asking, words: str) -> Json:
    """``as_of`` is the day on which the document was last changed, from which it gets old."""
    day_of = item.at.astimezone(asking.zone).date()
    return {
        "category": "docs",
        "label": item.title,
        "url": item.url,
        "as_of": day_of.isoformat(),
        "quote": words,
        "stale": is_stale(day_of, asking),
    }


def _said_about(rival: Rival, sight: Sight, asking: Asking) -> list[Fact]:
    """What the account said about it, with the minute."""
    pattern = pattern_of(rival.name)
    named = [each for each in sight.hearing.about() if pattern.search(each.text)]
    # A note of ours stands in only where nothing of theirs is recorded.
    found = [each for each in named if each.voice == "them"] or named
    found.sort(key=lambda each: (each.voice != "them", -each.at.timestamp(), each.order))
    return [
        Fact(
            kind="rival_said",
            text=stop(quoted(each, asking, 200)),
            sources=(each.source,),
            rank=(50.0 if each.voice == "them" else 20.0) - place,
            values={
                "rival": rival.name,
                "speaker": each.speaker,
                "said": each.text,
                "at": each.at.isoformat(),
            },
        )
        for place, each in enumerate(found[:6])
    ]


def _record_against(rival: Rival, asking: Asking) -> list[Fact]:
    """How deals against it ended, in what the person may see."""
    rows = deals_for(asking.user).filter(competitor__iexact=rival.name).values_list("stage", "lost_reason")
    won = sum(stage == Stage.WON for stage, _ in rows)
    reasons: dict[str, int] = {}
    still = 0
    for stage, reason in rows:
        if stage == Stage.LOST:
            reasons[reason or "no reason noted"] = reasons.get(reason or "no reason noted", 0) + 1
        elif stage != Stage.WON:
            still += 1
    lost = sum(reasons.values())
    if not won + lost + still:
        return []
    why = listed(
        [
            f"{reason.lower()} {number}"
            for reason, number in sorted(reasons.items(), key=lambda each: (-each[1], each[0]))
        ]
    )
    few = f" Fewer than {FEW} ended: a sample too small for a rate." if won + lost < FEW else ""
    text = f"Against {rival.name} on record: {won} won, {lost} lost{f' ({why})' if why else ''}, {still} open.{few}"
    return [
        Fact(
            kind="rival_record",
            text=text,
            sources=(
                of_list(
                    "Deals with this competitor",
                    "/deals/",
                    asking.now,
                    quote=f"{rival.name}: {won} won, {lost} lost, {still} open",
                ),
            ),
            rank=1.0,
            values={"rival": rival.name, "won": won, "lost": lost, "open": still, "reasons": reasons},
        )
    ]


async def _objections(sight: Sight, asking: Asking) -> list[tuple[Fact, Json]]:
    """What they hold against us, and the sentence of ours that answers it: from the note on the rival, or a product document."""
    found = [
        each for each in sight.hearing.theirs if OBJECTION.search(each.text) and len(each.text) <= LONGEST
    ]
    made: list[tuple[Fact, Json]] = []
    for place, each in enumerate(found[:5]):
        answer, item, reading = await _answer(each, sight, asking)
        sources = (each.source, *((of_item(item, reading, quote=answer),) if item and reading else ()))
        if item is not None:
            tail = f'Answer: "{short(answer, 170)}" ({item.title}, {when(item.at, asking)}).'
        else:
            tail = "We have no answer on record."
        fact = Fact(
            kind="objection",
            text=f"{stop(quoted(each, asking, 150))} {tail}",
            sources=sources,
            rank=50.0 - place,
            values={"said": each.text, "speaker": each.speaker, "answer": answer},
        )
        said = {
            "category": each.source.category,
            "label": each.source.label,
            "url": each.source.url,
            "as_of": each.at.isoformat(),
            "quote": each.text,
        }
        value: Json = {
            "objection": stop(f'{each.speaker}: "{short(each.text, 200)}"'),
            "said_at": each.where,
            "answer": answer or "We have no answer on record.",
            "sources": [said, *([_dated(item, asking, answer)] if item else [])],
        }
        made.append((fact, value))
    return made


async def _answer(each: Heard, sight: Sight, asking: Asking) -> tuple[str, Item | None, Reading | None]:
    topic = topic_of(each.text)
    if topic is not None and topic.name in {"price", "contract"}:
        for rival in sight.rivals:
            lines = (
                [text for text in _how_to_win(rival.note) if not KEEP_OFF.match(text)] if rival.note else []
            )
            if lines and rival.note is not None:
                return lines[0], rival.note, sight.reading
    if topic is None:
        return "", None, None
    try:
        reading = await ask(asking.user, "docs", "search", query=topic.query, kind="product", limit=1)
    except ConnectorError:
        return "", None, None
    for item in reading.items:
        if answer := best_sentence(item, each.text, topic):
            return answer, item, reading
    return "", None, None


def _with_data(fact: Fact, data: Json) -> Fact:
    return replace(fact, values={**fact.values, "data": data})
