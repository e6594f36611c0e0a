"""What time brings: each duty is done, whatever becomes of the others."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from sessions_app.control.answer import Reply, answer
from sessions_app.control.handover import take
from sessions_app.runs import effects, interrupts, tasks
from sessions_app.runs.duties import each_by_itself
from sessions_app.runs.effects import claim_external
from sessions_app.runs.models import Effect, Interrupt
from sessions_app.session.models import Session
from sessions_app.streams.models import Stream
from tests.control.world import ANN, Worker, approval, due, new_session, say

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def much_later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """What beat calls, a year from now."""

    def due() -> None:
        later = timezone.now() + timedelta(days=400)
        with monkeypatch.context() as patch:
            patch.setattr(tasks.timezone, "now", lambda: later)
            tasks.due()

    return due


def asking() -> tuple[Session, Interrupt]:
    session = new_session()
    (asked,) = Worker(say(session, "one").run_id).ask(approval())
    return session, asked


def test_due_expires_questions(transactional_db: None, much_later: Callable[[], None]) -> None:
    _, asked = asking()
    much_later()
    asked.refresh_from_db()
    assert asked.status == Interrupt.Status.EXPIRED


def test_due_takes_control_from_the_silent(transactional_db: None, much_later: Callable[[], None]) -> None:
    session = new_session()
    take(session_id=str(session.pk), actor=ANN)
    much_later()
    assert Session.objects.get(pk=session.pk).controller == ""


def test_due_settles_what_nobody_settled(transactional_db: None, much_later: Callable[[], None]) -> None:
    session, asked = asking()
    reply = Reply(id=str(asked.pk), decision="approve", hash=asked.args_hash)
    answer(session_id=str(session.pk), actor=ANN, replies=[reply])
    worker = Worker(due())
    held = {"run_id": worker.run_id, "stream_id": worker.stream_id, "epoch": worker.epoch}
    assert claim_external(
        call_id=asked.call_id, tool=asked.tool, args=asked.args, interrupt_id=str(asked.pk), **held
    )
    worker.finish()
    much_later()
    assert Effect.objects.get().status == Effect.Status.UNKNOWN
    assert session.pk == Effect.objects.get().session_id


def test_one_duty_that_fails_keeps_no_other_from_being_done(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, transactional_db: None
) -> None:
    done: list[int] = []

    def broken(now: Any) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(tasks, "_due", [broken, lambda now: done.append(1)])
    tasks.due()
    assert done == [1] and "failed" in caplog.text


def test_one_session_that_fails_keeps_no_other_from_its_own(
    transactional_db: None, much_later: Callable[[], None]
) -> None:
    """Of three the one in the middle is broken: its log takes no more."""
    found = [asking() for _ in range(3)]
    Stream.objects.filter(pk=found[1][0].stream_id).update(closed=True)
    much_later()
    statuses = [Interrupt.objects.get(pk=asked.pk).status for _, asked in found]
    assert statuses == ["expired", "open", "expired"]


def test_what_fails_is_left_and_the_rest_is_counted() -> None:
    assert list(each_by_itself(lambda n: 6 // n, [(1,), (0,), (2,)])) == [6, 3]


def test_all_that_is_due_is_registered() -> None:
    names = {work.__name__ for work in tasks._due}  # type: ignore[attr-defined]
    assert {interrupts.expire_due.__name__, effects.settle_abandoned.__name__, "release_silent"} <= names
