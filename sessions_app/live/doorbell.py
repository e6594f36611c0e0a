"""The doorbell: after a commit, tell every web process which streams grew, with the records where they are small.

It is a hint, never the truth: a subscriber that misses it finds its gap by the next one or by the sweep.
One message for each flush and shard group, with frames encoded once.
"""

import asyncio
import atexit
import logging
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.conf import settings

from sessions_app.live.frames import Frame, frame, records_tail
from sessions_app.live.loop import publisher_loop
from sessions_app.streams.writer import Committed

logger = logging.getLogger(__name__)

FRAME_BYTES = 256 * 1024
HINT_ABOVE_BYTES = 1024 * 1024
QUEUE_BYTES = 16 * 1024 * 1024
PUBLISH_SECONDS = 5.0
PEOPLE_GROUP = "clewline.people"
HOSTS_GROUP = "clewline.hosts"
LEFT = b'"participant.left"'

# (stream_id, start, end, access_changed, rest of the records frame, or nothing when it would be large)
Entry = tuple[int, int, int, bool, bytes]
Message = dict[str, Any]


def shard_of(stream_id: int) -> int:
    return stream_id % int(settings.CLEWLINE_DOORBELL_SHARDS)


def shard_group(shard: int) -> str:
    return f"clewline.doorbell.{shard}"


def announce(commits: Sequence[Committed]) -> None:
    """Ring for committed records. From any thread, after the commit; returns at once and never raises."""
    try:
        entries = [entry for commit in commits for entry in entries_of(commit)]
        if entries:
            _publisher.put(entries, sum(len(entry[4]) for entry in entries))
    except Exception:
        logger.exception("Could not ring; the sweep will find what was committed.")


def notify_actors(actors: Iterable[str], payload: Message) -> None:
    """Tell every open socket of these people that an entry of their list of sessions changed."""
    tell_actors(actors, frame(t="session", session=payload))


def tell_actors(actors: Iterable[str], told: Frame) -> None:
    """Send a frame to every open socket of these people. A hint: it may get lost."""
    _ring({"type": "people", "actors": list(actors), "frame": told.text})


def kick(actor: str) -> None:
    """Check the logins of this person's open sockets now, not at the next sweep."""
    _ring({"type": "kick", "actors": [actor]})


def halt(run_ids: Sequence[str]) -> None:
    """Tell the run hosts of other processes that these runs have ended. They find out by themselves, a second later."""
    _ring({"type": "halt", "runs": list(run_ids)})


def _ring(message: Message) -> None:
    try:
        _publisher.put([message], 1024)
    except Exception:
        logger.exception("Could not ring; the sweep or the next page load will tell.")


def entries_of(commit: Committed) -> list[Entry]:
    """What to say about one commit: frames of at most FRAME_BYTES, and only the offsets when it is very large."""
    access_changed = any(LEFT in body for body in commit.bodies)
    end = commit.start + len(commit.bodies)
    if sum(map(len, commit.bodies)) > HINT_ABOVE_BYTES:
        return [(commit.stream_id, commit.start, end, access_changed, b"")]
    entries: list[Entry] = []
    start, part, size = commit.start, list[bytes](), 0
    for body in commit.bodies:
        if part and size + len(body) > FRAME_BYTES:
            entries.append(
                (commit.stream_id, start, start + len(part), access_changed, records_tail(start, part))
            )
            start, part, size = start + len(part), [], 0
        part.append(body)
        size += len(body) + 1
    if part:
        entries.append((commit.stream_id, start, end, access_changed, records_tail(start, part)))
    return entries


class _Publisher:
    """One queue and one task for the process, so that announcements keep their order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: deque[Entry | Message] = deque()
        self._bytes = 0
        self._pumping_on: asyncio.AbstractEventLoop | None = None
        self._own_loop: asyncio.AbstractEventLoop | None = None
        self._complained = 0.0
        self._task: asyncio.Task[None] | None = None

    def put(self, items: Sequence[Entry | Message], size: int) -> None:
        with self._lock:
            loop = self._loop()
            if loop is None:
                return
            if self._bytes > QUEUE_BYTES:  # nobody can publish: let the sweep do it, memory is worth more
                self._queue.clear()
                self._bytes = 0
            self._queue.extend(items)
            self._bytes += size
            if self._pumping_on is loop:
                return
            self._pumping_on = loop
        try:
            here: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            here = None
        if here is loop:
            self._start()
        else:
            loop.call_soon_threadsafe(self._start)

    def _loop(self) -> asyncio.AbstractEventLoop | None:
        loop = publisher_loop()
        if loop is not None and not loop.is_closed():
            return loop
        if isinstance(get_channel_layer(), InMemoryChannelLayer):
            return None  # it ends at this process, and no server of this process listens
        if self._own_loop is None:
            self._own_loop = asyncio.new_event_loop()
            atexit.register(self._finish)
            threading.Thread(target=self._own_loop.run_forever, name="doorbell", daemon=True).start()
        return self._own_loop

    def _finish(self) -> None:
        """A command that ends right after its commit still rings."""
        for _ in range(100):
            with self._lock:
                if self._pumping_on is None:
                    return
            time.sleep(0.01)

    def _start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._pump(), name="doorbell")

    async def _pump(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while True:
                with self._lock:
                    if not self._queue or self._pumping_on is not loop:
                        if self._pumping_on is loop:
                            self._pumping_on = None
                        return
                    items = list(self._queue)
                    self._queue.clear()
                    self._bytes = 0
                await self._publish(items)
        except BaseException:
            with self._lock:
                if self._pumping_on is loop:
                    self._pumping_on = None
            raise

    async def _publish(self, items: list[Entry | Message]) -> None:
        layer: Any = get_channel_layer()
        shards: dict[int, list[Entry]] = {}
        others: list[Message] = []
        for item in items:
            if isinstance(item, tuple):
                shards.setdefault(shard_of(item[0]), []).append(item)
            else:
                others.append(item)
        try:
            async with asyncio.timeout(PUBLISH_SECONDS):
                for shard, entries in shards.items():
                    await layer.group_send(shard_group(shard), {"type": "doorbell", "entries": entries})
                for message in others:
                    group = HOSTS_GROUP if message["type"] == "halt" else PEOPLE_GROUP
                    await layer.group_send(group, message)
        except Exception as error:
            if time.monotonic() - self._complained > 10:
                self._complained = time.monotonic()
                logger.warning("The doorbell cannot be rung (%r); sweeps deliver until it can.", error)


_publisher = _Publisher()
