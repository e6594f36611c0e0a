"""One look at a stream: its row, and records from an offset on. Catch-up, long poll and event stream share it."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

from sessions_app.streams import lookup
from sessions_app.streams.errors import OffsetBeyondTail, UnknownStream
from sessions_app.streams.http.mount import Mount
from sessions_app.streams.models import Stream
from sessions_app.streams.notify import Tail
from sessions_app.streams.read import Chunk, read
from sessions_app.streams.threads import in_thread


@dataclass(frozen=True, slots=True)
class Reading:
    """Records ``start`` to ``chunk.next``, and the stream's row as it was just before they were read."""

    stream: Stream
    start: int
    chunk: Chunk

    @property
    def up_to_date(self) -> bool:
        return self.chunk.next >= self.stream.head

    @property
    def at_end(self) -> bool:
        """Nothing will ever follow."""
        return self.stream.closed and self.up_to_date

    @property
    def tail(self) -> Tail:
        return Tail(self.stream.head, self.stream.closed)

    def patience(self, most: float) -> float:
        """How long to wait before looking again, so that a live reader keeps a stream with a short life alive."""
        ttl = self.stream.ttl_seconds
        return max(0.0, most if ttl is None else min(most, ttl / 2))


async def look(path: str, start: int | None, mount: Mount) -> Reading:
    """Records from ``start`` on, or from the tail if it is None.

    Raises UnknownStream, StreamGone, OffsetBeyondTail.
    """
    return await in_thread(_look, path, start, mount.chunk_bytes, timezone.now())


async def look_again(request: HttpRequest, path: str, before: Reading, mount: Mount) -> Reading:
    """What follows ``before``, if the reader still may see it and the path still names the same stream.

    Raises as ``look``.
    """
    if not await mount.may_read(request, path):
        raise UnknownStream()
    reading = await look(path, before.chunk.next, mount)
    if reading.stream.pk != before.stream.pk:
        raise UnknownStream()
    return reading


def _look(path: str, start: int | None, limit_bytes: int, now: datetime) -> Reading:
    stream = lookup.find(path, now=now)
    lookup.touch(stream, now=now)
    if start is None:
        start = stream.head
    if start > stream.head:
        raise OffsetBeyondTail()
    return Reading(stream, start, read(stream, start, limit_bytes))
