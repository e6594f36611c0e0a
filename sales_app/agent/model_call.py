"""The body of a model step: one answer of the model, in as many calls as it takes, published while it is written."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sales_app.agent import context
from sales_app.agent.client import ModelClient
from sales_app.agent.context import Rendering
from sales_app.agent.failures import TOO_LONG, ThinkingRefused, TooLong, failure
from sales_app.agent.limiter import Limiter
from sales_app.agent.prefix import Head
from sales_app.agent.pricing import cost_of
from sales_app.agent.stop_reasons import decide
from sales_app.agent.stream import Speech, Turn, read_turn
from sales_app.database import in_database
from sessions_app.runs.agents import AgentError, Json, RetryStep, StepResult, StepWriter, Usage

LAST_CALL = "[No more tools may be called for this question. Answer it now with what you have read.]"
CUT = "\n\n*The answer was cut here because it became too long. Ask for the rest, or for less at once.*"
DECLINED = "The model declined to answer this. Please ask in another way."
SILENT = "The model ended without an answer. Please ask again, or in another way."
REREADING = "The conversation is long; reading it again from a later point."


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What is fixed for a run when it first asks the model. Kept in its first model step, for a takeover.

    ``skills`` are those that it is offered: [name, description, hint], and "foreign" of one that
    was imported.
    """

    model: str
    effort: str
    max_tokens: int
    note: str
    skills: Sequence[Sequence[str]] = ()

    def as_json(self) -> Json:
        return asdict(self)


# Messages of the request, given the run where reading begins and whether thinking is left out.
Render = Callable[[str, bool], Rendering]
Shorten = Callable[[], str]


class ModelCall:
    """Called again after a ``RetryStep``; what the tries before have learnt stays in the object.

    ``first`` is the run where reading begins; ``shorten()`` gives a later one.
    """

    def __init__(
        self,
        client: ModelClient,
        limiter: Limiter,
        head: Head,
        frame: Frame,
        *,
        first: str,
        render: Render,
        shorten: Shorten,
        opening: bool,
        last: bool,
    ) -> None:
        self._client = client
        self._limiter = limiter
        self._head = head
        self._frame = frame
        self._first = first
        self._render = render
        self._shorten = shorten
        self._opening = opening
        self._last = last
        self._tries = 0
        self._bare = False
        self._shortened = False
        self._declined = False
        self._used: dict[str, int] = {}
        self._estimated = False

    async def __call__(self, step: StepWriter) -> StepResult:
        speech = Speech(step)
        step.counts(self._so_far)
        if self._declined:
            return await self._decline(speech)
        try:
            return await self._answer(step, speech)
        except TooLong as problem:
            if self._shortened:
                raise AgentError(TOO_LONG, code="context_too_long") from problem
            self._shortened = True
            self._first = self._shorten()
            raise RetryStep(0.0, "rereading", REREADING) from problem
        except ThinkingRefused as problem:
            if self._bare:
                raise AgentError(
                    "The model refused the conversation as it is. Start a new chat.",
                    code="model_refused_request",
                ) from problem
            self._bare = True
            raise RetryStep(0.0, "rereading", REREADING) from problem

    def _so_far(self) -> Usage | None:
        """What was used when the run was stopped; None before the service has counted anything."""
        used = usage_of(self._head.model, self._used) if self._used else None
        return replace(used, estimated=True) if used and self._estimated else used

    async def _answer(self, step: StepWriter, speech: Speech) -> StepResult:
        rendering = self._render(self._first, self._bare)
        said: list[Json] = []
        if self._last:
            _add(rendering, said, "user", [context.text_block(LAST_CALL)])
        parts = 0
        while True:
            parts += 1
            prefix = rendering.fingerprint()
            turn = await self._call(step, speech, rendering.messages)
            decision = decide(turn, parts=parts, spoken=speech.begun)
            if decision.next == "broken":
                self._tries += 1
                raise failure(None, tries=self._tries, limiter=self._limiter)
            if decision.next == "too_long":
                raise TooLong
            if decision.next == "refused":
                self._declined = True
                if speech.begun:
                    raise RetryStep(0.0, "declined", DECLINED)
                return await self._decline(speech)
            # Thinking alone is not worth a turn, and its own request is over.
            if turn.says_something() or turn.calls():
                _add(rendering, said, "assistant", turn.content, prefix=prefix)
            if decision.next == "go_on":
                _add(rendering, said, "user", [context.text_block(decision.say)])
                speech.go_on()
                continue
            if decision.next == "resend":
                continue
            if decision.next == "cut":
                speech.say(CUT if speech.begun else CUT.strip())
            elif decision.next == "silent":
                speech.say(SILENT)
            speech.end()
            return await self._result(said, turn.stop_reason or "")

    async def _call(self, step: StepWriter, speech: Speech, messages: list[Json]) -> Turn:
        await self._limiter.turn(step)
        turn = Turn()
        try:
            stream = await self._client.api.messages.create(**self._request(messages), stream=True)
            async with stream:
                await read_turn(turn, stream, step, speech)
        except asyncio.CancelledError:
            if turn.usage and turn.stop_reason is None:
                # The service counts its output at the end of the stream, which is not waited for.
                self._estimated = True
                guess = turn.arrived // context.CHARS_PER_TOKEN
                turn.usage["output_tokens"] = max(turn.usage.get("output_tokens", 0), guess)
            raise
        except Exception as problem:
            self._tries += 1
            raise failure(problem, tries=self._tries, limiter=self._limiter) from problem
        finally:
            for name, count in turn.usage.items():
                self._used[name] = self._used.get(name, 0) + count
        return turn

    def _request(self, messages: list[Json]) -> dict[str, Any]:
        """Two marks for the prompt cache: the part that all runs share, and the whole so far."""
        mark = {"type": "ephemeral"}
        request: dict[str, Any] = {
            "model": self._head.model,
            "max_tokens": self._frame.max_tokens,
            "system": [{"type": "text", "text": self._head.system, "cache_control": mark}],
            "messages": messages,
            "thinking": {"type": "adaptive"},
            "output_config": {"effort": self._frame.effort},
            "cache_control": mark,
        }
        if self._head.tools:
            request["tools"] = list(self._head.tools)
        if self._last:
            request["tool_choice"] = {"type": "none"}
        return request

    async def _decline(self, speech: Speech) -> StepResult:
        speech.say(DECLINED)
        speech.end()
        return await self._result([], "refusal")

    async def _result(self, said: list[Json], stop: str) -> StepResult:
        output: Json = {
            "messages": json.dumps(said, ensure_ascii=False),
            "stop": stop,
            "model": self._head.model,
            "first": self._first,
        }
        if self._opening:
            output["frame"] = self._frame.as_json()
        if self._bare:
            output["bare"] = True
        return StepResult(output=output, usage=await in_database(usage_of, self._head.model, self._used))


def _add(rendering: Rendering, said: list[Json], role: str, blocks: list[Json], *, prefix: str = "") -> None:
    rendering.add(role, blocks)
    said.append({"role": role, "content": blocks, **({"prefix": prefix} if prefix else {})})


def usage_of(model: str, counted: dict[str, int]) -> Usage:
    """``counted`` sums up all calls of the step, broken ones too: they are paid for."""
    tokens: dict[str, Any] = {
        "input_tokens": counted.get("input_tokens", 0),
        "output_tokens": counted.get("output_tokens", 0),
        "cache_read_tokens": counted.get("cache_read_input_tokens", 0),
        "cache_write_tokens": counted.get("cache_creation_input_tokens", 0),
    }
    return Usage(model=model, cost=cost_of(model, **tokens), **tokens)
