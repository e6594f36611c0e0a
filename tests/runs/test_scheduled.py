"""What somebody waits for goes ahead of what a clock asked for. Shown by the order of claims, not by a timer."""

import asyncio
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from sessions_app.control.send import send_input
from sessions_app.runs import claim as claims
from sessions_app.runs import dispatch
from sessions_app.runs.agents import Delegated, Json, RunContext, StepResult, StepWriter, register_agent
from sessions_app.runs.host import RunHost
from sessions_app.runs.models import Run
from sessions_app.session.sessions import create_session
from tests.runs.test_host import Scripted, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

PLACES = 8
SHARE = 2  # of the places


class Claims:
    """The order in which runs were claimed, over all hosts."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self._lock = threading.Lock()
        self._claim = claims.claim

    def __call__(self, run_id: str, worker: str, **more: Any) -> Any:
        claimed = self._claim(run_id, worker, **more)
        if claimed is not None:
            with self._lock:
                self.order.append(run_id)
        return claimed


@pytest.fixture
def claimed(monkeypatch: pytest.MonkeyPatch) -> Claims:
    made = Claims()
    monkeypatch.setattr(claims, "claim", made)
    return made


@pytest.fixture
def gate() -> asyncio.Event:
    return asyncio.Event()


@pytest.fixture
def host(settings: Any, claimed: Claims) -> Iterator[RunHost]:
    settings.CLEWLINE_RUNS_PER_WORKER = PLACES
    settings.CLEWLINE_SCHEDULED_SHARE = SHARE / PLACES
    settings.CLEWLINE_LEASE_SECONDS = 60.0
    made = RunHost()
    made.start()
    dispatch.on_wake(made.submit)
    yield made
    made.stop(grace=0)


def begin(queue: str) -> str:
    session = create_session(actor="user:1", name="Ann", agent="scripted")
    accepted = send_input(
        session_id=str(session.pk), actor="user:1", client_id=uuid.uuid4().hex, text="Hello", queue=queue
    )
    return str(accepted.run_id)


def queued(settings: Any, count: int) -> list[str]:
    """Scheduled runs that nobody has been told of."""
    settings.CLEWLINE_RUNS_PER_PERSON = 10_000
    before = list(dispatch._wakers)
    dispatch.on_wake(lambda run_id, queue: None)
    made = [begin("scheduled") for _ in range(count)]
    dispatch._wakers[:] = before
    return made


def test_a_chat_is_claimed_before_500_briefs(
    settings: Any, gate: asyncio.Event, host: RunHost, claimed: Claims
) -> None:
    async def script(ctx: RunContext) -> None:
        await gate.wait()

    register_agent(Scripted(script))
    briefs = queued(settings, 500)
    for each in briefs:
        host.submit(each, "scheduled")
    wait_for(lambda: len(claimed.order) == SHARE)
    chats = [begin("chat") for _ in range(PLACES)]
    wait_for(lambda: set(chats) <= set(claimed.order))
    # All places but theirs are a chat's, and no third brief was taken.
    assert set(claimed.order) - set(chats) <= set(briefs)
    assert len(claimed.order) == SHARE + PLACES
    assert claims.due_runs(limit=1) == claims.due_runs(queue="scheduled", limit=1)
    assert Run.objects.filter(status="queued", queue="scheduled").count() == 500 - SHARE
    host.loop.call_soon_threadsafe(gate.set)
    # As soon as there is room the briefs go on, in order, without another wake-up.
    wait_for(lambda: len(claimed.order) >= SHARE + PLACES + 20)
    rest = [each for each in claimed.order if each in set(briefs)]
    assert rest == briefs[: len(rest)]


def test_who_looks_for_work_finds_chats_first(settings: Any) -> None:
    briefs = queued(settings, 3)
    dispatch.on_wake(lambda run_id, queue: None)
    chat = begin("chat")
    assert claims.due_runs() == [chat, *briefs]
    assert claims.due_runs(limit=2) == [chat, briefs[0]]
    assert claims.due_runs(queue="scheduled") == briefs


def test_a_lost_wake_up_is_repeated_for_each_queue(settings: Any) -> None:
    from sessions_app.runs import tasks  # noqa: PLC0415

    (brief,) = queued(settings, 1)
    told = []
    dispatch.on_wake(lambda run_id, queue: told.append((run_id, queue)))
    chat = begin("chat")
    told.clear()
    assert tasks.sweep() == 2
    assert told == [(chat, "chat"), (brief, "scheduled")]


def test_one_place_is_always_theirs(settings: Any, claimed: Claims) -> None:
    """However small the share: a worker with one place still makes briefs, and still takes a chat beside one."""
    gate = threading.Event()

    async def script(ctx: RunContext) -> None:
        await asyncio.to_thread(gate.wait, 20)

    register_agent(Scripted(script))
    settings.CLEWLINE_RUNS_PER_WORKER, settings.CLEWLINE_SCHEDULED_SHARE = 1, 0.01
    small = RunHost()
    small.start()
    try:
        dispatch.on_wake(small.submit)
        brief = begin("scheduled")
        wait_for(lambda: claimed.order == [brief])
        chat = begin("chat")
        wait_for(lambda: claimed.order == [brief, chat])
    finally:
        gate.set()
        small.stop(grace=2)


def test_sub_agents_of_a_brief_are_scheduled_and_not_stuck_behind_it(
    settings: Any, host: RunHost, claimed: Claims
) -> None:
    """As many briefs as there are places for them, each waiting for a sub-agent that needs one of those places."""

    class Parent:
        name = title = "scripted"

        async def run(self, ctx: RunContext) -> Json | None:
            async def body(step: StepWriter) -> StepResult:
                found = await ctx.delegate([Delegated(agent="child", title="Look", task="look")])
                return StepResult(output={"found": [each.status for each in found]})

            return await ctx.step("tool", "delegate", body)

    class Child:
        name = title = "child"

        async def run(self, ctx: RunContext) -> Json | None:
            return {"scheduled": ctx.run.scheduled}

    register_agent(Parent())
    register_agent(Child(), internal=True)
    briefs = [begin("scheduled") for _ in range(SHARE + 1)]
    wait_for(lambda: Run.objects.filter(pk__in=briefs, status="finished").count() == SHARE + 1)
    children = Run.objects.filter(parent__in=briefs)
    assert {(each.queue, each.result["scheduled"]) for each in children} == {("scheduled", True)}
