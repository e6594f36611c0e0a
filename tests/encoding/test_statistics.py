"""The contrast's statistics: known values, and what must hold for all counts."""

import math
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales_app.encoding.contrast import Call, contrast
from sales_app.encoding.signals import SIGNALS
from sales_app.encoding.statistics import FEW, LEAST, Z, difference, is_small, wilson

EPS = 1e-9


@st.composite
def shares(draw: st.DrawFn, most: int = 400) -> tuple[int, int]:
    of = draw(st.integers(1, most))
    return draw(st.integers(0, of)), of


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        # Newcombe 1998, table II, method 10.
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((10, 10, 0, 20), (0.6791, 1.0)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
    ],
    ids=str,
)
def test_the_difference_as_published(
    counts: tuple[int, int, int, int], expected: tuple[float, float]
) -> None:
    found = difference(*counts).interval
    assert (found.low, found.high) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize(
    ("count", "of", "expected"),
    [(81, 263, (0.2553, 0.3662)), (0, 20, (0.0, 0.1611)), (1, 29, (0.0061, 0.1718))],
)
def test_wilson_as_published(count: int, of: int, expected: tuple[float, float]) -> None:
    found = wilson(count, of)
    assert (found.low, found.high) == pytest.approx(expected, abs=5e-5)


@given(shares())
def test_wilson_is_where_the_score_test_ends(share: tuple[int, int]) -> None:
    """Its ends are the shares from which the observed one is just ``Z`` standard errors away."""
    count, of = share
    found = wilson(count, of)
    observed = count / of
    assert 0 <= found.low <= observed <= found.high <= 1
    for end, at_the_limit in ((found.low, count == 0), (found.high, count == of)):
        if not at_the_limit:
            assert abs(observed - end) == pytest.approx(Z * math.sqrt(end * (1 - end) / of), abs=1e-7)


@given(shares(), shares())
def test_the_difference_holds_for_all_counts(one: tuple[int, int], other: tuple[int, int]) -> None:
    found = difference(*one, *other)
    assert -1 <= found.interval.low <= found.value + EPS and found.value - EPS <= found.interval.high <= 1
    # The other way round it is its mirror, and so it is for what was not found.
    swapped = difference(*other, *one)
    without = difference(one[1] - one[0], one[1], other[1] - other[0], other[1])
    for mirror in (swapped, without):
        assert mirror.value == pytest.approx(-found.value, abs=EPS)
        assert mirror.interval.low == pytest.approx(-found.interval.high, abs=EPS)
        assert mirror.interval.high == pytest.approx(-found.interval.low, abs=EPS)
    assert found.is_clear == swapped.is_clear


@given(shares(60), shares(60), st.integers(2, 20))
def test_more_deals_make_it_narrower(one: tuple[int, int], other: tuple[int, int], times: int) -> None:
    few = difference(*one, *other).interval
    many = difference(one[0] * times, one[1] * times, other[0] * times, other[1] * times).interval
    assert many.high - many.low < few.high - few.low + EPS


@given(shares(), shares(), st.integers(0, 400))
def test_one_more_won_deal_with_it_raises_it(one: tuple[int, int], other: tuple[int, int], _: int) -> None:
    count, of = one
    if count < of:
        before, after = difference(count, of, *other), difference(count + 1, of, *other)
        assert after.value > before.value
        assert (
            after.interval.low > before.interval.low - EPS
            and after.interval.high > before.interval.high - EPS
        )


def test_it_covers_what_is_true_about_as_often_as_it_says() -> None:
    """Exactly, over all outcomes of 14 won and 12 lost deals: never far below 95 %."""
    won, lost = 14, 12
    for p, q in product((0.1, 0.3, 0.5, 0.8), repeat=2):
        covered = sum(
            math.comb(won, a)
            * p**a
            * (1 - p) ** (won - a)
            * math.comb(lost, b)
            * q**b
            * (1 - q) ** (lost - b)
            for a, b in product(range(won + 1), range(lost + 1))
            if p - q in difference(a, won, b, lost).interval
        )
        assert covered > 0.92, (p, q)


def test_nothing_counted_is_nothing_known() -> None:
    assert not difference(0, 0, 3, 5).is_clear
    assert difference(0, 0, 3, 5).interval.low == -1
    with pytest.raises(ValueError):
        wilson(3, 2)
    assert is_small(FEW, FEW - 1) and not is_small(FEW, FEW)
    assert LEAST < FEW


KEYS = [signal.key for signal in SIGNALS]
CALLS = st.lists(
    st.builds(
        lambda n, deal, keys: (n, deal, keys),
        st.integers(0, 9999),
        st.integers(0, 30),
        st.sets(st.sampled_from(KEYS), max_size=4),
    ),
    max_size=60,
)


@given(CALLS)
def test_deals_are_counted_once_whatever_their_calls(rows: list[tuple[int, int, set[str]]]) -> None:
    """Against counting by hand. Even deals are won."""
    calls = [
        Call(
            id=str(place),
            deal=deal,
            rep=deal % 3,
            outcome="lost" if deal % 2 else "won",
            found={key: [{"at": 1}] for key in keys},
            measures={"questions": len(keys)},
        )
        for place, (_, deal, keys) in enumerate(rows)
    ]
    found = contrast(calls)
    deals = {deal for _, deal, _ in rows}
    assert found.won == sum(deal % 2 == 0 for deal in deals)
    assert found.lost == len(deals) - found.won
    assert {row.key for row in found.rows} == set(KEYS)
    for row in found.rows:
        having = {deal for _, deal, keys in rows if row.key in keys}
        assert row.won == sum(deal % 2 == 0 for deal in having) <= row.won_of == found.won
        assert row.lost == sum(deal % 2 for deal in having) <= row.lost_of == found.lost
        assert row.clear == (row.low > 0 or row.high < 0)
    assert contrast(reversed(calls)) == found
    assert found.is_too_small == (min(found.won, found.lost) < LEAST)
