"""What somebody may use, what of it is used, and when it renews."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from sales_app.budgets.models import Budget, PersonBudget, Spending
from sessions_app.session.access import user_id_of

WARN_AT = Decimal("0.8")  # and scheduled work stops there: what is left is for people who ask
NOTHING = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Limit:
    """``whose`` is "person" or "organisation", ``span`` "day" or "month"; ``most`` None: as much as is wanted."""

    whose: str
    span: str
    most: Decimal | None
    used: Decimal
    renews: datetime

    @property
    def used_up(self) -> bool:
        return self.most is not None and self.used >= self.most

    @property
    def near(self) -> bool:
        """Used to 80 %."""
        return self.most is not None and self.used >= self.most * WARN_AT


def budget() -> Budget:
    return Budget.objects.filter(pk=1).first() or Budget(pk=1)


def limits_of(actor: str, now: datetime) -> Sequence[Limit]:
    """The four limits of an actor such as ``user:7``, in two or three queries."""
    allowed = budget()
    own = _own(actor)
    today = now.astimezone(UTC).date()
    mine = Q(actor=actor)
    used = Spending.objects.filter(day__gte=today.replace(day=1), day__lte=today).aggregate(
        person_day=Coalesce(Sum("amount", filter=mine & Q(day=today)), NOTHING),
        person_month=Coalesce(Sum("amount", filter=mine), NOTHING),
        organisation_day=Coalesce(Sum("amount", filter=Q(day=today)), NOTHING),
        organisation_month=Coalesce(Sum("amount"), NOTHING),
    )
    renewals = {"day": _midnight(today + timedelta(days=1)), "month": _next_month(today)}
    most = {
        "person_day": own.day if own and own.day is not None else allowed.person_day,
        "person_month": own.month if own and own.month is not None else allowed.person_month,
        "organisation_day": allowed.organisation_day,
        "organisation_month": allowed.organisation_month,
    }
    return [
        Limit(
            whose=whose,
            span=span,
            most=most[f"{whose}_{span}"],
            used=used[f"{whose}_{span}"],
            renews=renewals[span],
        )
        for whose in ("person", "organisation")
        for span in ("day", "month")
    ]


def _own(actor: str) -> PersonBudget | None:
    key = user_id_of(actor)
    return PersonBudget.objects.filter(pk=key).first() if key is not None else None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def _next_month(day: date) -> datetime:
    return _midnight((day.replace(day=1) + timedelta(days=32)).replace(day=1))
