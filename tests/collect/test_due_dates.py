"""Days that people name, counted from the day on which they said it: Tuesday 24 November 2026."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales_app.collect.due_dates import due_date

SAID = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("by Friday", "2026-11-27"),
        ("on Tuesday", "2026-11-24"),
        ("next Friday", "2026-12-04"),
        ("on Monday", "2026-11-30"),
        ("tomorrow morning", "2026-11-25"),
        ("this afternoon", "2026-11-24"),
        ("by EOD", "2026-11-24"),
        ("EOW", "2026-11-27"),
        ("by the end of next week", "2026-12-04"),
        ("next week", "2026-12-04"),
        ("by the end of the month", "2026-11-30"),
        ("end of next month", "2026-12-31"),
        ("by the end of the quarter", "2026-12-31"),
        ("in two weeks", "2026-12-08"),
        ("in three months", "2027-02-24"),
        ("within 48 hours", "2026-11-26"),
        ("within 3 business days", "2026-11-27"),
        ("within 4 business days", "2026-11-30"),
        ("by the 15th", "2026-12-15"),
        ("on January 15", "2027-01-15"),
        ("15 January 2028", "2028-01-15"),
        ("by 2026-12-01", "2026-12-01"),
        ("on Sept 3 2027", "2027-09-03"),
    ],
)
def test_a_day_that_is_named(text: str, day: str) -> None:
    found = due_date(f"I will send it {text}.", SAID)
    assert found is not None and found.day == date.fromisoformat(day)


@pytest.mark.parametrize(
    "text",
    [
        "since Monday",
        "last Friday",
        "every Friday",
        "until Q2 budget",
        "when I may",
        "I sat there",
        "as we march on",
        "on 2026-11-01",
        "on February 30",
        "in 200 seats",
        "",
    ],
)
def test_no_day_is_made_up(text: str) -> None:
    assert due_date(text, SAID) is None


def test_the_first_of_two_days_counts_and_its_words_are_kept() -> None:
    found = due_date("I send the pack by Wednesday and we talk on Friday.", SAID)
    assert found is not None
    assert (found.day, found.words, found.start) == (date(2026, 11, 25), "Wednesday", 19)


@given(st.text(max_size=200), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_whatever_is_written_it_never_fails_and_never_lies_before_it_was_said(text: str, said: date) -> None:
    for words in (text, f"by {text} Friday", f"in {text} weeks"):
        found = due_date(words, said)
        assert found is None or found.day >= said
