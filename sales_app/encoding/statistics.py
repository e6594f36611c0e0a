"""Two shares compared: Wilson's interval for each, Newcombe's hybrid score interval for their difference.

Both hold for small counts and for shares of 0 and 1, where the usual normal interval does not. They treat deals as independent of
each other, and say nothing about causes.
"""

import math
from dataclasses import dataclass

Z = 1.959963984540054  # two-sided 95 %

# Below this many deals on either side nothing is proposed, and below the other one every line carries a warning.
LEAST = 5
FEW = 20


@dataclass(frozen=True, kw_only=True)
class Interval:
    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True, kw_only=True)
class Difference:
    """``value`` is the first share minus the second, from -1 to 1."""

    value: float
    interval: Interval

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out no difference at all."""
        return self.interval.low > 0 or self.interval.high < 0


def wilson(count: int, of: int, *, z: float = Z) -> Interval:
    """The interval of a share; from 0 to 1 where nothing was counted. Raises ``ValueError`` for counts that cannot be."""
    if not 0 <= count <= of:
        raise ValueError(f"{count} of {of} is no share.")
    if of == 0:
        return Interval(low=0.0, high=1.0)
    share, square = count / of, z * z
    centre = (share + square / (2 * of)) / (1 + square / of)
    half = z / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    # At the ends the formula is exact, and its rounding is not.
    low = 0.0 if count == 0 else max(0.0, centre - half)
    high = 1.0 if count == of else min(1.0, centre + half)
    return Interval(low=low, high=high)


def difference(count: int, of: int, other_count: int, other_of: int, *, z: float = Z) -> Difference:
    """The first share minus the other; from -1 to 1, unknown, where either side is empty."""
    one, other = wilson(count, of, z=z), wilson(other_count, other_of, z=z)
    if not of or not other_of:
        return Difference(value=0.0, interval=Interval(low=-1.0, high=1.0))
    p, q = count / of, other_count / other_of
    low = p - q - math.hypot(p - one.low, other.high - q)
    high = p - q + math.hypot(one.high - p, q - other.low)
    return Difference(value=p - q, interval=Interval(low=max(-1.0, low), high=min(1.0, high)))


def is_small(of: int, other_of: int) -> bool:
    return min(of, other_of) < FEW
