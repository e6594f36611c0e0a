"""The open pipeline: in all, by stage, by rep, and how much of it hangs on few deals.

Concentrated: one account holds more than 30% of a currency's open amount, or the three largest deals more than 60%, where there
are at least five deals.
"""

from collections.abc import Iterable
from decimal import Decimal

from sales_app.collect.base import Asking, collector
from sales_app.collect.book import open_deals, sums, sums_json
from sales_app.collect.origin import of_deal, of_list
from sales_app.collect.words import count, listed, money, moneys
from sales_app.crm.models import Deal
from sales_app.crm.models.deal import OPEN_STAGES
from sales_app.database import in_database
from sales_app.facts import Fact

ACCOUNT_SHARE, LARGEST_SHARE, LARGEST, ENOUGH = Decimal("0.30"), Decimal("0.60"), 3, 5


@collector(
    "pipeline",
    "Add up the pipeline",
    kinds=("pipeline_total", "stage_total", "rep_total", "pipeline_concentration"),
)
async def pipeline(asking: Asking) -> list[Fact]:
    return await in_database(_facts, asking)


def _facts(asking: Asking) -> list[Fact]:
    deals = open_deals(asking)
    return [
        _whole(deals, asking),
        *_stages(deals, asking),
        *_reps(deals, asking),
        *_concentration(deals, asking),
    ]


def weighted(deals: Iterable[Deal]) -> list[tuple[str, Decimal]]:
    """Amount times probability, by currency, to whole units."""
    found: dict[str, Decimal] = {}
    for deal in deals:
        found[deal.currency] = found.get(deal.currency, Decimal(0)) + deal.amount * deal.probability / 100
    return [(currency, amount.quantize(Decimal(1))) for currency, amount in found.items()]


def figures(deals: list[Deal]) -> dict[str, object]:
    return {
        "count": len(deals),
        "sums": sums_json(deals),
        "weighted": {currency: str(amount) for currency, amount in weighted(deals)},
    }


def _whole(deals: list[Deal], asking: Asking) -> Fact:
    text = (
        f"The open pipeline is {count(len(deals), 'deal')} worth {moneys(sums(deals))}, weighted by probability {moneys(weighted(deals))}."
        if deals
        else "There is no open deal in the pipeline."
    )
    return Fact(
        kind="pipeline_total",
        text=text,
        sources=(of_list("Open deals", "/deals/", asking.now),),
        values=figures(deals),
    )


def _stages(deals: list[Deal], asking: Asking) -> list[Fact]:
    found = []
    for place, stage in enumerate(OPEN_STAGES):
        there = [deal for deal in deals if deal.stage == stage]
        if there:
            found.append(
                Fact(
                    kind="stage_total",
                    text=f"{stage.label} holds {count(len(there), 'deal')} worth {moneys(sums(there))}.",
                    sources=(of_list(f"Deals in {stage.label}", f"/deals/?stage={stage.value}", asking.now),),
                    rank=float(place),  # what is nearest to closing first
                    values={"stage": stage.value, **figures(there)},
                )
            )
    return sorted(found, key=lambda fact: -fact.rank)


def _reps(deals: list[Deal], asking: Asking) -> list[Fact]:
    """Only where there are several owners: for managers."""
    owners = {deal.owner_id: deal.owner for deal in deals}
    if len(owners) < 2:
        return []
    found = []
    for pk, owner in owners.items():
        theirs = [deal for deal in deals if deal.owner_id == pk]
        name = str(owner) if owner else "Nobody"
        url = f"/deals/?owner={pk if pk else 'none'}"
        found.append(
            Fact(
                kind="rep_total",
                text=f"{name} has {count(len(theirs), 'open deal')} worth {moneys(sums(theirs))}, weighted {moneys(weighted(theirs))}.",
                sources=(of_list(f"Open deals of {name}", url, asking.now),),
                rank=float(sum(amount for _, amount in sums(theirs))),
                values={"rep": name, **figures(theirs)},
            )
        )
    return sorted(found, key=lambda fact: (-fact.rank, str(fact.values["rep"])))


def _concentration(deals: list[Deal], asking: Asking) -> list[Fact]:
    if len(deals) < ENOUGH:
        return []
    found = []
    for currency, whole in sums(deals):
        there = [deal for deal in deals if deal.currency == currency]
        if whole <= 0 or len(there) < ENOUGH:
            continue
        largest = sorted(there, key=lambda deal: (-deal.amount, deal.pk))[:LARGEST]
        share = sum((deal.amount for deal in largest), Decimal(0)) / whole
        if share > LARGEST_SHARE:
            names = listed([deal.name for deal in largest])
            found.append(
                _share(f"The three largest deals, {names}, hold", share, whole, currency, largest, asking)
            )
        by_account: dict[int, list[Deal]] = {}
        for deal in there:
            by_account.setdefault(deal.account_id, []).append(deal)
        for theirs in by_account.values():
            share = sum((deal.amount for deal in theirs), Decimal(0)) / whole
            if share > ACCOUNT_SHARE:
                found.append(
                    _share(f"{theirs[0].account} alone holds", share, whole, currency, theirs, asking)
                )
    return sorted(found, key=lambda fact: -fact.rank)


def _share(
    who: str, share: Decimal, whole: Decimal, currency: str, deals: list[Deal], asking: Asking
) -> Fact:
    percent = int(share * 100)
    return Fact(
        kind="pipeline_concentration",
        text=f"{who} {percent}% of the open {money(whole, currency)}.",
        sources=tuple(
            of_deal(deal, asking.now, quote=f"Amount {money(deal.amount, deal.currency)}")
            for deal in deals[:LARGEST]
        ),
        rank=float(share),
        values={"percent": percent, "whole": str(whole), "currency": currency},
    )
