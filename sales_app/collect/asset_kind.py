"""Which asset this moment of a deal needs: what the person named, or the first rule that fits. Every answer has its reason.

on hold until a budget          -> one-pager       they need a page for their budget paper
price objection, from evaluation on -> ROI calculator  the argument has to be a number of their own
proposal or negotiation         -> proposal        scope is agreed, terms are next
evaluation, money in the room   -> ROI calculator  whoever pays asks what it brings
evaluation, three or more people-> deck            a room is led through it once
evaluation                      -> workflow demo   users want to see their own case
discovery                       -> one-pager       the champion carries it inside
before that                     -> landing page    somebody who does not know us reads it alone
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sales_app.collect.attendees import names_on
from sales_app.collect.base import Asking
from sales_app.collect.competitors import OBJECTION
from sales_app.collect.forecast import RESUMED
from sales_app.collect.heard import Heard, Hearing, heard, when
from sales_app.collect.origin import of_account, of_activity, of_deal
from sales_app.collect.qualification import HELD, Records, records_of
from sales_app.collect.topics import topic_of
from sales_app.collect.words import short
from sales_app.crm.models import Contact
from sales_app.crm.models.deal import Stage
from sales_app.database import in_database
from sales_app.facts import Source

RECENT_DAYS = 120
ROOM = 3

# Document kind -> how people name it, the more particular first.
NAMES: Final = (
    ("roi-calculator", re.compile(r"\b(?:roi|return on investment|business case calculator|calculator)\b", re.IGNORECASE)),
    ("workflow-demo", re.compile(r"\b(?:workflow|click(?:able)?|interactive|prototype|step[- ]through)\s*(?:demo)?\b|\bdemo\b", re.IGNORECASE)),
    ("landing-page", re.compile(r"\b(?:landing[- ]?page|microsite|web ?page)\b", re.IGNORECASE)),
    ("one-pager", re.compile(r"\b(?:one[- ]?pager|1[- ]?pager|one[- ]page|leaflet|summary page|business case)\b", re.IGNORECASE)),
    ("proposal", re.compile(r"\b(?:proposal|offer|quote|quotation)\b", re.IGNORECASE)),
    ("deck", re.compile(r"\b(?:deck|slides?|presentation)\b", re.IGNORECASE)),
)  # fmt: skip
TITLES: Final = {
    "one-pager": "One-pager",
    "landing-page": "Landing page",
    "deck": "Deck",
    "roi-calculator": "ROI calculator",
    "proposal": "Proposal",
    "workflow-demo": "Workflow demo",
}
DEFAULT: Final = {
    Stage.PROSPECTING: ("landing-page", "somebody who does not know us reads it alone"),
    Stage.DISCOVERY: ("one-pager", "the champion carries it inside"),
    Stage.EVALUATION: ("workflow-demo", "users want to see their own case"),
    Stage.PROPOSAL: ("proposal", "scope is agreed and terms are next"),
    Stage.NEGOTIATION: ("proposal", "scope is agreed and terms are next"),
}


@dataclass(frozen=True, kw_only=True)
class Choice:
    """``kind`` is a document kind; ``named``: the person named it; ``why`` completes "because …"."""

    kind: str
    named: bool
    why: str
    sources: tuple[Source, ...]
    stage: Stage
    audience: tuple[str, ...]
    records: Records
    hearing: Hearing

    @property
    def title(self) -> str:
        return TITLES[self.kind]


def named_kind(request: str) -> str:
    """The kind that stands first in what was asked for, or an empty text."""
    found = [(match.start(), kind) for kind, pattern in NAMES if (match := pattern.search(request))]
    return min(found)[1] if found else ""


async def choose(asking: Asking) -> Choice:
    hearing = await heard(asking)
    records = await in_database(records_of, asking)
    return choice(asking, hearing, records)


def choice(asking: Asking, hearing: Hearing, records: Records) -> Choice:
    assert asking.account is not None
    deal = records.deal
    stage = Stage(deal.stage) if deal and deal.is_open else Stage.PROSPECTING
    audience = tuple(names_on(asking))
    record = (
        of_deal(deal, asking.now, quote=f"Stage {stage.label}")
        if deal
        else of_account(asking.account, asking.now)
    )
    named = named_kind(str(asking.arguments.get("request", "")))
    kind, why, sources = (
        (named, "you asked for it", (record,))
        if named
        else _by_rule(stage, audience, record, hearing, records, asking)
    )
    return Choice(
        kind=kind, named=bool(named), why=why, sources=sources, stage=stage, audience=audience, records=records, hearing=hearing
    )  # fmt: skip


def _by_rule(
    stage: Stage, audience: Sequence[str], record: Source, hearing: Hearing, records: Records, asking: Asking
) -> tuple[str, str, tuple[Source, ...]]:
    held = _recent(
        hearing, asking, lambda each: bool(HELD.search(each.text)) and not RESUMED.search(each.text)
    )
    if held:
        words = f'it is on hold: "{short(held.text, 110)}" ({held.speaker}, {when(held.at, asking)}), and they need a page for their budget paper'
        return "one-pager", words, (held.source, record)
    late = stage in {Stage.EVALUATION, Stage.PROPOSAL, Stage.NEGOTIATION}
    dear = _recent(hearing, asking, _about_price)
    if late and dear:
        words = f'the price is an open objection: "{short(dear.text, 110)}" ({dear.speaker}, {when(dear.at, asking)}), and the answer has to be a number of their own'
        return "roi-calculator", words, (dear.source, record)
    if stage == Stage.EVALUATION:
        buyers = {each.name for each in records.contacts if each.role == Contact.Role.ECONOMIC_BUYER}
        payer = next((name for name in audience if name in buyers), "")
        if payer:
            return (
                "roi-calculator",
                f"{payer}, who holds the money, is on the next call and asks what it brings",
                _with_meeting(asking, record),
            )
        if len(audience) >= ROOM:
            return (
                "deck",
                f"{len(audience)} people are on the next call, and a room is led through it once",
                _with_meeting(asking, record),
            )
    kind, why = DEFAULT[stage]
    return (
        kind,
        f"the deal is in {stage.label}, where {why}" if records.deal else f"there is no open deal, and {why}",
        (record,),
    )


def _with_meeting(asking: Asking, record: Source) -> tuple[Source, ...]:
    if asking.meeting is None:
        return (record,)
    return of_activity(asking.meeting, asking.now, quote=asking.meeting.attendees[:200]), record


def _about_price(each: Heard) -> bool:
    topic = topic_of(each.text)
    priced = re.search(
        r"\b(?:price|cheaper|below yours|pay (?:more|\d+%)|percent|first quarter free|expensive)\b",
        each.text,
        re.IGNORECASE,
    )
    return (
        each.voice == "them"
        and bool(OBJECTION.search(each.text))
        and bool(priced or (topic and topic.name == "price"))
    )


def _recent(hearing: Hearing, asking: Asking, fits: Callable[[Heard], bool]) -> Heard | None:
    return next(
        (each for each in hearing.about() if (asking.now - each.at).days <= RECENT_DAYS and fits(each)), None
    )
