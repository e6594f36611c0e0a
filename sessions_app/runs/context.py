"""What an agent holds while it runs: its steps, and what they publish."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from django.utils import timezone

from sessions_app.runs import transcript as transcripts
from sessions_app.runs.agents import AgentError, Json, RetryStep, StepKind, StepResult, TranscriptItem
from sessions_app.runs.claim import Claimed
from sessions_app.runs.lane import RunLane
from sessions_app.runs.lifecycle import complete_step
from sessions_app.session import events
from sessions_app.session.envelope import now_ms
from sessions_app.session.events import Event
from sessions_app.streams.append import StaleEpoch

InThread = Callable[..., Awaitable[Any]]


class LaneMessage:
    """An open message of a step. It opens in the log with its first text: until then, what it replaces stays shown."""

    def __init__(self, step: "LaneStep", message_id: str) -> None:
        self.id = message_id
        self._step = step
        self._lane = step.lane
        self._parts: list[str] = []
        self._ended = False

    def delta(self, text: str) -> None:
        if not self._parts:
            if not text:
                return
            self._step.opened(self.id)
        self._parts.append(text)
        self._lane.delta(self.id, text)

    def end(self) -> None:
        if self._parts and not self._ended:
            self._ended = True
            self._step.texts[self.id] = "".join(self._parts)
            self._lane.emit(events.text_end(self.id))


class LaneStep:
    """One try of one step. The first thing that it publishes replaces what broken tries left, once."""

    def __init__(self, lane: RunLane, run_id: str, stale: list[str]) -> None:
        self.lane = lane
        self.texts: dict[str, str] = {}
        self.ids: list[str] = []
        self._run_id = run_id
        self._stale = stale
        self._messages: list[LaneMessage] = []

    def _publish(self, event: Event) -> None:
        self.supersede()
        self.lane.emit(event)

    def supersede(self) -> None:
        if self._stale:
            self.lane.emit(events.items_superseded(run_id=self._run_id, ids=list(self._stale)))
            self._stale.clear()

    def message(self) -> LaneMessage:
        message = LaneMessage(self, secrets.token_hex(8))
        self._messages.append(message)
        return message

    def opened(self, message_id: str) -> None:
        self._publish(events.text_start(message_id=message_id, role="assistant"))
        self.ids.append(message_id)

    def tool_call(self, call_id: str, name: str, args: Json | None) -> None:
        self._publish(events.tool_start(call_id=call_id, name=name))
        self.ids.append(call_id)
        if args is not None:
            text = msgspec.json.encode(args).decode()
            self.lane.emit(events.tool_args(call_id=call_id, delta=text))
        self.lane.emit(events.tool_end(call_id))

    def tool_result(self, call_id: str, content: str, *, error: bool = False) -> None:
        self.lane.emit(events.tool_result(call_id=call_id, content=content, error=error))

    def waiting(self, reason: str, message: str, *, seconds: float) -> None:
        until = now_ms() + int(seconds * 1000)
        self.lane.emit(events.run_waiting(run_id=self._run_id, reason=reason, message=message, until=until))

    async def ready(self) -> None:
        await self.lane.ready()

    async def flush(self) -> None:
        await self.lane.flush()

    def end_messages(self) -> None:
        for message in self._messages:
            message.end()


class LaneContext:
    """The RunContext of a run that executes in this process."""

    def __init__(self, claimed: Claimed, lane: RunLane, in_thread: InThread) -> None:
        self.run = claimed.info
        self._claimed = claimed
        self._lane = lane
        self._in_thread = in_thread
        self._stale = list(claimed.stale)
        self._next = 0

    async def transcript(self) -> list[TranscriptItem]:
        items: list[TranscriptItem] = await self._in_thread(
            transcripts.transcript, self.run.session_id, self.run.id
        )
        return items

    async def step(self, kind: StepKind, name: str, body: Callable[[Any], Awaitable[StepResult]]) -> Json:
        index = self._next
        self._next += 1
        if index < len(self._claimed.steps):
            return self._replayed(self._claimed.steps[index], kind, name)
        started_at = timezone.now()
        self._lane.emit(events.step_started(name=name, kind=kind, index=index))
        while True:
            step = LaneStep(self._lane, self.run.id, self._stale)
            try:
                result = await body(step)
                break
            except RetryStep as problem:
                await self._wait_for_retry(step, problem)
        step.end_messages()
        step.supersede()
        await self._lane.flush()
        try:
            await self._in_thread(
                complete_step,
                run_id=self.run.id,
                stream_id=self._claimed.stream_id,
                session_id=self.run.session_id,
                agent=self.run.agent,
                epoch=self._claimed.epoch,
                index=index,
                kind=kind,
                name=name,
                result=result,
                started_at=started_at,
                texts=step.texts,
            )
        except StaleEpoch:
            raise asyncio.CancelledError from None
        return result.output

    def _replayed(self, done: Json, kind: str, name: str) -> Json:
        if (done["kind"], done["name"]) != (kind, name):
            raise AgentError(
                "The agent changed its steps since its last attempt and cannot go on. Please ask again.",
                code="steps_changed",
            )
        output: Json = done["output"]
        return output

    async def _wait_for_retry(self, step: LaneStep, problem: RetryStep) -> None:
        if step.ids:
            self._lane.emit(events.run_retrying(run_id=self.run.id, attempt=self.run.attempt))
            self._stale += step.ids
        if problem.delay > 0:
            step.waiting(problem.reason, problem.message, seconds=problem.delay)
        await self._lane.flush()
        await asyncio.sleep(problem.delay)
