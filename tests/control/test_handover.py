"""A person takes over, the agents are silent, and come back."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from sessions_app.control.answer import AlreadyDecided, Reply, answer
from sessions_app.control.handover import SILENT_AFTER, HeldByOther, release, release_silent, take
from sessions_app.control.stop import stop
from sessions_app.runs import claim as claims
from sessions_app.runs.models import Run
from sessions_app.runs.transcript import transcript
from sessions_app.session.access import NotAllowed, UnknownSession
from sessions_app.session.models import Session
from sessions_app.streams.append import StaleEpoch
from tests.control.conftest import Calls
from tests.control.world import (
    ANN,
    BEN,
    CLEO,
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
    together,
    view_of,
    waiting,
    work_off,
)

pytestmark = pytest.mark.django_db(transaction=True)


def takes(session: Session, by: str) -> int:
    return take(session_id=str(session.pk), actor=by)


def gives_back(session: Session, by: str) -> int:
    return release(session_id=str(session.pk), actor=by)


def holder(session: Session) -> str | None:
    """Who holds control, in the row and for everybody."""
    row = Session.objects.get(pk=session.pk)
    shown = view_of(session)["session"]["control"]
    assert (row.controller or None) == (shown["actor"] if shown else None)
    assert (row.control_until is None) == (not row.controller)
    return row.controller or None


def test_taking_stops_what_agents_do_and_keeps_the_queue(session: Session, calls: Calls) -> None:
    worker = Worker(say(session, "one").run_id)
    worker.say("half")
    say(session, "two")
    head = len(log_of(session))
    takes(session, BEN)
    assert names(session, head) == ["control.taken", "run.stopped", "RUN_FINISHED"]
    assert holder(session) == BEN and calls.halted == [worker.run_id]
    assert view_of(session)["runs"][worker.run_id]["stopped"] == {"by": BEN, "reason": "takeover"}
    assert waiting(session) == ["two-id"] and claims.due_runs() == []
    assert check_stopped(log_of(session)) == [worker.run_id]
    with pytest.raises(StaleEpoch):
        worker.say("more")


def test_taking_withdraws_what_was_asked(session: Session) -> None:
    (asked,) = Worker(say(session, "one").run_id).ask(approval())
    takes(session, BEN)
    asked.refresh_from_db()
    assert (asked.status, asked.answered_by) == ("stopped", BEN)
    reply = Reply(id=str(asked.pk), decision="approve", hash=asked.args_hash)
    refused(AlreadyDecided, lambda: answer(session_id=str(session.pk), actor=ANN, replies=[reply]), session)
    assert claims.due_runs() == []


@pytest.mark.parametrize("mode", ["queue", "steer", "interrupt", "reject"])
def test_what_people_say_meanwhile_starts_no_run(session: Session, mode: str) -> None:
    say(session, "one")
    say(session, "two")
    takes(session, BEN)
    for text, by in (("from Ben", BEN), ("from Ann", ANN)):
        assert say(session, text, by=by, mode=mode).run_id is None
        assert say(session, text, by=by, mode=mode).run_id is None  # sent again
    assert claims.due_runs() == [] and Run.objects.count() == 1
    assert spoken(session) == ["one", "from Ben", "from Ann"]
    assert waiting(session) == ["two-id"]


def test_neither_stopping_nor_time_starts_what_waits_while_somebody_holds(session: Session) -> None:
    say(session, "one")
    say(session, "two")
    takes(session, BEN)
    stop(session_id=str(session.pk), actor=ANN)
    assert claims.due_runs() == [] and waiting(session) == ["two-id"]


def test_the_next_run_reads_what_was_said(session: Session) -> None:
    Worker(say(session, "one").run_id).finish()
    say(session, "two")
    say(session, "waits")
    takes(session, BEN)
    say(session, "between us", by=BEN)
    say(session, "indeed", by=CLEO)
    gives_back(session, BEN)
    worker = Worker(due())
    read = [
        (each.actor, each.text) for each in transcript(str(session.pk), worker.run_id) if each.kind == "user"
    ]
    assert read == [(ANN, "one"), (ANN, "two"), (BEN, "between us"), (CLEO, "indeed"), (ANN, "waits")]
    work = [each.status for each in transcript(str(session.pk), worker.run_id) if each.kind == "run"]
    assert work == ["finished", "cancelled"]


def test_giving_back_starts_what_waits(session: Session, calls: Calls) -> None:
    say(session, "one")
    say(session, "two")
    takes(session, BEN)
    head = len(log_of(session))
    gives_back(session, BEN)
    assert names(session, head)[0] == "control.released"
    assert holder(session) is None and waiting(session) == []
    assert calls.woken[-1] == due() and view_of(session)["runs"][due()]["input"] == "two-id"
    head = len(log_of(session))
    assert gives_back(session, BEN) == head and gives_back(session, CLEO) == head


def test_taking_again_keeps_it(session: Session) -> None:
    head = takes(session, BEN)
    Session.objects.filter(pk=session.pk).update(control_until=timezone.now())
    assert takes(session, BEN) == head
    until = Session.objects.get(pk=session.pk).control_until
    assert until is not None and until > timezone.now() + SILENT_AFTER / 2


def test_held_by_another(session: Session) -> None:
    takes(session, BEN)
    problem = refused(HeldByOther, lambda: takes(session, CLEO), session)
    assert problem.code == "held_by_other"
    refused(NotAllowed, lambda: gives_back(session, CLEO), session)
    takes(session, ANN)  # the owner may
    assert holder(session) == ANN
    refused(HeldByOther, lambda: takes(session, BEN), session)
    gives_back(session, ANN)
    takes(session, CLEO)
    gives_back(session, ANN)
    assert holder(session) is None


def test_of_two_at_once_one_holds(session: Session) -> None:
    made = together(partial(takes, session, BEN), partial(takes, session, CLEO))
    assert sorted(isinstance(each, HeldByOther) for each in made) == [False, True]
    assert names(session).count("control.taken") == 1
    assert holder(session) == (CLEO if isinstance(made[0], HeldByOther) else BEN)


def test_taking_meets_a_message(session: Session) -> None:
    """Whoever is first: a run that the message started is stopped, or it starts none."""
    for n in range(6):
        together(partial(takes, session, BEN), lambda n=n: say(session, f"m{n}"))
        assert claims.due_runs() == []
        gives_back(session, BEN)
        assert claims.due_runs() == []
    assert spoken(session) == [f"m{n}" for n in range(6)]
    check_stopped(log_of(session))


def test_who_may_not(session: Session) -> None:
    for call in (takes, gives_back):
        refused(NotAllowed, partial(call, session, OLGA), session)
        refused(UnknownSession, partial(call, session, NOBODY), session)


# Silence


def test_a_silent_holder_loses_control_and_the_agents_come_back(session: Session) -> None:
    say(session, "one")
    say(session, "two")
    takes(session, BEN)
    now = timezone.now()
    assert release_silent(now + SILENT_AFTER - timedelta(seconds=5)) == 0 and holder(session) == BEN
    assert release_silent(now + SILENT_AFTER + timedelta(seconds=5)) == 1
    assert holder(session) is None
    (released,) = [r for r in log_of(session) if r["event"].get("name") == "control.released"]
    assert (released["actor"], released["event"]["value"]) == ("system", {"reason": "silent"})
    assert view_of(session)["runs"][due()]["input"] == "two-id"
    assert release_silent(now + timedelta(days=1)) == 0


def test_who_speaks_is_not_silent(session: Session) -> None:
    takes(session, BEN)
    Session.objects.filter(pk=session.pk).update(control_until=timezone.now() + timedelta(seconds=1))
    say(session, "others do not count", by=CLEO)
    assert release_silent(timezone.now() + timedelta(seconds=2)) == 1
    takes(session, BEN)
    Session.objects.filter(pk=session.pk).update(control_until=timezone.now() + timedelta(seconds=1))
    say(session, "I am here", by=BEN)
    assert release_silent(timezone.now() + timedelta(seconds=2)) == 0
    assert holder(session) == BEN


def test_after_it_all_the_session_works_as_before(session: Session) -> None:
    takes(session, BEN)
    say(session, "aside", by=BEN)
    gives_back(session, BEN)
    say(session, "one")
    assert work_off(session) == 1
    assert Session.objects.get(pk=session.pk).live_runs == 0
