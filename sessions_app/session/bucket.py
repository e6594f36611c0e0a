"""How fast a client may send."""

import time

RATE = 50.0
BURST = 200.0


class Bucket:
    """A token bucket: ``BURST`` at once, ``RATE`` a second for ever. Made full."""

    __slots__ = ("_at", "_tokens")

    def __init__(self) -> None:
        self._tokens = BURST
        self._at = time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self._tokens = min(BURST, self._tokens + (now - self._at) * RATE)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
