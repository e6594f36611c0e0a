"""Finding a stream that is alive, with or without its lock, and keeping it alive."""

from datetime import datetime

from sessions_app.streams.errors import InvalidRequest, StreamGone, UnknownStream
from sessions_app.streams.expiry import Expiry
from sessions_app.streams.models import Stream

MAX_PATH_LENGTH = 512


def check_path(path: str) -> str:
    """Raises InvalidRequest."""
    if not path or len(path) > MAX_PATH_LENGTH or not path.isprintable():
        raise InvalidRequest(f"A stream's path has 1 to {MAX_PATH_LENGTH} printable characters.")
    return path


def find(path: str, *, now: datetime) -> Stream:
    """The stream at ``path``, not locked. Raises UnknownStream and StreamGone."""
    return alive(Stream.objects.filter(path=path).first(), now=now)


def lock(path: str, *, now: datetime) -> Stream:
    """The stream at ``path``, locked for this transaction. Raises UnknownStream and StreamGone."""
    return alive(Stream.objects.select_for_update().filter(path=path).first(), now=now)


def alive(stream: Stream | None, *, now: datetime) -> Stream:
    """An expired stream is answered as if the sweep had been there: gone while forks read it, else unknown."""
    if stream is None:
        raise UnknownStream()
    if stream.deleted_at is not None:
        raise StreamGone()
    if is_due(stream, now=now):
        raise StreamGone() if stream.forks.exists() else UnknownStream()
    return stream


def is_due(stream: Stream, *, now: datetime) -> bool:
    return stream.due_at is not None and stream.due_at <= now


def touch(stream: Stream, *, now: datetime) -> None:
    """A read or a write: a sliding time to live starts again. Streams without one cost nothing.

    Never backwards and never back to life: another process, or the sweep, may have been faster.
    """
    if stream.ttl_seconds is None:
        return
    due = Expiry(ttl=stream.ttl_seconds).due(now)
    Stream.objects.filter(pk=stream.pk, deleted_at=None, due_at__gt=now, due_at__lt=due).update(due_at=due)
