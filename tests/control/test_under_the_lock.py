"""Somebody is removed after a command found the session and before it has the lock: it does nothing any more."""

from collections.abc import Callable
from typing import Any

import pytest

from sessions_app.control import answer as answers
from sessions_app.control import branches, handover, manage, rights
from sessions_app.control import stop as stops
from sessions_app.control import undo as undoing
from sessions_app.control import waiting as waits
from sessions_app.session.access import UnknownSession
from sessions_app.session.models import Participant, Session
from sessions_app.session.participants import leave
from tests.control.test_effects import change, rename, undos
from tests.control.world import ANN, BEN, Worker, approval, log_of, say

__all__ = ["undos"]

pytestmark = pytest.mark.django_db(transaction=True)

Prepare = Callable[[Session], Callable[[], object]]


def _stop(session: Session) -> Callable[[], object]:
    say(session, "one")
    return lambda: stops.stop(session_id=str(session.pk), actor=BEN)


def _answer(session: Session) -> Callable[[], object]:
    (asked,) = Worker(say(session, "one").run_id).ask(approval())
    reply = answers.Reply(id=str(asked.pk), decision="approve", hash=asked.args_hash)
    return lambda: answers.answer(session_id=str(session.pk), actor=BEN, replies=[reply])


def _edit(session: Session) -> Callable[[], object]:
    say(session, "one")
    say(session, "two", by=BEN)
    return lambda: waits.edit_input(session_id=str(session.pk), actor=BEN, input_id="two-id", text="x")


def _undo(session: Session) -> Callable[[], object]:
    change(Worker(say(session, "one").run_id), "c1", rename(session))
    return lambda: undoing.undo(session_id=str(session.pk), actor=BEN, call_id="c1")


def _branch(what: str) -> Prepare:
    def prepare(session: Session) -> Callable[[], object]:
        worker = Worker(say(session, "one").run_id)
        worker.finish()
        call: Any = getattr(branches, what)
        given = {"select": {}, "regenerate": {"client_id": "a"}, "revise": {"client_id": "a", "text": "x"}}[
            what
        ]
        return lambda: call(session_id=str(session.pk), actor=BEN, run_id=worker.run_id, **given)

    return prepare


CASES: dict[str, tuple[Any, Prepare]] = {
    "stop": (stops, _stop),
    "answer": (answers, _answer),
    "edit": (waits, _edit),
    "take": (handover, lambda session: lambda: handover.take(session_id=str(session.pk), actor=BEN)),
    "release": (handover, lambda session: lambda: handover.release(session_id=str(session.pk), actor=BEN)),
    "rename": (manage, lambda session: lambda: manage.rename(str(session.pk), BEN, "Gotcha")),
    "archive": (manage, lambda session: lambda: manage.archive(str(session.pk), BEN, True)),
    "undo": (undoing, _undo),
    **{what: (branches, _branch(what)) for what in ("select", "regenerate", "revise")},
}


@pytest.mark.parametrize("what", CASES)
def test_a_removal_comes_between_a_command_and_its_lock(
    session: Session, undos: None, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, prepare = CASES[what]
    call = prepare(session)
    heads: list[int] = []

    def first_then_removed(session_id: str, actor: str) -> Participant:
        person = rights.member(session_id, actor)
        if not heads:
            leave(str(session.pk), actor=BEN, by=ANN, reason="removed")
            heads.append(len(log_of(session)))
        return person

    monkeypatch.setattr(module, "member", first_then_removed)
    with pytest.raises(UnknownSession):
        call()
    assert [len(log_of(session))] == heads
