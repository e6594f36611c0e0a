"""A run's open end towards the group writer: events in, encoded records out, neighbouring deltas joined."""

import asyncio
from collections.abc import Callable

from sessions_app.session import envelope
from sessions_app.session.events import Event, text_content
from sessions_app.streams.append import StaleEpoch
from sessions_app.streams.writer import GroupWriter

PENDING_MAX = 64 * 1024


class _Delta:
    """Text of one message that waits to be written; what arrives until then is joined to it."""

    __slots__ = ("message_id", "parts")

    def __init__(self, message_id: str, text: str) -> None:
        self.message_id = message_id
        self.parts = [text]


class RunLane:
    """Writes one attempt's records. Belongs to the event loop of its host.

    ``on_lost`` is called once when the attempt is fenced: it was superseded, stopped, or its session is gone.
    """

    def __init__(
        self,
        writer: GroupWriter,
        *,
        stream_id: int,
        run_id: str,
        epoch: int,
        actor: str,
        on_lost: Callable[[], None],
    ) -> None:
        self._writer = writer
        self._run_id = run_id
        self._actor = actor
        self._on_lost = on_lost
        self._pending: list[Event | _Delta] = []
        self._chars = 0
        self._waiters: list[asyncio.Future[None]] = []
        self._written_for: list[asyncio.Future[None]] = []
        self._under_way = self._chars_under_way = 0  # handed over, and not durable yet
        self.lost = False
        self.records = self.chars = 0  # durable
        self._lane = writer.open_lane(stream_id, run_id, epoch, self)

    def emit(self, event: Event) -> None:
        self._pending.append(event)
        self._writer.touch(self._lane)

    def delta(self, message_id: str, text: str) -> None:
        pending = self._pending
        last = pending[-1] if pending else None
        if type(last) is _Delta and last.message_id == message_id:
            last.parts.append(text)
        else:
            pending.append(_Delta(message_id, text))
            self._writer.touch(self._lane)
        self._chars += len(text)

    async def ready(self) -> None:
        if self.lost:
            raise asyncio.CancelledError
        if self._chars > PENDING_MAX:
            await self.flush()

    async def flush(self) -> None:
        """Return when everything emitted so far is durable. Raises CancelledError when the lane is fenced."""
        if self.lost:
            raise asyncio.CancelledError
        if not self._pending and not self._written_for and not self._under_way:
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        self._writer.touch(self._lane)
        try:
            await waiter
        except StaleEpoch:
            raise asyncio.CancelledError from None

    def close(self) -> None:
        self._writer.close_lane(self._lane)

    # The writer's side.

    def take(self) -> list[bytes]:
        pending, self._pending = self._pending, []
        self._chars = 0
        self._written_for, self._waiters = self._written_for + self._waiters, []
        actor, run_id = self._actor, self._run_id
        bodies = []
        for event in pending:
            if type(event) is _Delta:
                text = "".join(event.parts)
                self._chars_under_way += len(text)
                event = text_content(message_id=event.message_id, delta=text)
            bodies.append(envelope.encode(event, actor=actor, run=run_id))  # type: ignore[arg-type]
        self._under_way += len(bodies)
        if not self._under_way:
            self._release(None)
        return bodies

    def committed(self, end: int) -> None:
        self.records += self._under_way
        self.chars += self._chars_under_way
        self._under_way = self._chars_under_way = 0
        self._release(None)

    def refused(self) -> None:
        self.lost = True
        self._waiters, waiting = [], self._waiters
        self._written_for += waiting
        self._release(StaleEpoch())
        self._on_lost()

    def _release(self, error: Exception | None) -> None:
        waiters, self._written_for = self._written_for, []
        for waiter in waiters:
            if not waiter.done():
                if error is None:
                    waiter.set_result(None)
                else:
                    waiter.set_exception(error)
