"""When things are due, in instants. A time of day on a day in a zone:

- that exists once: then;
- that is skipped when the clocks go forward: as long after midnight as on any other day (02:30 becomes 03:30);
- that comes twice when they go back: the first of the two;
- on a day that the zone skipped altogether: never.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

NOON = time(12)
EVENING = time(18)
LATEST_BRIEF = time(11)
SHORTEST = timedelta(hours=1)


def instant(day: date, at: time, zone: ZoneInfo) -> datetime | None:
    """In UTC; None when the day does not exist there."""
    found = datetime.combine(day, at.replace(fold=0), zone).astimezone(UTC)
    return found if found.astimezone(zone).date() == day else None


@dataclass(frozen=True, kw_only=True)
class Window:
    """From when on, and until when, the brief of a day is delivered."""

    day: date
    due: datetime
    until: datetime


def brief_window(now: datetime, at: time, zone: ZoneInfo) -> Window | None:
    """Of the day that it is there: to noon, and for an hour at least."""
    day = now.astimezone(zone).date()
    due = instant(day, at, zone)
    if due is None:
        return None
    noon = instant(day, NOON, zone) or due
    return Window(day=day, due=due, until=max(noon, due + SHORTEST))


def prep_due(starts_at: datetime, lead: timedelta, earliest: time, zone: ZoneInfo) -> datetime:
    """``lead`` before the call; where that would be before the day begins (``earliest``), the evening before."""
    due = (starts_at - lead).astimezone(UTC)
    local = due.astimezone(zone)
    if local.time() >= earliest:
        return due
    day = starts_at.astimezone(zone).date()
    evening = instant(day - timedelta(days=1), EVENING, zone)
    return min(evening, due) if evening else due
