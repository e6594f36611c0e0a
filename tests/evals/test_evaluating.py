"""From a draft to the gate: each case run for the version, the published one and no skill, and what that allows."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from sales_app.artifacts.models import Artifact
from sales_app.evals.gate import speaks_against
from sales_app.evals.models import Evaluation, Trial
from sales_app.evals.report import report_of
from sales_app.mail.models import Mail
from sales_app.people.models import User
from sales_app.skills import store
from sales_app.skills.errors import SkillError
from sales_app.skills.models import SkillVersion
from tests.evals.conftest import MUST, PLAN, without_section

Drafted = Callable[..., SkillVersion]
Evaluated = Callable[..., Evaluation]


def test_a_regression_blocks_until_it_is_mended(
    drafted: Drafted, evaluated: Evaluated, revops: User
) -> None:
    one = drafted()
    assert speaks_against(one) == ["It was not evaluated yet. Press Evaluate, and publish it when that has finished."]
    first = evaluated(one)
    assert (first.status, first.reason, first.against) == ("finished", "", None)
    one.refresh_from_db()
    assert one.state == SkillVersion.State.EVALUATED
    assert report_of(first).means == {"candidate": 1.0, "published": None, "without": 0.0}
    store.publish(one, by=revops, note="Good")

    two = drafted(without_section("Meetings") + "\n3. **Mail** - `unanswered_mail`, at most 2.\n")
    second = evaluated(two)
    assert second.against == one
    (reason, fix) = speaks_against(two)
    assert "“has section Meetings” must hold in case plan, and fails in 1 of 1 runs; with version 1 it holds in 1 of 1" in reason
    assert "Sections: Actions, Mail." in reason and fix.startswith("Edit it")
    with pytest.raises(SkillError) as refused:
        store.publish(two, by=revops, note="Please")
    assert refused.value.code == "skill_gate" and store.published("day-plan") == one

    three = drafted(PLAN + "\n3. **Mail** - `unanswered_mail`, at most 2.\n")
    evaluated(three)
    assert speaks_against(three) == []
    store.publish(three, by=revops, note="Mended")
    assert store.published("day-plan") == three
    assert store.roll_back(three.skill, by=revops, note="Back") == one
