"""A RunContext in memory: steps run at once, what they publish is kept for looking at, time does not pass."""

import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from sales_app.database import in_database
from sessions_app.runs.agents import (
    Agent,
    Changed,
    ChangeRefused,
    ChildResult,
    Delegated,
    Json,
    RetryStep,
    RunInfo,
    Said,
    StepResult,
    TranscriptItem,
    steer_output,
    steered,
)
from sessions_app.session.subjects import Subject


class Clock:
    """Monotonic seconds that pass only by sleeping."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Item:
    """A message or a tool call; ``stale`` when its step was tried again."""

    id: str
    kind: str
    text: str = ""
    name: str = ""
    args: Json | None = None
    failed: bool = False
    ended: bool = False
    stale: bool = False


class MemoryMessage:
    def __init__(self, item: Item) -> None:
        self.id = item.id
        self.item = item
        self.deltas = 0

    def delta(self, text: str) -> None:
        assert not self.item.ended
        self.item.text += text
        self.deltas += 1

    def end(self) -> None:
        self.item.ended = True


class MemoryStep:
    def __init__(self, context: "MemoryContext") -> None:
        self.context = context
        self.items: list[Item] = []

    def _add(self, item: Item) -> Item:
        self.items.append(item)
        self.context.items.append(item)
        return item

    def message(self) -> MemoryMessage:
        return MemoryMessage(self._add(Item(f"m{len(self.context.items)}", "message")))

    def tool_call(self, call_id: str, name: str, args: Json | None) -> None:
        self._add(Item(call_id, "tool", name=name, args=args))

    def tool_result(self, call_id: str, content: str, *, error: bool = False) -> None:
        item = next(item for item in self.items if item.id == call_id)
        item.text, item.failed, item.ended = content, error, True

    def counts(self, used: Callable[[], Any]) -> None:
        self.used = used

    def waiting(self, reason: str, message: str, *, seconds: float) -> None:
        self.context.waits.append((reason, message, seconds))

    async def ready(self) -> None:
        return None

    async def flush(self) -> None:
        return None


@dataclass
class MemoryContext:
    run: RunInfo
    said: list[TranscriptItem]
    clock: Clock
    done: list[Json] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    waits: list[tuple[str, str, float]] = field(default_factory=list)
    results: list[StepResult] = field(default_factory=list)
    steps: list[Json] = field(default_factory=list)
    meanwhile: list[str] = field(default_factory=list)

    async def steering(self) -> list[Said]:
        """What ``meanwhile`` holds, once, said by who asks."""
        said = [Said(text=text, actor=self.run.requested_by, name="") for text in self.meanwhile]
        self.meanwhile = []
        at = len(self.steps)
        if at < len(self.done):
            said = steered(self.done[at]["output"]) if self.done[at]["kind"] == "steer" else []
        if said:
            self.steps.append({"kind": "steer", "name": "steer", "output": steer_output(said)})
        return said

    async def transcript(self) -> list[TranscriptItem]:
        return list(self.said)

    async def step(self, kind: str, name: str, body: Callable[[Any], Awaitable[StepResult]]) -> Json:
        at = len(self.steps)
        if at < len(self.done):
            assert (self.done[at]["kind"], self.done[at]["name"]) == (kind, name)
            self.steps.append(self.done[at])
            return self.done[at]["output"]
        while True:
            step = MemoryStep(self)
            try:
                result = await body(step)
                break
            except RetryStep as problem:
                for item in step.items:
                    item.stale = True
                self.waits.append((problem.reason, problem.message, problem.delay))
                await self.clock.sleep(problem.delay)
        self.steps.append({"kind": kind, "name": name, "output": result.output})
        self.results.append(result)
        return result.output

    async def change(self, call_id: str, name: str, args: Json, change: Callable[[], Changed]) -> Json:
        """At once, in a transaction; a refusal is a failed result."""
        item = Item(call_id, "tool", name=name, args=args, ended=True)
        try:
            changed = await in_database(transaction.atomic(change))
            item.text, output = changed.content, changed.output
        except ChangeRefused as refused:
            item.text, item.failed, output = str(refused), True, refused.output
        self.items.append(item)
        self.steps.append({"kind": "tool", "name": name, "output": output})
        return output

    async def delegate(self, work: Sequence[Delegated]) -> list[ChildResult]:
        """Sub-agents that repeat what they were told."""
        return [
            ChildResult(run_id=f"child-{at}", title=each.title, status="finished", text=each.task)
            for at, each in enumerate(work)
        ]

    # For looking at.

    @property
    def answer(self) -> str:
        """What is shown at the end, without what was superseded."""
        return "\n\n".join(item.text for item in self.items if item.kind == "message" and not item.stale)

    @property
    def stale(self) -> str:
        return "\n\n".join(item.text for item in self.items if item.kind == "message" and item.stale)

    @property
    def tools(self) -> list[Item]:
        return [item for item in self.items if item.kind == "tool" and not item.stale]


class Chat:
    """A conversation with an agent, one run after the other, as the session layer would lead it."""

    def __init__(
        self,
        agent: Agent,
        user_id: int,
        clock: Clock,
        *,
        subject: Subject | None = None,
        session_id: str = "s",
    ) -> None:
        self.session_id = session_id
        self.agent = agent
        self.user_id = user_id
        self.clock = clock
        self.subject = subject
        self.said: list[TranscriptItem] = []
        self.runs = 0

    def context(self, text: str, *, done: list[Json] | None = None) -> MemoryContext:
        actor = f"user:{self.user_id}"
        self.said.append(TranscriptItem(kind="user", text=text, actor=actor))
        return self.again(done=done)

    def again(self, *, done: list[Json] | None = None) -> MemoryContext:
        """Another attempt of the same run, with the steps that are done."""
        run = RunInfo(
            id=str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self.session_id} {self.runs}")),
            session_id=self.session_id,
            agent=self.agent.name,
            requested_by=f"user:{self.user_id}",
            attempt=1,
            subject=self.subject,
        )
        return MemoryContext(run=run, said=list(self.said), clock=self.clock, done=done or [])

    async def ask(self, text: str) -> MemoryContext:
        ctx = self.context(text)
        result = await self.agent.run(ctx)
        assert result is not None
        self.close(ctx, "finished")
        return ctx

    def close(self, ctx: MemoryContext, status: str) -> None:
        self.said.append(
            TranscriptItem(
                kind="run",
                text=ctx.answer,
                actor=f"agent:{self.agent.name}",
                run_id=ctx.run.id,
                status=status,
                steps=tuple(ctx.steps),
            )
        )
        self.runs += 1
