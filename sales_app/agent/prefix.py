"""Fingerprints of what the model had read before it spoke.

Current models bind a thinking block to the model and to all that precedes it; sent back behind anything else, the
request is refused with 400. So each turn keeps the fingerprint of its prefix, and its thinking is sent back only
where the prefix is the same again: older turns may have been left out, the prompt, the tools or the model changed.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Head:
    """What stands before the messages of a request."""

    model: str
    system: str
    tools: tuple[Json, ...]


class Prefix:
    def __init__(self, head: Head) -> None:
        self._hash = hashlib.sha256()
        self._add([head.model, head.system, list(head.tools)])

    def _add(self, value: Any) -> None:
        self._hash.update(json.dumps(value, sort_keys=True, ensure_ascii=False).encode())

    def add(self, role: str, blocks: Sequence[Json]) -> None:
        for block in blocks:
            self._add([role, block])

    def fingerprint(self) -> str:
        return self._hash.hexdigest()[:32]
