"""Open deals that slipped, have no next step, or are stuck in their stage; and how many there are of each.

Stuck: longer in the stage than most deals that are won need there (``STUCK_AFTER``, days). Change the numbers here when the
company sells faster or slower.
"""

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from sales_app.collect.base import Asking, collector
from sales_app.collect.book import open_deals, sums, sums_json
from sales_app.collect.origin import of_deal, of_list
from sales_app.collect.ranking import BROKEN, SOON, TODAY, ranked, score
from sales_app.collect.words import count, day, money, moneys, stop
from sales_app.crm.models import Deal
from sales_app.crm.models.deal import Stage
from sales_app.database import in_database
from sales_app.facts import Action, Fact

STUCK_AFTER: Final = MappingProxyType(
    {
        Stage.PROSPECTING: 45,
        Stage.DISCOVERY: 30,
        Stage.EVALUATION: 45,
        Stage.PROPOSAL: 30,
        Stage.NEGOTIATION: 21,
    }
)
MOST = 25  # of each kind; the totals count all


@collector(
    "deals_at_risk",
    "Look for deals that slipped or stand still",
    kinds=("deal_gap_total", "deal_slipped", "deal_without_step", "deal_stuck"),
)
async def deals_at_risk(asking: Asking) -> list[Fact]:
    return await in_database(_facts, asking)


def _facts(asking: Asking) -> list[Fact]:
    deals = open_deals(asking)
    today = asking.local.date()
    slipped = [deal for deal in deals if deal.close_date is not None and deal.close_date < today]
    stepless = [deal for deal in deals if not deal.next_step.strip()]
    stuck = [deal for deal in deals if days_in_stage(deal, asking) > STUCK_AFTER[Stage(deal.stage)]]
    totals = [
        _total(slipped, "past its close date", "past their close date", asking, 3),
        _total(stepless, "without a next step", "without a next step", asking, 2),
        _total(stuck, "stuck in its stage", "stuck in their stage", asking, 1),
    ]
    return [
        *(fact for fact in totals if fact),
        *_each(slipped, asking, _slipped),
        *_each(stepless, asking, _stepless),
        *_each(stuck, asking, _stuck),
    ]


def days_in_stage(deal: Deal, asking: Asking) -> int:
    return max(0, (asking.now - deal.stage_changed_at).days)


def _each(deals: list[Deal], asking: Asking, made: Callable[[Deal, Asking], Fact]) -> list[Fact]:
    return ranked(made(deal, asking) for deal in deals)[:MOST]


def _total(deals: list[Deal], one: str, many: str, asking: Asking, rank: float) -> Fact | None:
    if not deals:
        return None
    worth = moneys(sums(deals))
    return Fact(
        kind="deal_gap_total",
        text=f"{count(len(deals), 'open deal')} worth {worth} {'is' if len(deals) == 1 else 'are'} "
        f"{one if len(deals) == 1 else many}.",
        sources=(of_list("Open deals", "/deals/", asking.now),),
        rank=rank,
        values={"count": len(deals), "sums": sums_json(deals)},
    )


def named(deal: Deal, asking: Asking, *, stage: bool = True) -> str:
    """``Acme renewal (Acme Freight, USD 90,000, Negotiation)``, with whose it is when it is not the asker's."""
    parts = [] if deal.account.name in deal.name else [deal.account.name]
    parts.append(money(deal.amount, deal.currency))
    if stage:
        parts.append(deal.get_stage_display())
    if deal.owner is not None and deal.owner != asking.user:
        parts.append(str(deal.owner))
    return f"{deal.name} ({', '.join(parts)})"


def _expected(deal: Deal) -> float:
    return float(deal.amount) * deal.probability / 100


def _slipped(deal: Deal, asking: Asking) -> Fact:
    today = asking.local.date()
    assert deal.close_date is not None
    late = (today - deal.close_date).days
    return Fact(
        kind="deal_slipped",
        text=f"{named(deal, asking)} was to close on {day(deal.close_date, today)}, {count(late, 'day')} ago, and is still open.",
        sources=(of_deal(deal, asking.now, quote=f"Close date {deal.close_date.isoformat()}"),),
        rank=score(expected=_expected(deal), urgency=SOON, days=late),
        values={
            "deal": deal.name,
            "account": deal.account.name,
            "amount": str(deal.amount),
            "currency": deal.currency,
            "close_date": deal.close_date.isoformat(),
            "days_late": late,
            "todo": stop(
                f"Agree on a new close date for {named(deal, asking)}: {day(deal.close_date, today)} has passed"
            ),
        },
        action=Action(label="Set the close date", url=f"/deals/{deal.pk}/edit/"),
    )


def _stepless(deal: Deal, asking: Asking) -> Fact:
    today = asking.local.date()
    near = deal.close_date is not None and (deal.close_date - today).days <= 14
    closes = ""
    if deal.close_date:
        closes = (
            f" It {'was' if deal.close_date < today else 'is'} to close on {day(deal.close_date, today)}."
        )
    return Fact(
        kind="deal_without_step",
        text=f"{named(deal, asking)} has no next step.{closes}",
        sources=(of_deal(deal, asking.now, quote="Next step: none"),),
        rank=score(
            expected=_expected(deal), urgency=TODAY if near else SOON, days=days_in_stage(deal, asking) / 7
        ),
        values={
            "deal": deal.name,
            "account": deal.account.name,
            "amount": str(deal.amount),
            "currency": deal.currency,
            "close_date": deal.close_date.isoformat() if deal.close_date else "",
            "todo": stop(f"Agree on a next step for {named(deal, asking)}"),
        },
        action=Action(
            label="Propose a next step",
            prompt=f"Propose a next step for the deal {deal.name} with {deal.account} from what was said last.",
        ),
    )


def _stuck(deal: Deal, asking: Asking) -> Fact:
    days, usual = days_in_stage(deal, asking), STUCK_AFTER[Stage(deal.stage)]
    return Fact(
        kind="deal_stuck",
        text=f"{named(deal, asking)} has been in {deal.get_stage_display()} for {count(days, 'day')}; "
        f"the limit for that stage is {usual}.",
        sources=(of_deal(deal, asking.now, quote=f"Stage {deal.get_stage_display()}"),),
        rank=score(
            expected=_expected(deal), urgency=BROKEN / 2 if days > 2 * usual else SOON / 2, days=days - usual
        ),
        values={
            "deal": deal.name,
            "account": deal.account.name,
            "amount": str(deal.amount),
            "currency": deal.currency,
            "days": days,
            "limit": usual,
        },
        action=Action(
            label="Ask what stands in the way",
            prompt=f"What stands in the way of the deal {deal.name} with {deal.account}?",
        ),
    )
