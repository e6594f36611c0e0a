"""The deals that a collector looks at, and what an account is worth at the moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from sales_app.collect.base import Asking
from sales_app.crm.access import accounts_for, deals_for
from sales_app.crm.models import Deal
from sales_app.crm.models.deal import OPEN_STAGES
from sales_app.people.access import book_owner_ids
from sales_app.people.models import User


def deals_of_book(asking: Asking) -> QuerySet[Deal]:
    """Deals that the person answers for: their own, a manager's team's, everybody's for those who see all.

    Narrower than what may be seen: a colleague's deal at one's own account is not in one's own forecast. With an account or a
    deal, those of it that may be seen.
    """
    if asking.deal is not None:
        rows = deals_for(asking.user).filter(pk=asking.deal.pk)
    elif asking.account is not None:
        rows = deals_for(asking.user).filter(account=asking.account)
    else:
        # Whoever works a deal may see it (``crm/access.py``), so the owners alone decide.
        owners = book_owner_ids(asking.user)
        rows = Deal.objects.all() if owners is None else Deal.objects.filter(owner__in=owners)
    return rows.select_related("account", "owner")


def open_deals(asking: Asking) -> list[Deal]:
    return list(deals_of_book(asking).filter(stage__in=OPEN_STAGES).order_by("-amount", "pk"))


@dataclass(frozen=True, kw_only=True)
class Stake:
    """What is open at one account. ``expected`` sums amounts by probability, whatever their currency: to rank, never to be
    told. ``largest`` is the deal with the largest amount."""

    expected: Decimal
    largest: Deal


def stakes(user: User, accounts: Iterable[int | None]) -> dict[int, Stake]:
    """By account, of those with open deals. One query."""
    wanted = {pk for pk in accounts if pk is not None}
    if not wanted:
        return {}
    rows = deals_for(user).filter(account__in=wanted, stage__in=OPEN_STAGES).order_by("-amount", "pk")
    found: dict[int, Stake] = {}
    for deal in rows.select_related("account"):
        worth = deal.amount * deal.probability / 100
        before = found.get(deal.account_id)
        found[deal.account_id] = Stake(
            expected=worth + (before.expected if before else 0), largest=before.largest if before else deal
        )
    return found


def account_names(user: User, accounts: Iterable[int | None]) -> dict[int, str]:
    """Of those that the person may see. One query."""
    wanted = {pk for pk in accounts if pk is not None}
    return dict(accounts_for(user).filter(pk__in=wanted).values_list("pk", "name"))


def sums(deals: Iterable[Deal]) -> list[tuple[str, Decimal]]:
    """``(currency, amount)``: different currencies are not added."""
    found: dict[str, Decimal] = {}
    for deal in deals:
        found[deal.currency] = found.get(deal.currency, Decimal(0)) + deal.amount
    return list(found.items())


def sums_json(deals: Iterable[Deal]) -> dict[str, str]:
    """``sums`` as values of a fact."""
    return {currency: str(amount) for currency, amount in sums(deals)}
