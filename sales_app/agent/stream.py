"""One model call: the stream's events to published text and to the content blocks that the next call needs."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from sessions_app.runs.agents import MessageWriter, StepWriter

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

    def calls(self) -> list[Json]:
        return [block for block in self.content if block["type"] == "tool_use"]

    def says_something(self) -> bool:
        return any(block["type"] == "text" for block in self.content)


async def read_turn(turn: Turn, events: AsyncIterator[Any], step: StepWriter, speech: Speech) -> None:
    """Fill ``turn`` and publish text as it comes. What was read stays in ``turn`` when the stream breaks.

    Blocks that the service would refuse to get back are left out: empty text, and tool calls cut in their arguments.
    """
    block: Json = {}
    parts: list[str] = []
    async for event in events:
        kind = event.type
        if kind == "content_block_delta":
            delta = event.delta
            what = delta.type
            if what == "text_delta":
                parts.append(delta.text)
                speech.say(delta.text)
                await step.ready()
            elif what == "input_json_delta":
                parts.append(delta.partial_json)
            elif what == "thinking_delta":
                parts.append(delta.thinking)
            elif what == "signature_delta":
                block["signature"] = delta.signature
        elif kind == "content_block_start":
            block = event.content_block.model_dump(mode="json", exclude_none=True)
            parts = []
        elif kind == "content_block_stop":
            _close(turn, block, "".join(parts))
            if block["type"] == "text":
                speech.paragraph()
        elif kind == "message_start":
            turn.usage.update(_usage(event.message.usage))
        elif kind == "message_delta":
            turn.stop_reason = event.delta.stop_reason
            turn.usage.update(_usage(event.usage))


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
            block["input"] = json.loads(arrived or "{}")
        except ValueError:
            turn.broken = True
            return
        if not isinstance(block["input"], dict):
            turn.broken = True
            return
    turn.content.append(block)


def _usage(usage: Any) -> Json:
    return {name: value for name in USAGE if (value := getattr(usage, name, None)) is not None}
