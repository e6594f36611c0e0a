"""Holding back all of a process's model calls after a rate limit or an outage, and telling people how long."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from sessions_app.runs.agents import StepWriter

# Calls that were held back start this far apart, so that they do not meet the next limit together.
APART_SECONDS = 0.05


class Limiter:
    """One per process and provider; runs of all its event loops ask it. Times are monotonic seconds."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._until = 0.0
        self._reason = ""
        self._message = ""
        self._queue = 0

    def hold(self, seconds: float, reason: str, message: str) -> None:
        """Nobody calls for ``seconds``. A shorter hold does not shorten a longer one."""
        until = self._clock() + seconds
        if until > self._until:
            self._until, self._reason, self._message = until, reason, message

    def left(self) -> float:
        return max(0.0, self._until - self._clock())

    async def turn(self, step: StepWriter) -> None:
        """Return when a call may be made. Says on the step that it waits, why, and how long."""
        if not self.left():
            return
        place = self._queue
        self._queue += 1
        try:
            while left := self.left():
                seconds = left + place * APART_SECONDS
                step.waiting(self._reason, self._message, seconds=seconds)
                await step.flush()
                await self._sleep(seconds)
        finally:
            self._queue -= 1


limiter = Limiter()
