"""I5, I6 and handover as single promises, quick enough to be run once more for each way of breaking them (run.py)."""

import asyncio
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from sessions_app.control.answer import AlreadyDecided, ArgumentsChanged, Reply, answer
from sessions_app.control.handover import SILENT_AFTER, release_silent, take
from sessions_app.control.stop import stop
from sessions_app.runs import claim as claims
from sessions_app.runs.agents import Performed
from sessions_app.runs.context import LaneContext
from sessions_app.runs.effects import NotApproved, claim_external, settle_abandoned
from sessions_app.runs.lane import RunLane
from sessions_app.runs.models import Effect, Interrupt, Run
from sessions_app.session import log as session_logs
from sessions_app.session.models import Session
from sessions_app.streams.append import StaleEpoch
from sessions_app.streams.models import Record
from sessions_app.streams.writer import GroupWriter
from tests.control.world import (
    ANN,
    BEN,
    CLEO,
    Worker,
    approval,
    check_stopped,
    due,
    in_thread,
    log_of,
    names,
    new_session,
    say,
    spoken,
    view_of,
    waiting,
)

pytestmark = pytest.mark.django_db(transaction=True)


def approved() -> tuple[Session, Worker, Interrupt]:
    session = new_session()
    (asked,) = Worker(say(session, "send it").run_id).ask(approval())
    answer(
        session_id=str(session.pk),
        actor=BEN,
        replies=[Reply(id=str(asked.pk), decision="approve", hash=asked.args_hash)],
    )
    asked.refresh_from_db()
    return session, Worker(due()), asked


# I5


def test_i5_after_a_stop_the_worker_that_streams_writes_nothing() -> None:
    session = new_session()
    worker = Worker(say(session, "one").run_id)
    worker.say("half")
    stopped = stop(session_id=str(session.pk), actor=BEN)
    with pytest.raises(StaleEpoch):
        worker.say("more")
    with pytest.raises(StaleEpoch):
        worker.step()
    assert len(log_of(session)) == stopped.offset
    assert check_stopped(log_of(session)) == [worker.run_id]


async def test_i5_after_a_stop_the_writer_takes_nothing_from_the_lane() -> None:
    session = await in_thread(new_session)
    worker = await in_thread(lambda: Worker(say(session, "one").run_id))
    writer = GroupWriter(session_logs.announce)
    writer.start()
    lost = asyncio.Event()
    lane = RunLane(
        writer, stream_id=worker.stream_id, run_id=worker.run_id, epoch=worker.epoch, actor=worker.agent,
        on_lost=lost.set,
    )  # fmt: skip
    lane.delta("m", "half")
    await lane.flush()
    stopped = await in_thread(stop, session_id=str(session.pk), actor=BEN)
    lane.delta("m", "more")
    with pytest.raises(asyncio.CancelledError):
        await lane.flush()
    await asyncio.wait_for(lost.wait(), 10)
    await writer.close()
    assert len(await in_thread(log_of, session)) == stopped.offset


def test_i5_a_stop_ends_runs_that_have_not_begun() -> None:
    session = new_session()
    run_id = say(session, "one").run_id
    assert stop(session_id=str(session.pk), actor=BEN).run_ids == (run_id,)
    assert claims.due_runs() == [] and claims.claim(str(run_id), "w") is None
    assert view_of(session)["runs"][run_id]["status"] == "cancelled"


def test_i5_a_stop_leaves_its_receipt_before_the_end() -> None:
    session = new_session()
    say(session, "one")
    head = len(log_of(session))
    stop(session_id=str(session.pk), actor=BEN)
    stop(session_id=str(session.pk), actor=BEN)
    assert names(session, head) == ["run.stopped", "RUN_FINISHED"]


@pytest.mark.parametrize("kind", ["change", "perform"])
async def test_i5_a_tool_begins_when_its_start_is_durable(kind: str) -> None:
    """Whatever a tool does is done by ``in_thread``: by then everybody can read that it has started."""
    _, worker, _ = await in_thread(approved)
    begun: list[bool] = []

    def has_started() -> bool:
        bodies = Record.objects.filter(stream_id=worker.stream_id).values_list("body", flat=True)
        return any(b'"TOOL_CALL_START"' in bytes(body) for body in bodies)

    async def database(call: Any, *args: Any, **kwargs: Any) -> Any:
        begun.append(await in_thread(has_started))
        raise StaleEpoch  # how it goes on is not asked here

    writer = GroupWriter(session_logs.announce)
    hold = threading.Event()
    lane = RunLane(
        writer, stream_id=worker.stream_id, run_id=worker.run_id, epoch=worker.epoch, actor=worker.agent,
        on_lost=hold.set,
    )  # fmt: skip
    context = LaneContext(worker.claimed, lane, database)
    if kind == "change":
        act = asyncio.ensure_future(context.change("c", "change", {}, lambda: pytest.fail("never")))
    else:
        assert worker.claimed.info.resumes is not None
        (decision,) = worker.claimed.info.resumes.decisions

        async def never(key: str) -> Performed:
            raise AssertionError("never")

        act = asyncio.ensure_future(context.perform(decision, never, unknown={}))
    await asyncio.sleep(0)  # so far nothing can have been written: the writer has not begun
    writer.start()
    with pytest.raises(asyncio.CancelledError):
        await act
    await writer.close()
    assert begun == [True]


# I6


@pytest.mark.parametrize("other", [{"args": {"to": "y@example.com"}}, {"tool": "send_letter"}])
def test_i6_only_what_was_approved_is_claimed(other: dict[str, Any]) -> None:
    _, worker, asked = approved()
    values: dict[str, Any] = {"tool": asked.tool, "args": asked.args} | other
    with pytest.raises(NotApproved):
        claim_external(
            run_id=worker.run_id, stream_id=worker.stream_id, epoch=worker.epoch, call_id=asked.call_id,
            interrupt_id=str(asked.pk), **values,
        )  # fmt: skip
    assert not Effect.objects.exists()


def test_i6_what_was_not_approved_is_not_claimed() -> None:
    _, worker, asked = approved()
    for status in ("denied", "open", "expired", "stopped"):
        Interrupt.objects.filter(pk=asked.pk).update(status=status)
        with pytest.raises(NotApproved):
            claim_external(
                run_id=worker.run_id, stream_id=worker.stream_id, epoch=worker.epoch, call_id=asked.call_id,
                tool=asked.tool, args=asked.args, interrupt_id=str(asked.pk),
            )  # fmt: skip


def test_i6_an_effect_is_claimed_once_whoever_tries_again() -> None:
    _, worker, asked = approved()

    def claim(by: Worker) -> str | None:
        try:
            return claim_external(
                run_id=by.run_id, stream_id=by.stream_id, epoch=by.epoch, call_id=asked.call_id, tool=asked.tool,
                args=asked.args, interrupt_id=str(asked.pk),
            )  # fmt: skip
        except IntegrityError:
            raise AssertionError("the second try did not learn that there was a first") from None

    assert claim(worker) is not None
    worker.die()
    assert claim(Worker(worker.run_id)) is None
    with pytest.raises(StaleEpoch):
        claim(worker)
    assert Effect.objects.count() == 1


def test_i6_the_database_keeps_one_row_for_a_call() -> None:
    session, worker, asked = approved()
    values: dict[str, Any] = {
        "session": session, "run_id": worker.run_id, "call_id": asked.call_id, "tool": asked.tool, "args": asked.args,
        "status": Effect.Status.CLAIMED, "requested_by": ANN,
    }  # fmt: skip
    Effect.objects.create(**values)
    with pytest.raises(IntegrityError):
        Effect.objects.create(**values)


def test_i6_an_approval_is_of_what_was_seen() -> None:
    session = new_session()
    (asked,) = Worker(say(session, "send it").run_id).ask(approval())
    reply = Reply(id=str(asked.pk), decision="approve", hash="0" * 64)
    with pytest.raises(ArgumentsChanged):
        answer(session_id=str(session.pk), actor=BEN, replies=[reply])
    assert claims.due_runs() == []


def test_i6_the_first_answer_counts() -> None:
    session = new_session()
    (asked,) = Worker(say(session, "send it").run_id).ask(approval())

    def decide(by: str, decision: str) -> None:
        reply = Reply(id=str(asked.pk), decision=decision, hash=asked.args_hash)
        answer(session_id=str(session.pk), actor=by, replies=[reply])

    decide(BEN, "deny")
    with pytest.raises(AlreadyDecided) as told:
        decide(CLEO, "approve")
    assert str(told.value) == "Ben has already decided this: denied."
    asked.refresh_from_db()
    assert (asked.status, asked.answered_by) == ("denied", BEN)
    assert Run.objects.filter(resumes=asked.run_id).count() == 1


def test_i6_what_was_begun_and_broke_off_is_said_to_be_unknown() -> None:
    session, worker, asked = approved()
    claim_external(
        run_id=worker.run_id, stream_id=worker.stream_id, epoch=worker.epoch, call_id=asked.call_id, tool=asked.tool,
        args=asked.args, interrupt_id=str(asked.pk),
    )  # fmt: skip
    stop(session_id=str(session.pk), actor=ANN)
    assert settle_abandoned(timezone.now() + timedelta(hours=1)) == 1
    assert names(session)[-1] == "effect.settled" and Effect.objects.get().status == "unknown"


# Handover


def test_handover_silences_the_agents() -> None:
    session = new_session()
    worker = Worker(say(session, "one").run_id)
    say(session, "two")
    take(session_id=str(session.pk), actor=BEN)
    with pytest.raises(StaleEpoch):
        worker.say("more")
    assert say(session, "between us", by=CLEO).run_id is None
    stop(session_id=str(session.pk), actor=ANN)
    assert claims.due_runs() == [] and waiting(session) == ["two-id"]
    assert spoken(session) == ["one", "between us"]


def test_handover_ends_when_its_holder_is_silent() -> None:
    session = new_session()
    say(session, "one")
    say(session, "two")
    take(session_id=str(session.pk), actor=BEN)
    now = timezone.now()
    assert release_silent(now) == 0
    assert release_silent(now + SILENT_AFTER * 2) == 1
    assert view_of(session)["session"]["control"] is None
    assert view_of(session)["runs"][due()]["input"] == "two-id"
