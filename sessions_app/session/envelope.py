"""The record's envelope. An offset is not in it: that is the record's place in the stream."""

import itertools
import secrets
import time
from datetime import datetime
from typing import Any

import msgspec

from sessions_app.session.events import Event

VERSION = 1

_encoder = msgspec.json.Encoder()
_prefix = secrets.token_hex(6)
_counter = itertools.count()


def new_id() -> str:
    """A record id: unique across processes, cheap to make."""
    return f"{_prefix}{next(_counter):x}"


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def encode(event: Event, *, actor: str, run: str | None = None, ts: int | None = None) -> bytes:
    record: dict[str, Any] = {"id": new_id(), "ts": now_ms() if ts is None else ts, "actor": actor}
    if run is not None:
        record["run"] = run
    record["v"] = VERSION
    record["event"] = event
    return _encoder.encode(record)


def decode(body: bytes | memoryview) -> dict[str, Any]:
    record: dict[str, Any] = msgspec.json.decode(body)
    return record
