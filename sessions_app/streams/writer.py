"""Group commit: one writer for each process commits whatever is pending as soon as the last commit returned.

There is no timer when idle. Under load the records that arrive while a commit is under way go together with the
next one, and the pause between two large commits grows with the time that a commit takes.

Fencing. A lane writes under its producer's epoch. The fast path does not look at the epoch: it requires that the
stream's head is where this process left it. Everything that fences a lane (stop, takeover) appends a record in the
same transaction, so it moves the head, the fast path misses, and the slow path compares epochs under the lock.
A lane may use the fast path only if it was itself verified since the head last moved by another hand
(``generation``): otherwise a neighbour lane of the same stream could vouch for it.

A stream that somebody else has locked is left for a later flush: hundreds of sessions must not wait for the one that is
being stopped, nor for a process that was frozen in the middle of a transaction.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from django.db import Error as DatabaseError
from django.db import connection, transaction

from sessions_app.streams import sql

logger = logging.getLogger(__name__)

PACE_ROWS = 8
PACE_FACTOR = 2.0
PACE_MAX_SECONDS = 0.04
LOCKED_PAUSE_SECONDS = 0.002
LOCKED_PAUSE_MAX_SECONDS = 0.05


class Source(Protocol):
    """Where a lane's records come from; called on the event loop."""

    def take(self) -> list[bytes]:
        """Hand over everything pending, in order. May be called again before ``committed``."""

    def committed(self, end: int) -> None:
        """Everything taken is durable; the stream's head was ``end`` then."""

    def refused(self) -> None:
        """The lane is fenced or its stream closed: nothing taken since the last ``committed`` was written."""


@dataclass(slots=True, eq=False)
class Lane:
    stream_id: int
    producer_id: str
    epoch: int
    source: Source
    generation: int = -1
    fenced: bool = False


@dataclass(slots=True, eq=False)
class Batch:
    """One lane's share of a flush. ``start`` is set when it was written, ``left`` when the stream was locked."""

    lane: Lane
    bodies: list[bytes]
    start: int | None = None
    left: bool = False


@dataclass(slots=True, frozen=True)
class Committed:
    """Contiguous records of one stream, durable. ``start`` is the offset of the first."""

    stream_id: int
    start: int
    bodies: Sequence[bytes]


@dataclass(slots=True)
class _Head:
    head: int = -1
    generation: int = 0
    lanes: int = 0


class GroupWriter:
    """Belongs to one event loop. ``announce`` is called on it after each commit, with what became durable."""

    def __init__(self, announce: Callable[[list[Committed]], None]) -> None:
        self._announce = announce
        self._heads: dict[int, _Head] = {}
        self._dirty: dict[Lane, None] = {}
        self._left: dict[Lane, Batch] = {}
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="stream-writer")
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run(), name="stream-writer")

    async def close(self) -> None:
        """Write what is pending, then stop."""
        await self.drain()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await asyncio.get_running_loop().run_in_executor(self._thread, lambda: connection.close())
        self._thread.shutdown()

    async def drain(self) -> None:
        """Return when nothing is pending."""
        while self._dirty or self._left or not self._idle.is_set():
            self._wake.set()
            await self._idle.wait()
            await asyncio.sleep(0)

    def open_lane(self, stream_id: int, producer_id: str, epoch: int, source: Source) -> Lane:
        self._heads.setdefault(stream_id, _Head()).lanes += 1
        return Lane(stream_id, producer_id, epoch, source)

    def close_lane(self, lane: Lane) -> None:
        self._dirty.pop(lane, None)
        self._left.pop(lane, None)
        state = self._heads.get(lane.stream_id)
        if state is not None:
            state.lanes -= 1
            if state.lanes <= 0:
                del self._heads[lane.stream_id]

    def touch(self, lane: Lane) -> None:
        """The lane has something pending."""
        if not lane.fenced:
            self._dirty[lane] = None
            self._wake.set()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        pause = LOCKED_PAUSE_SECONDS
        while True:
            await self._wake.wait()
            self._wake.clear()
            batches = self._take()
            if not batches:
                continue
            self._idle.clear()
            began = time.perf_counter()
            try:
                await loop.run_in_executor(self._thread, self._commit_until_known, batches)
            except asyncio.CancelledError:
                raise
            except Exception:
                logger.exception("A flush failed; its runs will be taken over.")
                for batch in batches:
                    batch.start, batch.left = None, False
            took = time.perf_counter() - began
            self._settle(batches)
            rows = sum(len(batch.bodies) for batch in batches)
            self._idle.set()
            if rows > PACE_ROWS:
                await asyncio.sleep(min(PACE_MAX_SECONDS, PACE_FACTOR * took))
            if self._left:
                pause = (
                    LOCKED_PAUSE_SECONDS
                    if len(self._left) < len(batches)
                    else min(2 * pause, LOCKED_PAUSE_MAX_SECONDS)
                )
                await asyncio.sleep(pause)
                self._wake.set()

    def _take(self) -> list[Batch]:
        """What the last flush left, with what came since behind it, and whatever else is pending."""
        left, self._left = self._left, {}
        lanes, self._dirty = self._dirty, {}
        for lane, batch in left.items():
            batch.left = False
            if lane in lanes:
                batch.bodies += lane.source.take()
        fresh = [Batch(lane, bodies) for lane in lanes if lane not in left and (bodies := lane.source.take())]
        return [*left.values(), *fresh]

    def _settle(self, batches: list[Batch]) -> None:
        self._announce(merge(batches))
        for batch in batches:
            if batch.left:
                self._left[batch.lane] = batch
            elif batch.start is None:
                batch.lane.fenced = True
                self._dirty.pop(batch.lane, None)
                batch.lane.source.refused()
            else:
                batch.lane.source.committed(batch.start + len(batch.bodies))

    # Below: the writer's thread.

    def _commit_until_known(self, batches: list[Batch]) -> None:
        """Commit, and after a lost connection find out whether the commit happened before trying again."""
        try:
            self._commit(batches)
            return
        except DatabaseError:
            logger.warning("The database did not confirm a flush; asking what became of it.", exc_info=True)
        pause = 0.05
        while True:
            connection.close()
            try:
                _recover(self._heads, batches)
                return
            except DatabaseError:
                if pause > 20:
                    raise
                time.sleep(pause)
                pause *= 2

    def _commit(self, batches: list[Batch]) -> None:
        fast: dict[int, list[Batch]] = {}
        slow: dict[int, list[Batch]] = {}
        for batch in batches:
            fast.setdefault(batch.lane.stream_id, []).append(batch)
        heads: dict[int, _Head] = {}  # held here: a lane may be closed meanwhile, and its entry with it
        for stream_id, group in list(fast.items()):
            state = heads[stream_id] = self._heads.setdefault(stream_id, _Head())
            if state.head < 0 or any(batch.lane.generation != state.generation for batch in group):
                slow[stream_id] = fast.pop(stream_id)
        if fast:
            for stream_id, group in fast.items():
                place(group, heads[stream_id].head)
            outcomes = sql.append_if_head_matches(fast)
            for stream_id, group in fast.items():
                match outcomes[stream_id]:
                    case "written":
                        heads[stream_id].head += sum(len(batch.bodies) for batch in group)
                    case "moved":
                        slow[stream_id] = group
                    case "locked":
                        leave(group)
        if slow:
            _commit_checked(self._heads, slow)


def leave(group: list[Batch]) -> None:
    """The stream is locked: a later flush tries again."""
    for batch in group:
        batch.start, batch.left = None, True


def place(group: list[Batch], head: int) -> None:
    for batch in group:
        batch.start = head
        head += len(batch.bodies)


def merge(batches: list[Batch]) -> list[Committed]:
    """Join neighbouring batches of the same stream."""
    by_stream: dict[int, list[Batch]] = {}
    for batch in batches:
        if batch.start is not None:
            by_stream.setdefault(batch.lane.stream_id, []).append(batch)
    merged = []
    for stream_id, group in by_stream.items():
        group.sort(key=lambda batch: batch.start or 0)
        run = [group[0]]
        for batch in group[1:]:
            if batch.start == (run[-1].start or 0) + len(run[-1].bodies):
                run.append(batch)
            else:
                merged.append(_joined(stream_id, run))
                run = [batch]
        merged.append(_joined(stream_id, run))
    return merged


def _joined(stream_id: int, run: list[Batch]) -> Committed:
    bodies = run[0].bodies if len(run) == 1 else [body for batch in run for body in batch.bodies]
    return Committed(stream_id, run[0].start or 0, bodies)


def _commit_checked(heads: dict[int, _Head], groups: dict[int, list[Batch]], *, known: bool = True) -> None:
    """Lock the heads in id order, refuse fenced lanes, write the rest. Each lane is judged alone.

    ``known``: nothing of the batches was written before. If it is not, locks are waited for.
    """
    with transaction.atomic():
        current = sql.lock_heads(sorted(groups), wait=not known)
        if missing := [stream_id for stream_id in groups if stream_id not in current]:
            for stream_id in sql.open_streams(missing) if known else ():
                leave(groups.pop(stream_id))
            if not groups:
                return
        epochs = sql.epochs([(b.lane.stream_id, b.lane.producer_id) for g in groups.values() for b in g])
        todo: dict[int, list[Batch]] = {}
        for stream_id, group in groups.items():
            head = current.get(stream_id)
            good = []
            for batch in group:
                if (
                    not known
                    and head is not None
                    and sql.already_written(stream_id, batch.start, batch.bodies)
                ):
                    continue
                batch.start = None
                if head is not None and epochs.get((stream_id, batch.lane.producer_id)) == batch.lane.epoch:
                    good.append(batch)
            if good and head is not None:
                place(good, head)
                todo[stream_id] = good
        if todo:
            sql.insert_at_heads(todo)
    for stream_id, group in groups.items():
        state = heads.setdefault(stream_id, _Head())
        head = current.get(stream_id, -1)
        if head != state.head:
            state.generation += 1
        state.head = head + sum(len(batch.bodies) for batch in todo.get(stream_id, []))
        for batch in group:
            if batch.start is not None:
                batch.lane.generation = state.generation


def _recover(heads: dict[int, _Head], batches: list[Batch]) -> None:
    groups: dict[int, list[Batch]] = {}
    for batch in batches:
        batch.left = False
        groups.setdefault(batch.lane.stream_id, []).append(batch)
    _commit_checked(heads, groups, known=False)
