"""Stopping: at any moment, by whoever may, once; from its commit on the run is silent (I5)."""

import asyncio
import uuid
from typing import Any

import pytest

from sessions_app.control.stop import UnknownRun, stop
from sessions_app.runs import claim as claims
from sessions_app.runs.agents import RunContext, StepResult, StepWriter
from sessions_app.runs.host import RunHost
from sessions_app.runs.lane import RunLane
from sessions_app.runs.models import Input, Run
from sessions_app.runs.queue import branch_of, consume
from sessions_app.session.access import NotAllowed, UnknownSession
from sessions_app.session.log import announce, session_log
from sessions_app.session.models import Session
from sessions_app.session.participants import leave
from sessions_app.session.snapshots import load_view
from sessions_app.streams import sql
from sessions_app.streams.append import StaleEpoch
from sessions_app.streams.writer import GroupWriter
from tests.control.agents import scripted
from tests.control.conftest import Calls
from tests.control.world import (
    ANN,
    BEN,
    NOBODY,
    OLGA,
    Worker,
    check_stopped,
    due,
    in_thread,
    log_of,
    names,
    new_session,
    refused,
    say,
    together,
    view_of,
    wait_for,
    waiting,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_run_that_has_not_begun_never_begins(session: Session, calls: Calls) -> None:
    run_id = say(session, "one").run_id
    assert run_id is not None
    head = len(log_of(session))
    stopped = stop(session_id=str(session.pk), actor=BEN)
    assert (stopped.run_ids, stopped.offset) == ((run_id,), head + 2)
    assert names(session, head) == ["run.stopped", "RUN_FINISHED"]
    receipt, end = log_of(session)[head:]
    assert (receipt["actor"], receipt["event"]["value"]) == (BEN, {"runId": run_id, "reason": "stop"})
    assert end["event"]["outcome"] == {"type": "cancelled"}
    assert claims.due_runs() == [] and claims.claim(run_id, "w") is None
    run = view_of(session)["runs"][run_id]
    assert (run["status"], run["stopped"]) == ("cancelled", {"by": BEN, "reason": "stop"})
    assert calls.halted == [run_id]
    assert Session.objects.get(pk=session.pk).live_runs == 0


def test_nothing_that_a_stopped_run_still_holds_is_written(session: Session) -> None:
    worker = Worker(say(session, "one").run_id)
    worker.say("half")
    stop(session_id=str(session.pk), actor=ANN)
    head = len(log_of(session))
    for write in (lambda: worker.say("more"), worker.step, worker.finish):
        with pytest.raises(StaleEpoch):
            write()
    assert len(log_of(session)) == head
    (message,) = [i for i in view_of(session)["items"] if i["role"] == "assistant"]
    assert (message["text"], message["status"]) == ("half", "partial")


def test_while_it_streams_its_task_ends_and_its_text_stays_as_it_was(host: RunHost) -> None:
    session = new_session("scripted")
    told: list[str] = []

    async def script(ctx: RunContext) -> None:
        async def talk(step: StepWriter) -> StepResult:
            message = step.message()
            try:
                for n in range(100_000):
                    message.delta(f"{n} ")
                    await step.ready()
                    await asyncio.sleep(0.001)
            finally:
                told.append("closed")  # as a model's stream is
            return StepResult(output={})

        await ctx.step("model", "talk", talk)

    scripted(script)
    run_id = say(session, "go").run_id

    def begun() -> bool:
        return any(i["text"].startswith("0 1 2 ") for i in load_view(str(session.pk))[1]["items"])

    wait_for(begun)
    stopped = stop(session_id=str(session.pk), actor=BEN)
    wait_for(lambda: host.active == 0)
    assert told == ["closed"]
    assert check_stopped(log_of(session)) == [run_id]
    assert len(log_of(session)) == stopped.offset
    (message,) = [i for i in view_of(session)["items"] if i["role"] == "assistant"]
    assert message["status"] == "partial" and message["text"].startswith("0 1 2 ")
    assert Run.objects.get().attempt == 1


def test_again_changes_nothing(session: Session) -> None:
    run_id = say(session, "one").run_id
    first = stop(session_id=str(session.pk), actor=ANN, run_id=run_id)
    for by in (ANN, BEN):
        again = stop(session_id=str(session.pk), actor=by, run_id=run_id)
        assert (again.run_ids, again.offset) == ((), first.offset)
    assert stop(session_id=str(session.pk), actor=BEN).run_ids == ()


def test_two_at_once_give_one_receipt(session: Session) -> None:
    run_id = say(session, "one").run_id
    made = together(*[lambda by=by: stop(session_id=str(session.pk), actor=by) for by in (ANN, BEN)])
    assert sorted(each.run_ids for each in made) == [(), (run_id,)]
    assert names(session).count("run.stopped") == 1
    check_stopped(log_of(session))


def test_a_run_that_has_finished_is_not_stopped(session: Session) -> None:
    worker = Worker(say(session, "one").run_id)
    worker.finish()
    assert stop(session_id=str(session.pk), actor=ANN, run_id=worker.run_id).run_ids == ()
    assert "run.stopped" not in names(session)


@pytest.mark.parametrize(
    "spelled", ["nonsense", "", "a" * 400, "7cf2c7d8-b971-42d9-ba15-658f9314e449", "OTHER"]
)
def test_unknown_runs(session: Session, spelled: str) -> None:
    say(session, "one")
    if spelled == "OTHER":
        spelled = say(new_session(), "elsewhere").run_id or ""
    problem = refused(
        UnknownRun, lambda: stop(session_id=str(session.pk), actor=ANN, run_id=spelled), session
    )
    assert problem.code == "unknown_run"


def second_run(session: Session) -> Run:
    """Another active run, as an agent's sub-agent is."""
    with session_log(session.stream_id) as log:
        made = Input(session=session, client_id="second", actor=BEN, text="second", offset=log.head)
        return consume(log, session, made, after=branch_of(session.pk))


def test_one_of_several_leaves_the_others_and_the_queue(session: Session) -> None:
    first = Worker(say(session, "one").run_id)
    second = Worker(second_run(session).pk)
    say(session, "waits")
    assert stop(session_id=str(session.pk), actor=ANN, run_id=first.run_id).run_ids == (first.run_id,)
    second.say("I go on")
    assert waiting(session) == ["waits-id"] and claims.due_runs() == []
    assert stop(session_id=str(session.pk), actor=ANN).run_ids == (second.run_id,)
    assert waiting(session) == []
    Worker(due()).finish()
    assert check_stopped(log_of(session)) == [first.run_id, second.run_id]


def test_what_waits_starts_afterwards(session: Session, calls: Calls) -> None:
    first = say(session, "one").run_id
    say(session, "two")
    say(session, "three")
    assert stop(session_id=str(session.pk), actor=ANN).run_ids == (first,)
    assert waiting(session) == ["three-id"]
    assert calls.woken[-1] == due()
    assert view_of(session)["runs"][due()]["input"] == "two-id"


def test_who_may_not(session: Session) -> None:
    say(session, "one")
    leave(str(session.pk), actor=BEN, by=ANN, reason="removed")
    refused(NotAllowed, lambda: stop(session_id=str(session.pk), actor=OLGA), session)
    for actor in (NOBODY, BEN):
        refused(UnknownSession, lambda actor=actor: stop(session_id=str(session.pk), actor=actor), session)
    for spelled in ("", "x", str(uuid.uuid4()), str(session.pk).upper()):
        refused(UnknownSession, lambda spelled=spelled: stop(session_id=spelled, actor=ANN), session)


def test_stop_meets_the_end_of_the_run(session: Session) -> None:
    """Whoever comes first, the run ends once and says how."""
    for n in range(10):
        worker = Worker(say(session, f"q{n}").run_id)
        stopped, _ = together(lambda: stop(session_id=str(session.pk), actor=ANN), worker.finish)
        status = Run.objects.get(pk=worker.run_id).status
        assert status == ("cancelled" if stopped.run_ids else "finished")
    check_stopped(log_of(session))


async def test_a_run_that_is_let_go_in_the_middle_of_a_flush_takes_no_other_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its lane is closed while what it wrote is being committed, together with what another run wrote."""
    sessions = [await in_thread(new_session) for _ in range(2)]
    workers = [await in_thread(lambda s=s: Worker(say(s, "one").run_id)) for s in sessions]
    writer = GroupWriter(announce)
    lost: list[str] = []
    lanes = [
        RunLane(
            writer, stream_id=w.stream_id, run_id=w.run_id, epoch=w.epoch, actor=w.agent,
            on_lost=lambda w=w: lost.append(w.run_id),
        )
        for w in workers
    ]  # fmt: skip
    stopped, other = lanes
    writer.start()
    for lane in lanes:
        lane.delta("m", "half ")
    await asyncio.gather(*[lane.flush() for lane in lanes])
    append = sql.append_if_head_matches

    def close_meanwhile(*args: Any) -> Any:
        written = append(*args)
        stopped.close()
        return written

    monkeypatch.setattr(sql, "append_if_head_matches", close_meanwhile)
    for lane in lanes:
        lane.delta("m", "whole")
    await other.flush()
    await writer.close()
    assert lost == [] and not other.lost
    bodies = [await in_thread(log_of, s) for s in sessions]
    assert [log[-1]["event"]["delta"] for log in bodies] == ["whole", "whole"]
