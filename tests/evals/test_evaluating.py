"""From a draft to the gate: each case run for the version, the published one and no skill, and what that allows."""

from collections.abc import Callable
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from sales_app.artifacts.models import Artifact
from sales_app.evals import evaluating
from sales_app.evals.evaluating import begin
from sales_app.evals.gate import speaks_against
from sales_app.evals.models import Evaluation, Trial
from sales_app.evals.report import report_of
from sales_app.evals.trying import Evaluating
from sales_app.mail.models import Mail
from sales_app.people.models import User
from sales_app.skills import store
from sales_app.skills.errors import SkillError
from sales_app.skills.models import SkillVersion
from sales_app.standin.control import Control
from sessions_app.runs import dispatch
from sessions_app.runs.agents import register_agent
from sessions_app.runs.host import RunHost
from sessions_app.runs.models import Run
from tests.control.world import wait_for
from tests.evals.conftest import MUST, PLAN, ended, folder, without_section

Drafted = Callable[..., SkillVersion]
Evaluated = Callable[..., Evaluation]
NOT_YET = "It was not evaluated yet. Press Evaluate, and publish it when that has finished."


def test_a_regression_blocks_until_it_is_mended(drafted: Drafted, evaluated: Evaluated, revops: User) -> None:
    one = drafted()
    assert speaks_against(one) == [NOT_YET]
    first = evaluated(one)
    assert (first.status, first.reason, first.against) == ("finished", "", None)
    one.refresh_from_db()
    assert one.state == SkillVersion.State.EVALUATED
    assert report_of(first).means == {"candidate": 1.0, "published": None, "without": 0.0}
    store.publish(one, by=revops, note="Good")

    two = drafted(without_section("Meetings") + "\n3. **Mail** - `unanswered_mail`, at most 2.\n")
    second = evaluated(two)
    assert second.against == one
    reason, drop, fix = speaks_against(two)
    assert drop == "It holds 75% of its assertions, version 1 holds 100%: a drop of more than 5%."
    assert (
        "“has section Meetings” must hold in case plan, and fails in 1 of 1 runs; with version 1 it holds in 1 of 1"
        in reason
    )
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


def test_a_must_blocks_even_when_the_mean_rises(drafted: Drafted, evaluated: Evaluated, revops: User) -> None:
    assertions = [MUST, "has section Mail", "has section Tasks", "has section Changes"]
    one = drafted(assertions=assertions)
    evaluated(one)
    store.publish(one, by=revops, note="Good")
    more = "\n2. **Mail** - `unanswered_mail`.\n3. **Tasks** - `task_due`.\n4. **Changes** - `deal_change`.\n"
    two = drafted(without_section("Meetings") + more, assertions)
    means = report_of(evaluated(two)).means
    assert means["candidate"] == 0.75 and means["published"] == 0.25
    assert "must hold in case plan" in speaks_against(two)[0]


def test_nothing_of_anybodys_is_touched(drafted: Drafted, evaluated: Evaluated) -> None:
    people = User.objects.count()
    done = evaluated(drafted())
    assert done.trials.filter(status="done").count() == done.trials.count() == 2
    assert not Artifact.objects.exists() and not Mail.objects.exists()
    assert User.objects.count() == people
    trial = done.trials.get(arm=Trial.Arm.CANDIDATE)
    assert trial.session is not None
    assert list(trial.session.participants.values_list("actor", flat=True)) == ["system:evaluations"]
    assert set(Run.objects.values_list("queue", flat=True)) == {"scheduled"}
    assert trial.document is not None and trial.document["facts"][0]["text"]


def test_another_published_meanwhile_asks_for_another_evaluation(
    drafted: Drafted, evaluated: Evaluated, revops: User
) -> None:
    one, two = drafted(), drafted(PLAN + "\nMore.\n")
    evaluated(one)
    evaluated(two)
    store.publish(one, by=revops, note="")
    assert "Version 1 was published since it was evaluated" in speaks_against(two)[0]


def test_only_an_administrator_overrules_it_with_a_reason(drafted: Drafted, revops: User) -> None:
    one = drafted()
    for by, note, code in (
        (revops, "Please", "skill_not_allowed"),
        (User(email="a@example.com", role="administrator"), " ", "skill_note"),
    ):
        with pytest.raises(SkillError) as refused:
            store.publish_anyway(one, by=by, note=note)
        assert refused.value.code == code
    admin = User.objects.create_user("ada@example.com", None, role="administrator")
    store.publish_anyway(one, by=admin, note="The customer waits")
    change = one.changes.get(action="published")
    assert change.by == admin
    assert change.note == f"The customer waits (Published although: {NOT_YET})"


def test_what_has_no_evaluations_and_what_came_with_us_is_not_asked(revops: User) -> None:
    bare = store.draft("bare", {"SKILL.md": PLAN.encode()}, by=revops, note="", origin="edited")
    assert speaks_against(bare) == []
    broken = store.draft("odd", folder() | {"evals/evals.json": b"{"}, by=revops, note="", origin="edited")
    assert speaks_against(broken)[0].startswith("Its evaluations cannot be read.")
    shipped = store.draft("ours", folder(), by=None, note="", origin="shipped")
    assert speaks_against(shipped) == []


def test_a_cap_stops_it(
    drafted: Drafted, host: RunHost, revops: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluating, "spent", lambda _: Decimal("0.02"))  # the stand-in costs nothing
    done = begin(drafted(), by=revops, runs=3, cap=Decimal("0.01"))
    assert done.status == "stopped" and "$0.01 were spent after 0 of 6 runs" in done.reason
    assert "did not finish" in speaks_against(done.version)[0]


def test_a_host_that_dies_is_gone_on_for(drafted: Drafted, control: Control, revops: User) -> None:
    register_agent(Evaluating(), internal=True)
    dispatch.on_wake(lambda *_: None)
    evaluation = begin(drafted(), by=revops, runs=3)
    assert evaluation.trials.filter(status="running").count() == evaluating.AT_ONCE
    first = RunHost()
    first.start()
    wait_for(lambda: evaluation.trials.filter(status="done").exists(), 60)
    first.stop(grace=0)
    Run.objects.filter(status="running").update(lease_until=timezone.now())  # nobody renews them
    second = RunHost()
    second.start()
    dispatch.on_wake(second.submit)
    try:
        evaluating.advance_all()
        assert ended(evaluation).status == "finished"
    finally:
        second.stop(grace=2)
    assert evaluation.trials.filter(status="done").count() == 6
    assert all(len(trial.verdicts) == 4 for trial in evaluation.trials.all())


def test_two_advance_at_once(drafted: Drafted, control: Control, revops: User) -> None:
    dispatch.on_wake(lambda *_: None)
    evaluation = begin(drafted(), by=revops, runs=3)
    Trial.objects.update(status="waiting", session=None)  # as if nothing had been begun
    started = Trial.objects.count()
    barrier = Barrier(2)

    def one() -> None:
        barrier.wait()
        evaluating.advance(evaluation.pk)
        connection.close()

    threads = [Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert started == 6
    assert evaluation.trials.filter(status="running").count() == evaluating.AT_ONCE
    assert evaluation.trials.filter(tries=2).count() == evaluating.AT_ONCE


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer: nothing to race")
def test_of_two_that_publish_at_once_the_second_is_asked_again(
    drafted: Drafted, evaluated: Evaluated, revops: User
) -> None:
    one = drafted()
    evaluated(one)
    store.publish(one, by=revops, note="")
    rivals = [drafted(PLAN + f"\nMore {number}.\n") for number in range(2)]
    for version in rivals:
        evaluated(version)
        assert speaks_against(version) == []
    barrier, refused = Barrier(2), []

    def publish(version: SkillVersion) -> None:
        barrier.wait()
        try:
            store.publish(version, by=revops, note="")
        except SkillError as problem:
            refused.append(problem.code)
        connection.close()

    threads = [Thread(target=publish, args=(version,)) for version in rivals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert refused == ["skill_gate"]
