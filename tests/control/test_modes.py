"""What becomes of a message that is sent to a busy session: queue, steer, interrupt, reject."""

import pytest

from sessions_app.control.send import BadMode, Busy, InputConflict, QueueFull
from sessions_app.control.stop import stop
from sessions_app.control.waiting import set_policy
from sessions_app.runs import claim as claims
from sessions_app.runs.agents import Said
from sessions_app.runs.models import Input, Run, Step
from sessions_app.session.access import NotAllowed, UnknownSession
from sessions_app.session.models import Session
from tests.control.world import (
    ANN,
    BEN,
    NOBODY,
    OLGA,
    Worker,
    approval,
    check_stopped,
    due,
    log_of,
    names,
    refused,
    say,
    spoken,
    states,
    together,
    view_of,
    waiting,
    work_off,
)

pytestmark = pytest.mark.django_db(transaction=True)
MODES = ("queue", "steer", "interrupt", "reject")


@pytest.mark.parametrize("mode", ["", *MODES])
def test_an_idle_session_answers_at_once_whatever_the_mode(session: Session, mode: str) -> None:
    assert say(session, "one", mode=mode).run_id == due()
    assert waiting(session) == []


def test_queued_inputs_are_answered_one_after_the_other(session: Session) -> None:
    say(session, "one")
    for text, by in (("two", BEN), ("three", ANN)):
        assert say(session, text, by=by, mode="queue").run_id is None
    assert waiting(session) == ["two-id", "three-id"]
    assert work_off(session) == 3
    assert spoken(session) == ["one", "two", "three"]
    requested = Run.objects.order_by("input_offset").values_list("requested_by", flat=True)
    assert list(requested) == [ANN, BEN, ANN]


def test_steering_is_read_at_the_next_boundary(session: Session) -> None:
    worker = Worker(say(session, "one").run_id)
    accepted = say(session, "shorter", by=BEN, mode="steer")
    assert accepted.run_id == worker.run_id
    (shown,) = view_of(session)["inputs"]
    assert (shown["steer"], shown["actor"]) == (worker.run_id, BEN)
    head = len(log_of(session))
    assert worker.steering() == [Said(text="shorter", actor=BEN, name="Ben")]  # not who the run works for
    assert worker.steering() == []
    assert [(r["actor"], r.get("run")) for r in log_of(session)[head:]] == [(BEN, worker.run_id)] * 3
    assert waiting(session) == [] and states(session)["shorter-id"] == "consumed"
    worker.finish()
    assert claims.due_runs() == [] and "steer.missed" not in names(session)
    assert Run.objects.count() == 1


def test_a_takeover_reads_the_same_steering(session: Session) -> None:
    worker = Worker(say(session, "one").run_id)
    say(session, "shorter", mode="steer")
    worker.steering()
    worker.die()
    again = Worker(worker.run_id)
    assert again.claimed.steps == [
        {
            "index": 0,
            "kind": Step.Kind.STEER,
            "name": "steer",
            "output": {"texts": ["shorter"], "actors": [ANN], "names": ["Ann"]},
        }
    ]
    assert again.steering() == []


def test_steering_that_came_too_late_waits_for_its_own_turn(session: Session) -> None:
    worker = Worker(say(session, "one").run_id)
    say(session, "waits")
    say(session, "late", mode="steer")
    worker.finish()
    missed = [r["event"]["value"] for r in log_of(session) if r["event"].get("name") == "steer.missed"]
    assert missed == [{"inputId": "late-id", "runId": worker.run_id}]
    assert waiting(session) == ["late-id"] and view_of(session)["inputs"][0]["steer"] is None
    assert states(session) == {"one-id": "consumed", "waits-id": "consumed", "late-id": "queued"}
    work_off(session)
    assert spoken(session) == ["one", "waits", "late"]


def test_steering_meets_the_end_of_the_run(session: Session) -> None:
    """Read or missed: never lost, never both."""
    for n in range(8):
        worker = Worker(say(session, f"q{n}").run_id)
        together(lambda n=n: say(session, f"s{n}", mode="steer"), worker.finish)
        work_off(session)
    assert sorted(spoken(session)) == sorted([f"q{n}" for n in range(8)] + [f"s{n}" for n in range(8)])
    assert set(states(session).values()) == {"consumed"} and waiting(session) == []


def test_steering_a_stopped_run_is_missed(session: Session) -> None:
    worker = Worker(say(session, "one").run_id)
    say(session, "other way", mode="steer")
    stop(session_id=str(session.pk), actor=ANN)
    assert view_of(session)["runs"][due()]["input"] == "other way-id"
    assert check_stopped(log_of(session)) == [worker.run_id]


def test_interrupting_stops_the_run_and_is_answered_before_the_queue(session: Session) -> None:
    worker = Worker(say(session, "one").run_id)
    worker.say("half")
    say(session, "waits")
    accepted = say(session, "rather this", by=BEN, mode="interrupt")
    assert accepted.run_id == due()
    stopped = view_of(session)["runs"][worker.run_id]["stopped"]
    assert stopped == {"by": BEN, "reason": "interrupt"}
    assert waiting(session) == ["waits-id"]
    assert check_stopped(log_of(session)) == [worker.run_id]
    work_off(session)
    assert spoken(session) == ["one", "rather this", "waits"]


def test_interrupting_withdraws_what_the_run_asked(session: Session) -> None:
    (asked,) = Worker(say(session, "one").run_id).ask(approval())
    assert say(session, "rather this", mode="interrupt").run_id == due()
    asked.refresh_from_db()
    assert (asked.status, asked.answered_by) == ("stopped", ANN)


def test_rejecting_says_busy_and_logs_nothing(session: Session) -> None:
    say(session, "one")
    problem = refused(Busy, lambda: say(session, "two", mode="reject"), session)
    assert (problem.code, problem.retry) == ("busy", True)
    assert not Input.objects.filter(client_id="two-id").exists()
    work_off(session)
    assert say(session, "two", mode="reject").run_id == due()  # the same id is still free


def test_an_open_question_is_busy(session: Session) -> None:
    Worker(say(session, "one").run_id).ask(approval())
    refused(Busy, lambda: say(session, "two", mode="reject"), session)
    assert say(session, "three", mode="steer").run_id is None  # nobody is there to read it
    assert waiting(session) == ["three-id"] and states(session)["three-id"] == "queued"


def test_the_sessions_mode_counts_unless_the_message_says_another(session: Session) -> None:
    set_policy(session_id=str(session.pk), actor=BEN, while_busy="reject")
    assert view_of(session)["session"]["whileBusy"] == "reject"
    say(session, "one")
    refused(Busy, lambda: say(session, "two"), session)
    assert say(session, "three", mode="queue").run_id is None
    head = len(log_of(session))
    assert set_policy(session_id=str(session.pk), actor=ANN, while_busy="reject") == head
    set_policy(session_id=str(session.pk), actor=ANN, while_busy="steer")
    assert say(session, "four").run_id == due()
    assert len(log_of(session)) == head + 2


def test_who_may_not(session: Session) -> None:
    say(session, "one")
    for mode in MODES:
        refused(NotAllowed, lambda mode=mode: say(session, "x", by=OLGA, mode=mode), session)
        refused(UnknownSession, lambda mode=mode: say(session, "x", by=NOBODY, mode=mode), session)
    refused(BadMode, lambda: say(session, "x", mode="louder"), session)
    key = str(session.pk)
    refused(NotAllowed, lambda: set_policy(session_id=key, actor=OLGA, while_busy="steer"), session)
    refused(UnknownSession, lambda: set_policy(session_id=key, actor=NOBODY, while_busy="steer"), session)
    refused(BadMode, lambda: set_policy(session_id=key, actor=ANN, while_busy="louder"), session)


@pytest.mark.parametrize("mode", MODES[:3])
def test_sent_twice_it_is_done_once(session: Session, mode: str) -> None:
    say(session, "one")
    first = say(session, "two", mode=mode)
    head = len(log_of(session))
    assert say(session, "two", mode=mode).offset == first.offset
    assert len(log_of(session)) == head
    refused(InputConflict, lambda: say(session, "other", client_id="two-id"), session)
    refused(InputConflict, lambda: say(session, "two", by=BEN), session)


def test_sent_at_once_from_two_devices_it_is_done_once(session: Session) -> None:
    Worker(say(session, "one").run_id)
    made = together(*[lambda: say(session, "two", mode="interrupt")] * 3)
    assert len({(each.offset, each.run_id) for each in made}) == 1
    assert names(session).count("run.stopped") == 1
    assert Run.objects.count() == 2


def test_the_queue_has_an_end(session: Session) -> None:
    say(session, "one")
    for n in range(50):
        say(session, f"w{n}")
    problem = refused(QueueFull, lambda: say(session, "w50"), session)
    assert (problem.code, problem.retry) == ("queue_full", True)


def test_a_full_queue_refuses_only_what_would_wait(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sessions_app.control.send.QUEUE_MAX", 1)
    first = say(session, "one").run_id
    say(session, "two")
    refused(QueueFull, lambda: say(session, "three"), session)
    assert say(session, "shorter", mode="steer").run_id == first
    assert say(session, "no, this", mode="interrupt").run_id not in {None, first}
