"""Saying it otherwise, asking again, and going back: branches, and what the next run reads."""

from typing import Any

import pytest

from sessions_app.control.answer import Reply, answer
from sessions_app.control.branches import regenerate, revise, select
from sessions_app.control.handover import HeldByOther, release, take
from sessions_app.control.send import Busy, InputConflict, TooManyRuns
from sessions_app.control.stop import UnknownRun
from sessions_app.runs.models import Input, Run
from sessions_app.runs.transcript import transcript
from sessions_app.session.access import NotAllowed, UnknownSession
from sessions_app.session.models import Session
from tests.control.world import (
    ANN,
    BEN,
    NOBODY,
    OLGA,
    Worker,
    approval,
    due,
    log_of,
    new_session,
    refused,
    say,
    view_of,
    work_off,
)

pytestmark = pytest.mark.django_db(transaction=True)


def turns(session: Session, *texts: str) -> list[str]:
    """Ask and answer; the runs' ids."""
    runs = []
    for text in texts:
        runs.append(str(say(session, text).run_id))
        assert work_off(session) == 1
    return runs


def read_by(session: Session, run_id: str) -> list[str]:
    """What the run reads of people and of runs, in order."""
    items = transcript(str(session.pk), run_id)
    return [item.text if item.kind == "user" else f"run {item.run_id}" for item in items]


def branch(session: Session) -> list[str]:
    """The runs of the branch that is shown, oldest first."""
    view = view_of(session)
    runs, at = [], view["session"]["branch"]
    while at is not None:
        runs.insert(0, at)
        at = view["runs"][at]["after"]
    return runs


def test_runs_follow_each_other(session: Session) -> None:
    first, second = turns(session, "one", "two")
    assert branch(session) == [first, second]
    assert read_by(session, second) == ["one", f"run {first}", "two"]


def test_a_message_said_otherwise_begins_a_branch(session: Session) -> None:
    first, second, third = turns(session, "one", "two", "three")
    made = revise(session_id=str(session.pk), actor=BEN, run_id=second, client_id="b", text="two, otherwise")
    assert made.run_id == due()
    assert branch(session) == [first, made.run_id]
    assert read_by(session, made.run_id) == ["one", f"run {first}", "two, otherwise"]
    work_off(session)
    # What follows, follows the new branch; the old one is whole.
    (after,) = turns(session, "four")
    assert read_by(session, after) == [
        "one", f"run {first}", "two, otherwise", f"run {made.run_id}", "four",
    ]  # fmt: skip
    assert {run["after"] for run in view_of(session)["runs"].values()} == {None, first, second, made.run_id}
    assert third in view_of(session)["runs"]


def test_the_first_message_may_be_said_otherwise(session: Session) -> None:
    (first,) = turns(session, "one")
    made = revise(session_id=str(session.pk), actor=ANN, run_id=first, client_id="b", text="uno")
    assert branch(session) == [made.run_id]
    assert read_by(session, str(made.run_id)) == ["uno"]


def test_asking_again_answers_the_same_message(session: Session) -> None:
    first, second = turns(session, "one", "two")
    again = regenerate(session_id=str(session.pk), actor=ANN, run_id=second, client_id="r1")
    repeated = regenerate(session_id=str(session.pk), actor=ANN, run_id=second, client_id="r1")
    assert repeated == again and again.run_id == due()
    assert read_by(session, str(again.run_id)) == ["one", f"run {first}", "two"]
    work_off(session)
    once_more = regenerate(session_id=str(session.pk), actor=BEN, run_id=str(again.run_id), client_id="r2")
    assert read_by(session, str(once_more.run_id)) == ["one", f"run {first}", "two"]
    work_off(session)
    runs = view_of(session)["runs"]
    assert {runs[run]["input"] for run in (second, again.run_id, once_more.run_id)} == {"two-id"}
    assert Input.objects.count() == 2


def test_going_back_shows_the_latest_end_of_that_branch(session: Session) -> None:
    first, second, third = turns(session, "one", "two", "three")
    made = revise(session_id=str(session.pk), actor=ANN, run_id=second, client_id="b", text="otherwise")
    work_off(session)
    head = select(session_id=str(session.pk), actor=BEN, run_id=second)
    assert branch(session) == [first, second, third]
    assert select(session_id=str(session.pk), actor=BEN, run_id=third) == head  # shown already
    (after,) = turns(session, "four")
    assert branch(session) == [first, second, third, after]
    select(session_id=str(session.pk), actor=ANN, run_id=str(made.run_id))
    assert branch(session) == [first, made.run_id]


def test_what_waits_follows_the_branch_that_is_shown_then(session: Session) -> None:
    first, second = turns(session, "one", "two")
    say(session, "three")
    say(session, "four")
    select(session_id=str(session.pk), actor=ANN, run_id=first)  # its latest end is the run at work
    assert work_off(session) == 2
    assert [run.options for run in Run.objects.all()] == [{}] * 4
    assert branch(session)[:2] == [first, second]
    assert len(branch(session)) == 4


def test_a_retry_counts_once_and_another_text_is_refused(session: Session) -> None:
    (first,) = turns(session, "one")
    made = revise(session_id=str(session.pk), actor=ANN, run_id=first, client_id="b", text="uno")
    before = log_of(session)
    assert revise(session_id=str(session.pk), actor=ANN, run_id=first, client_id="b", text="uno") == made
    with pytest.raises(InputConflict):
        revise(session_id=str(session.pk), actor=ANN, run_id=first, client_id="b", text="due")
    assert log_of(session) == before


def test_who_may_not_and_when_not(session: Session) -> None:
    (first,) = turns(session, "one")
    sid = str(session.pk)
    before = log_of(session)
    for actor, error in ((OLGA, NotAllowed), (NOBODY, UnknownSession)):
        with pytest.raises(error):
            revise(session_id=sid, actor=actor, run_id=first, client_id="b", text="uno")
        with pytest.raises(error):
            regenerate(session_id=sid, actor=actor, run_id=first, client_id="r")
        with pytest.raises(error):
            select(session_id=sid, actor=actor, run_id=first)
    for wrong in ("", "rubbish", sid):
        with pytest.raises(UnknownRun):
            regenerate(session_id=sid, actor=ANN, run_id=wrong, client_id="r")
    assert log_of(session) == before
    say(session, "two")
    with pytest.raises(Busy):
        revise(session_id=sid, actor=ANN, run_id=first, client_id="b", text="uno")
    work_off(session)
    take(session_id=sid, actor=BEN)
    with pytest.raises(HeldByOther):
        regenerate(session_id=sid, actor=ANN, run_id=first, client_id="r")


def test_a_resumed_answer_that_was_asked_again_reads_no_message_twice(session: Session) -> None:
    first, second = turns(session, "one", "two")
    again = regenerate(session_id=str(session.pk), actor=ANN, run_id=second, client_id="r1")
    (asked,) = Worker(again.run_id).ask(approval())
    reply = Reply(id=str(asked.pk), decision="approve", hash=asked.args_hash)
    answer(session_id=str(session.pk), actor=ANN, replies=[reply])
    resumed = due()
    assert read_by(session, resumed) == ["one", f"run {first}", "two", f"run {again.run_id}"]
    work_off(session)
    # And the request that asked for it stays that of the first run alone.
    repeated = regenerate(session_id=str(session.pk), actor=ANN, run_id=second, client_id="r1")
    assert repeated.run_id == again.run_id
    (after,) = turns(session, "three")
    assert read_by(session, after) == [
        "one", f"run {first}", "two", f"run {again.run_id}", f"run {resumed}", "three",
    ]  # fmt: skip


@pytest.mark.parametrize("what", ["asked", "at work"])
def test_nobody_goes_to_another_branch_while_this_one_is_busy(session: Session, what: str) -> None:
    """Else everybody would wait behind what nobody sees."""
    (first,) = turns(session, "one")
    again = regenerate(session_id=str(session.pk), actor=ANN, run_id=first, client_id="again").run_id
    worker = Worker(again)
    if what == "asked":
        worker.ask(approval())
    call = lambda: select(session_id=str(session.pk), actor=BEN, run_id=first)  # noqa: E731
    assert "question" in str(refused(Busy, call, session))
    select(session_id=str(session.pk), actor=BEN, run_id=str(again))  # where everybody is already


@pytest.mark.parametrize("what", ["revise", "regenerate"])
def test_one_person_begins_not_too_many_branches(session: Session, what: str, settings: Any) -> None:
    (first,) = turns(session, "one")
    settings.CLEWLINE_RUNS_PER_PERSON = 1
    say(new_session(), "elsewhere")  # the one run of Ann's
    call: Any = {
        "revise": lambda by: revise(
            session_id=str(session.pk), actor=by, run_id=first, client_id=by, text="x"
        ),
        "regenerate": lambda by: regenerate(session_id=str(session.pk), actor=by, run_id=first, client_id=by),
    }[what]
    refused(TooManyRuns, lambda: call(ANN), session)
    assert call(BEN).run_id


def test_what_a_run_reads_is_bounded(session: Session) -> None:
    """Of turns and of what people said to each other in between, the latest."""
    turns(session, "one", "two")
    take(session_id=str(session.pk), actor=ANN)
    for n in range(5):
        say(session, f"aside {n}", by=BEN)
    release(session_id=str(session.pk), actor=ANN)
    (last,) = turns(session, "three")
    read = [item.text for item in transcript(str(session.pk), last) if item.kind == "user"]
    assert read == ["one", "two", *(f"aside {n}" for n in range(5)), "three"]
    read = [item.text for item in transcript(str(session.pk), last, last=3) if item.kind == "user"]
    assert read == ["one", "two", "aside 2", "aside 3", "aside 4", "three"]
    read = [item.text for item in transcript(str(session.pk), last, last=2) if item.kind == "user"]
    assert read == ["two", "aside 3", "aside 4", "three"]
