"""What comes first: score = value x urgency x staleness.

- value = 1 + log10(1 + expected / 1000): 1 without an open deal, 2 at 9,000, 3 at 99,000. Expected is amount times probability
  of the account's open deals; currencies are not converted, it only orders.
- urgency = what it costs to leave it until tomorrow, from 1 (can wait) to 4 (a promise to a customer is broken today).
- staleness = 1 + days waiting / 7, at most 3: what has waited two weeks counts three times.

The same records give the same order; ties go by the id of the source.
"""

import math
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from sales_app.facts import Fact

LONGEST_WAIT = 14
FIRST = 1e15  # of a total, which stands before what it sums up
CAN_WAIT, SOON, TODAY, BROKEN = 1.0, 2.0, 3.0, 4.0


def score(*, expected: Decimal | float, urgency: float, days: float) -> float:
    value = 1 + math.log10(1 + max(0.0, float(expected)) / 1000)
    staleness = 1 + min(max(0.0, days), LONGEST_WAIT) / 7
    return round(value * urgency * staleness, 4)


def urgency_of(due: date | None, today: date) -> float:
    """Of something that somebody waits for until ``due``."""
    if due is None:
        return SOON
    if due < today:
        return BROKEN
    if due == today:
        return TODAY
    return SOON if (due - today).days <= 3 else CAN_WAIT


def ranked(facts: Iterable[Fact]) -> list[Fact]:
    return sorted(
        facts,
        key=lambda fact: (-fact.rank, [(source.category, _natural(source.ref)) for source in fact.sources]),
    )


def _natural(ref: str) -> tuple[str, int, str]:
    """``deal:9`` before ``deal:10``."""
    head, _, tail = ref.rpartition(":")
    return (head, int(tail), "") if tail.isdecimal() and len(tail) < 19 else (head, 0, tail)
