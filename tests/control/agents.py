"""An agent whose behaviour is the function that a test gives it."""

from collections.abc import Awaitable, Callable

from sessions_app.runs.agents import Json, RunContext, register_agent

Script = Callable[[RunContext], Awaitable[Json | None]]


class Scripted:
    name = "scripted"
    title = "Scripted"

    def __init__(self, script: Script) -> None:
        self._script = script

    async def run(self, ctx: RunContext) -> Json | None:
        return await self._script(ctx)


def scripted(script: Script) -> None:
    register_agent(Scripted(script))
