"""An agent for tests with real processes: it says a text that follows from the question alone."""

import asyncio
import os

from django.apps import AppConfig

from sessions_app.runs.agents import Json, RunContext, StepResult, StepWriter, register_agent

STEPS = 3
WORDS = 60


def answer_to(question: str) -> list[str]:
    """What the agent says to a question: one message for each step."""
    return ["".join(f"{question}.{step}.{n} " for n in range(WORDS)) for step in range(STEPS)]


class ScriptedAgent:
    name = "scripted"
    title = "Scripted"

    async def run(self, ctx: RunContext) -> Json | None:
        question = (await ctx.transcript())[-1].text
        if question == "crash":
            os._exit(9)
        for step, text in enumerate(answer_to(question)):
            await ctx.step("model", f"part {step}", Say(text))
        return {"said": STEPS}


class Say:
    def __init__(self, text: str) -> None:
        self._text = text

    async def __call__(self, step: StepWriter) -> StepResult:
        message = step.message()
        for word in self._text.split(" ")[:-1]:
            message.delta(word + " ")
            await step.ready()
            await asyncio.sleep(0.01)
        message.end()
        return StepResult(output={})


class ScriptedConfig(AppConfig):
    name = "tests.support.scripted"

    def ready(self) -> None:
        register_agent(ScriptedAgent())
