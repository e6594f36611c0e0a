"""Sub-agents with the real host: side by side, taken over, stopped, failing, and ended with their parent."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from sessions_app.control.send import send_input
from sessions_app.control.stop import stop
from sessions_app.runs import claim as claims
from sessions_app.runs import dispatch, remote
from sessions_app.runs.agents import (
    AgentError,
    ChildResult,
    Delegated,
    Json,
    RunContext,
    StepResult,
    StepWriter,
    register_agent,
)
from sessions_app.runs.host import RunHost
from sessions_app.runs.models import Run
from sessions_app.session.models import Session
from sessions_app.session.sessions import create_session
from tests.runs.test_host import all_ended, check_promises, log_of, say, send, texts, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

LONG_AGO = "2020-01-01T00:00:00Z"
Script = Callable[[RunContext], Awaitable[Any]]


class Scripted:
    def __init__(self, name: str, script: Script) -> None:
        self.name = self.title = name
        self._script = script

    async def run(self, ctx: RunContext) -> Json | None:
        result: Json | None = await self._script(ctx)
        return result


@pytest.fixture
def host(transactional_db: None, settings: Any) -> Iterator[RunHost]:
    settings.CLEWLINE_LEASE_SECONDS = 1.0
    made = RunHost()
    made.start()
    dispatch.on_wake(made.submit)
    dispatch.on_halt(made.halt)
    yield made
    dispatch._halters.clear()
    made.stop(grace=2)


@pytest.fixture
def session(transactional_db: None) -> Session:
    return create_session(actor="user:1", name="Ann", agent="parent")


class Gate:
    """Children that wait here say so, and go on when they are let."""

    def __init__(self) -> None:
        self.reached = threading.Semaphore(0)
        self.opened = threading.Event()
        self.calls: list[str] = []

    async def wait(self, who: str) -> None:
        self.calls.append(who)
        self.reached.release()
        while not self.opened.is_set():
            await asyncio.sleep(0.01)


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.opened.set()


def work(*tasks: str, agent: str = "child") -> list[Delegated]:
    return [Delegated(agent=agent, title=f"About {task}", task=task) for task in tasks]


def parent(*tasks: str, found: list[list[ChildResult]] | None = None) -> None:
    """An agent that asks sub-agents and says what they said."""

    async def script(ctx: RunContext) -> Json:
        results = await ctx.delegate(work(*tasks))
        if found is not None:
            found.append(results)
        said = " ".join(f"{each.text or each.status}" for each in results)
        await ctx.step("model", "answer", lambda step: say(step, said))
        return {"of": [each.status for each in results]}

    register_agent(Scripted("parent", script))


def child(script: Script) -> None:
    register_agent(Scripted("child", script))


async def task_of(ctx: RunContext) -> str:
    (item,) = await ctx.transcript()
    assert (item.kind, item.actor) == ("user", "user:1")
    return item.text


async def echo(ctx: RunContext) -> Json:
    task = await task_of(ctx)
    await ctx.step("model", "answer", lambda step: say(step, f"[{task}]"))
    return {"task": task}


def gated(gate: Gate) -> None:
    async def script(ctx: RunContext) -> Json:
        task = await task_of(ctx)

        async def body(step: StepWriter) -> StepResult:
            message = step.message()
            message.delta(f"[{task}")
            await step.flush()
            await gate.wait(task)
            message.delta("]")
            message.end()
            return StepResult(output={})

        await ctx.step("model", "answer", body)
        return {"task": task}

    child(script)


def of_run(session: Session, run_id: object) -> list[str]:
    """What the records of this run are."""
    found = [r["event"] for r in log_of(session) if r.get("run") == str(run_id)]
    return [event.get("name") or event["type"] for event in found]


def queued(session: Session) -> list[Json]:
    return [r["event"]["value"] for r in log_of(session) if r["event"].get("name") == "run.queued"]


def the_parent() -> Run:
    return Run.objects.get(parent=None)


def the_children() -> list[Run]:
    return list(Run.objects.exclude(parent=None).order_by("input_offset"))


def reached(gate: Gate, count: int) -> None:
    for _ in range(count):
        assert gate.reached.acquire(timeout=10)


def test_they_work_side_by_side_and_the_parent_is_last(host: RunHost, session: Session) -> None:
    found: list[list[ChildResult]] = []
    together = asyncio.Barrier(3)

    async def script(ctx: RunContext) -> Json:
        assert ctx.run.parent == str(the_parent_id[0])
        await together.wait()  # passes only while all three are at work
        return await echo(ctx)

    child(script)
    parent("a", "b", "c", found=found)
    the_parent_id = [send(session, "Look at all").run_id]
    wait_for(all_ended(session, 4))
    (results,) = found
    assert [(r.title, r.status, r.text, r.result) for r in results] == [
        (f"About {task}", "finished", f"[{task}]", {"task": task}) for task in "abc"
    ]
    assert texts(session)[-1] == ("[a] [b] [c]", "done")
    for value, result in zip(queued(session)[1:], results, strict=True):
        assert (value["runId"], value["parent"], value["title"]) == (
            result.run_id,
            the_parent_id[0],
            result.title,
        )
    ends = [r["run"] for r in log_of(session) if r["event"]["type"] == "RUN_FINISHED"]
    assert ends[-1] == the_parent_id[0]
    check_promises(session, 4)


def test_their_parent_waits_without_being_asked_twice(host: RunHost, session: Session, gate: Gate) -> None:
    """What people say meanwhile waits for the parent, not for a sub-agent."""
    seen: list[list[str]] = []
    gated(gate)

    async def script(ctx: RunContext) -> None:
        seen.append([item.text for item in await ctx.transcript()])
        if len(seen) == 1:
            await ctx.delegate(work("a", "b"))

    register_agent(Scripted("parent", script))
    send(session, "First")
    reached(gate, 2)
    session.refresh_from_db()
    assert session.live_runs == 3
    assert send(session, "Second").run_id is None
    stop(session_id=str(session.pk), actor="user:1", run_id=str(the_children()[0].pk))
    assert Run.objects.filter(parent=None).count() == 1, "the end of a sub-agent starts nothing"
    steered = send_input(
        session_id=str(session.pk), actor="user:1", client_id="s", text="Steered", mode="steer"
    )
    assert steered.run_id == str(the_parent().pk)
    gate.opened.set()
    wait_for(all_ended(session, 5))
    assert seen[1] == ["First", "", "Second"], "of earlier runs only those that answered people are told"
    check_promises(session, 5)


def test_a_parent_that_is_taken_over_finds_the_same_sub_agents(
    host: RunHost, session: Session, gate: Gate
) -> None:
    found: list[list[ChildResult]] = []
    gated(gate)
    parent("a", "b", found=found)
    run_id = send(session, "Look").run_id
    reached(gate, 2)
    taken: list[Any] = []

    def take() -> bool:
        Run.objects.filter(pk=run_id).update(lease_until=LONG_AGO)
        taken.append(claims.claim(run_id, "another"))
        return taken[-1] is not None

    wait_for(take)
    Run.objects.filter(pk=run_id).update(lease_until=LONG_AGO)  # and it dies, too
    wait_for(lambda: Run.objects.get(pk=run_id).epoch == 3)
    gate.opened.set()
    wait_for(all_ended(session, 3))
    assert gate.calls.count("a") == gate.calls.count("b") == 1
    assert len(queued(session)) == 3
    assert [each.text for each in found[-1]] == ["[a]", "[b]"]
    assert texts(session)[-1] == ("[a] [b]", "done")
    check_promises(session, 3)


def test_a_sub_agent_that_is_taken_over_writes_once(host: RunHost, session: Session, gate: Gate) -> None:
    """Its first attempt goes on after it was superseded, and nothing of that enters the log."""
    gated(gate)
    parent("a", "b")
    send(session, "Look")
    reached(gate, 2)
    one = the_children()[0]

    def take() -> bool:
        Run.objects.filter(pk=one.pk).update(lease_until=LONG_AGO)
        return claims.claim(str(one.pk), "another") is not None

    wait_for(take)
    gate.opened.set()
    wait_for(
        lambda: Run.objects.exclude(pk=one.pk).filter(status="running").count() == 1
    )  # the parent waits on
    Run.objects.filter(pk=one.pk).update(lease_until=LONG_AGO)
    wait_for(all_ended(session, 3))
    assert sorted(texts(session)) == [("[a]", "done"), ("[a] [b]", "done"), ("[b]", "done")]
    assert (gate.calls.count("a"), gate.calls.count("b")) == (2, 1)
    check_promises(session, 3)


def test_a_sub_agent_over_http(host: RunHost, session: Session) -> None:
    key = remote.create_key(agent="faraway", name="elsewhere")
    found: list[list[ChildResult]] = []

    async def script(ctx: RunContext) -> None:
        found.append(await ctx.delegate(work("a", agent="faraway")))

    register_agent(Scripted("parent", script))
    send(session, "Look")
    claimed: list[Json] = []

    def claim() -> bool:
        claimed.extend(filter(None, [remote.claim_next(key, "faraway")]))
        return bool(claimed)

    wait_for(claim)
    (run,) = claimed
    assert [item["text"] for item in run["transcript"]] == ["a"]
    said = [
        {"type": "TEXT_MESSAGE_START", "messageId": "m1"},
        {"type": "TEXT_MESSAGE_CONTENT", "messageId": "m1", "delta": "From afar."},
        {"type": "TEXT_MESSAGE_END", "messageId": "m1"},
    ]
    remote.append_events(run_id=run["run"], epoch=run["epoch"], seq=0, batch=said)
    remote.finish(run_id=run["run"], epoch=run["epoch"], error=None, result={"found": 1})
    wait_for(all_ended(session, 2))
    assert [(each.status, each.text, each.result) for each in found[0]] == [
        ("finished", "From afar.", {"found": 1})
    ]
    check_promises(session, 2)


def test_a_worker_that_goes_gives_all_of_them_back(host: RunHost, session: Session, gate: Gate) -> None:
    gated(gate)
    parent("a", "b")
    send(session, "Look")
    reached(gate, 2)
    host.stop(grace=0)
    gate.opened.set()
    second = RunHost()
    second.start()
    try:
        wait_for(all_ended(session, 3))
    finally:
        second.stop(grace=1)
    assert len(queued(session)) == 3
    assert sorted(texts(session)) == [("[a]", "done"), ("[a] [b]", "done"), ("[b]", "done")]
    check_promises(session, 3)


def test_what_they_found_is_not_asked_again(host: RunHost, session: Session) -> None:
    """A completed delegation is replayed like any step; one in a step's body belongs to that step."""
    calls: list[str] = []
    broken = [True]

    async def count(ctx: RunContext) -> Json:
        calls.append(await task_of(ctx))
        return await echo(ctx)

    async def script(ctx: RunContext) -> None:
        async def body(step: StepWriter) -> StepResult:
            step.tool_call("t1", "research", {"of": ["b"]})
            first = await ctx.delegate(work("b"))
            second = await ctx.delegate(work("c"))
            if broken.pop() if broken else False:
                raise RuntimeError("the worker's bad day")
            step.tool_result("t1", first[0].text + second[0].text)
            return StepResult(output={"said": first[0].text + second[0].text})

        before = await ctx.delegate(work("a"))
        out = await ctx.step("tool", "research", body)
        await ctx.step("model", "answer", lambda step: say(step, before[0].text + out["said"]))

    child(count)
    register_agent(Scripted("parent", script))
    send(session, "Look")
    wait_for(all_ended(session, 4))
    assert calls == ["a", "b", "c"]
    assert texts(session)[-1] == ("[a][b][c]", "done")
    assert the_parent().epoch == 2
    check_promises(session, 4)


def test_a_sub_agent_that_breaks_off_is_tried_again_and_then_reported(
    host: RunHost, session: Session, settings: Any
) -> None:
    settings.CLEWLINE_MAX_ATTEMPTS = 2
    found: list[list[ChildResult]] = []

    async def script(ctx: RunContext) -> Json:
        task = await task_of(ctx)
        if task == "always" or (task == "once" and ctx.run.attempt == 1):
            raise RuntimeError("the worker's bad day")
        if task == "told":
            raise AgentError("There is no such account.", code="unknown_account")
        return await echo(ctx)

    child(script)
    parent("once", "always", "told", found=found)
    send(session, "Look")
    wait_for(all_ended(session, 4), 30)
    (results,) = found
    assert [each.status for each in results] == ["finished", "failed", "failed"]
    assert results[0].text == "[once]"
    assert "tried 2 times" in results[1].error
    assert results[2].error == "There is no such account."
    assert the_parent().status == "finished"
    check_promises(session, 4)


@pytest.mark.parametrize("which", ["all", "parent"])
def test_stopping_the_parent_reaches_all(host: RunHost, session: Session, gate: Gate, which: str) -> None:
    gated(gate)
    parent("a", "b")
    run_id = send(session, "Look").run_id
    reached(gate, 2)
    stopped = stop(session_id=str(session.pk), actor="user:1", run_id=run_id if which == "parent" else None)
    assert len(stopped.run_ids) == 3
    assert stopped.run_ids[-1] == run_id
    wait_for(lambda: host.active == 0)
    gate.opened.set()
    assert {run.status for run in Run.objects.all()} == {"cancelled"}
    for run in Run.objects.all():
        assert of_run(session, run.pk)[-2:] == ["run.stopped", "RUN_FINISHED"]
    assert log_of(session)[-1]["run"] == run_id
    check_promises(session, 3)


def test_stopping_one_is_told_to_its_parent(host: RunHost, session: Session, gate: Gate) -> None:
    found: list[list[ChildResult]] = []
    gated(gate)
    parent("a", "b", found=found)
    send(session, "Look")
    reached(gate, 2)
    one = the_children()[0]
    assert stop(session_id=str(session.pk), actor="user:1", run_id=str(one.pk)).run_ids == (str(one.pk),)
    gate.opened.set()
    wait_for(all_ended(session, 3))
    assert [(each.status, each.text) for each in found[0]] == [("cancelled", "[a"), ("finished", "[b]")]
    assert the_parent().status == "finished"
    check_promises(session, 3)


def test_a_parent_that_fails_ends_those_who_work_for_it(host: RunHost, session: Session, gate: Gate) -> None:
    gated(gate)

    async def script(ctx: RunContext) -> None:
        asked = asyncio.ensure_future(ctx.delegate(work("a", "b")))
        while len(gate.calls) < 2:
            await asyncio.sleep(0.01)
        asked.cancel()
        raise AgentError("Changed my mind.")

    register_agent(Scripted("parent", script))
    run_id = send(session, "Look").run_id
    wait_for(all_ended(session, 3))
    wait_for(lambda: host.active == 0)
    gate.opened.set()
    assert the_parent().status == "failed"
    assert [run.status for run in the_children()] == ["cancelled", "cancelled"]
    assert log_of(session)[-1]["run"] == run_id
    check_promises(session, 3)


@pytest.mark.parametrize(
    ("agents", "depth", "code"),
    [
        (["child"] * 9, 2, "too_many_children"),
        ([], 2, "too_many_children"),
        (["nobody"], 2, "unknown_agent"),
        (["child"], 0, "too_deep"),
    ],
)
def test_limits(
    host: RunHost, session: Session, settings: Any, agents: list[str], depth: int, code: str
) -> None:
    settings.CLEWLINE_CHILDREN_DEPTH = depth

    async def script(ctx: RunContext) -> None:
        await ctx.delegate([Delegated(agent=name, title="One", task="x") for name in agents])

    child(echo)
    register_agent(Scripted("parent", script))
    send(session, "Look")
    wait_for(all_ended(session, 1))
    assert the_parent().error_code == code
    check_promises(session, 1)


def test_sub_agents_of_sub_agents_end_two_levels_down(host: RunHost, session: Session) -> None:
    async def script(ctx: RunContext) -> Json:
        task = await task_of(ctx)
        (result,) = await ctx.delegate(work(f"{task}{task[0]}"))
        return {"below": result.error or result.result}

    child(script)
    parent("a")
    send(session, "Look")
    wait_for(all_ended(session, 3))
    assert Run.objects.get(title="About aa").error_code == "too_deep"
    assert "this deep" in str(Run.objects.get(title="About a").result)
    check_promises(session, 3)


def test_who_waits_takes_no_place(session: Session, settings: Any) -> None:
    """Else parents could fill a worker and wait there for ever."""
    settings.CLEWLINE_RUNS_PER_WORKER = 1
    host = RunHost()
    host.start()
    dispatch.on_wake(host.submit)
    child(echo)
    parent("a", "b")
    try:
        send(session, "Look")
        wait_for(all_ended(session, 3))
    finally:
        host.stop(grace=2)
    assert texts(session)[-1] == ("[a] [b]", "done")
    check_promises(session, 3)
