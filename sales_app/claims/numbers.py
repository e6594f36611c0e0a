"""Numbers in a text, with unit and the precision in which they are written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

_WORDS = {
    "zero": 0, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "hundred": 100, "dozen": 12, "twice": 2,
}  # fmt: skip
_TIMES = {"k": 3, "thousand": 3, "m": 6, "mn": 6, "million": 6, "b": 9, "bn": 9, "billion": 9}
_MONEY = {
    "$": "USD",
    "us$": "USD",
    "€": "EUR",
    "£": "GBP",
    "usd": "USD",
    "eur": "EUR",
    "gbp": "GBP",
    "chf": "CHF",
    "dollars": "USD",
    "euros": "EUR",
    "pounds": "GBP",
}

_FIGURE = re.compile(
    r"""(?<![\w.,])
    (?P<before>US\$|[$€£]|(?:USD|EUR|GBP|CHF)[ \u00a0])?
    (?P<sign>[-−](?=[\d$€£]))?
    (?P<digits>\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)
    (?:[ \u00a0]?(?P<times>thousand|million|billion|mn|bn|[kKmMbB])(?![\w]))?
    (?P<percent>[ \u00a0]?(?:%|percent\b|per\ cent\b))?
    (?:[ \u00a0](?P<after>USD|EUR|GBP|CHF|dollars|euros|pounds)\b)?
    (?![\d]|[.,]\d)""",
    re.VERBOSE,
)
_SPELLED = re.compile(
    r"\b(" + "|".join(_WORDS) + r")\b(?:-(one|two|three|four|five|six|seven|eight|nine))?", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class Number:
    """``unit`` is "%", a currency, or "". ``step`` is the weight of the last digit written: 1.2M has 100,000; ``short`` that it
    is written so."""

    value: Decimal
    unit: str
    step: Decimal
    short: bool = False
    written: str
    start: int
    end: int


def numbers(text: str) -> Iterator[Number]:
    """In no order. Dates, times and words like Q2 are to be taken out before."""
    for found in _FIGURE.finditer(text):
        digits = re.sub(r"[,\u00a0\u202f]", "", found["digits"])
        try:
            value = Decimal(digits)
        except InvalidOperation:
            continue
        places = len(digits.partition(".")[2])
        scale = Decimal(10) ** _TIMES.get((found["times"] or "").lower(), 0)
        money = (found["before"] or found["after"] or "").strip().lower()
        unit = "%" if found["percent"] else _MONEY.get(money, "")
        yield Number(
            value=value * scale * (-1 if found["sign"] else 1),
            unit=unit,
            step=scale / (Decimal(10) ** places),
            short=scale > 1,
            written=found[0].strip(),
            start=found.start(),
            end=found.end(),
        )
    for found in _SPELLED.finditer(text):
        unit_word = _WORDS.get((found[2] or "").lower(), 1 if found[2] else 0)
        yield Number(
            value=Decimal(_WORDS[found[1].lower()] + unit_word),
            unit="",
            step=Decimal(1),
            written=found[0],
            start=found.start(),
            end=found.end(),
        )


def same(claimed: Number, known: Number) -> bool:
    """Whether ``known`` may be written as ``claimed``: the same unit as far as both tell, and rounding alone in between."""
    if claimed.unit != known.unit and ((claimed.unit and known.unit) or "%" in (claimed.unit, known.unit)):
        return False
    if claimed.value == known.value:
        return True
    # Rounding is for amounts written short (1.2M, 45K, 12.5 %), not for plain counts: 40 is not 38.
    rounded = claimed.step > known.step and (claimed.short or claimed.unit == "%" or known.step < 1)
    return rounded and abs(claimed.value - known.value) <= claimed.step / 2
