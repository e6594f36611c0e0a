"""What tools change: internal once, with its record; external at most once, and only what was approved."""

import asyncio
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from sessions_app.control.answer import Reply, answer
from sessions_app.control.rights import UnknownSession
from sessions_app.control.stop import stop
from sessions_app.control.undo import undo
from sessions_app.runs import claim as claims
from sessions_app.runs import effects
from sessions_app.runs.agents import (
    Changed,
    ChangeRefused,
    Json,
    Performed,
    RunContext,
)
from sessions_app.runs.context import LaneContext
from sessions_app.runs.effects import (
    ChangedSince,
    NotApproved,
    NothingToUndo,
    apply_internal,
    claim_external,
    register_undo,
    settle_abandoned,
    settle_external,
)
from sessions_app.runs.host import RunHost
from sessions_app.runs.lane import RunLane
from sessions_app.runs.models import Effect, Interrupt, Run, Step
from sessions_app.session import events
from sessions_app.session.access import NotAllowed
from sessions_app.session.models import Session
from sessions_app.streams.append import StaleEpoch
from sessions_app.streams.writer import GroupWriter
from tests.control.agents import scripted
from tests.control.world import (
    ANN,
    BEN,
    NOBODY,
    OLGA,
    Worker,
    approval,
    check_stopped,
    due,
    in_thread,
    log_of,
    names,
    new_session,
    refused,
    say,
    view_of,
    wait_for,
)

pytestmark = pytest.mark.django_db(transaction=True)

ARGS = {"to": "x@example.com"}


def tool_item(session: Session, call_id: str) -> Json:
    (item,) = [i for i in view_of(session)["items"] if i["kind"] == "tool" and i["id"] == call_id]
    return item  # type: ignore[no-any-return]


def settled(session: Session) -> list[str]:
    return [
        r["event"]["value"]["status"] for r in log_of(session) if r["event"].get("name") == "effect.settled"
    ]


# Internal


def change(worker: Worker, call_id: str, made: Any) -> Json:
    worker.write(events.tool_start(call_id=call_id, name="rename"), events.tool_end(call_id))
    return apply(worker, call_id, made)


def apply(worker: Worker, call_id: str, made: Any) -> Json:
    output = apply_internal(
        run_id=worker.run_id,
        stream_id=worker.stream_id,
        agent=worker.claimed.info.agent,
        epoch=worker.epoch,
        index=worker.index,
        call_id=call_id,
        tool="rename",
        args={"title": "New"},
        change=made,
        started_at=timezone.now(),
    )
    worker.index += 1
    return output


def rename(session: Session, title: str = "New") -> Any:
    def made() -> Changed:
        before = Session.objects.get(pk=session.pk).agent
        Session.objects.filter(pk=session.pk).update(agent=title)
        return Changed(
            content=f"Renamed to {title}.", output={"title": title}, undo={"s": str(session.pk), "to": before}
        )

    return made


@pytest.fixture
def undos() -> Any:
    before = dict(effects._undos)

    def back(actor: str, data: Json) -> None:
        if Session.objects.get(pk=data["s"]).agent != "New":
            raise ChangedSince()
        Session.objects.filter(pk=data["s"]).update(agent=data["to"])

    register_undo("rename", back)
    yield
    effects._undos.clear()
    effects._undos.update(before)


def test_an_internal_change_its_record_its_step_and_its_row_are_one(session: Session, undos: None) -> None:
    worker = Worker(say(session, "rename").run_id)
    assert change(worker, "c1", rename(session)) == {"title": "New"}
    row = Effect.objects.get()
    assert (row.status, row.call_id, row.requested_by, row.run_id) == (
        "done",
        "c1",
        ANN,
        Run.objects.get().pk,
    )
    item = tool_item(session, "c1")
    assert (item["effect"], item["status"], item["result"]) == ("undoable", "done", "Renamed to New.")
    assert Step.objects.get().output == {"title": "New"}


def test_a_change_that_breaks_leaves_nothing(session: Session, undos: None) -> None:
    worker = Worker(say(session, "rename").run_id)

    def breaks() -> Changed:
        rename(session)()
        raise RuntimeError("disk full")

    with pytest.raises(RuntimeError):
        change(worker, "c1", breaks)
    assert Session.objects.get(pk=session.pk).agent == "nobody"
    assert (Effect.objects.count(), Step.objects.count()) == (0, 0)
    assert "TOOL_CALL_RESULT" not in names(session)


@pytest.mark.parametrize("fence", ["stopped", "taken over"])
def test_who_no_longer_holds_the_run_changes_nothing(session: Session, undos: None, fence: str) -> None:
    worker = Worker(say(session, "rename").run_id)
    worker.write(events.tool_start(call_id="c1", name="rename"))
    if fence == "stopped":
        stop(session_id=str(session.pk), actor=BEN)
    else:
        worker.die()
        Worker(worker.run_id)
    with pytest.raises(StaleEpoch):
        apply(worker, "c1", rename(session))
    assert Session.objects.get(pk=session.pk).agent == "nobody" and not Effect.objects.exists()


def test_a_takeover_does_not_repeat_it(session: Session, undos: None) -> None:
    worker = Worker(say(session, "rename").run_id)
    change(worker, "c1", rename(session))
    worker.die()
    again = Worker(worker.run_id)
    assert [(s["kind"], s["name"], s["output"]) for s in again.claimed.steps] == [
        ("tool", "rename", {"title": "New"})
    ]
    assert again.claimed.stale == []


def test_through_the_host_a_change_is_made_once_though_the_attempt_breaks_off(
    host: RunHost, undos: None
) -> None:
    session = new_session("scripted")
    attempts: list[int] = []

    async def script(ctx: RunContext) -> Json:
        attempts.append(ctx.run.attempt)
        out = await ctx.change("c1", "rename", {"title": "New"}, rename(session))
        if len(attempts) == 1:
            raise RuntimeError("the worker's bad day")

        def no() -> Changed:
            raise ChangeRefused("You may not do that.", {"refused": True})

        return out | await ctx.change("c2", "rename", {}, no)

    scripted(script)
    say(session, "go")
    wait_for(lambda: Run.objects.filter(status="finished").exists())
    assert len(attempts) == 2 and Run.objects.get().result == {"title": "New", "refused": True}
    assert Effect.objects.count() == 1
    assert tool_item(session, "c1")["effect"] == "undoable"
    second = tool_item(session, "c2")
    assert (second["status"], second["result"], second["effect"]) == ("failed", "You may not do that.", None)


# Undo


def test_undo_takes_it_back_once(session: Session, undos: None) -> None:
    worker = Worker(say(session, "rename").run_id)
    change(worker, "c1", rename(session))
    worker.finish()
    head = undo(session_id=str(session.pk), actor=BEN, call_id="c1")
    assert Session.objects.get(pk=session.pk).agent == "nobody"
    assert tool_item(session, "c1")["effect"] == "undone"
    assert log_of(session)[-1]["actor"] == BEN
    Session.objects.filter(pk=session.pk).update(agent="New")
    assert undo(session_id=str(session.pk), actor=ANN, call_id="c1") == head
    assert Session.objects.get(pk=session.pk).agent == "New"
    assert Effect.objects.get().undone_by == BEN


def test_undo_has_the_rights_of_whoever_undoes(session: Session, undos: None) -> None:
    """Not those of who asked for the change."""
    by: list[str] = []
    register_undo("rename", lambda actor, data: by.append(actor))
    change(Worker(say(session, "rename", by=ANN).run_id), "c1", rename(session))
    undo(session_id=str(session.pk), actor=BEN, call_id="c1")
    assert by == [BEN]


def test_undo_does_not_lose_what_came_later(session: Session, undos: None) -> None:
    change(Worker(say(session, "rename").run_id), "c1", rename(session))
    Session.objects.filter(pk=session.pk).update(agent="Newer")
    problem = refused(
        ChangedSince, lambda: undo(session_id=str(session.pk), actor=ANN, call_id="c1"), session
    )
    assert problem.code == "changed_since"
    assert Effect.objects.get().undone_at is None


def test_what_cannot_be_undone(session: Session) -> None:
    worker = Worker(say(session, "rename").run_id)
    change(worker, "c1", rename(session))  # no undo is registered
    assert tool_item(session, "c1")["effect"] == "done"
    for call_id in ("c1", "nonsense", ""):
        problem = refused(
            NothingToUndo, lambda c=call_id: undo(session_id=str(session.pk), actor=ANN, call_id=c), session
        )
        assert problem.code == "nothing_to_undo"


def test_who_may_not_undo(session: Session, undos: None) -> None:
    change(Worker(say(session, "rename").run_id), "c1", rename(session))
    refused(NotAllowed, lambda: undo(session_id=str(session.pk), actor=OLGA, call_id="c1"), session)
    refused(UnknownSession, lambda: undo(session_id=str(session.pk), actor=NOBODY, call_id="c1"), session)
    other = new_session()
    refused(NothingToUndo, lambda: undo(session_id=str(other.pk), actor=ANN, call_id="c1"), other)


# External


def approved(session: Session, decision: str = "approve", args: Any = None) -> tuple[Worker, Interrupt]:
    """A run that goes on after a decision."""
    (asked,) = Worker(say(session, "send it").run_id).ask(approval(args=args))
    reply = Reply(id=str(asked.pk), decision=decision, hash=asked.args_hash)
    answer(session_id=str(session.pk), actor=BEN, replies=[reply])
    return Worker(due()), asked


def claim(worker: Worker, asked: Interrupt, **other: Any) -> str | None:
    values = {"call_id": "call-1", "tool": "send_email", "args": ARGS, "interrupt_id": str(asked.pk)}
    return claim_external(
        run_id=worker.run_id, stream_id=worker.stream_id, epoch=worker.epoch, **{**values, **other}
    )


def settle(session: Session, status: str, actor: str = "agent:nobody") -> str:
    return settle_external(
        session_id=str(session.pk), stream_id=session.stream_id, call_id="call-1", status=status, actor=actor
    ).status


def test_an_approved_effect_is_claimed_once(session: Session) -> None:
    worker, asked = approved(session)
    key = claim(worker, asked)
    row = Effect.objects.get()
    assert (str(row.key), row.status, row.interrupt_id, row.args) == (key, "claimed", asked.pk, ARGS)
    assert claim(worker, asked) is None
    assert Effect.objects.count() == 1


@pytest.mark.parametrize(
    "other",
    [
        {"args": {"to": "y@example.com"}},
        {"args": {}},
        {"args": ARGS | {"bcc": "z@example.com"}},
        {"tool": "send_letter"},
        {"call_id": "call-2"},
    ],
)
def test_only_exactly_what_was_approved(session: Session, other: Any) -> None:
    worker, asked = approved(session)
    refused(NotApproved, lambda: claim(worker, asked, **other), session)
    assert not Effect.objects.exists()


def test_the_same_arguments_in_another_order_are_the_same(session: Session) -> None:
    worker, asked = approved(session, args={"a": 1, "b": {"c": [1.5, None, "é"], "d": True}})
    assert claim(worker, asked, args={"b": {"d": True, "c": [1.5, None, "é"]}, "a": 1})


def test_what_was_denied_stopped_or_is_open_is_not_done(session: Session) -> None:
    worker, asked = approved(session, "deny")
    refused(NotApproved, lambda: claim(worker, asked), session)
    for status in ("open", "expired", "stopped", "answered"):
        Interrupt.objects.filter(pk=asked.pk).update(status=status)
        refused(NotApproved, lambda: claim(worker, asked), session)
    assert not Effect.objects.exists()


def test_an_approval_of_another_session_counts_nothing(session: Session) -> None:
    worker, _ = approved(session)
    stop(session_id=str(session.pk), actor=ANN)
    other, elsewhere = approved(new_session())
    with pytest.raises(StaleEpoch):
        claim(worker, elsewhere)
    worker = Worker(say(session, "again").run_id)
    refused(NotApproved, lambda: claim(worker, elsewhere), session)
    assert claim(other, elsewhere)


@pytest.mark.parametrize("fence", ["stopped", "taken over"])
def test_who_no_longer_holds_the_run_claims_nothing(session: Session, fence: str) -> None:
    worker, asked = approved(session)
    if fence == "stopped":
        stop(session_id=str(session.pk), actor=ANN)
    else:
        worker.die()
        Worker(worker.run_id)
    with pytest.raises(StaleEpoch):
        claim(worker, asked)
    assert not Effect.objects.exists()


def test_a_claim_is_settled_once(session: Session) -> None:
    worker, asked = approved(session)
    worker.write(events.tool_start(call_id="call-1", name="send_email"))
    claim(worker, asked)
    assert settle(session, "done") == "done"
    assert settle(session, "unknown") == "done"
    assert settled(session) == ["done"] and tool_item(session, "call-1")["effect"] == "done"
    assert Effect.objects.get().settled_at is not None


def test_what_happened_is_written_down_though_the_run_was_stopped(session: Session) -> None:
    worker, asked = approved(session)
    worker.write(events.tool_start(call_id="call-1", name="send_email"))
    claim(worker, asked)
    stop(session_id=str(session.pk), actor=ANN)
    settle(session, "done")
    item = tool_item(session, "call-1")
    assert (item["status"], item["effect"]) == ("partial", "done")
    check_stopped(log_of(session))


def test_after_a_crash_the_claim_is_not_repeated(session: Session) -> None:
    worker, asked = approved(session)
    claim(worker, asked)
    worker.die()
    assert claim(Worker(worker.run_id), asked) is None


def test_abandoned_claims_become_unknown(session: Session) -> None:
    worker, asked = approved(session)
    worker.write(events.tool_start(call_id="call-1", name="send_email"))
    claim(worker, asked)
    now = timezone.now()
    assert settle_abandoned(now + timedelta(hours=1)) == 0  # the run is still at work
    stop(session_id=str(session.pk), actor=ANN)
    assert settle_abandoned(now + timedelta(minutes=1)) == 0
    assert settle_abandoned(now + timedelta(minutes=3)) == 1
    assert settle_abandoned(now + timedelta(minutes=3)) == 0
    assert Effect.objects.get().status == "unknown" and settled(session) == ["unknown"]
    assert tool_item(session, "call-1")["effect"] == "unknown"
    assert log_of(session)[-1]["actor"] == "system"


# External, through the host

Perform = Any


def sender(perform: Perform, *, retry: bool = False) -> list[str]:
    """An agent that asks, and does what was approved. Returns what it was told, filled while it works."""
    told: list[str] = []

    async def script(ctx: RunContext) -> Json | None:
        if ctx.run.resumes is None:
            await ctx.interrupt([approval()])
        (decision,) = ctx.run.resumes.decisions
        if decision.status != "approved":
            return {"said": decision.status}
        out = await ctx.perform(decision, perform, unknown={"sent": "unknown"})
        told.append(out["sent"])
        return out

    scripted(script)
    return told


def approve_when_asked(session: Session) -> str:
    say(session, "send it")
    wait_for(lambda: Interrupt.objects.filter(status="open").exists())
    asked = Interrupt.objects.get()
    answer(
        session_id=str(session.pk),
        actor=BEN,
        replies=[Reply(id=str(asked.pk), decision="approve", hash=asked.args_hash)],
    )
    return str(Run.objects.get(resumes=asked.run_id).pk)


@pytest.mark.parametrize(("done", "status", "item"), [(True, "done", "done"), (False, "failed", "failed")])
def test_it_is_performed_and_told(host: RunHost, done: bool, status: str, item: str) -> None:
    session, keys = new_session("scripted"), []

    async def perform(key: str) -> Performed:
        keys.append(key)
        return Performed(done=done, content="Sent." if done else "Refused.", output={"sent": str(done)})

    told = sender(perform)
    run_id = approve_when_asked(session)
    wait_for(lambda: Run.objects.get(pk=run_id).status == "finished")
    row = Effect.objects.get()
    assert keys == [str(row.key)] and row.status == status and told == [str(done)]
    shown = tool_item(session, "call-1")
    assert (shown["effect"], shown["status"]) == (status, item)
    kinds = names(session)
    assert kinds.index("TOOL_CALL_START") < kinds.index("effect.settled") < kinds.index("TOOL_CALL_RESULT")


def test_an_exception_means_that_nobody_knows(host: RunHost) -> None:
    session, calls = new_session("scripted"), []

    async def perform(key: str) -> Performed:
        calls.append(key)
        raise TimeoutError("after it acted")

    told = sender(perform)
    run_id = approve_when_asked(session)
    wait_for(lambda: Run.objects.get(pk=run_id).status == "finished")
    assert len(calls) == 1 and told == ["unknown"] and Effect.objects.get().status == "unknown"
    shown = tool_item(session, "call-1")
    assert (shown["effect"], shown["status"]) == ("unknown", "failed")
    assert "Nobody knows" in shown["result"]


def test_a_denial_starts_nothing(host: RunHost) -> None:
    session = new_session("scripted")

    async def perform(key: str) -> Performed:
        raise AssertionError("never")

    sender(perform)
    say(session, "send it")
    wait_for(lambda: Interrupt.objects.filter(status="open").exists())
    asked = Interrupt.objects.get()
    reply = Reply(id=str(asked.pk), decision="deny", hash=asked.args_hash)
    answer(session_id=str(session.pk), actor=BEN, replies=[reply])
    wait_for(lambda: Run.objects.filter(status="finished").exists())
    assert Run.objects.get(status="finished").result == {"said": "denied"}
    assert not Effect.objects.exists() and "TOOL_CALL_START" not in names(session)


def test_stopped_while_it_happens_it_is_written_down(host: RunHost) -> None:
    session = new_session("scripted")
    begun, proceed = threading.Event(), threading.Event()

    async def perform(key: str) -> Performed:
        begun.set()
        await asyncio.get_running_loop().run_in_executor(None, proceed.wait)
        return Performed(done=True, content="Sent.", output={"sent": "yes"})

    told = sender(perform)
    run_id = approve_when_asked(session)
    assert begun.wait(10)
    assert stop(session_id=str(session.pk), actor=ANN).run_ids == (run_id,)
    wait_for(lambda: host.active == 0)
    assert Effect.objects.get().status == "claimed"
    proceed.set()
    wait_for(lambda: Effect.objects.get().status == "done")
    wait_for(lambda: settled(session) == ["done"])
    assert told == [] and tool_item(session, "call-1")["effect"] == "done"
    check_stopped(log_of(session))


def test_a_worker_that_dies_in_the_middle_leaves_it_unknown_and_undoubled(host: RunHost) -> None:
    """As after a crash: the claim is there, nobody settles it, another attempt takes over."""
    session, calls = new_session("scripted"), []
    begun, proceed = threading.Event(), threading.Event()

    async def perform(key: str) -> Performed:
        calls.append(key)
        begun.set()
        await asyncio.get_running_loop().run_in_executor(None, proceed.wait)
        return Performed(done=True, content="Sent.", output={"sent": "yes"})

    told = sender(perform)
    run_id = approve_when_asked(session)
    assert begun.wait(10)
    other = RunHost()
    other.start()
    try:
        host.halt([run_id])
        wait_for(lambda: host.active == 0)
        Run.objects.filter(pk=run_id).update(lease_until="2020-01-01T00:00:00Z")
        other.submit(run_id)
        wait_for(lambda: Run.objects.get(pk=run_id).status == "finished")
    finally:
        proceed.set()
        other.stop(grace=1)
    assert len(calls) == 1 and told == ["unknown"]
    assert settled(session) == ["unknown"]
    assert tool_item(session, "call-1")["effect"] == "unknown"


async def test_a_takeover_after_the_effect_tells_what_it_said(session: Session) -> None:
    """The worker dies between the effect's settling and its step: the next one neither repeats nor doubts it."""
    worker, asked = await in_thread(approved, session)
    await in_thread(claim, worker, asked)
    said = {"content": "Sent.", "output": {"id": "m1"}}
    await in_thread(
        settle_external,
        session_id=str(session.pk),
        stream_id=session.stream_id,
        call_id="call-1",
        status="done",
        actor="agent:nobody",
        said=said,
    )
    await in_thread(worker.die)
    claimed = await in_thread(claims.claim, worker.run_id, "next")
    writer = GroupWriter(lambda _: None)
    writer.start()
    lane = RunLane(
        writer,
        stream_id=session.stream_id,
        run_id=worker.run_id,
        epoch=claimed.epoch,
        actor="agent:nobody",
        on_lost=lambda: None,
    )
    context = LaneContext(claimed, lane, in_thread)

    async def again(key: str) -> Performed:
        raise AssertionError("It would happen twice.")

    (decision,) = claimed.info.resumes.decisions
    assert await context.perform(decision, again, unknown={"id": None}) == {"id": "m1"}
    await writer.close()
    (item,) = (await in_thread(view_of, session))["items"][-1:]
    assert (item["result"], item["effect"], item["error"]) == ("Sent.", "done", False)
