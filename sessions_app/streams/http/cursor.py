"""Stream-Cursor: gives live requests a cache key that moves on, so that no cache answers a reader for ever."""

import secrets
from datetime import UTC, datetime

_EPOCH = datetime(2024, 10, 9, tzinfo=UTC)  # from the protocol, section 10.1, like the other constants here
_INTERVAL_SECONDS = 20
_JITTER_SECONDS = 3600
_MAX_DIGITS = 15


def next_cursor(echoed: str | None, *, now: datetime) -> str:
    """The number of the current interval, or more than what the client echoed if that is not behind."""
    current = int((now - _EPOCH).total_seconds()) // _INTERVAL_SECONDS
    if echoed is None or not (echoed.isascii() and echoed.isdigit()) or len(echoed) > _MAX_DIGITS:
        return str(current)
    if int(echoed) < current:
        return str(current)
    jitter = 1 + secrets.randbelow(_JITTER_SECONDS)
    return str(int(echoed) + max(1, jitter // _INTERVAL_SECONDS))
