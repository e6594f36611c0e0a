"""Which day somebody meant: "by Friday", "end of next week", "in two weeks", counted from the day on which it was said.

- A weekday is the next one, today included ("by Friday", said on a Friday, is that day); "next Friday" lies in the next
  calendar week.
- The end of a week, month or quarter is its last working day, Monday to Friday.
- A day without a year is the nearest one that lies no more than 30 days back.
- What names a budget, a contract or a quarter ("until Q2 budget") is no day on which something is owed.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10}
_DAY = "|".join(f"{name}|{name[:3]}" for name in DAYS)
_MONTH = "|".join([*(f"{name}|{name[:3]}" for name in MONTHS), "sept"])

PATTERNS = (
    ("iso", r"\b(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)\b"),
    ("month_day", rf"\b(?P<name>{_MONTH})\.?\s+(?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?:,?\s+(?P<year>20\d\d))?\b(?!\s*(?:%|users|seats))"),
    ("day_month", rf"\b(?P<day>[0-3]?\d)(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<name>{_MONTH})\b\.?(?:,?\s+(?P<year>20\d\d))?"),
    ("end_of", r"\b(?:the\s+)?end\s+of\s+(?:the\s+|this\s+)?(?P<which>next\s+)?(?P<unit>day|business|week|month|quarter)\b"),
    ("eod", r"\b(?P<unit>EOD|EOW|EOM|COB)\b"),
    ("tomorrow", r"\btomorrow\b"),
    ("today", r"\b(?:today|tonight|this\s+(?:morning|afternoon|evening))\b"),
    ("weekday", rf"\b(?:(?P<word>next|this|coming)\s+)?(?P<name>{_DAY})\b"),
    ("within", rf"\b(?:in|within)\s+(?:the\s+next\s+)?(?P<number>\d{{1,2}}|{'|'.join(NUMBERS)})\s+(?P<unit>hour|day|business\s+day|working\s+day|week|month)s?\b"),
    ("next", r"\b(?P<which>this|next)\s+(?P<unit>week|month)\b"),
    ("ordinal", r"\bby\s+the\s+(?P<day>[0-3]?\d)(?:st|nd|rd|th)\b"),
)  # fmt: skip
_COMPILED = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in PATTERNS)
_NO_DATE = re.compile(
    r"\b(?:since|last|from|after|every|each|starting|as of|not before|previous)\s+(?:the\s+)?$", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class DueDate:
    """``words`` as they were said, at ``start`` in the text."""

    day: date
    words: str
    start: int


def due_date(text: str, said_on: date) -> DueDate | None:
    """The first day that the sentence names and that does not lie before it was said."""
    found: list[DueDate] = []
    taken: list[tuple[int, int]] = []
    for name, pattern in _COMPILED:
        for match in pattern.finditer(text):
            if any(match.start() < end and begin < match.end() for begin, end in taken):
                continue
            if _NO_DATE.search(text[: match.start()]) or _abbreviates(name, match):
                continue
            day = _day(name, match, said_on)
            if day is not None and day >= said_on:
                taken.append(match.span())
                found.append(DueDate(day=day, words=match[0].strip(), start=match.start()))
    return min(found, key=lambda each: each.start, default=None)


def _abbreviates(name: str, match: re.Match[str]) -> bool:
    """``sat`` and ``may`` are words; short forms of days and months are written with a capital."""
    if name not in {"weekday", "month_day", "day_month"}:
        return False
    written = match["name"]
    return written.islower() and (len(written) == 3)


def _day(name: str, match: re.Match[str], said: date) -> date | None:
    given = {key: (value or "").lower() for key, value in match.groupdict().items()}
    if name == "iso":
        return _date(int(given["year"]), int(given["month"]), int(given["day"]))
    if name in {"month_day", "day_month"}:
        month = next(n for n, each in enumerate(MONTHS, 1) if each.startswith(given["name"]))
        return _in_year(given["year"], month, int(given["day"]), said)
    if name == "tomorrow":
        return said + timedelta(days=1)
    if name == "today":
        return said
    if name == "weekday":
        return _weekday(given["name"], given["word"], said)
    if name == "within":
        return _within(given["number"], given["unit"], said)
    if name == "ordinal":
        return _ordinal(int(given["day"]), said)
    if name == "next" and given["which"] == "this":
        return _end("week" if given["unit"] == "week" else "month", said)
    if name == "next":
        return _end(given["unit"], _ahead(given["unit"], said))
    unit = {"eod": "day", "cob": "day", "business": "day", "eow": "week", "eom": "month"}.get(
        given["unit"], given["unit"]
    )
    return _end(unit, _ahead(unit, said) if given.get("which") else said)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _in_year(year: str, month: int, day: int, said: date) -> date | None:
    if year:
        return _date(int(year), month, day)
    found = _date(said.year, month, day)
    return found if found is None or found >= said - timedelta(days=30) else _date(said.year + 1, month, day)


def _weekday(name: str, word: str, said: date) -> date:
    number = next(n for n, each in enumerate(DAYS) if each.startswith(name))
    if word == "next":
        return said - timedelta(days=said.weekday()) + timedelta(days=7 + number)
    return said + timedelta(days=(number - said.weekday()) % 7)


def _within(number: str, unit: str, said: date) -> date:
    amount = NUMBERS.get(number) or int(number)
    if unit == "hour":
        return said + timedelta(days=-(-amount // 24))
    if unit == "week":
        return said + timedelta(weeks=amount)
    if unit == "month":
        month = said.month - 1 + amount
        year, month = said.year + month // 12, month % 12 + 1
        return date(year, month, min(said.day, monthrange(year, month)[1]))
    day = said + timedelta(days=0 if unit != "day" else amount)
    if unit != "day":
        for _ in range(amount):
            day += timedelta(days=1)
            while day.weekday() > 4:
                day += timedelta(days=1)
    return day


def _ordinal(day: int, said: date) -> date | None:
    found = _date(said.year, said.month, day)
    if found is not None and found >= said:
        return found
    year, month = (said.year, said.month + 1) if said.month < 12 else (said.year + 1, 1)
    return _date(year, month, day)


def _ahead(unit: str, said: date) -> date:
    """A day of the next week, month or quarter."""
    if unit == "week":
        return said + timedelta(weeks=1)
    if unit == "day":
        return said + timedelta(days=1)
    months = 1 if unit == "month" else 3
    month = said.month - 1 + months
    return date(said.year + month // 12, month % 12 + 1, 1)


def _end(unit: str, said: date) -> date:
    """The last working day of the week, month or quarter, or the day itself when that is past."""
    if unit == "day":
        return said
    if unit == "week":
        return max(said, said - timedelta(days=said.weekday()) + timedelta(days=4))
    month = said.month if unit == "month" else (said.month - 1) // 3 * 3 + 3
    last = date(said.year, month, monthrange(said.year, month)[1])
    while last.weekday() > 4:
        last -= timedelta(days=1)
    return max(said, last)
