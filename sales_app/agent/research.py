"""Looking into several accounts at once: a researcher for each, and their answers together as the call's result."""

from sales_app.agent import context
from sales_app.agent.outside import marked
from sales_app.agent.tools.registry import ToolResult
from sales_app.agent.tools.research_accounts import Delegation, plan_delegation
from sales_app.database import in_database
from sessions_app.runs.agents import ChildResult, Delegated, Json, RunContext, StepResult, StepWriter

RESEARCHER = "researcher"
TITLE_MAX = 200
STATES = {"failed": "could not answer", "cancelled": "was stopped"}


async def research(ctx: RunContext, tool: Delegation, wanted: Json) -> Json:
    """The step output of the call. Whom to ask is a step of its own, so that a takeover asks the same."""

    async def choose(step: StepWriter) -> StepResult:
        found = await in_database(plan_delegation, ctx.run.requested_by, tool, wanted["input"])
        if isinstance(found, ToolResult):
            step.tool_call(wanted["id"], tool.name, wanted["input"])
            step.tool_result(wanted["id"], found.summary, error=True)
            output = context.tool_output(wanted["id"], tool.name, found.value, failed=True)
            return StepResult(output=output | marked(found, wanted["input"]))
        return StepResult(output={"planned": {"accounts": found}})

    chosen = await ctx.step("tool", tool.name, choose)
    if "planned" not in chosen:
        return chosen
    accounts: list[Json] = chosen["planned"]["accounts"]

    async def ask(step: StepWriter) -> StepResult:
        step.tool_call(wanted["id"], tool.name, wanted["input"])
        question = wanted["input"]["question"].strip()
        results = await ctx.delegate([_work(account, question) for account in accounts])
        step.tool_result(wanted["id"], _summary(results))
        answers = [_answer(account, each) for account, each in zip(accounts, results, strict=True)]
        output = context.tool_output(wanted["id"], tool.name, {"answers": answers}, failed=False)
        return StepResult(output=output | {"untrusted": True})

    return await ctx.step("tool", tool.name, ask)


def _work(account: Json, question: str) -> Delegated:
    return Delegated(
        agent=RESEARCHER,
        title=account["name"][:TITLE_MAX],
        task=question,
        options={"account": {"id": str(account["id"]), "label": account["name"], "url": account["url"]}},
    )


def _answer(account: Json, found: ChildResult) -> Json:
    state: Json = {} if found.status == "finished" else {"state": STATES[found.status], "why": found.error}
    return {**account, "answer": found.text, **state}


def _summary(results: list[ChildResult]) -> str:
    answered = sum(each.status == "finished" for each in results)
    left = f", {len(results) - answered} could not" if answered < len(results) else ""
    return f"{answered} of {len(results)} accounts looked into{left}"
