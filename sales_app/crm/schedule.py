"""Somebody's days: meetings and calls in their own time zone, and the tasks due."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sales_app.crm.models import Activity
from sales_app.people.models import User

MEETS = (Activity.Kind.MEETING, Activity.Kind.CALL)


@dataclass(kw_only=True)
class Day:
    date: date
    events: list[Activity] = field(default_factory=list)
    tasks: list[Activity] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Schedule:
    zone: ZoneInfo
    days: list[Day]

    def local_times(self, event: Activity) -> str:
        """``09:30-10:00``; without an end ``09:30``."""
        start = f"{event.starts_at.astimezone(self.zone):%H:%M}"
        return f"{start}-{event.ends_at.astimezone(self.zone):%H:%M}" if event.ends_at else start


def schedule_of(user: User, first: date, days: int, *, zone: str = "") -> Schedule:
    """``days`` days from ``first`` on, in the user's time zone unless ``zone`` names another.

    A day begins at midnight there, and may have 23 or 25 hours.
    """
    there = ZoneInfo(zone or user.time_zone)
    listed = [Day(date=first + timedelta(days=n)) for n in range(days)]
    by_date = {day.date: day for day in listed}
    begin = datetime.combine(first, time.min, there)
    end = datetime.combine(first + timedelta(days=days), time.min, there)
    own = Activity.objects.filter(owner=user).select_related("account", "contact", "deal", "owner")
    for event in own.filter(kind__in=MEETS, starts_at__gte=begin, starts_at__lt=end).order_by(
        "starts_at", "id"
    ):
        by_date[event.starts_at.astimezone(there).date()].events.append(event)
    due = own.filter(
        kind=Activity.Kind.TASK, done=False, due__gte=first, due__lt=first + timedelta(days=days)
    )
    for task in due.order_by("due", "id"):
        if task.due is not None:
            by_date[task.due].tasks.append(task)
    return Schedule(zone=there, days=listed)
