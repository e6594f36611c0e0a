"""Flow control of one socket: how many bytes travel that the client has not answered for.

After each ``MARK_BYTES`` a mark goes out; the client's ``ok`` with its number gives back the credit of everything
before it. A frame may go when it fits, or when nothing at all is under way: so a view larger than the
window still arrives, alone.
"""

from collections import deque

WINDOW_BYTES = 256 * 1024
MARK_BYTES = 64 * 1024


class Window:
    __slots__ = ("_last_mark", "_marks", "_unmarked", "under_way")

    def __init__(self) -> None:
        self.under_way = 0  # bytes sent and not answered
        self._unmarked = 0  # those of them after the last mark
        self._last_mark = 0
        self._marks: deque[tuple[int, int]] | None = None  # (number, bytes it stands for), oldest first

    def room(self) -> int:
        return max(0, WINDOW_BYTES - self.under_way)

    def fits(self, size: int) -> bool:
        return self.under_way == 0 or self.under_way + size <= WINDOW_BYTES

    def sent(self, size: int) -> int | None:
        """Count a frame. Returns the number of the mark that must follow it, if one must."""
        self.under_way += size
        self._unmarked += size
        return self.mark() if self._unmarked >= MARK_BYTES else None

    def mark(self) -> int | None:
        """A mark for what has none yet. Needed too when a frame does not fit: its answer is what makes room."""
        if not self._unmarked:
            return None
        self._last_mark += 1
        if self._marks is None:
            self._marks = deque()
        self._marks.append((self._last_mark, self._unmarked))
        self._unmarked = 0
        return self._last_mark

    def answered(self, number: int) -> bool:
        """The client dealt with everything up to this mark. False when no such mark is open."""
        if not self._marks or not self._marks[0][0] <= number <= self._last_mark:
            return False
        while self._marks and self._marks[0][0] <= number:
            self.under_way -= self._marks.popleft()[1]
        if not self._marks:
            self._marks = None
        return True
