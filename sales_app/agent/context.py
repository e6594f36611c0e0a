"""What the model reads of the conversation: paired, bounded, and never ending on an assistant turn."""

import json
from collections.abc import Sequence
from typing import Any

from sessions_app.runs.agents import TranscriptItem

Json = dict[str, Any]

CHARS_PER_TOKEN = 4
LEFT_OUT = "[The beginning of this conversation is left out here because it is long.]"


def tool_result(call_id: str, result: Json, failed: bool) -> Json:
    """A result as the model reads it: JSON, which marks it as data."""
    block: Json = {
        "type": "tool_result",
        "tool_use_id": call_id,
        "content": json.dumps(result, ensure_ascii=False),
    }
    if failed:
        block["is_error"] = True
    return block


def turns_of_run(item: TranscriptItem) -> list[Json]:
    """An earlier run as messages. A tool call whose result never came is left out, with what only prepared it."""
    messages: list[Json] = []
    pending: list[Json] = []
    results: list[Json] = []

    def close() -> None:
        calls = [block for block in pending if block["type"] == "tool_use"]
        if len(results) == len(calls) and calls:
            messages.append({"role": "assistant", "content": list(pending)})
            messages.append({"role": "user", "content": list(results)})
        elif pending:
            texts = [block for block in pending if block["type"] == "text" and block["text"].strip()]
            if texts:
                messages.append({"role": "assistant", "content": texts})
        pending.clear()
        results.clear()

    for step in item.steps:
        if step["kind"] == "model":
            close()
            pending.extend(step["output"].get("content", []))
        elif "call_id" in step["output"]:
            output = step["output"]
            results.append(tool_result(output["call_id"], output["result"], output["failed"]))
    close()
    if item.status != "finished" and item.text and not _says(messages, item.text):
        messages.append(
            {"role": "assistant", "content": [{"type": "text", "text": f"{item.text}\n[broken off]"}]}
        )
    return messages


def _says(messages: Sequence[Json], text: str) -> bool:
    said = "\n\n".join(
        block["text"]
        for message in messages
        if message["role"] == "assistant"
        for block in message["content"]
        if block["type"] == "text"
    )
    return text in said


def build(transcript: Sequence[TranscriptItem], *, budget: int) -> list[Json]:
    """Messages within ``budget`` tokens (estimated), the newest kept. Exchanges are left out whole, from the front."""
    exchanges: list[list[Json]] = []
    for item in transcript:
        if item.kind == "user":
            exchanges.append([{"role": "user", "content": [{"type": "text", "text": item.text}]}])
        elif exchanges:
            exchanges[-1].extend(turns_of_run(item))
    kept: list[list[Json]] = []
    used = 0
    for exchange in reversed(exchanges):
        used += tokens(exchange)
        if kept and used > budget:
            kept[-1][0] = _noted(kept[-1][0])
            break
        kept.append(exchange)
    return merged([message for exchange in reversed(kept) for message in exchange])


def _noted(message: Json) -> Json:
    return {**message, "content": [{"type": "text", "text": LEFT_OUT}, *message["content"]]}


def merged(messages: Sequence[Json]) -> list[Json]:
    """Neighbouring turns of one role become one: an answer that never came leaves two questions in a row."""
    out: list[Json] = []
    for message in messages:
        if out and out[-1]["role"] == message["role"]:
            out[-1] = {**out[-1], "content": [*out[-1]["content"], *message["content"]]}
        else:
            out.append(message)
    return out


def tokens(messages: Sequence[Json]) -> int:
    """An estimate: four characters to a token."""
    return (
        sum(len(json.dumps(message["content"], ensure_ascii=False)) for message in messages)
        // CHARS_PER_TOKEN
    )
