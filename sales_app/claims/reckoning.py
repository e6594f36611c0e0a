"""Numbers that no source holds but that follow from what it holds: spans of time, differences, shares, lengths of lists."""

import re
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations

from sales_app.claims.numbers import Number
from sales_app.claims.words import STOP, content, stem

_SPAN = re.compile(r"^(?P<half> and a half)?[ -](?:working )?(?P<unit>minute|hour|day|week|month|year)s?\b")
_SPANS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "year": timedelta(days=365),
}
_NEXT_WORDS = re.compile(r"^(?: of)?(?: the)?((?: [a-z][\w-]*){1,2})")
_WORD_BEFORE = re.compile(r"\b([a-z]+)(?: (?:about|roughly|some|only|the))?\s+$")
_LISTED = re.compile(r"^(?: \w+){0,4}:(?P<items>.*)$", re.DOTALL)


def span(number: Number, text: str) -> tuple[timedelta, timedelta] | None:
    """The time that a number counts in its text, and how far it may be off: half a week for weeks, nothing for days."""
    found = _SPAN.match(text[number.end :])
    if found is None or number.unit or number.value > 10_000:
        return None
    one = _SPANS[found["unit"]]
    length = one * float(number.value + (Decimal("0.5") if found["half"] else 0))
    return length, one / 2 if one > timedelta(days=1) else timedelta()


def is_elapsed(number: Number, text: str, days: list[date], spans: list[timedelta], today: date) -> bool:
    """Whether the number counts the time from one of these days to today or to another one, or is one of these spans."""
    counted = span(number, text)
    if counted is None:
        return False
    length, slack = counted
    between = [abs(one - other) for one in days for other in (today, *days) if one != other]
    return any(abs(length - each) <= slack for each in [*between, *spans])


def is_derived(number: Number, known: list[Number]) -> bool:
    """Whether it is the difference or the share of two of these numbers of the same unit, or a count times a price."""
    pairs = [(one, other) for one, other in permutations(known, 2) if one.unit == other.unit]
    slack = number.step / 2
    if number.unit == "%":
        return any(
            0 < one.value < other.value
            and one.unit != "%"
            and abs(one.value / other.value * 100 - number.value) <= slack
            for one, other in pairs
        )
    # Of percentages the difference is in points.
    if any(
        one.value * other.value == number.value
        for one, other in permutations(known, 2)
        if one.unit == "" != other.unit == number.unit
    ):
        return True
    return any(
        number.unit == ("" if one.unit == "%" else one.unit)
        and abs(one.value - other.value - number.value) <= (slack if number.short else 0)
        for one, other in pairs
    )


def counts_its_list(number: Number, text: str) -> bool:
    """``two people: Ann and somebody from the board``."""
    found = _LISTED.match(text[number.end :])
    return found is not None and number.value == len(re.split(r",| and |;", found["items"]))


def counted(number: Number, text: str) -> frozenset[str]:
    """The stems of what a plain number counts: ``715 users`` counts users. Empty when that is not plain to see."""
    found = None if number.unit else _NEXT_WORDS.match(text[number.end :])
    return frozenset(content(found[1])) if found else frozenset()


def led(number: Number, text: str) -> frozenset[str]:
    """The stem of the word before a number, when it tells what the number is: ``uses 64``, ``from 171``."""
    found = _WORD_BEFORE.search(text[: number.start])
    return (
        frozenset([stem(found[1])]) if found and (found[1] == "from" or found[1] not in STOP) else frozenset()
    )


def exchanged(
    number: Number, things: frozenset[str], known: list[tuple[Number, frozenset[str]]]
) -> Number | None:
    """The number that the sources give for these things, when they have the claimed one for others only."""
    holders = [theirs for each, theirs in known if each.value == number.value]
    if not things or not holders or any(not theirs or theirs & things for theirs in holders):
        return None
    return next((each for each, theirs in known if each.value != number.value and theirs & things), None)
