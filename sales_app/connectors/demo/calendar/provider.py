"""~~calendar: meetings and calls, which are activities of the CRM."""

from collections.abc import Iterator, Mapping

from django.db.models import Q, QuerySet

from sales_app.connectors.arguments import key, moment, required
from sales_app.connectors.base import Item
from sales_app.connectors.demo.reader import Json, Operation, Reader
from sales_app.crm.access import accounts_for, activities_for
from sales_app.crm.models import Activity
from sales_app.crm.schedule import MEETS
from sales_app.people.models import User


class CalendarProvider(Reader):
    """In the order of the day: the earliest first.

    ``meta``: ``ends_at`` (ISO 8601 or ""), ``minutes`` (0: not known), ``location``, ``attendees`` (names), ``external``
    (somebody of an account takes part), ``owner`` and ``owner_id``, ``contact``, ``contact_id``, ``deal``, ``deal_id``.
    """

    name = "demo_calendar"
    title = "Demo calendar"
    category = "calendar"

    def operations(self) -> Mapping[str, Operation]:
        return {"events": _events, "event": _event}


def _meetings(rows: QuerySet[Activity]) -> QuerySet[Activity]:
    related = rows.filter(kind__in=MEETS).select_related("account", "contact", "deal", "owner")
    return related.order_by("starts_at", "id")


def _events(user: User, arguments: Json) -> Iterator[Item]:
    """Of the person, or with ``account`` of everybody who meets that account. Those are in it that overlap the time."""
    account = key(arguments, "account")
    if account is None:
        rows = Activity.objects.filter(owner=user)
    else:
        rows = activities_for(user).filter(account__in=accounts_for(user).filter(pk=account))
    if start := moment(arguments, "start"):
        rows = rows.filter(Q(starts_at__gte=start) | Q(ends_at__gt=start))
    if end := moment(arguments, "end"):
        rows = rows.filter(starts_at__lt=end)
    for activity in _meetings(rows):
        yield _item(activity)


def _event(user: User, arguments: Json) -> Iterator[Item]:
    required(arguments, "id")
    for activity in _meetings(activities_for(user).filter(pk=key(arguments, "id") or 0)):
        yield _item(activity)


def _item(activity: Activity) -> Item:
    attendees = [name.strip() for name in activity.attendees.split(",") if name.strip()]
    if not attendees and activity.contact:
        attendees = [activity.contact.name]
    ends = activity.ends_at
    return Item(
        id=str(activity.pk),
        kind=activity.kind,
        at=activity.starts_at,
        title=activity.subject,
        text=activity.body,
        people=tuple(attendees),
        account=activity.account_id,
        url=activity.get_absolute_url(),
        untrusted=activity.account_id is not None,
        meta={
            "ends_at": ends.isoformat() if ends else "",
            "minutes": round((ends - activity.starts_at).total_seconds() / 60) if ends else 0,
            "location": activity.location,
            "attendees": attendees,
            "external": activity.account_id is not None,
            "owner": str(activity.owner or ""),
            "owner_id": activity.owner_id,
            "contact": activity.contact.name if activity.contact else "",
            "contact_id": activity.contact_id,
            "deal": activity.deal.name if activity.deal else "",
            "deal_id": activity.deal_id,
        },
    )
