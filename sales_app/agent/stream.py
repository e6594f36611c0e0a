"""One model call: the stream's events to published text and to the content blocks that the next call needs."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from sessions_app.runs.agents import MessageWriter, StepWriter

Json = dict[str, Any]


@dataclass(slots=True)
class Turn:
    """What the model said. ``stop_reason`` is None when the stream ended without one: it was cut."""

    content: list[Json] = field(default_factory=list)
    stop_reason: str | None = None
    usage: Json = field(default_factory=dict)

    def tool_calls(self) -> list[Json]:
        return [block for block in self.content if block["type"] == "tool_use"]


async def read_turn(events: AsyncIterator[Any], step: StepWriter) -> Turn:
    """Publish text as it comes. Tool input arrives as JSON text and is parsed when its block ends."""
    turn = Turn()
    message: MessageWriter | None = None
    open_text: list[str] = []
    open_json: list[str] = []
    async for event in events:
        kind = event.type
        if kind == "content_block_delta":
            delta = event.delta
            if delta.type == "text_delta":
                open_text.append(delta.text)
                if message is None:
                    message = step.message()
                message.delta(delta.text)
                await step.ready()
            elif delta.type == "input_json_delta":
                open_json.append(delta.partial_json)
            elif delta.type == "thinking_delta":
                turn.content[-1]["thinking"] += delta.thinking
            elif delta.type == "signature_delta":
                turn.content[-1]["signature"] = delta.signature
        elif kind == "content_block_start":
            turn.content.append(event.content_block.model_dump(mode="json", exclude_none=True))
            open_text, open_json = [], []
        elif kind == "content_block_stop":
            _close(turn.content[-1], open_text, open_json)
            if message is not None:
                message.end()
                message = None
        elif kind == "message_start":
            turn.usage.update(_usage(event.message.usage))
        elif kind == "message_delta":
            turn.stop_reason = event.delta.stop_reason
            turn.usage.update(_usage(event.usage))
    return turn


def _close(block: Json, text: list[str], partial: list[str]) -> None:
    if block["type"] == "text":
        block["text"] = "".join(text)
        block.pop("citations", None)
    elif block["type"] == "tool_use":
        try:
            block["input"] = json.loads("".join(partial) or "{}")
        except ValueError:
            block["input"] = {}
            block["broken"] = True


def _usage(usage: Any) -> Json:
    names = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    return {name: value for name in names if (value := getattr(usage, name, None)) is not None}
