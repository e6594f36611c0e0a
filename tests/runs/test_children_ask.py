"""Sub-agents that ask people: their siblings go on, their parent ends *interrupted*, the answers reopen them alone."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from sessions_app.control.answer import Reply, answer
from sessions_app.control.stop import stop
from sessions_app.control.waiting import withdraw_input
from sessions_app.runs import claim as claims
from sessions_app.runs.agents import (
    AgentError,
    Ask,
    ChildResult,
    Delegated,
    Json,
    Performed,
    RunContext,
    StepResult,
    StepWriter,
    register_agent,
)
from sessions_app.runs.host import RunHost
from sessions_app.runs.interrupts import expire_due
from sessions_app.runs.models import Effect, Interrupt, Run
from sessions_app.session.agui import project
from sessions_app.session.models import Session
from sessions_app.session.snapshots import load_view
from tests.runs.test_children import (
    LONG_AGO,
    Gate,
    Scripted,
    check_promises,
    child,
    gate,
    host,
    log_of,
    reached,
    say,
    send,
    session,
    texts,
    wait_for,
    work,
)

__all__ = ["gate", "host", "session"]

pytestmark = pytest.mark.django_db(transaction=True)


class Work:
    """A parent with a model step, a tool step whose body asks sub-agents, and a model step; what was called how often."""

    def __init__(self, *tasks: str) -> None:
        self.tasks = tasks
        self.calls: list[str] = []
        self.found: list[list[ChildResult]] = []
        self.decided: list[list[str]] = []
        self.gate: Gate | None = None  # where tasks that say `slow` wait
        register_agent(Scripted("parent", self._parent))
        child(self._child)

    async def _parent(self, ctx: RunContext) -> Json:
        self.calls.append("parent")
        await ctx.transcript()

        async def think(step: StepWriter) -> StepResult:
            self.calls.append("think")
            return await say(step, "Let me see.")

        async def ask(step: StepWriter) -> StepResult:
            step.tool_call("t1", "research", {"of": list(self.tasks)})
            results = await ctx.delegate(work(*self.tasks))
            self.found.append(results)
            said = " ".join(each.text or each.status for each in results)
            step.tool_result("t1", said)
            return StepResult(output={"said": said})

        await ctx.step("model", "think", think)
        out = await ctx.step("tool", "research", ask)
        await ctx.step("model", "answer", lambda step: say(step, out["said"]))
        return {"said": out["said"]}

    async def _child(self, ctx: RunContext) -> Json:
        """Tasks are words: `ask` asks as often as it stands there, `below` has a sub-agent with what follows, `slow` waits."""
        items = await ctx.transcript()
        task = items[0].text
        asked = sum(item.kind == "run" and item.status == "interrupted" for item in items)
        self.calls.append(f"{task}#{asked}")
        if ctx.run.resumes:
            self.decided.append([each.status for each in ctx.run.resumes.decisions])
        if task.startswith("below "):
            (result,) = await ctx.delegate(work(task.removeprefix("below ")))
            await ctx.step("model", "answer", lambda step: say(step, f"<{result.text or result.status}>"))
            return {"below": result.status}
        if "slow" in task and self.gate is not None:
            await self.gate.wait(task)
        if asked < task.count("ask"):
            await ctx.step("model", "answer", lambda step: say(step, "Hm."))
            await ctx.interrupt([Ask(kind="question", call_id=f"q{asked}", title=f"Which, for {task}?")])
        said = ctx.run.resumes.decisions[0].answer if ctx.run.resumes else ""
        await ctx.step("model", "answer", lambda step: say(step, f"[{task}{said and ': '}{said}]"))
        return {"task": task}


def asked() -> list[Interrupt]:
    return list(Interrupt.objects.filter(status="open").order_by("created_at"))


def reply(session: Session, each: Interrupt, text: str = "this") -> None:
    decision = "approve" if each.kind == "approval" else "answer"
    text = "" if each.kind == "approval" else text
    replies = [Reply(id=str(each.pk), decision=decision, hash=each.args_hash, text=text)]
    answer(session_id=str(session.pk), actor="user:1", replies=replies)


def tops() -> list[Run]:
    return list(Run.objects.filter(parent=None).order_by("input_offset"))


def idle(count: int) -> Callable[[], bool]:
    """``count`` runs, all ended."""
    return lambda: Run.objects.count() == count and not Run.objects.exclude(status__in=Run.TERMINAL).exists()


def statuses() -> list[str]:
    return [run.status for run in tops()]


def resumed_once() -> None:
    before = [each["resumes"] for each in map(dict, Run.objects.exclude(resumes=None).values("resumes"))]
    assert len(before) == len(set(before))


def outcome(session: Session, run: Run) -> Json:
    (end,) = [
        r["event"]
        for r in log_of(session)
        if r.get("run") == str(run.pk) and r["event"]["type"] == "RUN_FINISHED"
    ]
    found: Json = end["outcome"]
    return found


def test_its_siblings_go_on_and_the_answer_reopens_it_alone(
    host: RunHost, session: Session, gate: Gate
) -> None:
    done = Work("a", "ask b", "slow c")
    done.gate = gate
    send(session, "Look")
    wait_for(lambda: len(asked()) == 1)
    reached(gate, 1)
    (question,) = asked()
    assert tops()[0].status == "running", "the parent waits for those at work"
    gate.opened.set()
    wait_for(idle(4))
    (first,) = tops()
    assert (first.status, outcome(session, first)["interrupts"][0]["id"]) == ("interrupted", str(question.pk))
    assert log_of(session)[-1]["run"] == str(first.pk), "the parent is the last"
    later = send(session, "Next")
    assert later.run_id is None, "what is asked counts as busy"
    withdraw_input(session_id=str(session.pk), actor="user:1", input_id=later.input_id)
    reply(session, question)
    wait_for(idle(6))
    assert statuses() == ["interrupted", "finished"]
    second = tops()[1]
    assert second.resumes_id == first.pk
    assert [each.pk for each in second.children.all()] == [Run.objects.get(resumes=question.run_id).pk]
    (results,) = done.found
    assert [each.text for each in results] == ["[a]", "Hm.\n\n[ask b: this]", "[slow c]"]
    assert [done.calls.count(each) for each in ("a#0", "ask b#0", "ask b#1", "slow c#0")] == [1, 1, 1, 1]
    assert done.calls.count("think") == 1, "steps that are done are not repeated"
    resumed_once()
    assert [text for text, _ in texts(session)].count("Let me see.") == 1
    check_promises(session, 6)
    _, view = load_view(str(session.pk))
    (call,) = [item for item in view["items"] if item["kind"] == "tool"]
    assert (call["status"], call["run"], call["result"]) == (
        "done",
        str(second.pk),
        "[a] Hm.\n\n[ask b: this] [slow c]",
    )


def test_as_agui_it_is_suspended_and_its_parent_ends_with_its_question(
    host: RunHost, session: Session
) -> None:
    Work("a", "ask b")
    send(session, "Look")
    wait_for(idle(3))
    (question,) = asked()
    (first,) = tops()
    sequence = project(str(first.pk), log_of(session))
    suspended = [each for each in sequence if (each.get("outcome") or {}).get("type") == "suspended"]
    assert [(each["type"], each["subagentRunId"], each["outcome"]["interruptIds"]) for each in suspended] == [
        ("SUBAGENT_FINISHED", str(question.run_id), [str(question.pk)])
    ]
    assert sequence[-1]["type"] == "RUN_FINISHED"
    assert [each["id"] for each in sequence[-1]["outcome"]["interrupts"]] == [str(question.pk)]
    reply(session, question)
    wait_for(idle(5))
    again = project(str(tops()[1].pk), log_of(session))
    assert [each["type"] for each in again if each["type"].startswith("SUBAGENT")] == [
        "SUBAGENT_STARTED",
        "SUBAGENT_FINISHED",
    ]
    assert again[-1]["outcome"] == {"type": "success"}
    check_promises(session, 5)


def test_answered_while_its_siblings_work_its_parent_never_ends(
    host: RunHost, session: Session, gate: Gate
) -> None:
    done = Work("ask a", "slow b")
    done.gate = gate
    send(session, "Look")
    reached(gate, 1)
    wait_for(lambda: len(asked()) == 1)
    reply(session, asked()[0])
    assert statuses() == ["running"]
    gate.opened.set()
    wait_for(idle(4))
    assert statuses() == ["finished"]
    assert done.found[0][0].text == "Hm.\n\n[ask a: this]"
    assert done.calls.count("parent") == 1
    resumed_once()
    check_promises(session, 4)


def test_several_ask_and_all_have_to_be_answered(host: RunHost, session: Session) -> None:
    done = Work("ask a", "ask b", "c")
    send(session, "Look")
    wait_for(idle(4))
    one, two = asked()
    assert len(outcome(session, tops()[0])["interrupts"]) == 2
    reply(session, one, "x")
    assert Run.objects.count() == 4, "the other one is still open"
    reply(session, two, "y")
    wait_for(idle(7))
    of_a, of_b = ("x", "y") if "ask a" in one.title else ("y", "x")
    assert [each.text for each in done.found[0]] == [
        f"Hm.\n\n[ask a: {of_a}]",
        f"Hm.\n\n[ask b: {of_b}]",
        "[c]",
    ]
    resumed_once()
    check_promises(session, 7)


def test_it_may_ask_again(host: RunHost, session: Session) -> None:
    done = Work("ask ask a", "b")
    send(session, "Look")
    for runs in (3, 5, 7):
        wait_for(idle(runs))
        if asked():
            reply(session, asked()[0], str(runs))
    assert statuses() == ["interrupted", "interrupted", "finished"]
    assert [each.text for each in done.found[0]] == ["Hm.\n\nHm.\n\n[ask ask a: 5]", "[b]"]
    assert [done.calls.count(f"ask ask a#{n}") for n in range(3)] == [1, 1, 1]
    assert done.calls.count("b#0") == 1 and done.calls.count("think") == 1
    resumed_once()
    check_promises(session, 7)


def test_one_two_levels_down(host: RunHost, session: Session) -> None:
    done = Work("below ask a", "b")
    send(session, "Look")
    wait_for(idle(4))
    assert [run.status for run in Run.objects.filter(title="About below ask a")] == ["interrupted"]
    (question,) = asked()
    assert outcome(session, tops()[0])["interrupts"][0]["id"] == str(question.pk)
    suspended = [
        e for e in project(str(tops()[0].pk), log_of(session)) if "suspended" in str(e.get("outcome"))
    ]
    assert [each["outcome"].get("interruptIds") for each in suspended] == [[str(question.pk)], None]
    reply(session, question)
    wait_for(idle(7))
    assert [each.text for each in done.found[0]] == ["<Hm.\n\n[ask a: this]>", "[b]"]
    assert done.calls.count("ask a#1") == 1
    resumed_once()
    check_promises(session, 7)


@pytest.mark.parametrize("which", ["all", "parent"])
@pytest.mark.parametrize("when", ["at work", "ended"])
def test_stopping_its_parent_closes_what_it_asked(
    host: RunHost, session: Session, gate: Gate, which: str, when: str
) -> None:
    done = Work("ask a", "slow b")
    done.gate = gate
    run_id = send(session, "Look").run_id
    reached(gate, 1)
    wait_for(lambda: len(asked()) == 1)
    if when == "ended":
        gate.opened.set()
        wait_for(idle(3))
    stop(session_id=str(session.pk), actor="user:1", run_id=run_id if which == "parent" else None)
    gate.opened.set()
    wait_for(idle(3))
    assert [(each.status, each.answered_by) for each in Interrupt.objects.all()] == [("stopped", "user:1")]
    assert statuses() == ["cancelled" if when == "at work" else "interrupted"]
    assert send(session, "Next").run_id is not None, "nothing keeps the session busy"
    gate.opened.set()


@pytest.mark.parametrize("when", ["at work", "ended"])
def test_stopping_it_alone_is_told_to_its_parent_which_goes_on(
    host: RunHost, session: Session, gate: Gate, when: str
) -> None:
    done = Work("ask a", "slow b")
    done.gate = gate
    send(session, "Look")
    reached(gate, 1)
    wait_for(lambda: len(asked()) == 1)
    runs = 3
    if when == "ended":
        gate.opened.set()
        wait_for(idle(3))
        runs = 4
    stop(session_id=str(session.pk), actor="user:1", run_id=str(asked()[0].run_id))
    gate.opened.set()
    wait_for(idle(runs))
    assert statuses()[-1] == "finished"
    assert [(each.status, each.text) for each in done.found[0]] == [
        ("cancelled", "Hm."),
        ("finished", "[slow b]"),
    ]
    assert done.calls.count("ask a#1") == 0
    check_promises(session, runs)


def test_one_is_stopped_and_the_other_answered(host: RunHost, session: Session) -> None:
    """In whatever order: the parent goes on when nothing is open any more."""
    done = Work("ask a", "ask b")
    send(session, "Look")
    wait_for(idle(3))
    one, two = asked()
    reply(session, one)
    stop(session_id=str(session.pk), actor="user:1", run_id=str(two.run_id))
    wait_for(idle(5))
    assert sorted(each.status for each in done.found[0]) == ["cancelled", "finished"]
    check_promises(session, 5)


def test_nobody_answers_in_time(host: RunHost, session: Session) -> None:
    done = Work("ask a", "b")
    send(session, "Look")
    wait_for(idle(3))
    send(session, "Next")
    assert expire_due(timezone.now() + timedelta(days=4)) == 1
    wait_for(lambda: len(tops()) == 2 and len(asked()) == 1)
    assert tops()[1].resumes_id is None, "nobody decided anything: the message that waited is next"
    assert done.found == []


def test_one_is_answered_and_the_other_is_not(host: RunHost, session: Session) -> None:
    done = Work("ask a", "ask b")
    send(session, "Look")
    wait_for(idle(3))
    reply(session, asked()[0])
    expire_due(timezone.now() + timedelta(days=4))
    wait_for(idle(6))
    assert sorted(done.decided) == [["answered"], ["expired"]]
    assert statuses() == ["interrupted", "finished"]
    check_promises(session, 6)


def test_a_parent_that_fails_leaves_nothing_open(host: RunHost, session: Session, gate: Gate) -> None:
    async def script(ctx: RunContext) -> None:
        waiting = asyncio.ensure_future(ctx.delegate(work("ask a", "slow b")))
        await gate.wait("parent")
        waiting.cancel()
        raise AgentError("Changed my mind.")

    done = Work()
    done.gate = Gate()
    register_agent(Scripted("parent", script))
    send(session, "Look")
    wait_for(lambda: len(asked()) == 1)
    gate.opened.set()
    wait_for(idle(3))
    done.gate.opened.set()
    assert statuses() == ["failed"]
    assert [each.status for each in Interrupt.objects.all()] == ["stopped"]
    check_promises(session, 3)


def take_over(run: Run) -> None:
    """Another worker claims it, and dies at once."""

    def take() -> bool:
        Run.objects.filter(pk=run.pk).update(lease_until=LONG_AGO)
        return claims.claim(str(run.pk), "another") is not None

    wait_for(take)
    epoch = Run.objects.get(pk=run.pk).epoch
    Run.objects.filter(pk=run.pk).update(lease_until=LONG_AGO)
    wait_for(lambda: Run.objects.get(pk=run.pk).epoch > epoch)


@pytest.mark.parametrize(
    "when", ["before the answer", "parent after it", "child after it", "worker gone after it"]
)
def test_taken_over(host: RunHost, session: Session, gate: Gate, when: str) -> None:
    done = Work("slow ask a", "slow b")
    done.gate = gate
    send(session, "Look")
    reached(gate, 2)
    if when == "before the answer":
        take_over(tops()[0])
    gate.opened.set()
    wait_for(idle(3))
    gate.opened.clear()
    reply(session, asked()[0])
    reached(gate, 1)
    second = None
    if when == "parent after it":
        take_over(tops()[1])
    elif when == "child after it":
        take_over(tops()[1].children.get())
    elif when == "worker gone after it":
        host.stop(grace=0)
        second = RunHost()
        second.start()
    gate.opened.set()
    try:
        wait_for(idle(5))
    finally:
        if second:
            second.stop(grace=1)
    assert statuses() == ["interrupted", "finished"]
    assert [each.text for each in done.found[-1]] == ["Hm.\n\n[slow ask a: this]", "[slow b]"]
    assert texts(session)[-1][0] == "Hm.\n\n[slow ask a: this] [slow b]"
    assert [text for text, _ in texts(session)].count("[slow ask a: this]") == 1
    resumed_once()
    check_promises(session, 5)


def test_what_was_approved_happens_once(host: RunHost, session: Session) -> None:
    """In a sub-agent that is resumed, and in a parent that had asked before its sub-agent did (I6)."""
    sent: list[str] = []

    def approving(name: str, *, then: Callable[[RunContext], Any]) -> Scripted:
        async def script(ctx: RunContext) -> Json | None:
            if ctx.run.resumes is None:
                ask = Ask(
                    kind="approval", call_id=f"{name}-call", title="Send?", tool="send", args={"to": name}
                )
                await ctx.interrupt([ask])

            async def perform(key: str) -> Performed:
                sent.append(name)
                return Performed(done=True, content="Sent.", output={})

            for decision in ctx.run.resumes.decisions if ctx.run.resumes else ():
                await ctx.perform(decision, perform, unknown={})
            result: Json | None = await then(ctx)
            return result

        return Scripted(name, script)

    async def delegate(ctx: RunContext) -> Json:
        (result,) = await ctx.delegate([Delegated(agent="child", title="One", task="x")])
        return {"status": result.status}

    async def nothing(ctx: RunContext) -> None:
        return None

    register_agent(approving("parent", then=delegate))
    register_agent(approving("child", then=nothing))
    send(session, "Look")
    wait_for(idle(1))
    reply(session, asked()[0])
    wait_for(idle(3))
    assert (sent, statuses()) == (["parent"], ["interrupted", "interrupted"])
    reply(session, asked()[0])
    wait_for(idle(5))
    assert (sent, statuses()) == (["parent", "child"], ["interrupted", "interrupted", "finished"])
    assert tops()[-1].result == {"status": "finished"}
    assert sorted(Effect.objects.values_list("status", flat=True)) == ["done", "done"]
    resumed_once()
    check_promises(session, 5)
