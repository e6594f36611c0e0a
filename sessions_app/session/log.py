"""Appending to a session's log in a transaction: rows and their records together, announced after the commit."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from django.db import transaction

from sessions_app.session import envelope
from sessions_app.session.events import Event
from sessions_app.streams.append import append, lock_stream
from sessions_app.streams.writer import Committed

Announce = Callable[[Sequence[Committed]], None]

_announce: list[Announce] = []


def on_commit(announce: Announce) -> None:
    """The live layer, which lies above, says here how committed records are announced."""
    _announce[:] = [announce]


def announce(commits: Sequence[Committed]) -> None:
    for call in _announce:
        call(commits)


class SessionLog:
    """The open end of one log. Offsets are known at once, because the stream is locked."""

    def __init__(self, stream_id: int, head: int) -> None:
        self.stream_id = stream_id
        self.start = head
        self.head = head
        self._bodies: list[bytes] = []

    def add(self, event: Event, *, actor: str, run: str | None = None) -> int:
        """Add a record and return its offset."""
        self._bodies.append(envelope.encode(event, actor=actor, run=run))
        self.head += 1
        return self.head - 1

    def write(self) -> Committed | None:
        if not self._bodies:
            return None
        start = append(self.stream_id, self._bodies)
        bodies, self._bodies = self._bodies, []
        return Committed(self.stream_id, start, bodies)


@contextmanager
def session_log(stream_id: int) -> Iterator[SessionLog]:
    """Lock the stream, yield its open end, write what was added and announce it after the commit.

    Raises StreamClosed. Rows that belong to the records are changed inside the block.
    """
    with transaction.atomic():
        log = SessionLog(stream_id, lock_stream(stream_id))
        yield log
        written = log.write()
        if written is not None:
            transaction.on_commit(lambda: announce([written]))
