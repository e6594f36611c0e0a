"""What history says about the forecast: win rates of the last year with their counts, and commit held against them.

By rep: deals won and lost in the last 365 days. By stage: of those, how many that were recorded in the stage ended as won; the
trail holds only stage changes that were made here. Fewer than 10 ended deals are a small sample, and say so; a rate of fewer
than 3 is not told at all.
"""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from sales_app.collect.base import Asking, collector
from sales_app.collect.book import deals_of_book, open_deals, sums
from sales_app.collect.deal_changes import recorded
from sales_app.collect.forecast import category, of_quarter, rounded
from sales_app.collect.origin import of_list
from sales_app.collect.words import count, money
from sales_app.crm.models import Deal
from sales_app.crm.models.deal import CLOSED_STAGES, OPEN_STAGES, Stage
from sales_app.database import in_database
from sales_app.facts import Fact

LOOK_BACK = timedelta(days=365)
SMALL_SAMPLE, TOO_SMALL = 10, 3


@collector("win_history", "Compare with what was won before", kinds=("win_rate", "forecast_check"))
async def win_history(asking: Asking) -> list[Fact]:
    return await in_database(_facts, asking)


def _facts(asking: Asking) -> list[Fact]:
    today = asking.local.date()
    ended = list(
        deals_of_book(asking).filter(
            stage__in=CLOSED_STAGES, close_date__gte=today - LOOK_BACK, close_date__lte=today
        )
    )
    return [
        *_rate("The win rate of the last 365 days", ended, asking, 3.0, {"of": "all"}),
        *_by_rep(ended, asking),
        *_by_stage(ended, asking),
        *_check(ended, asking),
    ]


def won_of(ended: Iterable[Deal]) -> int:
    return sum(deal.stage == Stage.WON for deal in ended)


def _rate(what: str, ended: list[Deal], asking: Asking, rank: float, values: dict[str, str]) -> list[Fact]:
    if len(ended) < TOO_SMALL:
        return []
    won, lost = won_of(ended), len(ended) - won_of(ended)
    percent = round(100 * won / len(ended))
    small = len(ended) < SMALL_SAMPLE
    warning = f"; with {count(len(ended), 'deal')} that is a small sample" if small else ""
    return [
        Fact(
            kind="win_rate",
            text=f"{what} is {percent}%: {won:,} won, {lost:,} lost{warning}.",
            sources=(
                of_list("Deals won", "/deals/?stage=won", asking.now),
                of_list("Deals lost", "/deals/?stage=lost", asking.now),
            ),
            rank=rank + min(len(ended), 1000) / 10000,
            values={**values, "won": won, "lost": lost, "percent": percent, "small_sample": small},
        )
    ]


def _by_rep(ended: list[Deal], asking: Asking) -> list[Fact]:
    owners = {deal.owner_id: str(deal.owner) for deal in ended if deal.owner is not None}
    if len(owners) < 2:
        return []
    found: list[Fact] = []
    for pk, name in sorted(owners.items(), key=lambda each: each[1]):
        theirs = [deal for deal in ended if deal.owner_id == pk]
        found += _rate(f"The win rate of {name}", theirs, asking, 2.0, {"of": "rep", "rep": name})
    return found


def _by_stage(ended: list[Deal], asking: Asking) -> list[Fact]:
    deals = {deal.pk: deal for deal in ended}
    reached: dict[str, list[Deal]] = {}
    for change in recorded(deals, asking.now - LOOK_BACK, fold=False):
        if change.field == "stage":
            for stage in {change.before, change.after} & set(OPEN_STAGES):
                if change.deal not in reached.setdefault(stage, []):
                    reached[stage].append(change.deal)
    found: list[Fact] = []
    for stage in OPEN_STAGES:
        what = f"The win rate of deals recorded in {stage.label}"
        found += _rate(what, reached.get(stage, []), asking, 1.0, {"of": "stage", "stage": stage.value})
    return found


def _check(ended: list[Deal], asking: Asking) -> list[Fact]:
    """Commit against the win rate: a rate over all ended deals is a low bar for deals this late, so commit below it is a warning."""
    commit = [
        deal for deal in of_quarter(open_deals(asking), asking.local.date()) if category(deal) == "commit"
    ]
    if not commit or len(ended) < TOO_SMALL:
        return []
    rate = Decimal(won_of(ended)) / len(ended)
    percent = round(100 * rate)
    found = []
    for currency, amount in sums(commit):
        expected = sum(
            (deal.amount * deal.probability / 100 for deal in commit if deal.currency == currency), Decimal(0)
        )
        small = f" (small sample of {count(len(ended), 'ended deal')})" if len(ended) < SMALL_SAMPLE else ""
        found.append(
            Fact(
                kind="forecast_check",
                text=f"Commit of {money(amount, currency)} is {rounded(expected, currency)} by its own probabilities and "
                f"{rounded(amount * rate, currency)} at the past win rate of {percent}%{small}.",
                sources=(
                    of_list("Open deals", "/deals/", asking.now),
                    of_list("Deals won", "/deals/?stage=won", asking.now),
                    of_list("Deals lost", "/deals/?stage=lost", asking.now),
                ),
                rank=float(amount),
                values={
                    "commit": str(amount),
                    "currency": currency,
                    "by_probability": str(expected.quantize(Decimal(1))),
                    "by_history": str((amount * rate).quantize(Decimal(1))),
                    "percent": percent,
                    "ended": len(ended),
                },
            )
        )
    return sorted(found, key=lambda fact: -fact.rank)
