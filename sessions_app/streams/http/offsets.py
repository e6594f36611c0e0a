"""Offsets on the wire: opaque to clients, and sorted as text like the positions they stand for.

The first half is reserved, so that offsets given out today stay in order if a stream is ever rewritten.
"""

import re

from sessions_app.streams.errors import InvalidRequest, OffsetBeyondTail

BEGINNING = "-1"
NOW = "now"
_WIRE = re.compile(r"([0-9]{16})_([0-9]{16})")
_RESERVED = "0" * 16


def to_wire(pos: int) -> str:
    return f"{_RESERVED}_{pos:016d}"


def from_wire(text: str) -> int:
    """A position, or the beginning. Raises InvalidRequest; OffsetBeyondTail for what no stream has returned yet."""
    if text == BEGINNING:
        return 0
    match = _WIRE.fullmatch(text)
    if match is None:
        raise InvalidRequest("The offset is none that a stream returned.", code="bad_offset")
    if match[1] != _RESERVED:
        raise OffsetBeyondTail()
    return int(match[2])
