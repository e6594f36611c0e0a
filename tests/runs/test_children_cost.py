"""What an answer and its sub-agents may cost: above it sub-agents end, and the answer goes on with what there is."""

from typing import Any

import pytest

from sessions_app.runs.agents import (
    Ask,
    ChildResult,
    Json,
    RunContext,
    StepResult,
    StepWriter,
    Usage,
    register_agent,
)
from sessions_app.runs.host import RunHost
from sessions_app.runs.models import Run, Step
from sessions_app.session.agui import project
from sessions_app.session.models import Session
from tests.runs.test_children import (
    Scripted,
    check_promises,
    child,
    host,
    log_of,
    say,
    send,
    session,
    task_of,
    the_children,
    the_parent,
    wait_for,
    work,
)
from tests.runs.test_children_ask import asked, idle, reply, tops

__all__ = ["host", "session"]

pytestmark = pytest.mark.django_db(transaction=True)

Found = list[list[ChildResult]]


async def costing(step: StepWriter, text: str, cost: str | None) -> StepResult:
    said = await say(step, text)
    return StepResult(output=said.output, usage=Usage(model="m", output_tokens=1, cost=cost))


def spending(*rounds: list[str], own: str | None, each: str | None) -> Found:
    """A parent that asks those of each round one after the other; every model call costs."""
    found: Found = []

    async def script(ctx: RunContext) -> None:
        await ctx.step("model", "think", lambda step: costing(step, "Hm.", own))
        for tasks in rounds:
            found.append(await ctx.delegate(work(*tasks)))
        await ctx.step("model", "answer", lambda step: costing(step, "Done.", own))

    async def twice(ctx: RunContext) -> Json:
        task = await task_of(ctx)
        for _ in range(2):
            await ctx.step("model", "answer", lambda step: costing(step, f"[{task}]", each))
        return {}

    register_agent(Scripted("parent", script))
    child(twice)
    return found


def test_above_it_none_begins_and_the_answer_goes_on(host: RunHost, session: Session, settings: Any) -> None:
    settings.CLEWLINE_CHILDREN_COST = 1.0
    found = spending(["a", "b"], own="1.00", each="0.10")
    send(session, "Look")
    wait_for(idle(3))
    assert [(each.status, each.text) for each in found[0]] == [("failed", ""), ("failed", "")]
    assert "$1.00" in found[0][0].error
    assert {run.error_code for run in the_children()} == {"cost_limit"}
    assert {run.epoch for run in the_children()} == {0}, "no worker took them"
    assert the_parent().status == "finished"
    check_promises(session, 3)


def test_at_work_one_ends_before_its_next_model_call(host: RunHost, session: Session, settings: Any) -> None:
    settings.CLEWLINE_CHILDREN_COST = 1.0
    found = spending(["a"], ["b"], own="0.50", each="0.60")
    send(session, "Look")
    wait_for(idle(3))
    assert [(each.status, each.text) for (each,) in found] == [("failed", "[a]"), ("failed", "")]
    assert Step.objects.filter(run__parent__isnull=False).count() == 1, (
        "what it did is kept, and it did no more"
    )
    assert the_parent().status == "finished"
    check_promises(session, 3)


@pytest.mark.parametrize(("own", "each"), [("0.10", "0.10"), (None, None)])
def test_below_it_nothing_changes(
    host: RunHost, session: Session, settings: Any, own: str | None, each: str | None
) -> None:
    """Calls whose price nobody knows count as nothing."""
    settings.CLEWLINE_CHILDREN_COST = 1.0
    found = spending(["a", "b"], own=own, each=each)
    send(session, "Look")
    wait_for(idle(3))
    assert [each.status for each in found[0]] == ["finished", "finished"]
    check_promises(session, 3)


def test_what_was_spent_before_a_question_counts_after_it(
    host: RunHost, session: Session, settings: Any
) -> None:
    settings.CLEWLINE_CHILDREN_COST = 1.0
    found = spending(["a"], own="0.90", each=None)

    async def script(ctx: RunContext) -> Json:
        if ctx.run.resumes is None:
            await ctx.step("model", "answer", lambda step: costing(step, "Hm.", "0.20"))
            await ctx.interrupt([Ask(kind="question", call_id="q", title="Which one?")])
        await ctx.step("model", "answer", lambda step: costing(step, "Never.", "0.20"))
        return {}

    child(script)
    send(session, "Look")
    wait_for(idle(2))
    reply(session, asked()[0])
    wait_for(idle(4))
    assert [(each.status, each.text) for each in found[0]] == [("failed", "Hm.")]
    assert Run.objects.get(resumes__parent__isnull=False).error_code == "cost_limit"
    assert [run.status for run in tops()] == ["interrupted", "finished"]
    check_promises(session, 4)


def test_the_answers_usage_has_that_of_its_sub_agents(host: RunHost, session: Session) -> None:
    """As AG-UI shows it; in the log each run says its own."""
    spending(["a", "b"], own="0.10", each="0.05")
    send(session, "Look")
    wait_for(idle(3))
    end = log_of(session)[-1]["event"]
    assert end["usage"] == [
        {"model": "m", "inputTokens": 0, "outputTokens": 2, "cachedInputTokens": 0, "cacheWriteInputTokens": 0, "cost": "0.200000"}
    ]  # fmt: skip
    shown = project(str(the_parent().pk), log_of(session))[-1]
    assert shown["usage"][0]["outputTokens"] == 6
    assert shown["metadata"]["cost"] == {"m": "0.400000"}
