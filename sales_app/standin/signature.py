"""Thinking blocks are bound to the model and to everything before them, as those of current Claude models are.

A block that was altered, or whose conversation before it was, is refused. The key is fixed: a conversation begun in one
process goes on in another, and nothing is protected by it.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

KEY = b"the stand-in model signs its own thinking"


def flattened(messages: list[Json]) -> Iterator[tuple[int, int, str, Json]]:
    """``(message index, block index, role, block)``: neighbouring turns of one role make no difference."""
    for at, message in enumerate(messages):
        content = message["content"]
        if isinstance(content, str):
            content = [{"type": "text", "text": content}]
        for index, block in enumerate(content):
            yield at, index, message["role"], block


def normal(value: Any) -> Any:
    """Without what does not change the conversation: cache marks and absent values."""
    if isinstance(value, dict):
        return {
            key: normal(item) for key, item in value.items() if key != "cache_control" and item is not None
        }
    return [normal(item) for item in value] if isinstance(value, list) else value


class Prefix:
    """The running digest of a request, block by block."""

    def __init__(self, request: Json) -> None:
        system = request.get("system") or ""
        if isinstance(system, str):
            system = [{"type": "text", "text": system}]
        self._hash = hashlib.sha256()
        self._add([request.get("model"), normal(system), normal(request.get("tools") or [])])

    def _add(self, value: Any) -> None:
        self._hash.update(json.dumps(value, sort_keys=True, ensure_ascii=False).encode())

    def add(self, role: str, block: Json) -> None:
        self._add([role, normal(block)])

    def digest(self) -> bytes:
        return self._hash.copy().digest()


def sign(prefix: bytes, thinking: str) -> str:
    return base64.b64encode(hmac.digest(KEY, prefix + thinking.encode(), "sha256")).decode()


def prefix_of(request: Json) -> bytes:
    """The digest of all that a request holds."""
    prefix = Prefix(request)
    for _, _, role, block in flattened(request["messages"]):
        prefix.add(role, block)
    return prefix.digest()


def misfits(request: Json) -> Iterator[tuple[int, int]]:
    """Where thinking blocks stand that do not belong there."""
    prefix = Prefix(request)
    for at, index, role, block in flattened(request["messages"]):
        if block.get("type") == "thinking":
            expected = sign(prefix.digest(), str(block.get("thinking", "")))
            if not hmac.compare_digest(expected, str(block.get("signature", ""))):
                yield at, index
        prefix.add(role, block)
