"""A person's working days, and the clock of what customers are owed.

The only days that are known are the user's weekly hours; public holidays and leave are not. The answer clock of 24 hours runs
through the whole of a working day, night included, and stands still on free days: what came on Friday at 15:00 is due on
Monday at 15:00.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sales_app.people.models import WEEKDAYS, User

ANSWER_WITHIN = timedelta(hours=24)
LONGEST = timedelta(days=400)


def works_on(user: User, day: date) -> bool:
    """Whoever has no hours at all is taken to work Monday to Friday."""
    hours = user.working_hours or {}
    weekday = WEEKDAYS[day.weekday()]
    return weekday in hours if hours else day.weekday() < 5


def elapsed(user: User, begin: datetime, end: datetime) -> timedelta:
    """What the answer clock shows at ``end`` when it was started at ``begin``; zero when that lies ahead."""
    begin = max(begin, end - LONGEST)
    return sum((until - since for since, until in _running(user, begin, end)), timedelta())


def due_at(user: User, begin: datetime, within: timedelta = ANSWER_WITHIN) -> datetime:
    """When the clock that was started at ``begin`` shows ``within``."""
    left = within
    for since, until in _running(user, begin, begin + LONGEST):
        if until - since >= left:
            return since + left
        left -= until - since
    return begin + LONGEST


def _running(user: User, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The parts of the time in which the clock runs. A day has 23 or 25 hours where the zone says so."""
    zone = ZoneInfo(user.time_zone)
    day = begin.astimezone(zone).date()
    while True:
        opens = datetime.combine(day, time.min, zone)
        closes = datetime.combine(day + timedelta(days=1), time.min, zone)
        if opens >= end:
            return
        if works_on(user, day):
            # Compared and subtracted as instants: within one zone Python would ignore a change of the clocks.
            since, until = (
                max(opens.astimezone(begin.tzinfo), begin),
                min(closes.astimezone(begin.tzinfo), end),
            )
            if until > since:
                yield _utc(since), _utc(until)
        day += timedelta(days=1)


def _utc(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo("UTC"))
