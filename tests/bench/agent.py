"""An agent that passes on a scripted model: one token a line, over HTTP from the driver."""

import asyncio

from sessions_app.runs.agents import Json, RunContext, StepResult, StepWriter


class BenchAgent:
    """The input's text names the script. With ``apart`` behind it, every token becomes a record of its own:
    neighbouring deltas are joined only when they belong to one message, so two messages take turns.
    """

    name = "bench"
    title = "Benchmark"

    def __init__(self, port: int) -> None:
        self.port = port

    async def run(self, ctx: RunContext) -> Json | None:
        script, _, mode = (await ctx.transcript())[-1].text.partition(" ")

        async def answer(step: StepWriter) -> StepResult:
            tokens, asked = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                asked.write(f"GET /llm/{script} HTTP/1.0\r\nHost: model\r\n\r\n".encode())
                head = await tokens.readuntil(b"\r\n\r\n")
                if b" 200 " not in head.partition(b"\r\n")[0]:
                    raise ConnectionError(f"The scripted model says {head[:60]!r}.")
                message = step.message()
                other = step.message() if mode == "apart" else message
                while line := await tokens.readline():
                    message.delta(line[:-1].decode())
                    await step.ready()
                    message, other = other, message
            finally:
                asked.close()
            return StepResult(output={})

        await ctx.step("model", "answer", answer)
        return None
