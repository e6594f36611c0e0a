"""A scripted agent: what it must have said in the end is known from the input alone."""

import asyncio
import hashlib

from sessions_app.runs.agents import Json, RunContext, StepResult, StepWriter

WORDS = 40
WORD_SECONDS = 0.01
STEPS = 3


def words(text: str, step: int) -> list[str]:
    """The words of one model step; they differ by input and step, so nothing can stand in for another."""
    key = hashlib.sha256(f"{text}/{step}".encode()).hexdigest()[:6]
    return [f"{key}.{n} " for n in range(WORDS)]


def told(text: str) -> list[str]:
    """The messages of the whole answer."""
    return ["".join(words(text, step)) for step in range(STEPS)]


class Storyteller:
    name = "storyteller"
    title = "Storyteller"

    async def run(self, ctx: RunContext) -> Json | None:
        text = (await ctx.transcript())[-1].text
        for number in range(STEPS):

            async def tell(step: StepWriter, number: int = number) -> StepResult:
                message = step.message()
                for word in words(text, number):
                    message.delta(word)
                    await step.ready()
                    await asyncio.sleep(WORD_SECONDS)
                return StepResult(output={"number": number})

            async def look(step: StepWriter, number: int = number) -> StepResult:
                step.tool_call(f"{ctx.run.id}.{number}.{ctx.run.attempt}", "look", {"number": number})
                await asyncio.sleep(WORD_SECONDS)
                step.tool_result(f"{ctx.run.id}.{number}.{ctx.run.attempt}", str(number))
                return StepResult(output={"seen": number})

            await ctx.step("model", f"tell {number}", tell)
            await ctx.step("tool", f"look {number}", look)
        return {"told": text}
