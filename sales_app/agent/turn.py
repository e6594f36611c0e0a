"""Carrying out the calls of one model turn, by the class of each tool.

Looked up or changed at once, one after the other: takeover matches steps by their order. What reaches people outside,
and every change while text of outsiders is in what the model reads, is asked about: the run ends with the questions, and the run
that resumes it carries out what was approved, exactly. Nothing but ``resumes.decisions`` approves, and only a decision of
somebody who may change records: a guest or an auditor in the chat cannot make the run do what they may not do.
"""

import logging
from collections.abc import Sequence
from typing import Any

from sales_app.agent import context
from sales_app.agent.outside import marked
from sales_app.agent.research import research
from sales_app.agent.skilled.running import Skills
from sales_app.agent.skilled.tools import SkillTool
from sales_app.agent.tools.registry import (
    Acting,
    Change,
    Doer,
    Errand,
    Outcome,
    Plan,
    Tool,
    ToolResult,
    apply_tool,
    asker,
    find_tool,
    may_approve,
    plan_approved,
    plan_tool,
    run_tool,
)
from sales_app.agent.tools.research_accounts import Delegation
from sales_app.database import in_database
from sessions_app.errors import SessionsError
from sessions_app.runs.agents import (
    Ask,
    Changed,
    ChangeRefused,
    Decision,
    Json,
    Performed,
    RunContext,
    StepResult,
    StepWriter,
    steer_output,
)

logger = logging.getLogger(__name__)

NOT_ASKED = (
    "This was not asked about and not done, because something was said meanwhile. Read it, and call again if this is "
    "still wanted."
)
DECIDED = {
    "denied": "The person declined this, so it was not done. Do not try it again unless they ask for it.",
    "expired": "Nobody decided in time, so this was not done.",
    "stopped": "This was stopped before anybody decided, so it was not done.",
}
NOT_BEGUN = "Something went wrong before this was begun, so it was not done."
NOT_THEIRS = "This was approved by somebody who may not change records here, so it was not done. Somebody else has to decide."


async def carry_out(
    ctx: RunContext,
    calls: Sequence[Json],
    steps: list[Json],
    offered: Sequence[Tool],
    skills: Skills,
    *,
    tainted: bool,
) -> list[str]:
    """Add the outcome of each call to ``steps``. Returns what skills have to say. Raises Interrupted when some have to be approved.

    ``tainted``: the model that made the calls had text of outsiders before it (``context.reads_untrusted``).
    """
    table = {tool.name: tool for tool in offered}
    asked = []
    said = []
    for wanted in calls:
        tool = table.get(wanted["name"])
        if isinstance(tool, Acting) and needs_approval(tool, tainted=tainted):
            asked.append((tool, wanted))
        elif isinstance(tool, Change):
            _add(steps, wanted["name"], await _change(ctx, tool, wanted["id"], wanted["input"]))
        elif isinstance(tool, Delegation):
            _add(steps, wanted["name"], await research(ctx, tool, wanted))
        elif isinstance(tool, SkillTool):
            output = await skills.call(wanted)
            said += [output["say"]] if output.get("say") else []
        else:
            _add(steps, wanted["name"], await _look_up(ctx, wanted))
    if asked:
        await _ask(ctx, asked, steps)
    return said


def needs_approval(tool: Acting, *, tainted: bool) -> bool:
    return tool.kind == "external" or (tool.kind == "internal" and tainted)


async def go_on(ctx: RunContext, steps: list[Json]) -> None:
    """Carry out what was decided about the questions of the run that this one resumes."""
    for decision in ctx.run.resumes.decisions if ctx.run.resumes else ():
        tool = find_tool(decision.tool)
        approved = decision.status == "approved" and await in_database(may_approve, decision.by)
        if approved and isinstance(tool, Errand):
            output = await _perform(ctx, tool, decision)
        elif approved and isinstance(tool, Change):
            output = await _change(ctx, tool, decision.call_id, decision.args, approved=True)
        else:
            output = await _tell(ctx, decision)
        _add(steps, decision.tool, output)


def _add(steps: list[Json], name: str, output: Json) -> None:
    steps.append({"kind": "tool", "name": name, "output": output})


async def listen(ctx: RunContext, steps: list[Json]) -> bool:
    """Take in what was said to this run meanwhile; whether there was anything."""
    said = await ctx.steering()
    if said:
        steps.append({"kind": "steer", "name": "steer", "output": steer_output(said)})
    return bool(said)


async def _look_up(ctx: RunContext, wanted: Json) -> Json:
    tool = find_tool(wanted["name"])

    async def body(step: StepWriter) -> StepResult:
        step.tool_call(wanted["id"], wanted["name"], wanted["input"])
        await step.flush()  # a run that was stopped starts no tool
        result = await in_database(run_tool, ctx.run.requested_by, wanted["name"], wanted["input"])
        step.tool_result(wanted["id"], result.summary, error=result.failed)
        output = context.tool_output(wanted["id"], wanted["name"], result.value, failed=result.failed)
        output |= marked(result, wanted["input"])
        if tool is not None and tool.untrusted and not result.failed:
            output["untrusted"] = True
        return StepResult(output=output)

    return await ctx.step("tool", wanted["name"][:128], body)


async def _change(ctx: RunContext, tool: Change, call_id: str, args: Any, *, approved: bool = False) -> Json:
    """``approved``: exactly ``args`` were shown to a person; otherwise the model gave them just now."""

    def change() -> Changed:
        result = apply_tool(ctx.run.requested_by, ctx.run.id, tool, args, approved=approved)
        output = context.tool_output(call_id, tool.name, result.value, failed=isinstance(result, ToolResult))
        output |= marked(result, args)
        if isinstance(result, ToolResult):
            raise ChangeRefused(result.summary, output)
        return Changed(content=result.summary, output=output, undo=result.undo)

    return await ctx.change(call_id, tool.name, args, change)


async def _perform(ctx: RunContext, tool: Errand, decision: Decision) -> Json:
    async def perform(key: str) -> Performed:
        result: Outcome | ToolResult
        try:
            plan = await in_database(plan_approved, ctx.run.requested_by, tool, decision.args)
            doer = Doer(await in_database(asker, ctx.run.requested_by), ctx.run.id)
        except Exception as problem:  # before anything was tried: certainly not done
            logger.warning("%s was not begun.", decision.call_id, exc_info=True)
            code = problem.code if isinstance(problem, SessionsError) else "not_done"
            said = str(problem) if isinstance(problem, SessionsError) else NOT_BEGUN
            result = ToolResult(_error(code, said), said, failed=True)
        else:
            result = plan if isinstance(plan, ToolResult) else await tool.perform(doer, key, **plan.args)
        done = isinstance(result, Outcome) and result.done
        output = context.tool_output(decision.call_id, tool.name, result.value, failed=not done)
        output |= marked(result, decision.args)
        return Performed(done=done, content=result.summary, output=output)

    unknown = context.tool_output(
        decision.call_id, tool.name, _error("unknown", context.UNKNOWN), failed=True
    )
    return await ctx.perform(decision, perform, unknown=unknown)


async def _tell(ctx: RunContext, decision: Decision) -> Json:
    """What the person said, as the call's result. The question itself shows it to everybody."""

    async def body(step: StepWriter) -> StepResult:
        if decision.status == "approved":
            value: Json = _error("not_allowed", NOT_THEIRS)
        elif decision.status == "answered":
            value = {"answer": decision.answer}
        else:
            value = _error(decision.status, DECIDED.get(decision.status, DECIDED["expired"]))
            if decision.answer:
                value["said"] = decision.answer
        failed = decision.status != "answered"
        output = context.tool_output(decision.call_id, decision.tool, value, failed=failed)
        if decision.answer and decision.by != ctx.run.requested_by:
            output["untrusted"] = True
        return StepResult(output=output)

    return await ctx.step("tool", decision.tool[:128], body)


async def _ask(ctx: RunContext, asked: Sequence[tuple[Acting, Json]], steps: list[Json]) -> None:
    """Raises Interrupted, unless something was said meanwhile or nothing is left to ask about."""
    if await listen(ctx, steps):
        for _, wanted in asked:
            _add(steps, wanted["name"], await _refuse(ctx, wanted, _error("not_asked", NOT_ASKED), NOT_ASKED))
        return
    asks = []
    for tool, wanted in asked:
        output = await _plan(ctx, tool, wanted)
        _add(steps, tool.name, output)
        if "planned" in output:
            planned = output["planned"]
            asks.append(
                Ask(
                    kind="approval",
                    call_id=wanted["id"],
                    tool=tool.name,
                    title=planned["title"],
                    args=planned["args"],
                    changes=planned["changes"],
                )
            )
    if asks:
        await ctx.interrupt(asks)


async def _plan(ctx: RunContext, tool: Acting, wanted: Json) -> Json:
    """A step, so that another attempt asks the same. Published is only why something cannot be done."""

    async def body(step: StepWriter) -> StepResult:
        plan = await in_database(plan_tool, ctx.run.requested_by, tool, wanted["input"])
        if isinstance(plan, Plan):
            planned = {"args": plan.args, "title": plan.title, "changes": plan.changes}
            return StepResult(output={"planned": planned})
        refused = _refused(step, wanted, plan.value, plan.summary)
        return StepResult(output=refused.output | marked(plan, wanted["input"]))

    return await ctx.step("tool", tool.name, body)


async def _refuse(ctx: RunContext, wanted: Json, value: Json, summary: str) -> Json:
    async def body(step: StepWriter) -> StepResult:
        return _refused(step, wanted, value, summary)

    return await ctx.step("tool", wanted["name"][:128], body)


def _refused(step: StepWriter, wanted: Json, value: Json, summary: str) -> StepResult:
    step.tool_call(wanted["id"], wanted["name"], wanted["input"])
    step.tool_result(wanted["id"], summary, error=True)
    return StepResult(output=context.tool_output(wanted["id"], wanted["name"], value, failed=True))


def _error(code: str, message: str) -> Json:
    return {"error": {"code": code, "message": message}}
