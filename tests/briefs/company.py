"""An installation with reps in twelve zones, two schedulers, and a clock that the caller moves."""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.briefs.apps import CLOCK
from tests.support.ports import until
from tests.support.topology import Clewline, Process, Topologies

ZONES = (
    "Pacific/Honolulu",
    "America/Los_Angeles",
    "America/Denver",
    "America/Chicago",
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Berlin",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Australia/Sydney",
)
SEVEN = time(7)
Row = tuple[Any, ...]
PEOPLE = """
from datetime import datetime
from sales_app.people.models import User, WEEKDAYS
from sales_app.skills.shipped import install_shipped
install_shipped()
zones = {zones!r}
User.objects.bulk_create([
    User(email=f"rep{{n}}@example.com", first_name=f"Rep {{n}}", time_zone=zones[n % len(zones)], password="!",
         working_hours=dict.fromkeys(WEEKDAYS, ["09:00", "17:30"]), date_joined=datetime.fromisoformat({joined!r}))
    for n in range({reps})
])
"""


class Company:
    def __init__(
        self, topology: Topologies, *, reps: int, first: date, env: Mapping[str, str] | None = None
    ) -> None:
        """``first`` is the day of their first brief; the clock stands a minute before the first of those."""
        self.reps = reps
        more = {
            "CLEWLINE_SCHEDULES": "1",
            "CLEWLINE_EXTRA_APPS": "tests.briefs.apps.ClockConfig",
            "CLEWLINE_STANDIN_SPEED": "0",
            "CLEWLINE_LEASE_SECONDS": "3",
            **(env or {}),
        }
        self.clewline: Clewline = topology.production(webs=1, workers=2, env=more, start=False)
        beat = self.clewline.beat
        assert beat is not None
        self.beats = [beat, self._second_beat()]
        self.clewline.workers.append(self.beats[1])  # started and ended with the others
        joined = self.due(first)[0][0] - MINUTE
        self.clewline.shell(PEOPLE.format(zones=ZONES, reps=reps, joined=joined.isoformat()))
        self.data = Path(self.clewline.environment["CLEWLINE_DATA_DIR"])
        self.set_clock(joined)

    def _second_beat(self) -> Process:
        """On another machine: with files of its own, but for the clock."""
        own = self.clewline.directory / "second"
        own.mkdir()
        made = self.clewline.add("beat-2", "worker", "--beat-only")
        made.environment = {**made.environment, "CLEWLINE_DATA_DIR": str(own)}
        return made

    @property
    def workers(self) -> Sequence[Process]:
        return [each for each in self.clewline.workers if each not in self.beats]

    def set_clock(self, at: datetime) -> None:
        draft = self.data / f"{CLOCK}.{os.getpid()}"
        draft.write_text(at.isoformat())
        draft.rename(self.data / CLOCK)

    def due(self, day: date) -> list[tuple[datetime, int]]:
        """(instant, how many reps) of the briefs of a day, in order."""
        found: dict[datetime, int] = {}
        for n in range(self.reps):
            at = datetime.combine(day, SEVEN, ZoneInfo(ZONES[n % len(ZONES)])).astimezone(UTC)
            found[at] = found.get(at, 0) + 1
        return sorted(found.items())

    def rows(self, sql: str) -> list[Row]:
        with self.clewline.connect() as connection:
            return list(connection.execute(sql).fetchall())

    def count(self, sql: str) -> int:
        return int(self.rows(f"SELECT count(*) FROM {sql}")[0][0])

    def delivered(self) -> int:
        return self.count("sales_app_delivery")

    def ended(self) -> int:
        return self.count("clewline_run WHERE ended_at IS NOT NULL")

    def wait(self, count: int, *, ended: bool = False, seconds: float = 120) -> None:
        look = self.ended if ended else self.delivered
        what = f"{count} briefs {'ended' if ended else 'delivered'}"
        until(lambda: look() >= count, timeout=seconds, what=what, every=0.1)

    def check(self, days: Sequence[date]) -> None:
        """Every rep has each day's brief once, at seven there, in a chat of its own with one message, one run and one document."""
        made = self.rows(
            "SELECT u.email, u.time_zone, d.period, d.due_at, d.skipped, d.session_id FROM sales_app_delivery d"
            " JOIN sales_app_user u ON u.id = d.user_id"
        )
        wanted = {(f"rep{n}@example.com", day.isoformat()) for n in range(self.reps) for day in days}
        assert sorted((email, period) for email, _, period, *_ in made) == sorted(wanted)
        for email, zone, period, due_at, skipped, _ in made:
            local = due_at.astimezone(ZoneInfo(zone))
            assert (local.time(), local.date().isoformat(), skipped) == (SEVEN, period, ""), email
        sessions = {row[5] for row in made}
        assert len(sessions) == len(made) == self.count("clewline_session")
        for table in ("clewline_input", "clewline_run", "sales_app_artifact", "sales_app_artifactversion"):
            assert self.count(table) == len(made), table
        runs = self.rows(
            "SELECT status, queue, count(*), count(DISTINCT session_id) FROM clewline_run GROUP BY 1, 2"
        )
        assert runs == [("finished", "scheduled", len(made), len(made))], json.dumps(runs, default=str)
        told = self.rows("SELECT kind, count(*) FROM sales_app_notice GROUP BY 1")
        assert told == [("brief", len(made))]


SATURDAY, CHANGE = (
    date(2026, 3, 7),
    date(2026, 3, 8),
)  # in the United States the clocks go forward on Sunday, at two
MINUTE = timedelta(minutes=1)
