"""Which closed deals are compared, and which of their calls."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from asgiref.sync import async_to_sync
from django.db.models import QuerySet

from sales_app.connectors.base import Item, ask
from sales_app.crm.access import deals_for
from sales_app.crm.models import Deal
from sales_app.crm.models.deal import CLOSED_STAGES
from sales_app.people.models import User

Json = dict[str, Any]

# Deals are worked on for months before they close.
BEFORE_CLOSING = timedelta(days=365)


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """Days of closing, both included; ``segment`` "" and ``reps`` () leave nothing out."""

    since: date
    until: date
    segment: str = ""
    reps: tuple[int, ...] = ()

    def as_json(self) -> Json:
        return {
            "from": self.since.isoformat(),
            "to": self.until.isoformat(),
            "segment": self.segment,
            "reps": list(self.reps),
        }


def criteria_from_json(value: Json) -> Criteria:
    return Criteria(
        since=date.fromisoformat(value["from"]),
        until=date.fromisoformat(value["to"]),
        segment=value.get("segment", ""),
        reps=tuple(value.get("reps", ())),
    )


def deals_of(user: User, criteria: Criteria) -> QuerySet[Deal]:
    """Won and lost ones that ``user`` may see."""
    found = deals_for(user).filter(
        stage__in=CLOSED_STAGES, close_date__gte=criteria.since, close_date__lte=criteria.until
    )
    if criteria.segment:
        found = found.filter(account__segment=criteria.segment)
    if criteria.reps:
        found = found.filter(owner__in=criteria.reps)
    return found


def calls_of(user: User, criteria: Criteria) -> list[tuple[Item, Deal, str]]:
    """The calls of these deals with their provider, oldest first. Those of the day of closing and later are left out: by then it was decided.

    Raises ``ConnectorError``.
    """
    deals = {deal.pk: deal for deal in deals_of(user, criteria)}
    since = datetime.combine(criteria.since - BEFORE_CLOSING, time(), UTC)
    reading = async_to_sync(ask)(user, "calls", "calls", since=since.isoformat())
    chosen = []
    for item in reading.items:
        deal = deals.get(item.meta.get("deal_id") or 0)
        if deal is not None and deal.close_date is not None and item.at.date() < deal.close_date:
            chosen.append((item, deal, reading.provider))
    return sorted(chosen, key=lambda each: (each[0].at, each[0].id))
