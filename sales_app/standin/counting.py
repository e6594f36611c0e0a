"""Token counts that are plausible, and a prompt cache that counts as the real one does."""

import json
import time
from collections import OrderedDict
from typing import Any

from sales_app.standin.signature import Prefix, flattened

Json = dict[str, Any]

CHARS_PER_TOKEN = 3.6
CACHE_SECONDS = 300.0
CACHE_MINIMUM = 1024
CACHE_ENTRIES = 4096


def tokens(text: str) -> int:
    return max(1, round(len(text) / CHARS_PER_TOKEN))


def block_tokens(block: Json) -> int:
    if block.get("type") == "text":
        return tokens(block["text"]) + 3
    return tokens(json.dumps(block, ensure_ascii=False)) + 3


def head_tokens(request: Json) -> int:
    """System prompt and tools."""
    counted = 8
    system = request.get("system")
    if isinstance(system, str):
        counted += tokens(system)
    elif system:
        counted += sum(block_tokens(block) for block in system)
    tools = request.get("tools")
    return counted + (tokens(json.dumps(tools)) + 40 if tools else 0)


def request_tokens(request: Json) -> int:
    return head_tokens(request) + sum(block_tokens(block) for *_, block in flattened(request["messages"]))


class Cache:
    """Which prefixes were marked for caching in the last five minutes."""

    def __init__(self) -> None:
        self._until: OrderedDict[bytes, float] = OrderedDict()

    def usage(self, request: Json) -> Json:
        """``input_tokens`` without what was read from or written to the cache, and those two beside it."""
        now = time.monotonic()
        prefix = Prefix(request)
        counted = head_tokens(request)
        read = marked = 0
        store: list[bytes] = []
        if self._known(prefix.digest(), now):
            read = counted
        if _is_marked(request.get("system")) or _is_marked(request.get("tools")):
            marked = counted
            store.append(prefix.digest())
        for _, _, role, block in flattened(request["messages"]):
            prefix.add(role, block)
            counted += block_tokens(block)
            if self._known(prefix.digest(), now):
                read = counted
            if block.get("cache_control"):
                marked = counted
                store.append(prefix.digest())
        if request.get("cache_control"):
            marked = counted
            store.append(prefix.digest())
        if marked < CACHE_MINIMUM:
            return _counts(counted, 0, 0)
        for digest in store:
            self._until[digest] = now + CACHE_SECONDS
            self._until.move_to_end(digest)
        while len(self._until) > CACHE_ENTRIES:
            self._until.popitem(last=False)
        read = min(read, marked)
        return _counts(counted - marked, read, marked - read)

    def _known(self, digest: bytes, now: float) -> bool:
        return self._until.get(digest, 0.0) > now


def _is_marked(blocks: Any) -> bool:
    return isinstance(blocks, list) and any(block.get("cache_control") for block in blocks)


def _counts(fresh: int, read: int, written: int) -> Json:
    return {
        "input_tokens": fresh,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": written,
        "cache_creation": {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0},
    }
