"""Won against lost: how many deals of each have a signal in their calls, and how sure the difference is.

The unit is the deal, because calls of one deal resemble each other. A deal has a signal when one of its calls has it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from sales_app.encoding.signals import SIGNALS
from sales_app.encoding.statistics import LEAST, difference, is_small

Json = dict[str, Any]

CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True)
class Call:
    """What was found in one call. ``found`` and ``measures`` as in ``StudiedCall``."""

    id: str
    deal: int
    rep: int | None
    outcome: str
    found: Mapping[str, Sequence[Json]]
    measures: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One signal. ``difference`` is the share in won deals minus that in lost ones, with its 95 % interval ``low`` to ``high``.

    ``clear``: the interval leaves out zero. ``reps``: by how many people's deals it is found, of ``reps_of``.
    """

    key: str
    title: str
    won: int
    won_of: int
    lost: int
    lost_of: int
    difference: float
    low: float
    high: float
    clear: bool
    reps: int
    reps_of: int

    @property
    def won_share(self) -> float:
        return self.won / self.won_of if self.won_of else 0.0

    @property
    def lost_share(self) -> float:
        return self.lost / self.lost_of if self.lost_of else 0.0


@dataclass(frozen=True, kw_only=True)
class Middle:
    """The median over deals of a plain number; None where there are no deals."""

    key: str
    won: float | None
    lost: float | None


@dataclass(frozen=True, kw_only=True)
class Contrast:
    rows: tuple[Row, ...]
    middles: tuple[Middle, ...]
    won: int
    lost: int
    calls: int

    @property
    def is_small(self) -> bool:
        return is_small(self.won, self.lost)

    @property
    def is_too_small(self) -> bool:
        return min(self.won, self.lost) < LEAST

    def by_chance(self) -> float:
        """How many of the signals would look clearly different if none was."""
        return len(self.rows) * (1 - CONFIDENCE)

    def as_json(self) -> Json:
        return asdict(self)


def contrast_from_json(value: Json) -> Contrast:
    return Contrast(
        **{
            **value,
            "rows": tuple(Row(**each) for each in value["rows"]),
            "middles": tuple(Middle(**each) for each in value["middles"]),
        }
    )


def contrast(calls: Iterable[Call]) -> Contrast:
    """Rows by how far they are from no difference, clear ones first."""
    heard = list(calls)
    outcome = {call.deal: call.outcome for call in heard}
    won = {deal for deal, how in outcome.items() if how == "won"}
    lost = outcome.keys() - won
    rows = []
    for signal in SIGNALS:
        having = [call for call in heard if call.found.get(signal.key)]
        deals = {call.deal for call in having}
        rows.append(_row(signal.key, signal.title, deals, won, lost, having, heard))
    rows.sort(key=lambda row: (not row.clear, -abs(row.difference), row.key))
    return Contrast(
        rows=tuple(rows),
        middles=tuple(_middle(key, heard, won, lost) for key in ("talk_share", "questions", "people")),
        won=len(won),
        lost=len(lost),
        calls=len(heard),
    )


def _row(
    key: str,
    title: str,
    deals: set[int],
    won: set[int],
    lost: set[int],
    having: list[Call],
    heard: list[Call],
) -> Row:
    counts = (len(deals & won), len(won), len(deals & lost), len(lost))
    found = difference(*counts)
    return Row(
        key=key,
        title=title,
        won=counts[0],
        won_of=counts[1],
        lost=counts[2],
        lost_of=counts[3],
        difference=found.value,
        low=found.interval.low,
        high=found.interval.high,
        clear=found.is_clear,
        reps=len({call.rep for call in having}),
        reps_of=len({call.rep for call in heard}),
    )


def _middle(key: str, heard: list[Call], won: set[int], lost: set[int]) -> Middle:
    """Of each deal the mean over its calls, then the median over deals."""
    by_deal: dict[int, list[float]] = {}
    for call in heard:
        by_deal.setdefault(call.deal, []).append(float(call.measures.get(key, 0.0)))
    means = {deal: sum(values) / len(values) for deal, values in by_deal.items()}

    def of(deals: set[int]) -> float | None:
        return round(median(means[deal] for deal in deals), 4) if deals else None

    return Middle(key=key, won=of(won), lost=of(lost))
