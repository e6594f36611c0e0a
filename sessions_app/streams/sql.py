"""The statements of the hot path, for both databases. Everything here runs on the writer's thread."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from django.db import connection, transaction
from psycopg import Cursor

if TYPE_CHECKING:
    from sessions_app.streams.writer import Batch

# The heads that are free are locked first: a flush neither waits for the others nor can it deadlock.
# The INSERT is joined to the UPDATE, so that a stream whose head moved gets no record.
_PG_APPEND = """
WITH b AS MATERIALIZED (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS t(id, expected, n)
), l AS MATERIALIZED (
    SELECT s.id FROM clewline_stream s JOIN b ON b.id = s.id FOR UPDATE OF s SKIP LOCKED
), h AS (
    UPDATE clewline_stream s SET head = b.expected + b.n FROM b JOIN l ON l.id = b.id
    WHERE s.id = b.id AND s.head = b.expected AND NOT s.closed RETURNING s.id
), i AS (
    INSERT INTO clewline_record (stream_id, pos, body)
    SELECT r.stream_id, r.pos, r.body
    FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[]) AS r(stream_id, pos, body) JOIN h ON h.id = r.stream_id
)
SELECT b.id, CASE
    WHEN h.id IS NOT NULL THEN 'written'
    WHEN l.id IS NULL AND EXISTS (SELECT FROM clewline_stream s WHERE s.id = b.id AND NOT s.closed) THEN 'locked'
    ELSE 'moved'
END FROM b LEFT JOIN l ON l.id = b.id LEFT JOIN h ON h.id = b.id
"""


def _rows(groups: "dict[int, list[Batch]]") -> list[tuple[int, int, bytes]]:
    return [
        (stream_id, (batch.start or 0) + i, body)
        for stream_id, group in groups.items()
        for batch in group
        for i, body in enumerate(batch.bodies)
    ]


Outcome = Literal["written", "moved", "locked"]


def append_if_head_matches(groups: "dict[int, list[Batch]]") -> dict[int, Outcome]:
    """Write each stream whose head equals its first batch's start, and say what became of each.

    One statement, one commit. ``start`` of every batch is set. ``moved``: the head is elsewhere, or the stream closed or
    gone; ``locked``: somebody else holds it just now.
    """
    connection.ensure_connection()
    heads = [
        (stream_id, group[0].start or 0, sum(len(batch.bodies) for batch in group))
        for stream_id, group in groups.items()
    ]
    rows = _rows(groups)
    raw: Any = connection.connection
    if connection.vendor == "postgresql":
        ids, expected, counts = (list(column) for column in zip(*heads, strict=True))
        streams, positions, bodies = (list(column) for column in zip(*rows, strict=True))
        with Cursor(
            raw
        ) as cursor:  # server-side binding; Django's own cursor would paste the bytes into the text
            cursor.execute(
                _PG_APPEND, [ids, expected, counts, streams, positions, bodies], prepare=True, binary=True
            )
            return dict(cursor.fetchall())
    outcomes: dict[int, Outcome] = {}
    with transaction.atomic():
        cursor = raw.cursor()
        for stream_id, head, n in heads:
            cursor.execute(
                "UPDATE clewline_stream SET head = ? WHERE id = ? AND head = ? AND NOT closed",
                (head + n, stream_id, head),
            )
            outcomes[stream_id] = "written" if cursor.rowcount == 1 else "moved"
        cursor.executemany(
            "INSERT INTO clewline_record (stream_id, pos, body) VALUES (?, ?, ?)",
            [row for row in rows if outcomes[row[0]] == "written"],
        )
        cursor.close()
    return outcomes


def lock_heads(stream_ids: Sequence[int], *, wait: bool) -> dict[int, int]:
    """Lock open streams in id order; ``{id: head}``. Closed and deleted ones are absent, without ``wait`` locked ones too."""
    marks = ", ".join(["%s"] * len(stream_ids))
    suffix = ""
    if connection.features.has_select_for_update:
        suffix = " FOR UPDATE" if wait else " FOR UPDATE SKIP LOCKED"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, head FROM clewline_stream WHERE id IN ({marks}) AND NOT closed ORDER BY id{suffix}",  # noqa: S608
            list(stream_ids),
        )
        return dict(cursor.fetchall())


def open_streams(stream_ids: Sequence[int]) -> set[int]:
    """Those that are neither closed nor gone, without a lock."""
    marks = ", ".join(["%s"] * len(stream_ids))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM clewline_stream WHERE id IN ({marks}) AND NOT closed",  # noqa: S608  only marks
            list(stream_ids),
        )
        return {row[0] for row in cursor.fetchall()}


def epochs(keys: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Current epochs of producers, read under the lock of their streams."""
    wanted = list(keys)
    marks = ", ".join(["(%s, %s)"] * len(wanted))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT stream_id, producer_id, epoch FROM clewline_producer "  # noqa: S608  only marks
            f"WHERE (stream_id, producer_id) IN (VALUES {marks})",
            [value for key in wanted for value in key],
        )
        return {(row[0], row[1]): row[2] for row in cursor.fetchall()}


def insert_at_heads(groups: "dict[int, list[Batch]]") -> None:
    """Write batches whose ``start`` was set from a locked head, and move the heads."""
    with connection.cursor() as cursor:
        for stream_id, group in groups.items():
            last = group[-1]
            cursor.execute(
                "UPDATE clewline_stream SET head = %s WHERE id = %s",
                [(last.start or 0) + len(last.bodies), stream_id],
            )
        cursor.executemany(
            "INSERT INTO clewline_record (stream_id, pos, body) VALUES (%s, %s, %s)", _rows(groups)
        )


def already_written(stream_id: int, start: int | None, bodies: Sequence[bytes]) -> bool:
    """Whether a flush whose answer was lost did commit: its last record, which carries a unique id, stands there."""
    if start is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT body FROM clewline_record WHERE stream_id = %s AND pos = %s",
            [stream_id, start + len(bodies) - 1],
        )
        row = cursor.fetchone()
    return row is not None and bytes(row[0]) == bodies[-1]
