"""A scripted agent that asks before it acts, and whose acts can be counted: each appends a line to a file."""

import asyncio
import os
from pathlib import Path

from django.conf import settings

from sessions_app.runs.agents import Ask, Decision, Json, Performed, RunContext, StepResult, StepWriter
from tests.faults.story import WORD_SECONDS, words

ACTS = "acts.txt"
ACT_SECONDS = 0.1  # that an act takes before and after its line is written


class Actor:
    """Tells, asks, and when it may, acts and tells the rest. Between steps it reads what steers it."""

    name = "actor"
    title = "Actor"

    async def run(self, ctx: RunContext) -> Json | None:
        if ctx.run.resumes is None:
            await self._tell(ctx, 0)
            await ctx.steering()
            call_id = f"{ctx.run.id}.act"
            await ctx.interrupt(
                [Ask(kind="approval", call_id=call_id, tool="act", title="May I?", args={"call": call_id})]
            )
        for decision in ctx.run.resumes.decisions:
            if decision.status == "approved":
                await ctx.perform(decision, lambda key, d=decision: act(d, key), unknown={"acted": None})
        await ctx.steering()
        await self._tell(ctx, 1)
        return None

    async def _tell(self, ctx: RunContext, number: int) -> None:
        async def tell(step: StepWriter) -> StepResult:
            message = step.message()
            for word in words(ctx.run.id, number):
                message.delta(word)
                await step.ready()
                await asyncio.sleep(WORD_SECONDS)
            return StepResult(output={"number": number})

        await ctx.step("model", f"tell {number}", tell)


async def act(decision: Decision, key: str) -> Performed:
    await asyncio.sleep(ACT_SECONDS)
    await asyncio.to_thread(write_down, decision.call_id)
    await asyncio.sleep(ACT_SECONDS)
    return Performed(done=True, content="Acted.", output={"acted": key})


def write_down(call_id: str) -> None:
    with Path(settings.DATA_DIR, ACTS).open("a") as acts:
        acts.write(f"{call_id}\n")
        acts.flush()
        os.fsync(acts.fileno())
