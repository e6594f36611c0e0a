"""Numbers that no source holds but that follow from what it holds: spans of time, differences, shares, lengths of lists."""

import re
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations

from sales_app.claims.dates import When
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
_ROUGHLY = re.compile(r"\b(?:more than|over|less than|under|almost|nearly|at least)\s+$", re.IGNORECASE)
# Around a number, these say that it is a difference or a rest.
_COMPARES = re.compile(
    r"\b(?:not|no|un\w+ed|\w+n['’]t|more|fewer|less|than|by|gap|short|left|rest|remain\w*|other|difference|idle|lacks?|missing|points?|up|down|"
    r"gr[eo]w|rose|fell|dropp?\w*|undercuts?|still|another|further|cheaper|ahead|behind)\b",
    re.IGNORECASE,
)
_NEXT_WORDS = re.compile(r"^(?: of)?(?: the)?((?: [a-z][\w-]*){1,2})")
_WORD_BEFORE = re.compile(r"\b([a-z]+)(?: (?:about|roughly|some|only|the))?\s+$")
_UP_TO_DATE = re.compile(r"^(?: [a-z]+){0,3} (?:in|on) $")
_LISTED = re.compile(r"^(?: \w+){0,4}:(?P<items>.*)$", re.DOTALL)


def span(number: Number, text: str) -> tuple[timedelta, timedelta] | None:
    """The time that a number counts in its text, and how far it may be off: half a week for weeks (a whole one for
    ``more than seven weeks``), nothing for days."""
    found = _SPAN.match(text[number.end :])
    if found is None or number.unit or number.value > 10_000:
        return None
    one = _SPANS[found["unit"]]
    length = one * float(number.value + (Decimal("0.5") if found["half"] else 0))
    if one <= timedelta(days=1):
        return length, timedelta()
    return length, one if _ROUGHLY.search(text[: number.start]) else one / 2


def is_elapsed(number: Number, text: str, days: list[date], spans: list[timedelta], today: date) -> bool:
    """Whether the number counts the time from one of these days to today or to another one, or is one of these spans."""
    counted = span(number, text)
    if counted is None:
        return False
    length, slack = counted
    between = [abs(one - other) for one in days for other in (today, *days) if one != other]
    return any(abs(length - each) <= slack for each in [*between, *spans])


def is_derived(number: Number, text: str, known: list[Number]) -> bool:
    """Whether it follows from two of these numbers: a share, a growth, a count times a price, a difference that is told as one."""
    pairs = list(permutations(known, 2))
    slack = number.step / 2
    if number.unit == "%":
        plain = [(one.value, other.value) for one, other in pairs if one.unit == other.unit != "%"]
        shares = [one / other * 100 for one, other in plain if 0 < one < other]
        growths = [abs(one / other - 1) * 100 for one, other in plain if other > 0 and _COMPARES.search(text)]
        return any(abs(each - number.value) <= slack for each in [*shares, *growths])
    for one, other in pairs:
        if one.unit == "" and other.unit == number.unit != "" and one.value * other.value == number.value:
            return True
        unit = "" if one.unit == "%" else one.unit  # of percentages the difference is in points
        off = abs(one.value - other.value - number.value)
        alike = one.unit == other.unit and unit == number.unit
        if alike and off <= (slack if number.short else 0) and _COMPARES.search(text):
            return True
    return False


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


def dated(number: Number, text: str, whens: list[When]) -> frozenset[str]:
    """The day or month that is told right after a number: ``14 bugs in October``."""
    for when in whens:
        if when.start > number.end and _UP_TO_DATE.match(text[number.end : when.start]) and when.month:
            return frozenset([f"{when.month}-{when.day or ''}"])
    return frozenset()


# What a number counts, the word that leads to it, and its date: stems, each set empty when that is not plain to see.
Ties = tuple[frozenset[str], frozenset[str], frozenset[str]]


def ties(number: Number, text: str, whens: list[When]) -> Ties:
    return counted(number, text), led(number, text), dated(number, text, whens)


def exchanged(number: Number, tied: Ties, known: list[tuple[Number, Ties]]) -> Number | None:
    """The number that the sources tie to the same thing, when they tie the claimed one to others only."""
    holders = [theirs for each, theirs in known if each.value == number.value]
    for way, ours in enumerate(tied):
        if not ours or not holders or any(not theirs[way] or theirs[way] & ours for theirs in holders):
            continue
        for each, theirs in known:
            if each.value != number.value and theirs[way] & ours:
                return each
    return None
