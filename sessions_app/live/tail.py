"""Following one log by pulling, for event streams: the reader asks for the next frame when it can take one."""

import asyncio
from collections import deque

from sessions_app.live.frames import Frame
from sessions_app.live.hub import Hub
from sessions_app.live.login import Login
from sessions_app.live.subscription import Subscription

BUFFER_BYTES = 64 * 1024


class Tail:
    """A sink with a small buffer. ``next`` yields ``(next offset, frame)``; use it as a context manager."""

    def __init__(
        self, hub: Hub, login: Login, *, session_id: str, stream_id: int, head: int, start: int | None
    ) -> None:
        self.hub = hub
        self.login = login
        self.subscription = Subscription(
            self, actor=login.actor, session_id=session_id, stream_id=stream_id, start=start
        )
        if start is not None and start > head:
            self.subscription.fresh = "reset"
        self.code: str | None = None  # why it ended
        self._frames: deque[tuple[int, Frame]] = deque()
        self._bytes = 0
        self._news = asyncio.Event()

    async def __aenter__(self) -> "Tail":
        self.hub.enter(self)
        await self.hub.join(self.subscription)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.subscription.over = True
        self.hub.part(self.subscription)
        self.hub.leave(self)

    async def next(self, wait: float) -> tuple[int, Frame] | None:
        """``(next offset, frame)``, or None when none came within ``wait`` seconds or it is over (``code``)."""
        try:
            async with asyncio.timeout(wait):
                while self.code is None:
                    if self._frames:
                        end, frame = self._frames.popleft()
                        self._bytes -= frame.size
                        return end, frame
                    self._news.clear()
                    if self.subscription.behind:
                        await self.subscription.catch_up()
                    else:
                        await self._news.wait()
        except TimeoutError:
            pass
        return None

    # Sink and Connection.

    def offer(self, subscription: Subscription, frame: Frame, end: int) -> bool:
        if self._bytes and self._bytes + frame.size > BUFFER_BYTES:
            return False
        self._take(frame, end)
        return True

    def tell(self, subscription: Subscription, frame: Frame) -> None:
        self._take(frame, subscription.at)

    def show(self, subscription: Subscription, frame: Frame) -> bool:
        return True  # an event stream counts as being here, but carries the log alone

    def follows(self, subscription: Subscription) -> None:
        self.hub.presence.enter(subscription)

    def _take(self, frame: Frame, end: int) -> None:
        self._frames.append((end, frame))
        self._bytes += frame.size
        self._news.set()

    def room(self) -> int:
        return max(0, BUFFER_BYTES - self._bytes)

    def wake(self, subscription: Subscription) -> None:
        self._news.set()

    def ended(self, subscription: Subscription, code: str) -> None:
        self._end(code)

    def tell_people(self, text: str) -> None:
        pass  # the list of sessions is the socket's business

    def sign_out(self) -> None:
        self._end("signed_out")

    def _end(self, code: str) -> None:
        self.code = code
        self._frames.clear()
        self._bytes = 0
        self.subscription.over = True
        self._news.set()
