"""How bytes become records and records become bytes, by content type.

JSON streams hold one message in each record, and an array is flattened by one level. Any other content type holds
one append in each record.
"""

import json
from collections.abc import Sequence

from sessions_app.streams.errors import InvalidRequest

DEFAULT_TYPE = "application/octet-stream"
_WHITESPACE = " \t\r\n"


def media_type(content_type: str) -> str:
    """``Text/Plain; charset=utf-8`` is ``text/plain``: parameters and case do not matter when types are compared."""
    return content_type.partition(";")[0].strip().lower()


def is_json(content_type: str) -> bool:
    return media_type(content_type) == "application/json"


def is_text(content_type: str) -> bool:
    """Whether server-sent events may carry the bytes as they are."""
    return is_json(content_type) or media_type(content_type).startswith("text/")


def split(content_type: str, body: bytes) -> list[bytes]:
    """The records of one append; none for an empty body or an empty JSON array. Raises InvalidRequest."""
    if not body:
        return []
    return messages(body) if is_json(content_type) else [body]


def join(content_type: str, bodies: Sequence[bytes]) -> bytes:
    """What a reader gets for a range of records."""
    return b"[" + b",".join(bodies) + b"]" if is_json(content_type) else b"".join(bodies)


def messages(body: bytes) -> list[bytes]:
    """The JSON messages in ``body``, each exactly as it was written. Raises InvalidRequest."""
    try:
        text = body.decode()
        at = _skip(text, 0)
        if not text.startswith("[", at):
            end = _DECODER.raw_decode(text, at)[1]
            found = [text[at:end]]
        else:
            found, end = _elements(text, at + 1)
        if _skip(text, end) != len(text):
            raise ValueError("there is text after the end")
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(f"The body is not valid JSON: {error}.", code="invalid_json") from None
    return [message.encode() for message in found]


def _elements(text: str, at: int) -> tuple[list[str], int]:
    found: list[str] = []
    at = _skip(text, at)
    if text.startswith("]", at):
        return found, at + 1
    while True:
        end = _DECODER.raw_decode(text, at)[1]
        found.append(text[at:end])
        at = _skip(text, end)
        if text.startswith("]", at):
            return found, at + 1
        if not text.startswith(",", at):
            raise ValueError(f"character {at}: a comma or ] is missing")
        at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _WHITESPACE:
        at += 1
    return at


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


# Numbers are only checked: converting them would refuse long integers and lose digits.
_DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_int=str, parse_float=str)
