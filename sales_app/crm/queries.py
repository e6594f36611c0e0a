"""What the copilot may ask of the CRM, with the rights of ``user``.

Lists come as ``{"items": [...], "total": n, "truncated": bool}``: ``total`` counts all that match, ``items``
holds at most ``limit`` of them. Rows are described in ``shape.py``. Arguments that mean nothing raise a
``CrmError`` that lists what would; ``error.as_dict()`` is what a tool may answer. Days begin, and times are
written, in the user's own time zone.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast
from zoneinfo import ZoneInfo

from django.db.models import Count, DecimalField, ExpressionWrapper, F, Max, Model, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from sales_app.crm import arguments, search, shape
from sales_app.crm.access import accounts_for, activities_for, contacts_for, deals_for
from sales_app.crm.errors import NotFound, UnknownValue
from sales_app.crm.models import Account, Activity, Contact, Deal
from sales_app.crm.models.deal import CLOSED_STAGES, OPEN_STAGES, Stage
from sales_app.crm.schedule import schedule_of
from sales_app.people.models import User

MAX_LIMIT = 50
MAX_GROUPS = 60
MAX_CALENDAR_DAYS = 31
ON_AN_ACCOUNT = 12  # contacts, deals and activities that come along with one account

Row = TypeVar("Row", bound=Model)
P = ParamSpec("P")
Answer = dict[str, Any]

ACCOUNT_ORDERS = {
    "name": ["name_key", "id"],
    "arr": ["-arr", "name_key", "id"],
    "employees": ["-employees", "name_key", "id"],
    "newest": ["-created_at", "-id"],
    "oldest": ["created_at", "id"],
}
DEAL_ORDERS = {
    "close_date": ["close_date", "id"],
    "amount": ["-amount", "id"],
    "newest": ["-created_at", "-id"],
    "longest_in_stage": ["stage_changed_at", "id"],
    "probability": ["-probability", "-amount", "id"],
}
GROUPS = {
    "stage": "stage",
    "owner": "owner",
    "segment": "account__segment",
    "industry": "account__industry",
    "country": "account__country",
    "competitor": "competitor",
    "month": "month",
}


def in_zone_of_user(query: Callable[Concatenate[User, P], Answer]) -> Callable[Concatenate[User, P], Answer]:
    @wraps(query)
    def asked(user: User, *args: P.args, **kwargs: P.kwargs) -> Answer:
        with timezone.override(ZoneInfo(user.time_zone)):
            return query(user, *args, **kwargs)

    return cast(Callable[Concatenate[User, P], Answer], asked)


@in_zone_of_user
def find_accounts(
    user: User,
    *,
    text: str | None = None,
    industry: str | None = None,
    segment: str | None = None,
    country: str | None = None,
    status: str | None = None,
    owner: str | int | None = None,
    health: str | None = None,
    order_by: str | None = None,
    limit: int = 10,
) -> dict[str, Any]:
    """``order_by``: name (default), arr, employees, newest, oldest. ``owner``: "me", a name, email or id."""
    rows = accounts_for(user)
    if text:
        rows = search.search_accounts(rows, text)
    if industry:
        rows = rows.filter(industry__iexact=arguments.known_in(rows, "industry", industry))
    if country:
        rows = rows.filter(country__iexact=arguments.known_in(rows, "country", country))
    if segment:
        rows = rows.filter(segment=arguments.choice(Account.Segment, segment, "segment"))
    if status:
        rows = rows.filter(status=arguments.choice(Account.Status, status, "status"))
    if health:
        rows = rows.filter(health=arguments.choice(Account.Health, health, "health"))
    if owner:
        rows = rows.filter(owner=arguments.owner(user, owner))
    rows = rows.order_by(*_order(ACCOUNT_ORDERS, order_by or "name")).select_related("owner")
    return _listed(rows, limit, shape.account_row)


@in_zone_of_user
def get_account(user: User, ref: str | int) -> dict[str, Any]:
    """One account with its people, open deals and latest activities.

    ``ref`` is an id, domain, external id or name, also a misspelt one. Several that fit:
    ``{"candidates": [...]}``. Raises ``NotFound``.
    """
    rows = accounts_for(user).select_related("owner")
    found = search.matching_accounts(rows, ref)
    if not found:
        raise NotFound(f"No account of yours is called {ref!r}. Search with find_accounts.")
    if len(found) > 1:
        return {"candidates": [shape.account_row(account) for account in found]}
    return _account_with_all(user, found[0])


def _account_with_all(user: User, account: Account) -> dict[str, Any]:
    contacts = account.contacts.select_related("account").order_by("name_key", "id")
    deals = account.deals.select_related("account", "owner")
    open_deals = deals.filter(stage__in=OPEN_STAGES).order_by("close_date", "id")
    closed_deals = deals.filter(stage__in=CLOSED_STAGES).order_by("-close_date", "-id")
    activities = _with_names(activities_for(user).filter(account=account)).order_by("-starts_at", "-id")
    return {
        **shape.account_row(account),
        "created": account.created_at.date().isoformat(),
        "contacts": _listed(contacts, ON_AN_ACCOUNT, shape.contact_row),
        "open_deals": _listed(open_deals, ON_AN_ACCOUNT, shape.deal_row),
        "closed_deals": _listed(closed_deals, ON_AN_ACCOUNT, shape.deal_row),
        "recent_activities": _listed(
            activities.filter(starts_at__lte=timezone.now()), ON_AN_ACCOUNT, shape.activity_row
        ),
        "planned_activities": _listed(
            activities.filter(starts_at__gt=timezone.now()).order_by("starts_at", "id"),
            ON_AN_ACCOUNT,
            shape.activity_row,
        ),
    }


@in_zone_of_user
def get_deal(user: User, ref: str | int) -> dict[str, Any]:
    """One deal with the people at its account and its activities; ``{"candidates": [...]}`` if several fit."""
    found = search.matching_deals(deals_for(user).select_related("account", "owner"), ref)
    if not found:
        raise NotFound(f"No deal of yours is called {ref!r}. Search with find_deals.")
    if len(found) > 1:
        return {"candidates": [shape.deal_row(deal) for deal in found]}
    deal = found[0]
    contacts = deal.account.contacts.select_related("account").order_by("name_key", "id")
    activities = _with_names(activities_for(user).filter(deal=deal)).order_by("-starts_at", "-id")
    return {
        **shape.deal_row(deal),
        "contacts": _listed(contacts, ON_AN_ACCOUNT, shape.contact_row),
        "activities": _listed(activities, ON_AN_ACCOUNT, shape.activity_row),
    }


@in_zone_of_user
def find_contacts(
    user: User,
    *,
    text: str | None = None,
    account: str | int | None = None,
    role: str | None = None,
    not_contacted_since: date | str | None = None,
    limit: int = 10,
) -> dict[str, Any]:
    rows = contacts_for(user)
    if text:
        rows = search.search_contacts(rows, text)
    if account:
        rows = rows.filter(account=arguments.account(user, account))
    if role:
        rows = rows.filter(role=arguments.choice(Contact.Role, role, "role"))
    if not_contacted_since:
        day = arguments.day(not_contacted_since, "not_contacted_since")
        rows = rows.filter(Q(last_contacted_at__isnull=True) | Q(last_contacted_at__date__lt=day))
    return _listed(rows.select_related("account").order_by("name_key", "id"), limit, shape.contact_row)


@in_zone_of_user
def find_deals(
    user: User,
    *,
    text: str | None = None,
    stage: str | None = None,
    account: str | int | None = None,
    owner: str | int | None = None,
    close_from: date | str | None = None,
    close_to: date | str | None = None,
    min_amount: Decimal | str | float | None = None,
    max_amount: Decimal | str | float | None = None,
    competitor: str | None = None,
    open_only: bool = False,
    order_by: str | None = None,
    limit: int = 10,
) -> dict[str, Any]:
    """``order_by``: close_date (default), amount, newest, longest_in_stage, probability. Dates are inclusive.

    Also ``"sums": [{"currency", "count", "amount"}]`` over all that match.
    """
    rows = _deals_between(user, open_only=open_only, close_from=close_from, close_to=close_to)
    if text:
        rows = search.search_deals(rows, text)
    if stage:
        rows = rows.filter(stage=arguments.choice(Stage, stage, "stage"))
    if account:
        rows = rows.filter(account=arguments.account(user, account))
    if owner:
        rows = rows.filter(owner=arguments.owner(user, owner))
    if min_amount is not None:
        rows = rows.filter(amount__gte=arguments.decimal(min_amount, "min_amount"))
    if max_amount is not None:
        rows = rows.filter(amount__lte=arguments.decimal(max_amount, "max_amount"))
    if competitor:
        rows = rows.filter(competitor__icontains=competitor)
    ordered = rows.order_by(*_order(DEAL_ORDERS, order_by or "close_date")).select_related("account", "owner")
    return {**_listed(ordered, limit, shape.deal_row), "sums": sums_by_currency(rows)}


@in_zone_of_user
def deal_summary(
    user: User,
    *,
    group_by: str = "stage",
    open_only: bool = True,
    close_from: date | str | None = None,
    close_to: date | str | None = None,
) -> dict[str, Any]:
    """Counts and amounts by stage, owner, segment, industry, country, competitor or month (of closing).

    ``{"group_by", "groups": [{"group", "currency", "count", "amount", "weighted_amount"}], "sums": [...],
    "truncated"}``: a group that holds several currencies has a row for each. ``weighted_amount`` counts each
    deal by its probability. Stages come in their order, months by time, the rest by amount.
    """
    if group_by not in GROUPS:
        raise UnknownValue(f"group_by is one of {', '.join(GROUPS)}; {group_by!r} is not.")
    deals = _deals_between(user, open_only=open_only, close_from=close_from, close_to=close_to)
    column = GROUPS[group_by]
    if group_by == "month":
        deals = deals.annotate(month=TruncMonth("close_date"))
    found = (
        deals.order_by()
        .values(column, "currency")
        .annotate(count=Count("id"), total=Sum("amount"), weighted=_weighted())
    )
    names = _names_of_owners(found) if group_by == "owner" else {}
    groups = []
    for row in sorted(found, key=_sorter(group_by, column)):
        group = row[column]
        if isinstance(group, date):
            group = group.strftime("%Y-%m")
        groups.append(
            {
                "group": names.get(group, group) if group not in ("", None) else "(none)",
                "currency": row["currency"],
                "count": row["count"],
                "amount": shape.amount(row["total"]),
                "weighted_amount": shape.amount(row["weighted"] / 100),
            }
        )
    return {
        "group_by": group_by,
        "open_only": open_only,
        "groups": groups[:MAX_GROUPS],
        "truncated": len(groups) > MAX_GROUPS,
        "sums": sums_by_currency(deals),
    }


@in_zone_of_user
def recent_activities(
    user: User,
    *,
    text: str | None = None,
    account: str | int | None = None,
    deal: str | int | None = None,
    contact: str | int | None = None,
    owner: str | int | None = None,
    kind: str | None = None,
    since: date | str | None = None,
    limit: int = 10,
) -> dict[str, Any]:
    """What has happened up to now, the latest first."""
    rows = activities_for(user).filter(starts_at__lte=timezone.now())
    if text:
        rows = search.search_activities(rows, text)
    if account:
        rows = rows.filter(account=arguments.account(user, account))
    if deal:
        rows = rows.filter(deal=arguments.deal(user, deal))
    if contact:
        rows = rows.filter(contact=arguments.contact(user, contact))
    if owner:
        rows = rows.filter(owner=arguments.owner(user, owner))
    if kind:
        rows = rows.filter(kind=arguments.choice(Activity.Kind, kind, "kind"))
    if since:
        rows = rows.filter(starts_at__date__gte=arguments.day(since, "since"))
    return _listed(_with_names(rows).order_by("-starts_at", "-id"), limit, shape.activity_row)


@in_zone_of_user
def open_tasks(user: User, *, owner: str | int | None = "me", limit: int = 20) -> dict[str, Any]:
    """Tasks not done, those overdue first."""
    rows = activities_for(user).filter(kind=Activity.Kind.TASK, done=False)
    if owner:
        rows = rows.filter(owner=arguments.owner(user, owner))
    return _listed(_with_names(rows).order_by("due", "id"), limit, shape.activity_row)


@in_zone_of_user
def quiet_accounts(
    user: User, *, days: int = 30, status: str | None = "customer", limit: int = 10
) -> dict[str, Any]:
    """Accounts where nothing has happened for ``days``, the largest first, with ``last_activity``."""
    since = timezone.now() - timedelta(days=_bounded(days, 1, 3650))
    rows = accounts_for(user)
    if status:
        rows = rows.filter(status=arguments.choice(Account.Status, status, "status"))
    rows = rows.annotate(
        last_activity=Max("activities__starts_at", filter=Q(activities__starts_at__lte=timezone.now()))
    ).filter(Q(last_activity__lt=since) | Q(last_activity__isnull=True))

    def with_last(account: Account) -> dict[str, Any]:
        last: datetime | None = getattr(account, "last_activity", None)
        return {**shape.account_row(account), "last_activity": last.date().isoformat() if last else "never"}

    return _listed(rows.order_by("-arr", "name_key", "id").select_related("owner"), limit, with_last)


@in_zone_of_user
def calendar(user: User, day_from: date | str, day_to: date | str | None = None) -> dict[str, Any]:
    """The user's own meetings, calls and due tasks by day, in their time zone; both days included.

    ``{"time_zone", "days": [{"day", "weekday", "events": [...], "tasks_due": [...]}]}``. At most 31 days.
    """
    first = arguments.day(day_from, "day_from")
    last = first if day_to is None else arguments.day(day_to, "day_to")
    if last < first:
        raise UnknownValue(f"day_to ({last}) lies before day_from ({first}).")
    if (last - first).days >= MAX_CALENDAR_DAYS:
        raise UnknownValue(f"Ask for at most {MAX_CALENDAR_DAYS} days at a time.")
    schedule = schedule_of(user, first, (last - first).days + 1)
    days = [
        {
            "day": day.date.isoformat(),
            "weekday": day.date.strftime("%A"),
            "events": [
                {**shape.activity_row(event), "local_time": schedule.local_times(event)}
                for event in day.events
            ],
            "tasks_due": [shape.activity_row(task) for task in day.tasks],
        }
        for day in schedule.days
    ]
    return {"time_zone": schedule.zone.key, "days": days}


def currency_sums(deals: QuerySet[Deal]) -> list[dict[str, Any]]:
    """``[{"currency", "count", "amount": Decimal}]``, the largest first."""
    sums = deals.order_by().values("currency").annotate(count=Count("id"), amount=Sum("amount"))
    return sorted(map(dict, sums), key=lambda row: -row["amount"])


def sums_by_currency(deals: QuerySet[Deal]) -> list[dict[str, Any]]:
    """The same as JSON-able values."""
    return [{**row, "amount": shape.amount(row["amount"])} for row in currency_sums(deals)]


def _deals_between(
    user: User, *, open_only: bool, close_from: date | str | None, close_to: date | str | None
) -> QuerySet[Deal]:
    rows = deals_for(user)
    if open_only:
        rows = rows.filter(stage__in=OPEN_STAGES)
    if close_from:
        rows = rows.filter(close_date__gte=arguments.day(close_from, "close_from"))
    if close_to:
        rows = rows.filter(close_date__lte=arguments.day(close_to, "close_to"))
    return rows


def _weighted() -> Any:
    from_percent = ExpressionWrapper(
        F("amount") * F("probability"), DecimalField(max_digits=20, decimal_places=2)
    )
    return Sum(from_percent)


def _sorter(group_by: str, column: str) -> Callable[[dict[str, Any]], Any]:
    if group_by == "stage":
        order = {stage.value: place for place, stage in enumerate(Stage)}
        return lambda row: (order.get(row[column], len(order)), row["currency"])
    if group_by == "month":
        return lambda row: (row[column] is None, row[column] or date.min, row["currency"])
    return lambda row: (-row["total"], str(row[column]))


def _names_of_owners(rows: Any) -> dict[int, str]:
    people = User.objects.in_bulk({row["owner"] for row in rows if row["owner"] is not None})
    return {pk: shape.person(found) for pk, found in people.items()}


def _with_names(rows: QuerySet[Activity]) -> QuerySet[Activity]:
    return rows.select_related("account", "contact", "deal", "owner")


def _listed(rows: QuerySet[Row], limit: int, shaped: Callable[[Row], dict[str, Any]]) -> dict[str, Any]:
    limit = _bounded(limit, 1, MAX_LIMIT)
    items = [shaped(row) for row in rows[: limit + 1]]
    more = len(items) > limit
    return {
        "items": items[:limit],
        "total": rows.count() if more else len(items),
        "truncated": more,
    }


def _bounded(number: int, least: int, most: int) -> int:
    return max(least, min(int(number), most))


def _order(orders: dict[str, list[str]], name: str) -> list[str]:
    if name not in orders:
        raise UnknownValue(f"order_by is one of {', '.join(orders)}; {name!r} is not.")
    return orders[name]
