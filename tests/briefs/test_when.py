"""A time of day on a day in a zone, over all zones and the days on which their clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from sales_app.briefs.when import LATEST_BRIEF, brief_window, instant, prep_due

NAMES = sorted(
    name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix", "right"))
)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@cache
def changes(name: str) -> tuple[date, ...]:
    """Days near which the clocks of the zone change, 1990 to 2037."""
    zone, found, at = ZoneInfo(name), [], datetime(1990, 1, 1, tzinfo=UTC)
    before = at.astimezone(zone).utcoffset()
    while at.year < 2038:
        at += timedelta(days=3)
        if (now := at.astimezone(zone).utcoffset()) != before:
            found.append(at.date())
            before = now
    return tuple(found)


zones = st.sampled_from(NAMES)
times = st.times(max_value=LATEST_BRIEF).map(lambda at: at.replace(second=0, microsecond=0))


@st.composite
def places(draw: st.DrawFn) -> tuple[ZoneInfo, date]:
    """A zone and a day, three times of four within days of a change."""
    name = draw(zones)
    day = draw(st.dates(date(1990, 1, 1), date(2037, 12, 1)))
    if changes(name) and draw(st.integers(0, 3)):
        day = draw(st.sampled_from(changes(name))) + timedelta(days=draw(st.integers(-4, 2)))
    return ZoneInfo(name), day


def clock(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


@settings(max_examples=400, deadline=None)
@given(place=places(), at=times)
def test_the_first_moment_of_the_day_at_which_the_clock_shows_that_or_more(
    place: tuple[ZoneInfo, date], at: time
) -> None:
    zone, day = place
    found = instant(day, at, zone)
    if found is None:
        noons = [datetime.combine(day, time(12), UTC) + timedelta(hours=h) for h in range(-36, 37)]
        assert day not in {each.astimezone(zone).date() for each in noons}, "the day exists"
        return
    shown = clock(found, zone)
    assert shown.date() == day
    wanted = datetime.combine(day, at)
    exists = (
        datetime.combine(day, at.replace(fold=0), zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None)
        == wanted
    )
    assert shown == wanted if exists else shown > wanted
    # Nothing before it on this day showed as much: of two it is the first.
    for back in (SECOND, timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2)):
        earlier = clock(found - back, zone)
        if exists:
            assert earlier < wanted or earlier.date() != day


@settings(max_examples=120, deadline=None)
@given(place=places(), at=times, every=st.integers(5, 59), phase=st.integers(0, 58))
@example(place=(ZoneInfo("America/New_York"), date(2026, 3, 8)), at=time(2, 30), every=59, phase=0)
@example(place=(ZoneInfo("America/New_York"), date(2026, 11, 1)), at=time(1, 30), every=5, phase=0)
@example(place=(ZoneInfo("Pacific/Apia"), date(2011, 12, 30)), at=time(7), every=59, phase=0)
def test_whoever_looks_every_hour_finds_each_day_once(
    place: tuple[ZoneInfo, date], at: time, every: int, phase: int
) -> None:
    zone, middle = place
    begin = datetime.combine(middle - 3 * DAY, time(12), UTC) + timedelta(minutes=phase)
    looks = [begin + timedelta(minutes=every * n) for n in range(int(6 * 24 * 60 / every))]
    delivered: dict[date, datetime] = {}
    seen: set[date] = set()
    for now in looks:
        seen.add(now.astimezone(zone).date())
        window = brief_window(now, at, zone)
        if window is not None and window.due <= now < window.until:
            assert window.day == now.astimezone(zone).date()
            delivered.setdefault(window.day, now)
    assume(len(seen) > 3)
    whole = {day for day in seen if min(seen) < day < max(seen)}
    assert set(delivered) >= whole, "a day without a brief"
    for day, now in delivered.items():
        due = instant(day, at, zone)
        assert due is not None and now >= due
        assert clock(now, zone).time() < time(12, 59)


@pytest.mark.parametrize(
    ("day", "at", "zone", "utc"),
    [
        (date(2026, 3, 8), time(7), "America/New_York", "2026-03-08T11:00"),  # summer begins: 7:00 is UTC-4
        (date(2026, 3, 7), time(7), "America/New_York", "2026-03-07T12:00"),
        (date(2026, 3, 8), time(2, 30), "America/New_York", "2026-03-08T07:30"),  # does not exist: 3:30
        (date(2026, 11, 1), time(1, 30), "America/New_York", "2026-11-01T05:30"),  # twice: the first
        (date(2026, 10, 4), time(7), "Australia/Lord_Howe", "2026-10-03T20:00"),  # half an hour forward
        (date(2026, 3, 29), time(0, 30), "Asia/Beirut", "2026-03-28T22:30"),  # midnight does not exist: 1:30
        (date(2026, 5, 4), time(7), "Asia/Kathmandu", "2026-05-04T01:15"),
        (date(2011, 12, 30), time(7), "Pacific/Apia", None),  # the day was left out
    ],
    ids=["begins", "before", "gap", "fold", "half", "midnight", "quarter", "no-day"],
)
def test_by_hand(day: date, at: time, zone: str, utc: str | None) -> None:
    found = instant(day, at, ZoneInfo(zone))
    assert (f"{found:%Y-%m-%dT%H:%M}" if found else None) == utc


@pytest.mark.parametrize(
    ("starts", "minutes", "due"),
    [
        ("2026-11-24T14:00", 60, "2026-11-24T13:00"),
        ("2026-11-24T08:00", 60, "2026-11-24T07:00"),
        ("2026-11-24T07:30", 60, "2026-11-23T18:00"),  # would be at half past six
        ("2026-11-24T07:30", 30, "2026-11-24T07:00"),
        ("2026-11-24T05:00", 240, "2026-11-23T18:00"),
        ("2026-03-30T06:00", 60, "2026-03-29T18:00"),  # the evening after the clocks changed
    ],
)
def test_a_prep_comes_before_the_call_and_not_at_night(starts: str, minutes: int, due: str) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    begins = datetime.fromisoformat(starts).replace(tzinfo=berlin)
    found = prep_due(begins, timedelta(minutes=minutes), time(7), berlin)
    assert f"{found.astimezone(berlin):%Y-%m-%dT%H:%M}" == due
