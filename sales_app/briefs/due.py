"""What is due for whom: a few queries for everybody, whatever their number."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sales_app.briefs.models import USUAL_TIME, Delivery, Schedule
from sales_app.briefs.when import Window, brief_window, prep_due
from sales_app.collect.hours import works_on
from sales_app.crm.models import Activity
from sales_app.crm.schedule import MEETS
from sales_app.people.models import User

SELLERS = (User.Role.REP, User.Role.BDR, User.Role.MANAGER)
AHEAD = timedelta(hours=48)  # further than any prep comes before its call
Kind = Delivery.Kind


@dataclass(frozen=True, kw_only=True)
class Due:
    """``until``: from then on it is of no use. ``title`` is the chat's, ``text`` what is asked in it."""

    user_id: int
    kind: Delivery.Kind
    period: str
    due_at: datetime
    until: datetime
    title: str
    text: str
    account_id: int | None = None

    @property
    def key(self) -> tuple[int, str, str]:
        return self.user_id, self.kind.value, self.period


def due(now: datetime) -> list[Due]:
    """Everything that is due and was neither delivered nor left out, the longest due first."""
    found = [*briefs(now), *preps(now)]
    known = _known(found)
    return sorted((each for each in found if each.key not in known), key=lambda each: (each.due_at, each.key))


def _known(found: Iterable[Due]) -> set[tuple[int, str, str]]:
    rows: set[tuple[int, str, str]] = set()
    for kind in Kind:
        periods = list({each.period for each in found if each.kind == kind})
        for start in range(0, len(periods), 500):
            delivered = Delivery.objects.filter(kind=kind, period__in=periods[start : start + 500])
            rows |= set(delivered.values_list("user_id", "kind", "period"))
    return rows


def briefs(now: datetime) -> Iterator[Due]:
    """Of today, where the person is. Who joined after it was due gets their first one the next time."""
    people = User.objects.filter(is_active=True, role__in=SELLERS).exclude(schedule__brief=False)
    wishes = Schedule.objects.in_bulk()
    windows: dict[tuple[str, time], Window | None] = {}
    for user in people.order_by("pk"):
        at = wishes[user.pk].brief_at if user.pk in wishes else USUAL_TIME
        place = (user.time_zone, at)
        if place not in windows:
            windows[place] = brief_window(now, at, ZoneInfo(user.time_zone))
        window = windows[place]
        if window is None or not works_on(user, window.day):
            continue
        if user.date_joined <= window.due <= now:
            day = window.day
            yield Due(
                user_id=user.pk,
                kind=Kind.BRIEF,
                period=day.isoformat(),
                due_at=window.due,
                until=window.until,
                title=f"Morning brief, {day:%a} {day.day} {day:%b}",
                text="/morning-brief",
            )


def preps(now: datetime) -> Iterator[Due]:
    """Before calls and meetings with customers that lie ahead. A call that is moved keeps its prep while it stays on its day;
    one that is deleted, or handed to somebody else before, gets none.
    """
    calls = Activity.objects.filter(
        kind__in=MEETS,
        account__isnull=False,
        done=False,
        starts_at__gt=now,
        starts_at__lte=now + AHEAD,
        owner__is_active=True,
        owner__role__in=SELLERS,
    )
    wishes = Schedule.objects.in_bulk()
    for call in calls.select_related("owner", "account").order_by("starts_at", "pk"):
        user = call.owner
        if user is None or call.account is None:
            continue
        wish = wishes.get(user.pk) or Schedule(user=user)
        if not wish.call_prep:
            continue
        zone = ZoneInfo(user.time_zone)
        due_at = prep_due(call.starts_at, timedelta(minutes=wish.lead_minutes), wish.brief_at, zone)
        if not user.date_joined <= due_at <= now:
            continue
        local = call.starts_at.astimezone(zone)
        yield Due(
            user_id=user.pk,
            kind=Kind.CALL_PREP,
            period=f"{call.pk}:{local.date().isoformat()}",
            due_at=due_at,
            until=call.starts_at,
            title=f"Call prep: {call.account.name}, {local:%a %H:%M}"[:200],
            text=f"/call-prep meeting:{call.pk}",
            account_id=call.account_id,
        )
