"""What an agent holds while it runs: its steps, and what they publish."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import Any, NoReturn

import msgspec
from django.utils import timezone

from sessions_app.runs import awaiting, children
from sessions_app.runs import transcript as transcripts
from sessions_app.runs.agents import (
    AgentError,
    Ask,
    Changed,
    ChangeRefused,
    ChildResult,
    Decision,
    Delegated,
    Interrupted,
    Json,
    Performed,
    RetryStep,
    Said,
    StepKind,
    StepResult,
    TranscriptItem,
    Usage,
    steered,
)
from sessions_app.runs.claim import Claimed
from sessions_app.runs.costs import ask_before_model, check_cost
from sessions_app.runs.effects import UNKNOWN, Settled, apply_internal, claim_external, settle_external
from sessions_app.runs.lane import RunLane
from sessions_app.runs.lifecycle import complete_step, count_stopped, read_steering
from sessions_app.runs.models import Effect
from sessions_app.session import events
from sessions_app.session.envelope import now_ms
from sessions_app.session.events import Event
from sessions_app.streams.append import StaleEpoch

InThread = Callable[..., Awaitable[Any]]

logger = logging.getLogger(__name__)

CHILDREN_POLL_SECONDS = 0.5

_counting: set[asyncio.Future[Any]] = set()


def _counted(task: asyncio.Future[Any]) -> None:
    _counting.discard(task)
    if not task.cancelled() and (problem := task.exception()) is not None:
        logger.warning("The usage of a stopped call was not counted.", exc_info=problem)


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
        self.used: Callable[[], Usage | None] | None = None

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

    def counts(self, used: Callable[[], Usage | None]) -> None:
        self.used = used

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
        self._open: int | None = None  # the step whose body runs
        self._delegations = 0  # in this try of it

    async def transcript(self) -> list[TranscriptItem]:
        items: list[TranscriptItem] = await self._in_thread(
            transcripts.transcript, self.run.session_id, self.run.origin
        )
        return items

    async def step(self, kind: StepKind, name: str, body: Callable[[Any], Awaitable[StepResult]]) -> Json:
        index = self._next
        self._next += 1
        if index < len(self._claimed.steps):
            return self._replayed(self._claimed.steps[index], kind, name)
        if kind == "model":
            await self._in_thread(ask_before_model, self.run.requested_by, self.run.scheduled)
            if self.run.parent is not None:
                await self._in_thread(check_cost, self.run.id)
        started_at = timezone.now()
        self._lane.emit(events.step_started(name=name, kind=kind, index=index))
        while True:
            step = LaneStep(self._lane, self.run.id, self._stale)
            self._open, self._delegations = index, 0
            try:
                result = await body(step)
                break
            except RetryStep as problem:
                await self._wait_for_retry(step, problem)
            except asyncio.CancelledError:
                self._count_stopped(step, index, name, started_at)
                raise
            finally:
                self._open = None
        await self._complete(step, index, kind, name, result, started_at)
        return result.output

    async def change(self, call_id: str, tool: str, args: Json, change: Callable[[], Changed]) -> Json:
        index = self._next
        if index < len(self._claimed.steps):
            self._next += 1
            return self._replayed(self._claimed.steps[index], "tool", tool)
        started_at = timezone.now()
        step = self._open_call(index, call_id, tool, args)
        try:
            await self._lane.flush()  # a run that was stopped starts no tool
            output: Json = await self._in_thread(
                apply_internal,
                run_id=self.run.id,
                stream_id=self._claimed.stream_id,
                agent=self.run.agent,
                epoch=self._claimed.epoch,
                index=index,
                call_id=call_id,
                tool=tool,
                args=args,
                change=change,
                started_at=started_at,
            )
        except ChangeRefused as refused:
            step.tool_result(call_id, refused.content, error=True)
            await self._complete(step, index, "tool", tool, StepResult(output=refused.output), started_at)
            output = refused.output
        except StaleEpoch:
            raise asyncio.CancelledError from None
        self._next += 1
        return output

    async def perform(
        self, decision: Decision, perform: Callable[[str], Awaitable[Performed]], *, unknown: Json
    ) -> Json:
        index, call_id, tool = self._next, decision.call_id, decision.tool
        self._next += 1
        if index < len(self._claimed.steps):
            return self._replayed(self._claimed.steps[index], "tool", tool)
        started_at = timezone.now()
        step = self._open_call(index, call_id, tool, decision.args)
        await self._lane.flush()
        held = {"stream_id": self._claimed.stream_id, "call_id": call_id}
        try:
            key = await self._in_thread(
                claim_external,
                run_id=self.run.id,
                epoch=self._claimed.epoch,
                tool=tool,
                args=decision.args,
                interrupt_id=decision.id,
                **held,
            )
        except StaleEpoch:
            raise asyncio.CancelledError from None
        if key is None:  # it was begun before
            settled = await self._settle(held, "unknown", None)
        else:
            settled = await asyncio.shield(asyncio.ensure_future(self._carry_out(perform, key, held)))
        said = settled.said or {"content": UNKNOWN, "output": unknown}
        event = events.tool_result(
            call_id=call_id,
            content=said["content"],
            error=settled.status != Effect.Status.DONE,
            effect=settled.status,
        )
        output: Json = said["output"]
        await self._complete(step, index, "tool", tool, StepResult(output=output), started_at, before=[event])
        return output

    async def _carry_out(
        self, perform: Callable[[str], Awaitable[Performed]], key: str, held: Json
    ) -> Settled:
        """Shielded: a stop that comes while it happens does not keep us from writing down what happened."""
        try:
            performed = await perform(key)
        except Exception:
            logger.warning("Nobody knows whether %s happened.", held["call_id"], exc_info=True)
            return await self._settle(held, "unknown", None)
        said = {"content": performed.content, "output": performed.output}
        return await self._settle(held, "done" if performed.done else "failed", said)

    async def _settle(self, held: Json, status: str, said: Json | None) -> Settled:
        settled: Settled = await self._in_thread(
            settle_external,
            session_id=self.run.session_id,
            status=status,
            actor=f"agent:{self.run.agent}",
            said=said,
            **held,
        )
        return settled

    async def interrupt(self, asks: Sequence[Ask]) -> NoReturn:
        raise Interrupted(asks)

    async def delegate(self, work: Sequence[Delegated]) -> list[ChildResult]:
        if self._open is not None:
            return await self._delegate(work)
        found: list[ChildResult] = []

        async def body(step: LaneStep) -> StepResult:
            found.extend(await self._delegate(work))
            return StepResult(output={"children": [asdict(each) for each in found]})

        output = await self.step("tool", "delegate", body)
        return found or [ChildResult(**each) for each in output["children"]]

    async def _delegate(self, work: Sequence[Delegated]) -> list[ChildResult]:
        step = f"{self._open}.{self._delegations}"
        self._delegations += 1
        await self._lane.flush()  # what leads to them stands before them; a run that was stopped starts none
        held = {"run_id": self.run.id, "stream_id": self._claimed.stream_id, "epoch": self._claimed.epoch}
        with awaiting.endings(self.run.id) as ended:
            try:
                ids: list[str] = await self._in_thread(
                    children.queue_children, origin=self.run.origin, step=step, work=work, **held
                )
                while True:
                    ended.clear()
                    if await self._in_thread(children.all_ended, ids):
                        await self._lane.flush()
                        ids, over = await self._in_thread(children.ask_or_reopen, ids=ids, **held)
                        if over:
                            break
                    with suppress(TimeoutError):
                        await asyncio.wait_for(ended.wait(), CHILDREN_POLL_SECONDS)
            except StaleEpoch:
                # Stopped, taken over, or ended just now with what its sub-agents ask.
                raise asyncio.CancelledError from None
        found: list[ChildResult] = await self._in_thread(children.results, self.run.session_id, ids)
        return found

    def _open_call(self, index: int, call_id: str, tool: str, args: Json) -> LaneStep:
        self._lane.emit(events.step_started(name=tool, kind="tool", index=index))
        step = LaneStep(self._lane, self.run.id, self._stale)
        step.tool_call(call_id, tool, args)
        return step

    def _count_stopped(self, step: LaneStep, index: int, name: str, started_at: datetime) -> None:
        """Behind the stop, which waits for nothing."""
        if step.used is None:
            return
        work = self._in_thread(
            count_stopped,
            run_id=self.run.id,
            stream_id=self._claimed.stream_id,
            index=index,
            name=name,
            used=step.used,
            started_at=started_at,
        )
        task = asyncio.ensure_future(work)
        _counting.add(task)
        task.add_done_callback(_counted)

    async def _complete(
        self,
        step: LaneStep,
        index: int,
        kind: str,
        name: str,
        result: StepResult,
        started_at: datetime,
        before: Sequence[Event] = (),
    ) -> None:
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
                before=before,
            )
        except StaleEpoch:
            raise asyncio.CancelledError from None

    async def steering(self) -> list[Said]:
        if self._next < len(self._claimed.steps):
            done = self._claimed.steps[self._next]
            if done["kind"] != "steer":
                return []
            self._next += 1
            return steered(done["output"])
        await self._lane.flush()
        try:
            said: list[Said] = await self._in_thread(
                read_steering,
                run_id=self.run.id,
                stream_id=self._claimed.stream_id,
                agent=self.run.agent,
                epoch=self._claimed.epoch,
                index=self._next,
            )
        except StaleEpoch:
            raise asyncio.CancelledError from None
        self._next += bool(said)
        return said

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
