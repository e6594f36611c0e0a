"""An agent inside the worker, for what the HTTP interface does not offer. The first word of the input says what it does."""

import asyncio
from collections.abc import Awaitable, Callable

from django.contrib.auth import get_user_model

from sessions_app.runs.agents import (
    Ask,
    Changed,
    Decision,
    Delegated,
    Json,
    Performed,
    RunContext,
    StepResult,
    StepWriter,
)

ASSISTANT = "assistant"
LOOK_SECONDS = 0.05


class Assistant:
    name = ASSISTANT
    title = "Assistant"

    async def run(self, ctx: RunContext) -> Json | None:
        if ctx.run.resumes is not None:
            for decision in ctx.run.resumes.decisions:
                await _decided(ctx, decision)
            return None
        task = ctx.run.options.get("task")
        said = task if task is not None else (await ctx.transcript())[-1].text
        await _tasks[said.split()[0]](ctx, said)
        return None


async def say(ctx: RunContext, text: str) -> None:
    async def body(step: StepWriter) -> StepResult:
        message = step.message()
        message.delta(text)
        message.end()
        return StepResult(output={"said": text})

    await ctx.step("model", "say", body)


def letter(ctx: RunContext, number: int) -> Ask:
    args = {"to": f"buyer{number}@example.com", "body": "Dear buyer,\nthe offer stands."}
    return Ask(
        kind="approval",
        call_id=f"{ctx.run.id}.{number}",
        tool="send_letter",
        title=f"Send letter {number}",
        args=args,
        changes=[{"label": label.title(), "before": None, "after": value} for label, value in args.items()],
    )


async def _letters(ctx: RunContext, said: str) -> None:
    """Letters N: asks for the approval of N letters, each sent when it is approved."""
    await say(ctx, "These would go out:")
    await ctx.interrupt([letter(ctx, number) for number in range(1, int(said.split()[1]) + 1)])


async def _question(ctx: RunContext, said: str) -> None:
    asks = [Ask(kind="question", call_id=f"{ctx.run.id}.q", title="Which account do you mean?", who="owner")]
    await ctx.interrupt(asks)


async def _decided(ctx: RunContext, decision: Decision) -> None:
    if decision.status == "approved" and decision.answer != "break off":
        await ctx.perform(decision, _send, unknown={})
    elif decision.status == "approved":
        await ctx.perform(decision, _break_off, unknown={})
    await say(
        ctx, f"{decision.call_id.rsplit('.', 1)[1]}: {decision.status}, {decision.answer or 'no words'}"
    )


async def _send(key: str) -> Performed:
    return Performed(done=True, content="Sent.", output={})


async def _break_off(key: str) -> Performed:
    raise ConnectionError("The line broke while the letter was handed over.")


async def _rename(ctx: RunContext, said: str) -> None:
    """Rename NAME: changes the asking person's last name, which can be undone."""
    user_id, name = ctx.run.requested_by.removeprefix("user:"), said.split()[1]

    def change() -> Changed:
        person = get_user_model().objects.get(pk=user_id)
        before, person.last_name = person.last_name, name
        person.save(update_fields=["last_name"])
        return Changed(content=f"The last name is {name}.", output={}, undo={"id": user_id, "name": before})

    await ctx.change(f"{ctx.run.id}.rename", "rename_me", {"name": name}, change)
    await say(ctx, "Renamed.")


def rename_back(actor: str, data: Json) -> None:
    get_user_model().objects.filter(pk=data["id"]).update(last_name=data["name"])


async def _listen(ctx: RunContext, said: str) -> None:
    """Repeats what it is told while it works, until it is told that this is enough."""
    await say(ctx, "I listen.")
    heard = ""
    while heard != "Enough":
        for each in await ctx.steering():
            heard = each.text
            await say(ctx, f"Heard: {heard}")
        await asyncio.sleep(LOOK_SECONDS)


async def _delegate(ctx: RunContext, said: str) -> None:
    titles = {"Read the mails": "tell It is quiet.", "Call everybody": "wait"}
    work = [Delegated(agent=ASSISTANT, title=title, task=task) for title, task in titles.items()]
    results = await ctx.delegate(work)
    await say(ctx, "; ".join(f"{each.title}: {each.status}" for each in results))


async def _tell(ctx: RunContext, said: str) -> None:
    await say(ctx, said.removeprefix("tell "))


async def _wait(ctx: RunContext, said: str) -> None:
    await asyncio.Event().wait()  # until it is stopped


_tasks: dict[str, Callable[[RunContext, str], Awaitable[None]]] = {
    "Letters": _letters,
    "Question": _question,
    "Rename": _rename,
    "Listen": _listen,
    "Delegate": _delegate,
    "tell": _tell,
    "wait": _wait,
}
