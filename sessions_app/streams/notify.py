"""Waiting for a stream to change, without a thread and without a database connection.

``ring`` wakes the waiters of this process, from any thread. Appends of other processes are seen by one poll for each
event loop, which asks for the heads of all watched streams in one query, however many waiters there are.
"""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from sessions_app.streams.models import Stream
from sessions_app.streams.threads import in_thread

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.25
POLL_BATCH = 500


@dataclass(frozen=True, slots=True)
class Tail:
    """What a waiter has seen of a stream's end. ``gone`` means deleted, softly or not."""

    head: int
    closed: bool = False
    gone: bool = False


GONE = Tail(0, closed=True, gone=True)


def read_tails(stream_ids: Collection[int]) -> dict[int, Tail]:
    """The ends of streams as the database has them; absent ones are gone."""
    rows = Stream.objects.filter(pk__in=stream_ids).values_list("pk", "head", "closed", "deleted_at")
    return {pk: GONE if deleted_at else Tail(head, closed) for pk, head, closed, deleted_at in rows}


@dataclass(eq=False, slots=True)
class Watch:
    """One waiter's interest in one stream. Enter it before reading, so that nothing can fall between."""

    stream_id: int
    loop: asyncio.AbstractEventLoop
    event: asyncio.Event = field(default_factory=asyncio.Event)
    seen: Tail | None = None

    async def changed(self, seen: Tail, patience: float) -> bool:
        """Whether within ``patience`` seconds the stream was rung for, or found not to be as ``seen``."""
        self.seen = seen
        try:
            async with asyncio.timeout(patience):
                await self.event.wait()
        except TimeoutError:
            return False
        finally:
            self.event.clear()
        return True

    def ring(self) -> None:
        self.event.set()


_lock = threading.Lock()
_watches: dict[int, set[Watch]] = {}
_pollers: "WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Task[None]]" = WeakKeyDictionary()


@asynccontextmanager
async def watch(stream_id: int) -> AsyncIterator[Watch]:
    loop = asyncio.get_running_loop()
    entry = Watch(stream_id, loop)
    with _lock:
        _watches.setdefault(stream_id, set()).add(entry)
    poller = _pollers.get(loop)
    if poller is None or poller.done():
        _pollers[loop] = loop.create_task(_poll(loop), name="stream-poll")
    try:
        yield entry
    finally:
        with _lock:
            others = _watches[stream_id]
            others.discard(entry)
            if not others:
                del _watches[stream_id]


def ring(stream_id: int) -> None:
    """The stream changed. Callable from any thread, after the commit."""
    with _lock:
        entries = list(_watches.get(stream_id, ()))
    for entry in entries:
        try:
            entry.loop.call_soon_threadsafe(entry.ring)
        except RuntimeError:
            logger.debug("A waiter's loop has ended.")


async def _poll(loop: asyncio.AbstractEventLoop) -> None:
    """Runs while this loop has watches."""
    while True:
        await asyncio.sleep(POLL_SECONDS)
        with _lock:
            waiting = [w for entries in _watches.values() for w in entries if w.loop is loop]
        if not waiting:
            _pollers.pop(loop, None)
            return
        try:
            await _compare([w for w in waiting if w.seen is not None])
        except Exception:
            # The database is away. Waiters keep waiting; their own reads will tell them.
            logger.warning("Could not look for appends of other processes.", exc_info=True)


async def _compare(waiting: list[Watch]) -> None:
    ids = sorted({w.stream_id for w in waiting})
    tails: dict[int, Tail] = {}
    for start in range(0, len(ids), POLL_BATCH):
        tails.update(await in_thread(read_tails, ids[start : start + POLL_BATCH]))
    for entry in waiting:
        if tails.get(entry.stream_id, GONE) != entry.seen:
            entry.ring()
