"""What a client may send: a union discriminated by ``t``. PROTOCOL.md describes each."""

from typing import Annotated

import msgspec

FRAME_CHARS = 64 * 1024

SessionId = Annotated[str, msgspec.Meta(max_length=64)]
Ref = Annotated[str, msgspec.Meta(max_length=64)]
Offset = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class _Frame(msgspec.Struct, tag_field="t", gc=False):
    pass


class Subscribe(_Frame, tag="subscribe", rename={"start": "from"}):
    s: SessionId
    start: Offset | None = None
    ref: Ref | int | None = None


class Unsubscribe(_Frame, tag="unsubscribe"):
    s: SessionId


class Send(_Frame, tag="send"):
    s: SessionId
    id: str
    text: str
    ref: Ref | int | None = None


class Read(_Frame, tag="read"):
    s: SessionId
    at: Offset


class Ok(_Frame, tag="ok"):
    n: Offset


class Ping(_Frame, tag="ping"):
    pass


ClientFrame = Subscribe | Unsubscribe | Send | Read | Ok | Ping

_decoder = msgspec.json.Decoder(ClientFrame)


class _Ref(msgspec.Struct):
    ref: Ref | int | None = None


_ref_decoder = msgspec.json.Decoder(_Ref)


def decode(text: str) -> ClientFrame:
    """Raises ``msgspec.MsgspecError``, whose text names the field."""
    received: ClientFrame = _decoder.decode(text)
    return received


def ref_of(text: str) -> str | int | None:
    """The ``ref`` of a frame that is refused, so that the client knows which one it was."""
    try:
        return _ref_decoder.decode(text).ref
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
