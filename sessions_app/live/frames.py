"""Ready-made text of the frames that carry the log. Raw records and views are joined in, never parsed."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

_encode = msgspec.json.Encoder().encode


class Frame(NamedTuple):
    """JSON text and its length in encoded bytes."""

    text: str
    size: int


def frame(**fields: object) -> Frame:
    body = _encode(fields)
    return Frame(body.decode(), len(body))


def records_tail(start: int, bodies: Sequence[bytes]) -> bytes:
    """A ``records`` frame without its beginning, which names the session: the announcer knows only streams."""
    return b'"from":%d,"to":%d,"records":[%b]}' % (start, start + len(bodies), b",".join(bodies))


def records_frame(session_id: str, tail: bytes) -> Frame:
    body = b'{"t":"records","s":"%b",%b' % (session_id.encode(), tail)
    return Frame(body.decode(), len(body))


def view_frame(kind: str, session_id: str, at: int, view: bytes) -> Frame:
    """``kind`` is snapshot or reset."""
    body = b'{"t":"%b","s":"%b","at":%d,"view":%b}' % (kind.encode(), session_id.encode(), at, view)
    return Frame(body.decode(), len(body))
