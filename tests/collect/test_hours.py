"""The 24-hour clock runs on working days only, in the person's own zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from sales_app.collect.hours import due_at, elapsed, works_on
from sales_app.people.models import User

ANN = User(time_zone="UTC")
KATJA = User(time_zone="Europe/Berlin")
PART_TIME = User(time_zone="UTC", working_hours={"mon": ["09:00", "12:00"], "wed": ["09:00", "12:00"]})
FRIDAY = datetime(2026, 3, 6, 15, tzinfo=UTC)


def test_what_came_on_friday_afternoon_is_due_on_monday_afternoon() -> None:
    assert due_at(ANN, FRIDAY) == datetime(2026, 3, 9, 15, tzinfo=UTC)
    assert elapsed(ANN, FRIDAY, datetime(2026, 3, 8, 12, tzinfo=UTC)) == timedelta(hours=9)
    assert elapsed(ANN, FRIDAY, datetime(2026, 3, 9, 15, tzinfo=UTC)) == timedelta(hours=24)


def test_free_days_are_those_without_hours() -> None:
    assert not works_on(PART_TIME, FRIDAY.date())
    assert due_at(PART_TIME, FRIDAY, timedelta()).date() == datetime(2026, 3, 9).date()
    assert due_at(PART_TIME, FRIDAY) == datetime(2026, 3, 10, tzinfo=UTC)


def test_an_hour_that_the_clocks_leave_out_is_not_counted() -> None:
    """In Berlin Sunday 29 March 2026 has 23 hours; whoever works that day has 24 elapsed hours only an hour later."""
    always = User(
        time_zone="Europe/Berlin", working_hours={day: ["09:00", "17:00"] for day in ("sat", "sun", "mon")}
    )
    begin = datetime(2026, 3, 28, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    assert due_at(always, begin) == datetime(2026, 3, 29, 13, tzinfo=ZoneInfo("Europe/Berlin"))
    end = datetime(2026, 3, 30, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    assert elapsed(always, begin, end) == timedelta(hours=35)


def test_the_day_is_the_persons_own() -> None:
    """Friday 23:30 UTC is Saturday in Berlin."""
    late = datetime(2026, 3, 6, 23, 30, tzinfo=UTC)
    assert elapsed(ANN, late, late + timedelta(hours=1)) == timedelta(minutes=30)
    assert elapsed(KATJA, late, late + timedelta(hours=1)) == timedelta()


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    st.timedeltas(timedelta(), timedelta(days=20)),
    st.sampled_from([ANN, KATJA, PART_TIME]),
)
def test_the_clock_never_runs_backwards_or_too_fast(begin: datetime, length: timedelta, user: User) -> None:
    shown = elapsed(user, begin, begin + length)
    assert timedelta() <= shown <= length
    within = timedelta(hours=24)
    due = due_at(user, begin, within)
    assert elapsed(user, begin, due) == within
