"""Dates and times in a text, as far as they are told, and how something relates to them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH = r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>20\d\d)"

_PATTERNS = [
    ("iso", re.compile(r"\b(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?:[T ](?P<hour>\d\d):(?P<minute>\d\d)(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?)?")),
    ("day month", re.compile(rf"\b{_DAY} (?:of )?{_MONTH}(?:,? {_YEAR})?(?!\w)", re.IGNORECASE)),
    ("range", re.compile(rf"\b{_DAY}(?=(?: and | to | ?[–-] ?)[0-3]?\d {_MONTH}(?:,? {_YEAR})?(?!\w))", re.IGNORECASE)),
    ("month day", re.compile(rf"\b{_MONTH} {_DAY}(?!\d)(?:,? {_YEAR})?(?!\w)", re.IGNORECASE)),
    ("month", re.compile(rf"\b{_MONTH} {_YEAR}\b", re.IGNORECASE)),
    ("quarter", re.compile(r"\bQ(?P<quarter>[1-4])(?:[ /-]?(?P<year>20\d\d|FY\d\d))?\b")),
    ("quarter words", re.compile(r"\b(?P<words>first|second|third|fourth) quarter(?: of (?P<year>20\d\d))?\b", re.IGNORECASE)),
    ("weekday", re.compile(r"\b(?P<weekday>" + "|".join(DAYS) + r"|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?=[ ,.)\u2009]))s?\b", re.IGNORECASE)),
    ("named month", re.compile(r"\b(?P<month>January|February|April|June|July|August|September|October|November|December|(?<=\bin )March|(?<=\bby )March|(?<=\buntil )March|(?<=\bin )May|(?<=\bby )May|(?<=\buntil )May)\b")),
    ("relative", re.compile(r"\b(?P<relative>the day after tomorrow|today|tonight|tomorrow|yesterday|this morning|this afternoon)\b", re.IGNORECASE)),
    ("week", re.compile(r"\b(?P<which>last|this|next) (?P<span>week|month|quarter|year)\b", re.IGNORECASE)),
    ("end", re.compile(r"\bend of (?:the|a|this) (?P<ending>month|quarter|year)\b", re.IGNORECASE)),
    ("ago", re.compile(r"\b(?:a|one) (?P<span>week|month|quarter|year) ago\b", re.IGNORECASE)),
    ("year", re.compile(r"\b(?:in|of|since|by|until|for|during) (?P<year>20\d\d)\b", re.IGNORECASE)),
    ("time", re.compile(r"\b(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?: ?(?P<half>[ap]m))?\b", re.IGNORECASE)),
    ("clock", re.compile(r"\b(?P<hour>1[0-2]|[1-9]) ?(?P<half>[ap]m)\b", re.IGNORECASE)),
]  # fmt: skip

# How a sentence stands to a date: by it, until it, after it.
_RELATION = re.compile(
    r"\b(by|before|no later than|until|till|through|after|from|since|starting|not before)\s+(?:the\s+)?(?:end of\s+|start of\s+|early\s+|late\s+|mid[- ])?(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
_NOT_BEFORE = re.compile(
    r"\b(?:not|never|nobody|nothing|\w+n['’]t)\b[^,;.]*\bbefore\b[^,;.]*$", re.IGNORECASE
)
_CLASS = {
    "by": "by",
    "before": "by",
    "no later than": "by",
    "until": "until",
    "till": "until",
    "through": "until",
    "after": "after",
    "from": "after",
    "since": "after",
    "starting": "after",
    "not before": "after",
}


@dataclass(frozen=True, kw_only=True)
class When:
    """What is told of a day or a time of day; None is not told. ``first`` and ``last`` bound a span such as last week."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    quarter: int | None = None
    weekday: int | None = None
    hour: int | None = None
    minute: int | None = None
    first: date | None = None
    last: date | None = None
    relation: str = ""
    relative: bool = False
    written: str
    start: int
    end: int

    @property
    def whole(self) -> date | None:
        if self.year and self.month and self.day:
            try:
                return date(self.year, self.month, self.day)
            except ValueError:
                return None
        return None

    def is_soon(self, today: date) -> bool:
        """Told from today: when to do something, rather than when something was."""
        last = self.last or (self.whole if self.relative else None)
        return last is not None and last >= today

    def nearest(self, today: date) -> date | None:
        """The whole date; when the year was left out, in the year that brings it closest to today."""
        if self.year or not (self.month and self.day):
            return self.whole
        years = (replace(self, year=today.year + step).whole for step in (-1, 0, 1))
        return min((each for each in years if each), key=lambda each: abs((each - today).days), default=None)


def dates(text: str, *, today: date) -> Iterator[When]:
    """Each piece of text counts once, the fullest reading first."""
    taken: list[tuple[int, int]] = []
    for name, pattern in _PATTERNS:
        for found in pattern.finditer(text):
            if any(found.start() < end and start < found.end() for start, end in taken):
                continue
            when = _when(name, found, text, today)
            if when is not None:
                taken.append((found.start(), found.end()))
                yield when


def _when(name: str, found: "re.Match[str]", text: str, today: date) -> When | None:
    groups = found.groupdict()
    told: dict[str, object] = {}
    if groups.get("year") and groups["year"].isdigit():
        told["year"] = int(groups["year"])
    if groups.get("month"):
        month = groups["month"].lower()
        told["month"] = (
            int(month)
            if month.isdigit()
            else next(n for n, full in enumerate(MONTHS, 1) if full.startswith(month[:3]))
        )
    if groups.get("day"):
        told["day"] = int(groups["day"])
        if not 1 <= int(groups["day"]) <= 31:
            return None
    if groups.get("quarter"):
        told["quarter"] = int(groups["quarter"])
    if groups.get("words"):
        told["quarter"] = ("first", "second", "third", "fourth").index(groups["words"].lower()) + 1
    if groups.get("weekday"):
        told["weekday"] = next(
            n for n, full in enumerate(DAYS) if full.startswith(groups["weekday"].lower()[:3])
        )
    if groups.get("hour"):
        hour = int(groups["hour"])
        half = (groups.get("half") or "").lower()
        told["hour"] = hour % 12 + 12 if half == "pm" else hour % 12 if half == "am" else hour
        told["minute"] = int(groups.get("minute") or 0)
    if groups.get("relative"):
        shift = {"the day after tomorrow": 2, "tomorrow": 1, "yesterday": -1}.get(
            groups["relative"].lower(), 0
        )
        day = today + timedelta(days=shift)
        told.update(relative=True, year=day.year, month=day.month, day=day.day)
    if groups.get("ending"):
        day = _span("this", groups["ending"].lower(), today)[1]
        told.update(year=day.year, month=day.month, day=day.day)
    if groups.get("span"):
        told["first"], told["last"] = _span(
            (groups.get("which") or "last").lower(), groups["span"].lower(), today
        )
    before = _RELATION.search(text[: found.start()])
    relation = _CLASS[before[1].lower()] if before else ""
    if relation == "by" and _NOT_BEFORE.search(text[: found.start()]):
        relation = "after"
    return When(**told, relation=relation, written=found[0].strip(), start=found.start(), end=found.end())  # type: ignore[arg-type]


def _span(which: str, span: str, today: date) -> tuple[date, date]:
    step = {"last": -1, "this": 0, "next": 1}[which]
    if span == "week":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
        return monday, monday + timedelta(days=6)
    if span == "year":
        return date(today.year + step, 1, 1), date(today.year + step, 12, 31)
    length = 1 if span == "month" else 3
    months = today.year * 12 + (today.month - 1) // length * length + step * length
    first = date(months // 12, months % 12 + 1, 1)
    after = months + length
    return first, date(after // 12, after % 12 + 1, 1) - timedelta(days=1)


def agree(claimed: When, known: When, *, today: date) -> bool:
    """Whether ``known`` may be written as ``claimed``: nothing that both tell differs, and the claim tells nothing new."""
    if claimed.hour is not None:
        if known.hour is None or (claimed.hour, claimed.minute) != (known.hour, known.minute):
            return False
        if claimed.day is None:
            return True
    whole = known.nearest(today)
    if claimed.first is not None:
        if known.first is not None:
            return (claimed.first, claimed.last) == (known.first, known.last)
        if known.year and not (known.month or known.quarter):
            return (claimed.first, claimed.last) == (date(known.year, 1, 1), date(known.year, 12, 31))
        return whole is not None and claimed.first <= whole <= (claimed.last or whole)
    if claimed.weekday is not None and claimed.day is None:
        if whole is not None:
            return whole.weekday() == claimed.weekday
        return known.weekday == claimed.weekday
    month = known.month
    quarter = known.quarter or ((month - 1) // 3 + 1 if month else None)
    for told, theirs in (
        (claimed.day, known.day),
        (claimed.month, month),
        (claimed.quarter, quarter),
    ):
        if told is not None and told != theirs:
            return False
    if claimed.year is not None:
        # A year that was left out is this one, the next or the last: whichever the writer of the fact meant.
        return known.year == claimed.year or (known.year is None and abs(claimed.year - today.year) <= 1)
    return any(told is not None for told in (claimed.day, claimed.month, claimed.quarter, claimed.hour))
