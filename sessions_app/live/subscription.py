"""One reader's place in one log: joins, reads from its offset, then follows; a gap sends it back to the log.

Belongs to the hub's event loop. Where frames go and how many may be under way is the sink's business.
"""

from typing import Protocol

from sessions_app.live.frames import Frame, frame, records_frame, records_tail, view_frame
from sessions_app.session.access import UnknownSession, takes_part
from sessions_app.session.reading import in_reader, read_as
from sessions_app.session.snapshots import load_view_bytes

CHUNK_BYTES = 128 * 1024


class Sink(Protocol):
    def offer(self, subscription: "Subscription", frame: Frame, end: int) -> bool:
        """Take the frame, after which ``end`` is the next offset, or refuse it because too much is under way."""

    def tell(self, subscription: "Subscription", frame: Frame) -> None:
        """Send a small frame, whatever is under way."""

    def show(self, subscription: "Subscription", frame: Frame) -> bool:
        """Take a frame of which only the newest counts, or refuse it because too much is under way."""

    def follows(self, subscription: "Subscription") -> None:
        """The subscription has everything, and had access a moment ago."""

    def room(self) -> int:
        """How many bytes it would take now."""

    def wake(self, subscription: "Subscription") -> None:
        """The subscription is behind: call ``catch_up`` when there is room."""

    def ended(self, subscription: "Subscription", code: str) -> None:
        """The subscription is over: nothing more may be shown."""


class Subscription:
    __slots__ = (
        "actor", "at", "behind", "fresh", "head", "here", "needs", "over", "session_id", "sink", "stream_id", "told_live",
        "untold",
    )  # fmt: skip

    def __init__(self, sink: Sink, *, actor: str, session_id: str, stream_id: int, start: int | None) -> None:
        self.sink = sink
        self.actor = actor
        self.session_id = session_id
        self.stream_id = stream_id
        self.at = start or 0
        self.head = 0  # the highest offset heard of
        self.fresh = "snapshot" if start is None else ""  # a view is owed before any record
        self.behind = True
        self.told_live = False
        self.needs = 1  # bytes that the next frame wants, as far as is known
        self.over = False
        self.here = False  # counted by live.presence
        self.untold = False  # who is here has changed, and was not shown yet

    def push(self, start: int, end: int, frame: Frame | None) -> None:
        """Records became durable. Takes them if they are exactly the next ones and there is room."""
        if self.over or (end <= self.at and not self.fresh):
            return
        self.head = max(self.head, end)
        if self.behind:
            return
        if start == self.at and frame is not None and self.sink.offer(self, frame, end):
            self.at = end
        else:
            self.fall_behind()

    def fall_behind(self) -> None:
        """Go back to the log, which is always right. What was pushed is not kept."""
        if not self.over:
            self.behind = True
            self.sink.wake(self)

    def end(self, code: str) -> None:
        if not self.over:
            self.over = True
            self.sink.ended(self, code)

    async def catch_up(self) -> bool:
        """Read one piece of the log and offer it. False when there was no room, or nothing more to do."""
        try:
            if self.fresh:
                return await self._show_view()
            return await self._show_records()
        except UnknownSession as error:
            self.end(error.code)
            return False

    async def _show_view(self) -> bool:
        at, view = await in_reader(_view_as, self.actor, self.session_id)
        if self.over:
            return False
        shown = view_frame(self.fresh, self.session_id, at, view)
        if not self._offer(shown, at):
            return False
        self.at, self.fresh = at, ""
        return True

    async def _show_records(self) -> bool:
        limit = max(1, min(CHUNK_BYTES, self.sink.room()))
        start = self.at
        bodies, whole = await in_reader(read_as, self.actor, self.session_id, self.stream_id, start, limit)
        if self.over:
            return False
        if bodies:
            end = start + len(bodies)
            if not self._offer(records_frame(self.session_id, records_tail(start, bodies)), end):
                return False
            self.at = end
        if not whole or self.head > self.at:
            # Heard of more than was there is possible too: a stream that was deleted. Then ask no more.
            if bodies or not whole:
                return True
            self.head = self.at
        self.behind = False
        if not self.told_live:
            self.told_live = True
            self.sink.tell(self, frame(t="live", s=self.session_id, head=self.at))
        self.sink.follows(self)
        return False

    def _offer(self, shown: Frame, end: int) -> bool:
        if self.sink.offer(self, shown, end):
            self.needs = 1
            return True
        self.needs = shown.size
        return False


def _view_as(actor: str, session_id: str) -> tuple[int, bytes]:
    view = load_view_bytes(session_id)
    if not takes_part(actor, session_id):
        raise UnknownSession()
    return view
