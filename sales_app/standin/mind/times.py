"""Days and spans of days as people write them."""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
SHORT_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
WEEKDAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
NUMBERS = {
    word: number
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ]
    )
} | {"a": 1, "an": 1, "couple of": 2, "few": 3, "fourteen": 14, "thirty": 30, "sixty": 60, "ninety": 90}

_MONTH = "|".join([*MONTHS, *SHORT_MONTHS])
_NUMBER = r"\d+|" + "|".join(sorted(NUMBERS, key=len, reverse=True))
_DAY = rf"\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}(?:st|nd|rd|th|\.)? (?:of )?(?:{_MONTH})\b\.?(?: \d{{4}})?|(?:{_MONTH})\b\.? \d{{1,2}}(?:st|nd|rd|th)?\b(?!\d)(?:,? \d{{4}})?"


@dataclass(frozen=True)
class Span:
    """Both days included; None: open on that side. ``label`` reads after a noun: "deals closing next month"."""

    first: date | None
    last: date | None
    label: str


def month_of(day: date) -> tuple[date, date]:
    last = calendar.monthrange(day.year, day.month)[1]
    return day.replace(day=1), day.replace(day=last)


def add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def quarter(year: int, number: int) -> tuple[date, date]:
    first = date(year, number * 3 - 2, 1)
    return first, month_of(add_months(first, 2))[1]


def _week_of(day: date) -> tuple[date, date]:
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def _relative(today: date, which: str, unit: str) -> tuple[date, date]:
    step = {
        "this": 0,
        "current": 0,
        "the": 0,
        "next": 1,
        "coming": 1,
        "last": -1,
        "previous": -1,
        "past": -1,
    }[which]
    if unit == "week":
        return _week_of(today + timedelta(weeks=step))
    if unit == "month":
        return month_of(add_months(today.replace(day=1), step))
    if unit == "quarter":
        start = add_months(today.replace(day=1), 3 * step)
        return quarter(start.year, (start.month - 1) // 3 + 1)
    year = today.year + step
    return date(year, 1, 1), date(year, 12, 31)


def number(text: str) -> int:
    return int(text) if text.isdecimal() else NUMBERS[text]


def _back_or_on(today: date, count: int, unit: str, forward: bool) -> tuple[date, date]:
    sign = 1 if forward else -1
    if unit in {"day", "week"}:
        other = today + timedelta(days=sign * count * (7 if unit == "week" else 1))
    else:
        other = add_months(today, sign * count * {"month": 1, "quarter": 3, "year": 12}[unit])
    return (today, other) if forward else (other, today)


def one_day(text: str, today: date) -> date | None:
    """``2026-03-01``, ``1 March``, ``March 1st, 2027``. Without a year the next such day from half a year ago."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None
    word = re.search(rf"\b({_MONTH})\b", text)
    figures = re.findall(r"\d+", text)
    if word is None or not figures:
        return None
    month = MONTHS.get(word[1]) or SHORT_MONTHS[word[1]]
    day = next((int(figure) for figure in figures if len(figure) <= 2), 1)
    year = next((int(figure) for figure in figures if len(figure) == 4), None)
    try:
        found = date(year or today.year, month, day)
    except ValueError:
        return None
    if year is None and found < today - timedelta(days=183):
        found = found.replace(year=found.year + 1)
    return found


Finder = Callable[[re.Match[str], date], Span | None]


def _named(match: re.Match[str], today: date) -> Span:
    days = {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1, "day after tomorrow": 2}
    day = today + timedelta(days=days[match[0]])
    return Span(day, day, match[0])


def _this_next_last(match: re.Match[str], today: date) -> Span:
    first, last = _relative(today, match[1], match[2])
    word = {"current": "this", "the": "this", "coming": "next", "previous": "last", "past": "last"}.get(
        match[1], match[1]
    )
    return Span(first, last, f"{word} {match[2]}")


def _n_units(match: re.Match[str], today: date) -> Span:
    count, unit = number(match[2] or "1"), match[3]
    forward = match[1] not in {"last", "past", "previous"}
    first, last = _back_or_on(today, count, unit, forward)
    name = f"{count} {unit}{'s' if count != 1 else ''}"
    return Span(first, last, f"in the {'next' if forward else 'last'} {name}")


def _weekday(match: re.Match[str], today: date) -> Span:
    ahead = (WEEKDAYS[match[2]] - today.weekday()) % 7
    if match[1] and match[1].strip() == "last":
        ahead -= 7
    elif match[1] and match[1].strip() == "next" and ahead == 0:
        ahead = 7
    day = today + timedelta(days=ahead)
    return Span(day, day, f"on {day:%A}")


def _quarter_number(match: re.Match[str], today: date) -> Span:
    count = int(match[1])
    year = int(match[2]) if match[2] else today.year
    first, last = quarter(year, count)
    return Span(first, last, f"in Q{count} {year}")


def _month_name(match: re.Match[str], today: date) -> Span:
    month = MONTHS.get(match[1]) or SHORT_MONTHS[match[1]]
    year = int(match[2]) if match[2] else today.year
    if not match[2] and month < today.month - 6:
        year += 1
    first, last = month_of(date(year, month, 1))
    return Span(first, last, f"in {first:%B %Y}")


def _end_of(match: re.Match[str], today: date) -> Span:
    which, unit = (match[1] or "this").strip(), match[2]
    _, last = _relative(today, which if which in {"this", "next", "last"} else "this", unit)
    return Span(today, last, f"by the end of {'next' if which == 'next' else 'this'} {unit}")


def _between_days(match: re.Match[str], today: date) -> Span | None:
    first, last = one_day(match[1], today), one_day(match[2], today)
    if first is None or last is None or last < first:
        return None
    return Span(first, last, f"from {first:%-d %b %Y} to {last:%-d %b %Y}")


def _bound(match: re.Match[str], today: date) -> Span | None:
    day = one_day(match[2], today)
    if day is None:
        return None
    if match[1] in {"before", "by", "until", "till"}:
        last = day - timedelta(days=1) if match[1] == "before" else day
        return Span(None, last, f"{match[1]} {day:%-d %b %Y}")
    return Span(day, None, f"{match[1]} {day:%-d %b %Y}")


def _bare_day(match: re.Match[str], today: date) -> Span | None:
    day = one_day(match[1], today)
    return None if day is None else Span(day, day, f"on {day:%-d %b %Y}")


_UNITS = "day|week|month|quarter|year"
FINDERS: list[tuple[re.Pattern[str], Finder]] = [
    (re.compile(rf"\b(?:between|from) ({_DAY}) (?:and|to|until|till) ({_DAY})"), _between_days),
    (re.compile(rf"\b(before|by|until|till|after|since|from) (?:the )?({_DAY})"), _bound),
    (re.compile(rf"(?:\bon )?(?:the )?\b({_DAY})"), _bare_day),
    (re.compile(r"\b(day after tomorrow|today|tonight|tomorrow|yesterday)\b"), _named),
    (
        re.compile(
            rf"\b(?:in |within |over |during |for |of )?(?:the )?(next|coming|last|past|previous|within) ({_NUMBER}) ({_UNITS})s?\b"
        ),
        _n_units,
    ),
    (re.compile(rf"\b(in|within) ({_NUMBER}) ({_UNITS})s?\b"), _n_units),
    (
        re.compile(
            r"\b(?:by |until |before |at )?(?:the )?end of (?:the )?(this |next )?(week|month|quarter|year)\b"
        ),
        _end_of,
    ),
    (
        re.compile(
            r"\b(?:in |during |for )?(this|current|next|coming|last|previous|past) (week|month|quarter|year)(?:'s|s)?\b"
        ),
        _this_next_last,
    ),
    (re.compile(r"\bq([1-4])(?:[ /-]?(\d{4}))?\b"), _quarter_number),
    (re.compile(rf"\b(?:on |by )?(next |last |this |coming )?({'|'.join(WEEKDAYS)})\b"), _weekday),
    (re.compile(rf"\b(?:in|during|for|of|by) ({_MONTH})\b\.?(?: (\d{{4}}))?"), _month_name),
    (
        re.compile(
            rf"\b({'|'.join(m for m in [*MONTHS, *SHORT_MONTHS] if m not in {'may', 'march', 'mar'})})\b\.?(?: (\d{{4}}))?"
        ),
        _month_name,
    ),
    (
        re.compile(r"\b(?:in|during|for) ((?:19|20)\d{2})\b"),
        lambda m, _: Span(date(int(m[1]), 1, 1), date(int(m[1]), 12, 31), f"in {m[1]}"),
    ),
]


def find(text: str, today: date) -> tuple[Span | None, str]:
    """The first span that the (lower-case) text names, and the text without it."""
    for pattern, finder in FINDERS:
        for match in pattern.finditer(text):
            found = finder(match, today)
            if found is not None:
                return found, f"{text[: match.start()]} {text[match.end() :]}"
    return None, text


def days_of_silence(text: str, today: date) -> int | None:
    """``for 45 days``, ``in two months``, ``over a month`` as days."""
    match = re.search(rf"\b({_NUMBER})\+? ({_UNITS})s?\b", text)
    if match is None:
        match_one = re.search(r"\b(?:this|last|past|a) (week|month|quarter|year)\b", text)
        if match_one is None:
            return None
        return {"week": 7, "month": 30, "quarter": 90, "year": 365}[match_one[1]]
    return number(match[1]) * {"day": 1, "week": 7, "month": 30, "quarter": 90, "year": 365}[match[2]]
