"""Briefs of reps in twelve zones over a change of the clocks: two schedulers and two workers, of each of which one is killed."""

import os
from collections.abc import Sequence
from datetime import date

import pytest

from tests.briefs.company import CHANGE, SATURDAY, Company
from tests.support.topology import Topologies


def play(company: Company, days: Sequence[date]) -> None:
    """Set the clock to each moment at which some are due; kill in the middle of two of them."""
    company.clewline.start()
    steps = sorted(step for day in days for step in company.due(day))
    expected = 0
    kills = {len(steps) // 3: company.beats[0], len(steps) // 2: company.workers[0]}
    for number, (at, count) in enumerate(steps):
        assert company.delivered() == expected, "none before it is due"
        company.set_clock(at)
        if number in kills:
            company.wait(expected + 1)
            kills[number].kill()
        expected += count
        company.wait(expected)
    company.wait(expected, ended=True, seconds=600)
    company.check(days)


def test_each_brief_once_over_a_change_of_the_clocks(topology: Topologies) -> None:
    play(Company(topology, reps=36, first=SATURDAY), [SATURDAY, CHANGE])


@pytest.mark.thorough
@pytest.mark.skipif(
    not os.environ.get("CLEWLINE_TEST_500"), reason="a quarter of an hour: CLEWLINE_TEST_500=1"
)
@pytest.mark.timeout(1800)
def test_of_500_reps(topology: Topologies) -> None:
    play(Company(topology, reps=500, first=SATURDAY), [SATURDAY, CHANGE])
