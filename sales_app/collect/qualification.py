"""What has to be known of a deal, what of it is known and from which words, and what to ask: one table, computed.

An item is known when a record says so or a sentence of theirs, or of our notes, holds it. The latest sentence is the evidence. A
sentence that denies it ("no fixed deadline", "not confirmed") is no evidence. Exit criteria of a stage are items of the table.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from sales_app.collect.base import Asking, collector
from sales_app.collect.heard import Heard, Hearing, heard, when
from sales_app.collect.origin import of_account, of_deal, record
from sales_app.collect.words import count, listed, money, short, stop
from sales_app.crm.access import contacts_for, deals_for
from sales_app.crm.models import Contact, Deal
from sales_app.crm.models.deal import OPEN_STAGES, Stage
from sales_app.database import in_database
from sales_app.facts import Action, Fact, Source


@dataclass(frozen=True)
class Item:
    """``what`` completes "Known: …"; ``ask`` is how the best of us ask it; ``pattern`` finds it in a sentence."""

    key: str
    what: str
    ask: str
    pattern: re.Pattern[str] | None = None


def _item(key: str, what: str, ask: str, pattern: str = "") -> Item:
    return Item(key, what, ask, re.compile(pattern, re.IGNORECASE) if pattern else None)


ITEMS: Final = (
    _item("pain", "what hurts", "What happens today when somebody buys something, and where does it go wrong?",
          r"\b(?:pain|what hurts|problem(?: in their words)?|complain\w*|own cards|by shouting|takes nine|scanned|spreadsheet|without (?:an |a )?(?:purchase )?order|no purchase order|late fees|duplicate)\b"),
    _item("metric", "what it costs them", "Put it in a number for me: what did the worst month cost?",
          r"(?=.*\b(?:cost\w*|fees|paid|pay|lose|loss|spend|late|over the year|worth)\b).*(?:\b(?:USD|EUR|GBP)|[$€£])\s?\d"),
    _item("buyer", "who holds the money", "Whose money is it in the end, and do they know that we are talking?"),
    _item("champion", "who wants it inside", "Who inside would fight for this if we were not in the room?"),
    _item("process", "how they decide and who signs", "When you bought the last system, who signed, and who was asked before that?",
          r"\b(?:(?:I|he|she|[A-Z]\w+) (?:signs?|decides)\b|who signs|signs? after|second signature|for a signature|(?:and|by|from) the board\b|goes to the round|recommendation|has to agree|legal reads|\w+ decides)"),
    _item("budget", "whether the money is there", "Is there a line in the budget for this, and who has to release it?",
          r"\bbudget (?:is (?:there|approved|released|confirmed|with)|was (?:approved|released))|\bmoney is with\b|\bon the list for the\b.*\bbudget\b|\bon hold until\b"),
    _item("timeline", "by when it has to work", "Is there a day by which this has to work, and what happens if it does not?",
          r"\b(?:deadline|come in (?:\w+ )?weeks|before the (?:auditors?|audit)|by the end of|has to work by|start date|this month|go live)\b"),
    _item("requirement", "what must not be missing", "What must not be missing for you, and may I underline that?",
          r"\b(?:must(?:[- ]have)?|hard requirement|has to come with|you need|we need|needs? (?:a|an|the|to)|asked (?:twice )?about)\b"),
    _item("users", "how many people would use it", "How many people would raise or approve something, in the first step?",
          r"\b\d[\d,.]* (?:users|people|approvers|seats)\b"),
    _item("tools", "what they use today", "What do you use for it today, and what happens to that?",
          r"\b(?:today they use|run purchasing on|current (?:process|state)|they run|used? (?:paper|a ticket|spreadsheets?))"),
    _item("rival", "who else is looked at", "Who else are you looking at, and what do you like about them?",
          r"\b(?:comparing|offer from|also (?:looking|talking)|they called us|compare with|doing nothing|wants? to compare)\b"),
    _item("legal", "what legal and security want", "Who in legal and security has to read this, and how long do they take?",
          r"\b(?:legal|security|data protection|questionnaire|redlines?|penetration)\b"),
)  # fmt: skip
BY_KEY: Final = {item.key: item for item in ITEMS}

# What has to be known before a deal leaves its stage, the hardest to get first.
EXIT: Final = MappingProxyType(
    {
        Stage.PROSPECTING: ("pain", "users", "tools"),
        Stage.DISCOVERY: ("metric", "buyer", "requirement", "timeline", "pain"),
        Stage.EVALUATION: ("process", "buyer", "rival", "requirement", "champion"),
        Stage.PROPOSAL: ("budget", "process", "timeline", "legal", "metric"),
        Stage.NEGOTIATION: ("timeline", "legal", "budget", "process"),
    }
)
GREAT: Final = MappingProxyType(
    {
        Stage.PROSPECTING: "they describe the problem themselves and agree to a discovery call with a day",
        Stage.DISCOVERY: "a number for what it costs them, said by them, and the one who holds the money in the next call",
        Stage.EVALUATION: "they say back what they have seen against their must-haves, and how they decide with names and days",
        Stage.PROPOSAL: "a yes in principle to scope and price, and the list of who has to read it until when",
        Stage.NEGOTIATION: "every open term has an owner and a day, and there is a day for the signature",
    }
)
DENIED = re.compile(
    r"\b(?:no (?:fixed |hard |real )?(?:deadline|date|budget)|not (?:been )?(?:confirmed|approved|released|known|decided)|has not released|nobody is named|(?:is|was) gone|did not say)\b",
    re.IGNORECASE,
)
HELD = re.compile(r"\bon hold\b|\bfroze\w*\b|\bfreeze\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Known:
    """An item of the table; ``evidence`` empty: not known. ``sources`` say where, or what was looked through."""

    item: Item
    evidence: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, kw_only=True)
class Records:
    deal: Deal | None
    contacts: list[Contact]


@collector(
    "qualification",
    "Hold what is known against what must be known",
    kinds=(
        "great_outcome",
        "exit_criterion",
        "discovery_question",
        "qualification_known",
        "qualification_gap",
        "qualification_unread",
    ),
    needs=("account",),
)
async def qualification(asking: Asking) -> list[Fact]:
    hearing = await heard(asking)
    records = await in_database(records_of, asking)
    table = known(asking, hearing, records)
    return [*facts_of(table, records, hearing, asking), *hearing.gaps("qualification_unread", asking)]


def records_of(asking: Asking) -> Records:
    """The deal in question: the one asked about, the meeting's, or the largest open one."""
    deal = asking.deal or (asking.meeting.deal if asking.meeting else None)
    if deal is None:
        rows = deals_for(asking.user).filter(account=asking.account, stage__in=OPEN_STAGES)
        deal = rows.select_related("account").order_by("-amount", "pk").first()
    people = contacts_for(asking.user).filter(account=asking.account).order_by("name_key", "pk")
    return Records(deal=deal, contacts=list(people[:60]))


def known(asking: Asking, hearing: Hearing, records: Records) -> list[Known]:
    return [_known(item, asking, hearing, records) for item in ITEMS]


def _known(item: Item, asking: Asking, hearing: Hearing, records: Records) -> Known:
    if item.key in {"buyer", "champion"}:
        role = Contact.Role.ECONOMIC_BUYER if item.key == "buyer" else Contact.Role.CHAMPION
        people = [each for each in records.contacts if each.role == role]
        # The one we spoke with last.
        people.sort(
            key=lambda each: (
                each.last_contacted_at is None,
                -(each.last_contacted_at.timestamp() if each.last_contacted_at else 0),
                each.pk,
            )
        )
        if people:
            who = f"{people[0].name}{', ' + people[0].title if people[0].title else ''}"
            words = f"{who} ({role.label.lower()} on record)"
            return Known(
                item=item, evidence=words, sources=(record("contact", people[0], asking.now, words),)
            )
        return _unknown(item, asking, hearing, records)
    if item.key == "rival" and records.deal and records.deal.competitor:
        words = f"competitor on record: {records.deal.competitor}"
        return Known(item=item, evidence=words, sources=(of_deal(records.deal, asking.now, quote=words),))
    found = evidence(item, hearing.about())
    if found is None:
        return _unknown(item, asking, hearing, records)
    by = f"{found.speaker}, confirmed by {found.confirmed_by}" if found.confirmed_by else found.speaker
    words = f'"{short(found.text, 120)}" ({by}, {when(found.at, asking)})'
    return Known(item=item, evidence=words, sources=(found.source,))


def evidence(item: Item, said: Sequence[Heard]) -> Heard | None:
    """The latest sentence that holds it; of one conversation the first."""
    if item.pattern is None:
        return None
    for each in said:
        if item.pattern.search(each.text) and not DENIED.search(each.text) and not each.text.endswith("?"):
            return each
    return None


def _unknown(item: Item, asking: Asking, hearing: Hearing, records: Records) -> Known:
    assert asking.account is not None
    looked = read_through(hearing)
    quote = f"{looked}: nothing says {item.what}"
    source = (
        of_deal(records.deal, asking.now, quote=quote)
        if records.deal
        else of_account(asking.account, asking.now, quote=quote)
    )
    return Known(item=item, evidence="", sources=(source,))


def read_through(hearing: Hearing) -> str:
    parts = [
        count(number, noun)
        for number, noun in ((hearing.calls, "call"), (hearing.mails, "mail"), (hearing.notes, "note"))
        if number
    ]
    return (
        f"{listed(parts)} of the last 365 days" if parts else "no calls, mails or notes of the last 365 days"
    )


def facts_of(table: Sequence[Known], records: Records, hearing: Hearing, asking: Asking) -> list[Fact]:
    stage = Stage(records.deal.stage) if records.deal and records.deal.is_open else Stage.PROSPECTING
    wanted = EXIT[stage]
    by_key = {each.item.key: each for each in table}
    criteria = [by_key[key] for key in wanted]
    missing = [each for each in table if not each.evidence]
    # Of what is not known, first what keeps the deal in its stage.
    missing.sort(
        key=lambda each: (
            each.item.key not in wanted,
            wanted.index(each.item.key) if each.item.key in wanted else 0,
        )
    )
    looked = read_through(hearing)
    return [
        _great(criteria, stage, records, asking),
        *(_criterion(each, place, stage, asking) for place, each in enumerate(criteria)),
        *(
            _question(each, place, stage, each.item.key in wanted, looked)
            for place, each in enumerate(missing)
        ),
        *(_known_fact(each, place, asking) for place, each in enumerate(table) if each.evidence),
        *(_gap(each, place, looked, asking) for place, each in enumerate(missing)),
    ]


def _great(criteria: Sequence[Known], stage: Stage, records: Records, asking: Asking) -> Fact:
    assert asking.account is not None
    open_ones = [each.item.what for each in criteria if not each.evidence]
    deal = records.deal
    if deal is not None:
        worth = f"{money(deal.amount, deal.currency)} in {stage.label}"
        source = of_deal(deal, asking.now, quote=worth)
    else:
        worth = "no open deal yet"
        source = of_account(asking.account, asking.now, quote=worth)
    return Fact(
        kind="great_outcome",
        text=f"A great outcome ({worth}): {GREAT[stage]}.",
        sources=(source,),
        rank=1.0,
        values={"stage": stage.value, "open": len(open_ones), "of": len(criteria)},
    )


def _criterion(each: Known, place: int, stage: Stage, asking: Asking) -> Fact:
    met = bool(each.evidence)
    state = f"Met, {each.item.what}: {each.evidence}" if met else f"Open: {each.item.what}"
    return Fact(
        kind="exit_criterion",
        text=stop(state),
        sources=each.sources,
        rank=(50.0 if not met else 10.0) - place,
        values={"key": each.item.key, "stage": stage.value, "met": met},
    )


def _question(each: Known, place: int, stage: Stage, needed: bool, looked: str) -> Fact:
    why = "exit criterion" if needed else "not known"
    return Fact(
        kind="discovery_question",
        text=f'Ask: "{each.item.ask}" ({why}: {each.item.what}).',
        sources=each.sources,
        rank=100.0 - place,
        values={"key": each.item.key, "needed": needed, "looked_through": looked},
    )


def _known_fact(each: Known, place: int, asking: Asking) -> Fact:
    return Fact(
        kind="qualification_known",
        text=stop(f"Known, {each.item.what}: {each.evidence}"),
        sources=each.sources,
        rank=50.0 - place,
        values={"key": each.item.key},
    )


def _gap(each: Known, place: int, looked: str, asking: Asking) -> Fact:
    return Fact(
        kind="qualification_gap",
        text=f"Not known: {each.item.what} ({looked}).",
        sources=each.sources,
        rank=50.0 - place,
        values={"key": each.item.key},
        action=Action(label="Write it down", prompt=f"Log a note for {asking.account}: {each.item.what}: "),
    )
