"""What was put away begins nothing, and goes on where it was when it is brought back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from sessions_app.control.answer import Reply, answer
from sessions_app.control.branches import regenerate, revise
from sessions_app.control.handover import SILENT_AFTER, release_silent, take
from sessions_app.control.manage import archive
from sessions_app.control.rights import SessionArchived
from sessions_app.control.stop import stop
from sessions_app.runs import claim as claims
from sessions_app.runs.interrupts import expire_due
from sessions_app.runs.models import Interrupt, Run
from sessions_app.session.models import Session
from tests.control.world import ANN, BEN, Worker, approval, due, refused, say, view_of, waiting

pytestmark = pytest.mark.django_db(transaction=True)


def put_away(session: Session, archived: bool = True) -> None:
    archive(str(session.pk), ANN, archived)


def decide(session: Session, asked: Interrupt, decision: str = "approve") -> int:
    reply = Reply(id=str(asked.pk), decision=decision, hash=asked.args_hash)
    return answer(session_id=str(session.pk), actor=ANN, replies=[reply])


def test_an_answer_under_way_is_finished_and_what_waits_waits_until_it_is_back(session: Session) -> None:
    worker = Worker(say(session, "one").run_id)
    say(session, "two")
    put_away(session)
    worker.finish()
    assert claims.due_runs() == [] and waiting(session) == ["two-id"]
    put_away(session, False)
    assert view_of(session)["runs"][due()]["input"] == "two-id"


def test_stopping_works_and_starts_nothing(session: Session) -> None:
    run = str(say(session, "one").run_id)
    say(session, "two")
    put_away(session)
    assert stop(session_id=str(session.pk), actor=BEN).run_ids == (run,)
    assert claims.due_runs() == [] and waiting(session) == ["two-id"]


def test_control_that_is_silent_starts_nothing(session: Session) -> None:
    say(session, "one")
    say(session, "two")
    take(session_id=str(session.pk), actor=BEN)
    put_away(session)
    assert release_silent(timezone.now() + SILENT_AFTER + timedelta(seconds=1)) == 1
    assert claims.due_runs() == []


def test_what_is_asked_is_not_answered_and_its_expiry_resumes_nothing(session: Session) -> None:
    first, second = Worker(say(session, "one").run_id).ask(
        approval("a"), approval("b", lasts=timedelta(minutes=1))
    )
    decide(session, first)
    put_away(session)
    refused(SessionArchived, lambda: decide(session, second), session)
    assert expire_due(timezone.now() + timedelta(minutes=2)) == 1
    assert claims.due_runs() == []
    put_away(session, False)
    assert Run.objects.get(pk=due()).resumes_id == first.run_id


def test_what_was_stopped_instead_of_answered_does_not_go_on_when_it_is_back(session: Session) -> None:
    first, _ = Worker(say(session, "one").run_id).ask(approval("a"), approval("b"))
    decide(session, first, "deny")
    stop(session_id=str(session.pk), actor=BEN)
    put_away(session)
    put_away(session, False)
    assert claims.due_runs() == []


BEGINNINGS: dict[str, Callable[[str, str], object]] = {
    "take": lambda key, run: take(session_id=key, actor=BEN),
    "regenerate": lambda key, run: regenerate(session_id=key, actor=ANN, run_id=run, client_id="again"),
    "revise": lambda key, run: revise(session_id=key, actor=ANN, run_id=run, client_id="new", text="x"),
}


@pytest.mark.parametrize("what", BEGINNINGS)
def test_nothing_begins(session: Session, what: str) -> None:
    worker = Worker(say(session, "one").run_id)
    worker.finish()
    put_away(session)
    call = BEGINNINGS[what]
    assert (
        refused(SessionArchived, lambda: call(str(session.pk), worker.run_id), session).code
        == "session_archived"
    )
