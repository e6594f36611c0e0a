"""The protocol's headers, and strict readers for them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import unquote

from sessions_app.streams.errors import InvalidRequest, UnknownStream
from sessions_app.streams.expiry import Expiry
from sessions_app.streams.http import offsets
from sessions_app.streams.lifecycle import Origin
from sessions_app.streams.producers import Claim

NEXT_OFFSET = "Stream-Next-Offset"
UP_TO_DATE = "Stream-Up-To-Date"
CLOSED = "Stream-Closed"
CURSOR = "Stream-Cursor"
SEQ = "Stream-Seq"
TTL = "Stream-TTL"
EXPIRES_AT = "Stream-Expires-At"
FORKED_FROM = "Stream-Forked-From"
FORK_OFFSET = "Stream-Fork-Offset"
FORK_SUB_OFFSET = "Stream-Fork-Sub-Offset"
SSE_ENCODING = "Stream-SSE-Data-Encoding"
PRODUCER_ID = "Producer-Id"
PRODUCER_EPOCH = "Producer-Epoch"
PRODUCER_SEQ = "Producer-Seq"
PRODUCER_EXPECTED_SEQ = "Producer-Expected-Seq"
PRODUCER_RECEIVED_SEQ = "Producer-Received-Seq"

_INTEGER = re.compile(r"0|[1-9][0-9]{0,15}")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_MAX_SEQ_LENGTH = 255


def integer(headers: Mapping[str, str], name: str) -> int | None:
    """A number without sign, leading zeros, fraction or exponent; None if absent. Raises InvalidRequest."""
    text = headers.get(name)
    if text is None:
        return None
    if not _INTEGER.fullmatch(text):
        raise InvalidRequest(f"{name} must be a whole number such as 3600.")
    return int(text)


def closes(headers: Mapping[str, str]) -> bool:
    """Any value but ``true`` counts as absent."""
    return headers.get(CLOSED, "").strip().lower() == "true"


def sequence(headers: Mapping[str, str]) -> str | None:
    text = headers.get(SEQ)
    if text is not None and not 0 < len(text) <= _MAX_SEQ_LENGTH:
        raise InvalidRequest(f"{SEQ} has 1 to {_MAX_SEQ_LENGTH} characters.")
    return text


def producer(headers: Mapping[str, str]) -> Claim | None:
    """All three headers or none. Raises InvalidRequest."""
    given = [name in headers for name in (PRODUCER_ID, PRODUCER_EPOCH, PRODUCER_SEQ)]
    if not any(given):
        return None
    epoch, seq = integer(headers, PRODUCER_EPOCH), integer(headers, PRODUCER_SEQ)
    if epoch is None or seq is None or not all(given):
        raise InvalidRequest(f"{PRODUCER_ID}, {PRODUCER_EPOCH} and {PRODUCER_SEQ} belong together.")
    return Claim(id=headers[PRODUCER_ID], epoch=epoch, seq=seq)


def expiry(headers: Mapping[str, str]) -> Expiry:
    text = headers.get(EXPIRES_AT)
    return Expiry(ttl=integer(headers, TTL), at=None if text is None else instant(text))


def instant(text: str) -> datetime:
    """RFC 3339, to microseconds. Raises InvalidRequest."""
    try:
        if not _RFC3339.fullmatch(text):
            raise ValueError
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidRequest(f"{EXPIRES_AT} must look like 2030-01-31T12:00:00Z.") from None


def as_instant(at: datetime) -> str:
    precision = "milliseconds" if at.microsecond % 1000 == 0 else "microseconds"
    return at.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def origin(headers: Mapping[str, str], prefix: str) -> Origin | None:
    """Where a fork begins; None if the request asks for none. Raises InvalidRequest."""
    path = headers.get(FORKED_FROM)
    sub_offset = integer(headers, FORK_SUB_OFFSET)
    offset = headers.get(FORK_OFFSET)
    if path is None:
        if offset is not None or sub_offset is not None:
            raise InvalidRequest(f"A fork offset needs {FORKED_FROM}.")
        return None
    if not path.startswith(prefix):
        raise UnknownStream(f"{FORKED_FROM} must be the path of a stream here: {prefix}…")
    return Origin(
        path=unquote(path.removeprefix(prefix)),
        offset=None if offset is None else offsets.from_wire(offset),
        sub_offset=sub_offset or 0,
    )
