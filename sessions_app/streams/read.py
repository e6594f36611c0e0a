"""Reading a range of records, across the chain of forks that hold it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from sessions_app.streams.models import Stream

DEFAULT_LIMIT_BYTES = 1024 * 1024
LIMIT_RECORDS = 10_000

_SQLITE = "SELECT body FROM clewline_record WHERE stream_id = %s AND pos >= %s AND pos < %s ORDER BY pos"

# The database stops at the limit, so that one read never brings more than a record beyond it into memory.
_POSTGRESQL = """
SELECT body FROM (
    SELECT pos, body, sum(length(body)) OVER (ORDER BY pos ROWS UNBOUNDED PRECEDING) - length(body) AS before
    FROM clewline_record WHERE stream_id = %s AND pos >= %s AND pos < %s ORDER BY pos LIMIT %s
) AS counted WHERE before < %s ORDER BY pos
"""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Contiguous records. ``next`` is the offset after the last of them."""

    bodies: list[bytes]
    next: int


def read(stream: Stream, from_pos: int, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> Chunk:
    """Records from ``from_pos`` up to ``stream.head``: at least one if there is any, and no more once they exceed
    ``limit_bytes``, or LIMIT_RECORDS.

    ``stream.head`` was read before, so everything below it is committed.
    """
    bodies: list[bytes] = []
    left = limit_bytes
    for stream_id, start, end in _segments(stream, from_pos):
        found = _own(stream_id, start, end, limit_bytes=left, limit_records=LIMIT_RECORDS - len(bodies))
        bodies += found
        left -= sum(map(len, found))
        if len(found) < end - start or left <= 0 or len(bodies) >= LIMIT_RECORDS:
            break
    return Chunk(bodies, from_pos + len(bodies))


def record_at(stream: Stream, pos: int) -> bytes | None:
    if pos >= stream.head:
        return None
    return next(iter(read(stream, pos, 1).bodies), None)


def _segments(stream: Stream, from_pos: int) -> Iterator[tuple[int, int, int]]:
    """``(stream id, start, end)`` from ``from_pos`` to the head, oldest first. Without a fork this costs no query."""
    found: list[tuple[int, int, int]] = []
    stream_id, base, source_id, end = stream.pk, stream.base, stream.source_id, stream.head
    while True:
        if max(from_pos, base) < end:
            found.append((stream_id, max(from_pos, base), end))
        if source_id is None or from_pos >= base:
            return reversed(found)
        end = min(end, base)
        stream_id = source_id
        base, source_id = Stream.objects.values_list("base", "source_id").get(pk=stream_id)


def _own(stream_id: int, start: int, end: int, *, limit_bytes: int, limit_records: int) -> list[bytes]:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_POSTGRESQL, [stream_id, start, end, limit_records, limit_bytes])
            return [bytes(row[0]) for row in cursor.fetchall()]
    bodies: list[bytes] = []
    with connection.cursor() as cursor:
        cursor.execute(_SQLITE, [stream_id, start, end])
        # SQLite makes each row as it is asked for.
        while limit_bytes > 0 and len(bodies) < limit_records and (row := cursor.fetchone()) is not None:
            bodies.append(bytes(row[0]))
            limit_bytes -= len(bodies[-1])
    return bodies
