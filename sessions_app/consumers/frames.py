"""What a client may send: commands, and what following takes. A union discriminated by ``t``; PROTOCOL.md describes each."""

import msgspec

from sessions_app.control.commands import Command, Offset, Ref, SessionId

FRAME_CHARS = 64 * 1024


class _Frame(msgspec.Struct, tag_field="t", gc=False):
    pass


class Subscribe(_Frame, tag="subscribe", rename={"start": "from"}):
    s: SessionId
    start: Offset | None = None
    ref: Ref | int | None = None


class Unsubscribe(_Frame, tag="unsubscribe"):
    s: SessionId


class Typing(_Frame, tag="typing"):
    s: SessionId
    on: bool


class Ok(_Frame, tag="ok"):
    n: Offset


class Ping(_Frame, tag="ping"):
    pass


ClientFrame = Subscribe | Unsubscribe | Command | Typing | Ok | Ping

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
