"""One look at a stream: its row, and records from an offset on. Catch-up, long poll and event stream share it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.http import HttpRequest
from django.utils import timezone

from sessions_app.streams import lookup
from sessions_app.streams.errors import OffsetBeyondTail, StreamError, UnknownStream
from sessions_app.streams.http.mount import Mount
from sessions_app.streams.models import Stream
from sessions_app.streams.notify import Tail
from sessions_app.streams.read import Chunk, read
from sessions_app.streams.threads import in_thread

T = TypeVar("T")


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


async def look(request: HttpRequest, path: str, start: int | None, mount: Mount) -> Reading:
    """Records from ``start`` on, or from the tail if it is None.

    Raises UnknownStream, StreamGone, OffsetBeyondTail.
    """
    reading = await for_reader(
        request, path, mount, lambda: _look(path, start, mount.chunk_bytes, timezone.now())
    )
    if reading.stream.ttl_seconds is not None:
        await in_thread(lookup.touch, reading.stream, now=timezone.now())
    return reading


async def look_again(request: HttpRequest, path: str, before: Reading, mount: Mount) -> Reading:
    """What follows ``before``, if the path still names the same stream. Raises as ``look``."""
    reading = await look(request, path, before.chunk.next, mount)
    if reading.stream.pk != before.stream.pk:
        raise UnknownStream()
    return reading


async def for_reader(request: HttpRequest, path: str, mount: Mount, work: Callable[[], T]) -> T:
    """The result of ``work`` if the reader may have it, else UnknownStream, whatever ``work`` raised.

    Access is asked after the work: whoever may read then may see all that was committed before.
    """
    refusal: StreamError | None = None
    try:
        found = await in_thread(work)
    except StreamError as error:
        refusal = error
    if not await mount.may_read(request, path):
        raise UnknownStream()
    if refusal is not None:
        raise refusal
    return found


def _look(path: str, start: int | None, limit_bytes: int, now: datetime) -> Reading:
    stream = lookup.find(path, now=now)
    if start is None:
        start = stream.head
    if start > stream.head:
        raise OffsetBeyondTail()
    return Reading(stream, start, read(stream, start, limit_bytes))
