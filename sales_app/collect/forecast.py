"""The forecast of this quarter: commit, best case, pipeline; and the gaps in the records that it rests on.

Of open deals that are to close by the end of the quarter, past close dates included:
- commit: in proposal or negotiation with a probability of 75% or more,
- best case: any other of 40% or more,
- pipeline: the rest.

A deal has a hygiene gap when its close date is past or missing, it has no next step, nobody has written anything about it for 21
days, or what was written last says that it is on hold: that is no decision by the day that it waits for. Gaps are counted for commit and best case: those are what somebody relies on.
"""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from sales_app.collect.base import Asking, collector
from sales_app.collect.book import deals_of_book, open_deals, sums, sums_json
from sales_app.collect.commitments import sentences
from sales_app.collect.deals_at_risk import named
from sales_app.collect.origin import of_activity, of_deal, of_list
from sales_app.collect.ranking import FIRST, ranked
from sales_app.collect.words import count, day, listed, money, moneys, short
from sales_app.crm.models import Activity, Deal
from sales_app.crm.models.deal import CLOSED_STAGES, Stage
from sales_app.database import in_database
from sales_app.facts import Action, Fact

COMMIT_PROBABILITY, BEST_PROBABILITY, QUIET_DAYS = 75, 40, 21
COMMIT_STAGES = (Stage.PROPOSAL, Stage.NEGOTIATION)
CATEGORIES: Final = ("commit", "best case", "pipeline")
MOST = 25
# "No longer on hold", "the freeze is over": that is the end of it.
RESUMED = re.compile(
    r"\b(?:no longer|not|never|\w+n['’]t)\b[^.;,]{0,20}\b(?:on hold|fro[sz]en?|paused|postponed)\b"
    r"|\bfreeze (?:is |was |has been )?(?:over|lifted|ended)\b",
    re.IGNORECASE,
)
ON_HOLD = re.compile(r"\b(?:on hold|froze|frozen|freeze|paused|postponed)\b", re.IGNORECASE)


def quarter_of(today: date) -> tuple[date, date]:
    """First and last day."""
    month = (today.month - 1) // 3 * 3 + 1
    first = date(today.year, month, 1)
    after = date(today.year + month // 10, (month + 2) % 12 + 1, 1)
    return first, after - timedelta(days=1)


def category(deal: Deal) -> str:
    if deal.stage in COMMIT_STAGES and deal.probability >= COMMIT_PROBABILITY:
        return "commit"
    return "best case" if deal.probability >= BEST_PROBABILITY else "pipeline"


def of_quarter(deals: list[Deal], today: date) -> list[Deal]:
    """Those that are to close by its end."""
    _, last = quarter_of(today)
    return [deal for deal in deals if deal.close_date is not None and deal.close_date <= last]


@collector(
    "forecast",
    "Add up the forecast",
    kinds=("forecast_total", "forecast_deal", "hygiene_gap", "hygiene_total"),
)
async def forecast(asking: Asking) -> list[Fact]:
    return await in_database(_facts, asking)


def _facts(asking: Asking) -> list[Fact]:
    everything = open_deals(asking)
    deals = of_quarter(everything, asking.local.date())
    relied = [deal for deal in deals if category(deal) != "pipeline"]
    undated = [deal for deal in everything if deal.close_date is None and category(deal) != "pipeline"]
    return [
        *_totals(deals, asking),
        *ranked(_deal(deal, asking) for deal in relied)[:MOST],
        *_gaps([*relied, *undated], asking),
    ]


def _totals(deals: list[Deal], asking: Asking) -> list[Fact]:
    today = asking.local.date()
    first, last = quarter_of(today)
    name = f"Q{(first.month - 1) // 3 + 1} {first.year}"
    # Who moves a deal to won often leaves the day on which it was expected, which may lie ahead.
    closed = deals_of_book(asking).filter(
        stage__in=CLOSED_STAGES, close_date__gte=first, close_date__lte=last
    )
    won = [deal for deal in closed if deal.stage == Stage.WON]
    facts = []
    for place, each in enumerate(CATEGORIES):
        there = [deal for deal in deals if category(deal) == each]
        worth = f", worth {moneys(sums(there))}" if there else ""
        facts.append(
            Fact(
                kind="forecast_total",
                text=f"{each.capitalize()} for {name}, to close by {day(last, today)}: {count(len(there), 'deal')}{worth}.",
                sources=(
                    of_list("Open deals of the quarter", f"/deals/?close_to={last.isoformat()}", asking.now),
                ),
                rank=float(len(CATEGORIES) - place),
                values={
                    "category": each,
                    "count": len(there),
                    "sums": sums_json(there),
                    "quarter_ends": last.isoformat(),
                },
            )
        )
    worth = f", worth {moneys(sums(won))}" if won else ""
    facts.insert(
        0,
        Fact(
            kind="forecast_total",
            text=f"Won in {name} so far: {count(len(won), 'deal')}{worth}.",
            sources=(of_list("Deals won", "/deals/?stage=won", asking.now),),
            rank=float(len(CATEGORIES) + 1),
            values={"category": "won", "count": len(won), "sums": sums_json(won)},
        ),
    )
    return facts


def _deal(deal: Deal, asking: Asking) -> Fact:
    today = asking.local.date()
    assert deal.close_date is not None
    step = f"next step: {deal.next_step.rstrip('.')}" if deal.next_step.strip() else "no next step"
    return Fact(
        kind="forecast_deal",
        text=f"{named(deal, asking)} is in {category(deal)} at {deal.probability}%, close date {day(deal.close_date, today)}; {step}.",
        sources=(of_deal(deal, asking.now, quote=deal.next_step),),
        rank=(1e12 if category(deal) == "commit" else 0) + float(deal.amount),
        values={
            "deal": deal.name,
            "category": category(deal),
            "amount": str(deal.amount),
            "currency": deal.currency,
            "probability": deal.probability,
            "close_date": deal.close_date.isoformat(),
        },
        action=Action(label="Open the deal", url=deal.get_absolute_url()),
    )


def _gaps(deals: list[Deal], asking: Asking) -> list[Fact]:
    last = _last_written(deals, asking)
    facts, affected = [], []
    for deal in deals:
        note = last.get(deal.pk)
        gaps = _gaps_of(deal, note, asking)
        if gaps:
            affected.append(deal)
            held = of_activity(note, asking.now, quote=_on_hold(note)) if note and _on_hold(note) else None
            facts.append(
                Fact(
                    kind="hygiene_gap",
                    text=f"{named(deal, asking)} is counted as {category(deal)} with {listed(gaps)}.",
                    sources=(of_deal(deal, asking.now), *((held,) if held else ())),
                    rank=float(deal.amount) * len(gaps),
                    values={
                        "deal": deal.name,
                        "gaps": gaps,
                        "amount": str(deal.amount),
                        "currency": deal.currency,
                    },
                    action=Action(label="Mend the record", url=f"/deals/{deal.pk}/edit/"),
                )
            )
    return [*_gap_total(deals, affected, asking), *ranked(facts)[:MOST]]


def _last_written(deals: list[Deal], asking: Asking) -> dict[int | None, Activity]:
    written = Activity.objects.filter(deal__in=[deal.pk for deal in deals], starts_at__lte=asking.now)
    found: dict[int | None, Activity] = {}
    for activity in written.exclude(kind=Activity.Kind.TASK).order_by("-starts_at", "-pk"):
        found.setdefault(activity.deal_id, activity)
    return found


def _on_hold(note: Activity) -> str:
    """The words that say so, or an empty text."""
    texts = [note.subject, *(text for _, text in sentences(note.body))]
    return next((text for text in texts if ON_HOLD.search(text) and not RESUMED.search(text)), "")


def _gaps_of(deal: Deal, note: Activity | None, asking: Asking) -> list[str]:
    today = asking.local.date()
    gaps = []
    if deal.close_date is None:
        gaps.append("no close date")
    elif deal.close_date < today:
        gaps.append(f"a close date that passed on {day(deal.close_date, today)}")
    if not deal.next_step.strip():
        gaps.append("no next step")
    if note is None:
        gaps.append("no note at all")
        return gaps
    written = note.starts_at.astimezone(asking.zone).date()
    if (today - written).days > QUIET_DAYS:
        gaps.append(f"a last note {count((today - written).days, 'day')} old")
    if _on_hold(note):
        gaps.append(
            f'a last note of {day(written, today)} that says "{short(_on_hold(note), 120).rstrip(".")}"'
        )
    return gaps


def _gap_total(deals: list[Deal], affected: list[Deal], asking: Asking) -> list[Fact]:
    if not deals:
        return []
    worth = sum((deal.amount for deal in affected), Decimal(0))
    told = f", worth {moneys(sums(affected))}" if worth else ""
    return [
        Fact(
            kind="hygiene_total",
            text=f"{len(affected):,} of the {count(len(deals), 'deal')} in commit and best case "
            f"{'has' if len(affected) == 1 else 'have'} a gap in the records{told}.",
            sources=(of_list("Open deals", "/deals/", asking.now),),
            rank=FIRST,
            values={"affected": len(affected), "of": len(deals), "sums": sums_json(affected)},
        )
    ]


def rounded(amount: Decimal, currency: str) -> str:
    return money(amount.quantize(Decimal(1)), currency)
