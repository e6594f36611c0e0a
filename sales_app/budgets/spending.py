"""Counting what a step has used, in the transaction that records it, and telling whoever comes near a limit."""

import logging
from datetime import UTC, datetime
from decimal import Decimal

from django.db.models import F
from django.utils import timezone

from sales_app.budgets.limits import WARN_AT, Limit, limits_of
from sales_app.budgets.models import Spending
from sales_app.inbox.notices import note_one
from sessions_app.runs.models import Run

logger = logging.getLogger(__name__)


def count(run: Run, amount: Decimal) -> None:
    """Add what a step of the run has cost to the day of whoever asked for it."""
    now = timezone.now()
    today = Spending.objects.filter(actor=run.requested_by, day=now.astimezone(UTC).date())
    if not today.update(amount=F("amount") + amount):
        # Of two first steps of a day one makes the row.
        row = Spending(actor=run.requested_by, day=now.astimezone(UTC).date())
        Spending.objects.bulk_create([row], ignore_conflicts=True)
        today.update(amount=F("amount") + amount)
    _warn(run, amount, now)


def _warn(run: Run, amount: Decimal, now: datetime) -> None:
    for limit in limits_of(run.requested_by, now):
        if not limit.most or not limit.used - amount < limit.most * WARN_AT <= limit.used:
            continue
        if limit.whose == "person":
            note_one(run.requested_by, "budget", f"{limit.span}:{limit.renews:%Y-%m-%d}", run.session_id)
        else:
            logger.warning("The organisation has used 80 %% of its budget for the %s.", limit.span)


def own_limits(actor: str) -> list[Limit]:
    """Of the day and the month, to be shown."""
    return [limit for limit in limits_of(actor, timezone.now()) if limit.whose == "person"]
