"""When a stream ends by itself: after a time without reads and writes, or at an instant."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sessions_app.streams.errors import InvalidRequest
from sessions_app.streams.producers import MAX_INTEGER

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Expiry:
    """At most one of both: ``ttl`` in seconds since the last read or write, or the instant ``at``."""

    ttl: int | None = None
    at: datetime | None = None

    def __post_init__(self) -> None:
        if self.ttl is not None and self.at is not None:
            raise InvalidRequest("A stream expires after a time or at an instant, not both.")
        if self.ttl is not None and not 0 <= self.ttl <= MAX_INTEGER:
            raise InvalidRequest("A time to live is a number of seconds between 0 and 2^53-1.")
        if self.at is not None and self.at.tzinfo is None:
            raise InvalidRequest("An instant of expiry needs a time zone.")

    def __bool__(self) -> bool:
        return self.ttl is not None or self.at is not None

    def due(self, now: datetime) -> datetime | None:
        """When the stream expires if it is touched ``now`` and never again."""
        if self.ttl is None:
            return self.at
        try:
            return now + timedelta(seconds=self.ttl)
        except OverflowError:
            return _NEVER
