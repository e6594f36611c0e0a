"""Days, weekdays and quarters of the demo company, which count from the day on which it was loaded."""

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_WEEKDAY = re.compile(r"\[W\+(\d)\]")


class Calendar:
    """Days counted from the day of loading."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.monday = today - timedelta(days=today.weekday())
        quarter = (today.month - 1) // 3
        # "[Q+1]" in a note is the quarter after this one.
        self.words = {
            "[Q+1]": f"Q{(quarter + 1) % 4 + 1}",
            "[Q+2]": f"Q{(quarter + 2) % 4 + 1}",
            "[Y+1]": str(today.year + 1),
        }

    def day(self, offset: int) -> date:
        return self.today + timedelta(days=offset)

    def instant(self, written: str, zone: ZoneInfo) -> datetime:
        """``-12 10:30`` is twelve days ago, or the Friday before a weekend; ``w1.3 10:30`` Thursday next week."""
        day, _, clock = written.partition(" ")
        if day.startswith("w"):
            week, _, weekday = day[1:].partition(".")
            found = self.monday + timedelta(weeks=int(week), days=int(weekday))
        else:
            found = self.day(int(day))
            found -= timedelta(days=max(0, found.weekday() - 4))
        return datetime.combine(found, time.fromisoformat(clock), zone)

    def text(self, written: str) -> str:
        for token, word in self.words.items():
            written = written.replace(token, word)
        return written

    def said(self, written: str, at: datetime) -> str:
        """As ``text``, of what was said or written ``at`` that time in the zone of who did: ``[W+2]`` is the weekday two
        working days later."""
        return self.text(_WEEKDAY.sub(lambda found: f"{_working_day(at.date(), int(found[1])):%A}", written))


def _working_day(day: date, after: int) -> date:
    for _ in range(after):
        day += timedelta(days=7 - day.weekday() if day.weekday() >= 4 else 1)
    return day
