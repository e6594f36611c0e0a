"""People choose the ids of their messages. An id that the session uses already cannot be had again, for whatever it stands."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from sessions_app.control.answer import Reply, answer
from sessions_app.control.branches import revise
from sessions_app.control.send import InputConflict
from sessions_app.session import events
from sessions_app.session.models import Session
from tests.control.scenes import asking, everybody
from tests.control.world import ANN, BEN, Worker, approval, due, log_of, refused, say, view_of

pytestmark = pytest.mark.django_db(transaction=True)


def _answer(session: Session) -> str:
    worker = Worker(say(session, "one").run_id)
    message = worker.say("We cannot do that.")
    worker.finish()
    return message


def _call(session: Session) -> str:
    worker = Worker(say(session, "one").run_id)
    worker.write(events.tool_start(call_id="call-1", name="look_up"))
    worker.finish()
    return "call-1"


def _question(session: Session) -> str:
    (asked,) = Worker(say(session, "one").run_id).ask(approval())
    reply = Reply(id=str(asked.pk), decision="approve", hash=asked.args_hash)
    answer(session_id=str(session.pk), actor=ANN, replies=[reply])
    Worker(due()).finish()
    return str(asked.pk)


def _run(session: Session) -> str:
    worker = Worker(say(session, "one").run_id)
    worker.finish()
    return str(worker.run_id)


def _waits(session: Session) -> str:
    say(session, "one")
    return say(session, "two").input_id


USED: dict[str, Callable[[Session], str]] = {
    "message": _answer, "call": _call, "question": _question, "run": _run, "waiting": _waits
}  # fmt: skip


@pytest.mark.parametrize("use", USED)
def test_an_id_that_is_in_use_for_anything_is_refused(session: Session, use: str) -> None:
    used = USED[use](session)
    problem = refused(InputConflict, lambda: say(session, "mine now", by=BEN, client_id=used), session)
    assert problem.code == "input_conflict"


def test_saying_it_otherwise_under_a_used_id_is_refused(session: Session) -> None:
    used = _answer(session)
    run = next(iter(view_of(session)["runs"]))
    call = lambda: revise(session_id=str(session.pk), actor=BEN, run_id=run, client_id=used, text="x")  # noqa: E731
    refused(InputConflict, call, session)


def test_the_same_message_again_is_no_conflict(session: Session) -> None:
    first = say(session, "one")
    Worker(first.run_id).finish()
    head = len(log_of(session))
    assert say(session, "one") == first and len(log_of(session)) == head


def test_over_http_a_used_id_is_refused_and_the_chat_stays_readable(transactional_db: None) -> None:
    people = everybody()
    session, reply = asking(people)
    answer(session_id=str(session.pk), actor=people["owner"].actor, replies=[Reply(**reply)])
    Worker(due()).finish()
    client: Any = people["member"].client
    body = json.dumps({"id": reply["id"], "text": "x"})
    said = client.generic("POST", f"/api/sessions/{session.pk}/inputs", body, "application/json")
    assert (said.status_code, said.json()["error"]["code"]) == (409, "input_conflict")
    assert people["owner"].client.get(f"/api/sessions/{session.pk}/view").status_code == 200
