"""What changed in the deals since last week, as far as records tell: the audit trail, and the days on which deals were made and moved.

The trail holds what was edited here, by people and by the copilot. What another system changed in an import is not in it; a
stage that such a change moved is still seen by its day, without the stage before.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from sales_app.collect.base import Asking, collector
from sales_app.collect.book import deals_of_book
from sales_app.collect.deals_at_risk import named
from sales_app.collect.origin import of_deal, of_list
from sales_app.collect.ranking import FIRST, ranked
from sales_app.collect.words import count, day, money
from sales_app.crm.models import Deal
from sales_app.crm.models.deal import Stage
from sales_app.database import in_database
from sales_app.facts import Fact
from sales_app.people.models import AuditEntry

SINCE = timedelta(days=7)
FIELDS = ("stage", "amount", "close_date", "probability")
ENTRIES_MOST = 2000
_TARGET = re.compile(r"deal (\d{1,18}): ")


@dataclass(frozen=True, kw_only=True)
class Change:
    deal: Deal
    field: str
    before: str
    after: str


@collector(
    "deal_changes", "Look for what changed since last week", kinds=("deal_change", "deal_change_total")
)
async def deal_changes(asking: Asking) -> list[Fact]:
    return await in_database(_facts, asking)


def _facts(asking: Asking) -> list[Fact]:
    since = asking.now - SINCE
    deals = {deal.pk: deal for deal in deals_of_book(asking)}
    changes = list(recorded(deals, since))
    told = {(change.deal.pk, change.field) for change in changes}
    facts = [fact for change in changes if (fact := _changed(change, asking))]
    for deal in deals.values():
        if deal.created_at >= since:
            facts.append(_new(deal, asking))
        elif deal.stage_changed_at >= since and (deal.pk, "stage") not in told:
            facts.append(_moved(deal, asking))
    return [*_total(facts, asking), *ranked(facts)]


def recorded(deals: dict[int, Deal], since: datetime, *, fold: bool = True) -> Iterator[Change]:
    """From the audit trail, in one query: each field's value before the first and after the last edit, when they differ;
    without ``fold`` each edit."""
    entries = AuditEntry.objects.filter(
        action__startswith="crm.", target__startswith="deal ", created_at__gte=since
    ).order_by("-created_at", "-pk")
    found: dict[tuple[int, str], tuple[str, str]] = {}
    for target, data in reversed(list(entries.values_list("target", "data")[:ENTRIES_MOST])):
        match = _TARGET.match(target)
        if match is None or int(match[1]) not in deals:
            continue
        for name in FIELDS:
            pair = data.get(name)
            if isinstance(pair, list) and len(pair) == 2:
                key = (int(match[1]), name)
                if not fold:
                    yield Change(deal=deals[key[0]], field=name, before=str(pair[0]), after=str(pair[1]))
                    continue
                found[key] = (found[key][0] if key in found else str(pair[0]), str(pair[1]))
    for (pk, name), (before, after) in found.items():
        if before != after:
            yield Change(deal=deals[pk], field=name, before=before, after=after)


def _changed(change: Change, asking: Asking) -> Fact | None:
    deal, today = change.deal, asking.local.date()
    rank = float(deal.amount)
    if change.field == "stage":
        words = f"moved from {_stage(change.before)} to {_stage(change.after)}"
    elif change.field == "amount":
        before, after = _amount(change.before), _amount(change.after)
        if before is None or after is None:
            return None
        rank = float(abs(after - before))
        verb = "grew" if after > before else "shrank"
        words = f"{verb} from {money(before, deal.currency)} to {money(after, deal.currency)}"
    elif change.field == "close_date":
        words = _date_words(change, asking)
        if not words:
            return None
    else:
        words = f"went from {change.before}% to {change.after}% probability"
    return Fact(
        kind="deal_change",
        text=f"{named(deal, asking, stage=change.field != 'stage')} {words} since {day((asking.local - SINCE).date(), today)}.",
        sources=(
            of_deal(
                deal,
                asking.now,
                quote=f"{change.field}: {change.before or 'none'} → {change.after or 'none'}",
            ),
        ),
        rank=rank,
        values={
            "deal": deal.name,
            "field": change.field,
            "before": change.before,
            "after": change.after,
            "amount": str(deal.amount),
        },
    )


def _stage(value: str) -> str:
    return Stage(value).label if value in Stage.values else value


def _amount(value: str) -> Decimal | None:
    try:
        return Decimal(value)
    except InvalidOperation:
        return None


def _date_words(change: Change, asking: Asking) -> str:
    today = asking.local.date()
    try:
        before, after = (
            datetime.fromisoformat(value).date() if value else None for value in (change.before, change.after)
        )
    except ValueError:
        return ""
    if before is None or after is None:
        return f"got the close date {day(after, today)}" if after else "lost its close date"
    way = "slipped" if after > before else "came forward"
    return f"{way} by {count(abs((after - before).days), 'day')}, from {day(before, today)} to {day(after, today)}"


def _new(deal: Deal, asking: Asking) -> Fact:
    made = deal.created_at.astimezone(asking.zone).date()
    return Fact(
        kind="deal_change",
        text=f"{named(deal, asking)} is new since {day(made, asking.local.date())}.",
        sources=(of_deal(deal, asking.now),),
        rank=float(deal.amount),
        values={"deal": deal.name, "field": "new", "amount": str(deal.amount)},
    )


def _moved(deal: Deal, asking: Asking) -> Fact:
    at = deal.stage_changed_at.astimezone(asking.zone).date()
    reason = f": {deal.lost_reason}" if deal.stage == Stage.LOST and deal.lost_reason else ""
    verb = (
        f"was {deal.get_stage_display().lower()}"
        if not deal.is_open
        else f"moved to {deal.get_stage_display()}"
    )
    return Fact(
        kind="deal_change",
        text=f"{named(deal, asking, stage=False)} {verb} on {day(at, asking.local.date())}{reason}.",
        sources=(of_deal(deal, asking.now, quote=f"Stage {deal.get_stage_display()}"),),
        rank=float(deal.amount),
        values={"deal": deal.name, "field": "stage", "after": deal.stage, "amount": str(deal.amount)},
    )


def _total(facts: list[Fact], asking: Asking) -> list[Fact]:
    begin = day((asking.local - SINCE).date(), asking.local.date())
    deals = {fact.values["deal"] for fact in facts}
    text = (
        f"Records show {count(len(facts), 'change')} in {count(len(deals), 'deal')} since {begin}."
        if facts
        else f"Records show no change in stage, amount, close date or probability since {begin}."
    )
    source = of_list("Deals", "/deals/", asking.now)
    return [
        Fact(
            kind="deal_change_total",
            text=text,
            sources=(source,),
            rank=FIRST,
            values={"changes": len(facts), "deals": len(deals)},
        )
    ]
