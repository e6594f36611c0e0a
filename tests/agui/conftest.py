"""A server and a run host in this process, agents that do as they are told, and people who are signed in."""

import asyncio
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sessions_app.runs import dispatch
from sessions_app.runs.agents import (
    AgentError,
    Ask,
    Delegated,
    Json,
    RunContext,
    StepResult,
    StepWriter,
    Usage,
    register_agent,
)
from sessions_app.runs.host import RunHost
from tests.live.conftest import Person, ann, bob, person, server
from tests.runs.test_host import say

__all__ = ["ann", "bob", "person", "server"]


class Helper:
    name = title = "helper"

    async def run(self, ctx: RunContext) -> Json:
        (item,) = await ctx.transcript()
        if item.text == "breaks":
            await _break_once(ctx, "Looked ", "again.")
            return {"of": item.text}
        await _look(ctx, f"{ctx.run.id}.look")
        if item.text == "fail":
            raise AgentError("There is no such account.")
        await ctx.step("model", "answer", lambda step: say(step, "Looked ", "at ", item.text))
        return {"of": item.text}


async def _look(ctx: RunContext, call_id: str) -> None:
    async def body(step: StepWriter) -> StepResult:
        step.tool_call(call_id[-60:], "look", {"at": "deals"})
        step.tool_result(call_id[-60:], "3 deals")
        return StepResult(output={})

    await ctx.step("tool", "look", body)


async def _break_once(ctx: RunContext, *words: str) -> None:
    """The first attempt dies in the middle of its text."""

    async def body(step: StepWriter) -> StepResult:
        if ctx.run.attempt == 1:
            step.message().delta(words[0])
            await step.flush()
            raise RuntimeError("the worker's bad day")
        return await say(step, *words)

    await ctx.step("model", "answer", body)


class Guide:
    """Does what the last message names."""

    name = title = "guide"

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.began: list[str] = []

    async def run(self, ctx: RunContext) -> Json | None:
        self.began.append(ctx.run.id)
        if ctx.run.resumes is not None:
            said = [f"{each.status} {each.answer}".strip() for each in ctx.run.resumes.decisions]
            await ctx.step("model", "answer", lambda step: say(step, ", ".join(said)))
            return None
        wanted = (await ctx.transcript())[-1].text
        await getattr(self, f"_{wanted.split()[0].lower()}")(ctx)
        return {"did": wanted}

    async def _text(self, ctx: RunContext) -> None:
        async def body(step: StepWriter) -> StepResult:
            spoken = await say(step, "Good ", "morning.")
            used = Usage(model="m", input_tokens=12, output_tokens=2, cache_write_tokens=3, cost="0.0001")
            return StepResult(output=spoken.output, usage=used)

        await ctx.step("model", "answer", body)

    async def _tools(self, ctx: RunContext) -> None:
        await _look(ctx, uuid.uuid4().hex)
        await ctx.step("model", "answer", lambda step: say(step, "Three."))

    async def _team(self, ctx: RunContext) -> None:
        wanted = (await ctx.transcript())[-1].text

        async def body(step: StepWriter) -> StepResult:
            asked = wanted.split()[1:]
            step.tool_call("team-call", "research", {"of": asked})
            found = await ctx.delegate(
                [Delegated(agent="helper", title=f"About {name}", task=name) for name in asked]
            )
            step.tool_result("team-call", "2 looked")
            return StepResult(output={"said": [each.text or each.error for each in found]})

        out = await ctx.step("tool", "research", body)
        await ctx.step("model", "answer", lambda step: say(step, " | ".join(out["said"])))

    async def _approval(self, ctx: RunContext) -> None:
        await ctx.step("model", "answer", lambda step: say(step, "May I?"))
        await ctx.interrupt(
            [
                Ask(
                    kind="approval",
                    call_id="send-1",
                    title="Send it",
                    tool="send",
                    args={"to": "a@example.com"},
                )
            ]
        )

    async def _question(self, ctx: RunContext) -> None:
        await ctx.interrupt([Ask(kind="question", call_id="which-1", title="Which one?")])

    async def _slow(self, ctx: RunContext) -> None:
        async def body(step: StepWriter) -> StepResult:
            message = step.message()
            message.delta("Thinking")
            await step.flush()
            while not self.let_go.is_set():
                await asyncio.sleep(0.01)
            message.delta(" done.")
            message.end()
            return StepResult(output={})

        await ctx.step("model", "answer", body)

    async def _breaks(self, ctx: RunContext) -> None:
        await _break_once(ctx, "It is ", "done.")

    async def _fail(self, ctx: RunContext) -> None:
        raise AgentError("The model refused the key.", code="bad_key")


@pytest.fixture
def guide() -> Iterator[Guide]:
    made = Guide()
    register_agent(made)
    register_agent(Helper())
    yield made
    made.let_go.set()


@pytest.fixture
def host(server: Any, guide: Guide) -> Iterator[RunHost]:
    made = RunHost()
    made.start()
    dispatch.on_wake(made.submit)
    dispatch.on_halt(made.halt)
    yield made
    guide.let_go.set()
    dispatch._halters.clear()
    dispatch._wakers.clear()
    made.stop(grace=2)


CSRF = "a" * 32


@pytest.fixture
def headers() -> Callable[[Person], dict[str, str]]:
    def of(who: Person) -> dict[str, str]:
        return {"Cookie": f"{who.cookie}; clewline_csrf={CSRF}", "X-CSRFToken": CSRF}

    return of
