"""One model call: the stream's events to published text and to the content blocks that the next call needs."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from sessions_app.runs.agents import MessageWriter, StepWriter

if TYPE_CHECKING:
    from anthropic import AsyncStream

Json = dict[str, Any]

USAGE = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")


class Speech:
    """The message of one step. It opens with the first text; several blocks become paragraphs of it."""

    def __init__(self, step: StepWriter) -> None:
        self._step = step
        self._message: MessageWriter | None = None
        self._gap = False

    @property
    def begun(self) -> bool:
        return self._message is not None

    def say(self, text: str) -> None:
        message = self._message
        if message is None:
            message = self._message = self._step.message()
        elif self._gap:
            message.delta("\n\n")
        self._gap = False
        message.delta(text)

    def paragraph(self) -> None:
        self._gap = True

    def go_on(self) -> None:
        """The next text continues the sentence."""
        self._gap = False

    def end(self) -> None:
        if self._message is not None:
            self._message.end()


@dataclass(slots=True)
class Turn:
    """What the model said. ``stop_reason`` is None when the stream ended without one: it was cut.

    ``broken``: a tool call whose arguments did not arrive whole was dropped.
    """

    content: list[Json] = field(default_factory=list)
    stop_reason: str | None = None
    usage: Json = field(default_factory=dict)
    broken: bool = False
    arrived: int = 0  # characters of text, thinking and arguments

    def calls(self) -> list[Json]:
        return [block for block in self.content if block["type"] == "tool_use"]

    def says_something(self) -> bool:
        return any(block["type"] == "text" for block in self.content)


class StreamError(Exception):
    """An ``error`` event: the service gave up in the middle. ``kind`` is its type, such as ``overloaded_error``."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message or kind)
        self.kind = kind


async def read_turn(turn: Turn, stream: "AsyncStream[Any]", step: StepWriter, speech: Speech) -> None:
    """Fill ``turn`` and publish text as it comes. What was read stays in ``turn`` when the stream breaks.

    Blocks that the service would refuse to get back are left out: empty text, and tool calls cut in their arguments.
    The SDK's raw events are read: building its typed ones costs nearly half of the CPU of a token, and blocks must be
    sent back as they came, also kinds that this version of the SDK does not know. Raises StreamError.
    """
    block: Json = {}
    parts: list[str] = []
    decode = msgspec.json.decode
    async for raw in stream.raw_events(stream.response):
        if not raw.data:
            continue
        event = decode(raw.data)
        kind = event["type"]
        if kind == "content_block_delta":
            delta = event["delta"]
            what = delta["type"]
            if what == "text_delta":
                text = delta["text"]
                parts.append(text)
                turn.arrived += len(text)
                speech.say(text)
                await step.ready()
            elif what == "input_json_delta":
                parts.append(delta["partial_json"])
                turn.arrived += len(delta["partial_json"])
            elif what == "thinking_delta":
                parts.append(delta["thinking"])
                turn.arrived += len(delta["thinking"])
            elif what == "signature_delta":
                block["signature"] = delta["signature"]
        elif kind == "content_block_start":
            block = {name: value for name, value in event["content_block"].items() if value is not None}
            parts = []
        elif kind == "content_block_stop":
            _close(turn, block, "".join(parts))
            if block["type"] == "text":
                speech.paragraph()
        elif kind == "message_start":
            turn.usage.update(_usage(event["message"]["usage"]))
        elif kind == "message_delta":
            turn.stop_reason = event["delta"].get("stop_reason")
            turn.usage.update(_usage(event.get("usage") or {}))
        elif kind == "error":
            error = event.get("error") or {}
            raise StreamError(str(error.get("type", "")), str(error.get("message", "")))


def _close(turn: Turn, block: Json, arrived: str) -> None:
    kind = block["type"]
    if kind == "text":
        block["text"] = block.get("text", "") + arrived
        block.pop("citations", None)
        if not block["text"].strip():
            return
    elif kind == "thinking":
        block["thinking"] = block.get("thinking", "") + arrived
    elif kind == "tool_use":
        try:
            block["input"] = msgspec.json.decode(arrived or "{}")
        except msgspec.DecodeError:
            turn.broken = True
            return
        if not isinstance(block["input"], dict):
            turn.broken = True
            return
    turn.content.append(block)


def _usage(usage: Json) -> Json:
    return {name: value for name in USAGE if (value := usage.get(name)) is not None}
