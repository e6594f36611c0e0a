"""The run host against the real store: one answer, queued input, failure, takeover, fencing, release."""

import asyncio
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sessions_app.control.send import InputConflict, send_input
from sessions_app.runs import claim as claims
from sessions_app.runs import dispatch
from sessions_app.runs.agents import (
    AgentError,
    Json,
    RetryStep,
    RunContext,
    StepResult,
    StepWriter,
    register_agent,
)
from sessions_app.runs.host import RunHost
from sessions_app.runs.models import Input, Run, Step
from sessions_app.session.fold import fold
from sessions_app.session.models import Session, Snapshot
from sessions_app.session.sessions import create_session
from sessions_app.session.snapshots import load_view
from sessions_app.streams.models import Record, Stream

pytestmark = pytest.mark.django_db(transaction=True)

TERMINAL = {"RUN_FINISHED", "RUN_ERROR"}


class Scripted:
    """An agent whose behaviour is the function that a test gives it."""

    name = "scripted"
    title = "Scripted"

    def __init__(self, script: Callable[[RunContext], Any]) -> None:
        self._script = script

    async def run(self, ctx: RunContext) -> Json | None:
        result: Json | None = await self._script(ctx)
        return result


async def say(step: StepWriter, *words: str) -> StepResult:
    message = step.message()
    for word in words:
        message.delta(word)
        await step.ready()
        await asyncio.sleep(0)
    message.end()
    return StepResult(output={"text": "".join(words)})


@pytest.fixture
def host(settings: Any) -> Iterator[RunHost]:
    settings.CLEWLINE_LEASE_SECONDS = 1.0
    host = RunHost()
    host.start()
    dispatch.on_wake(host.submit)
    yield host
    host.stop(grace=2)


@pytest.fixture
def session(db: None) -> Session:
    return create_session(actor="user:1", name="Ann", agent="scripted")


def send(session: Session, text: str, client_id: str | None = None) -> Any:
    return send_input(
        session_id=str(session.pk), actor="user:1", client_id=client_id or uuid.uuid4().hex, text=text
    )


def log_of(session: Session) -> list[Json]:
    rows = list(Record.objects.filter(stream_id=session.stream_id).order_by("pos").values_list("pos", "body"))
    assert [pos for pos, _ in rows] == list(range(len(rows)))
    assert Stream.objects.get(pk=session.stream_id).head == len(rows)
    return [json.loads(bytes(body)) for _, body in rows]


def wait_for(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    """Poll the database, which is what the layer promises; there is no event to await from outside."""
    waiting = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        waiting.wait(0.02)
    raise AssertionError("The condition never became true.")


def all_ended(session: Session, runs: int) -> Callable[[], bool]:
    return lambda: (
        Run.objects.filter(session=session, status__in=Run.TERMINAL).count() == runs
        and not Input.objects.filter(session=session, status="queued").exists()
    )


def texts(session: Session, role: str = "assistant") -> list[tuple[str, str]]:
    _, view = load_view(str(session.pk))
    return [(i["text"], i["status"]) for i in view["items"] if i["kind"] == "message" and i["role"] == role]


def check_promises(session: Session, runs: int) -> None:
    log = log_of(session)
    ends = [r["run"] for r in log if r["event"]["type"] in TERMINAL]
    assert len(ends) == len(set(ends)) == runs
    at, view = load_view(str(session.pk))
    assert at == len(log)
    assert view == fold(log)
    for snapshot in Snapshot.objects.filter(session=session):
        assert json.loads(bytes(snapshot.view)) == fold(log[: snapshot.at])
    assert Session.objects.get(pk=session.pk).live_runs == 0


def test_an_answer_arrives_whole(host: RunHost, session: Session) -> None:
    async def script(ctx: RunContext) -> Json:
        out = await ctx.step("model", "answer", lambda step: say(step, "Good ", "morning", "."))
        assert [item.text for item in await ctx.transcript()] == ["Hello"]
        return {"said": out["text"]}

    register_agent(Scripted(script))
    accepted = send(session, "Hello")
    wait_for(all_ended(session, 1))
    assert texts(session) == [("Good morning.", "done")]
    assert texts(session, "user") == [("Hello", "done")]
    assert str(Run.objects.get().pk) == accepted.run_id
    assert Run.objects.get().result == {"said": "Good morning."}
    wait_for(lambda: Snapshot.objects.filter(session=session, boundary=True).exists())
    check_promises(session, 1)


def test_inputs_while_busy_are_answered_in_order(host: RunHost, session: Session) -> None:
    async def script(ctx: RunContext) -> None:
        last = (await ctx.transcript())[-1].text
        await ctx.step("model", "answer", lambda step: say(step, f"re {last}"))

    register_agent(Scripted(script))
    for n in range(5):
        send(session, f"q{n}")
    wait_for(all_ended(session, 5))
    assert [text for text, _ in texts(session)] == [f"re q{n}" for n in range(5)]
    check_promises(session, 5)


def test_a_repeated_input_is_logged_once(host: RunHost, session: Session) -> None:
    async def script(ctx: RunContext) -> None:
        await ctx.step("model", "answer", lambda step: say(step, "ok"))

    register_agent(Scripted(script))
    first = send(session, "once", "same")
    assert send(session, "once", "same").offset == first.offset
    with pytest.raises(InputConflict):
        send(session, "twice", "same")
    wait_for(all_ended(session, 1))
    assert texts(session, "user") == [("once", "done")]
    check_promises(session, 1)


def test_a_failure_that_can_be_told_ends_the_run(host: RunHost, session: Session) -> None:
    async def script(ctx: RunContext) -> None:
        raise AgentError("The model refused the key.", code="bad_key")

    register_agent(Scripted(script))
    send(session, "Hello")
    wait_for(all_ended(session, 1))
    _, view = load_view(str(session.pk))
    assert [run["error"] for run in view["runs"].values()] == [
        {"code": "bad_key", "message": "The model refused the key."}
    ]
    check_promises(session, 1)


def test_completed_steps_are_not_repeated_and_partial_text_is_replaced_once(
    host: RunHost, session: Session
) -> None:
    calls: list[str] = []

    async def script(ctx: RunContext) -> None:
        async def look(step: StepWriter) -> StepResult:
            calls.append("look")
            step.tool_call("c1", "look", {"at": "deals"})
            step.tool_result("c1", "3 deals")
            return StepResult(output={"n": 3})

        async def answer(step: StepWriter) -> StepResult:
            calls.append("answer")
            message = step.message()
            message.delta("Three ")
            await step.flush()
            if calls.count("answer") == 1:
                raise RuntimeError("the worker's bad day")
            message.delta("deals.")
            message.end()
            return StepResult(output={})

        out = await ctx.step("tool", "look", look)
        assert out == {"n": 3}
        await ctx.step("model", "answer", answer)

    register_agent(Scripted(script))
    send(session, "How many?")
    wait_for(all_ended(session, 1))
    assert calls == ["look", "answer", "answer"]
    assert texts(session) == [("Three deals.", "done")]
    names = [r["event"].get("name") for r in log_of(session)]
    assert names.count("run.retrying") == 1
    assert names.count("items.superseded") == 1
    assert Step.objects.count() == 2
    check_promises(session, 1)


def test_a_step_that_asks_to_be_retried_replaces_its_text(host: RunHost, session: Session) -> None:
    tries: list[int] = []

    async def script(ctx: RunContext) -> None:
        async def answer(step: StepWriter) -> StepResult:
            tries.append(1)
            step.message().delta("half")
            await step.flush()
            if len(tries) == 1:
                raise RetryStep(0.01, "stream_broken", "The model's answer broke off; asking again.")
            return await say(step, "whole")

        await ctx.step("model", "answer", answer)

    register_agent(Scripted(script))
    send(session, "Hello")
    wait_for(all_ended(session, 1))
    assert [text for text, _ in texts(session)] == ["half", "whole"]
    check_promises(session, 1)


def test_a_run_that_always_crashes_is_closed_with_an_error(
    host: RunHost, session: Session, settings: Any
) -> None:
    settings.CLEWLINE_MAX_ATTEMPTS = 2

    async def script(ctx: RunContext) -> None:
        raise RuntimeError("always")

    register_agent(Scripted(script))
    send(session, "Hello")
    wait_for(all_ended(session, 1), 30)
    assert Run.objects.get().error_code == "run_failed_repeatedly"
    check_promises(session, 1)


def test_nothing_of_a_superseded_attempt_enters_the_log(host: RunHost, session: Session) -> None:
    started, proceed = threading.Event(), threading.Event()

    async def script(ctx: RunContext) -> None:
        async def answer(step: StepWriter) -> StepResult:
            message = step.message()
            message.delta(f"attempt {ctx.run.attempt} ")
            await step.flush()
            if ctx.run.attempt == 1:
                started.set()
                await asyncio.get_running_loop().run_in_executor(None, proceed.wait)
                message.delta("ZOMBIE")
                await step.flush()
            message.end()
            return StepResult(output={})

        await ctx.step("model", "answer", answer)

    register_agent(Scripted(script))
    accepted = send(session, "Hello")
    assert started.wait(10)
    Run.objects.filter(pk=accepted.run_id).update(lease_until="2020-01-01T00:00:00Z")
    other = claims.claim(accepted.run_id, "another")
    assert other is not None and other.epoch == 2 and other.stale
    proceed.set()
    wait_for(lambda: host.active == 0)
    assert not any("ZOMBIE" in json.dumps(r) for r in log_of(session))
    Run.objects.filter(pk=accepted.run_id).update(lease_until="2020-01-01T00:00:00Z")
    wait_for(all_ended(session, 1))
    assert texts(session) == [("attempt 3 ", "done")]
    check_promises(session, 1)


def test_a_stopping_host_gives_its_runs_back(host: RunHost, session: Session) -> None:
    started = threading.Event()

    async def script(ctx: RunContext) -> None:
        async def answer(step: StepWriter) -> StepResult:
            step.message().delta("begun")
            await step.flush()
            if ctx.run.attempt == 1:
                started.set()
                await asyncio.sleep(3600)
            return await say(step, "done")

        await ctx.step("model", "answer", answer)

    register_agent(Scripted(script))
    send(session, "Hello")
    assert started.wait(10)
    host.stop(grace=0)
    run = Run.objects.get()
    assert (run.status, run.worker, run.attempt) == ("running", "", 0)
    second = RunHost()
    second.start()
    try:
        wait_for(all_ended(session, 1))
    finally:
        second.stop(grace=1)
    check_promises(session, 1)
