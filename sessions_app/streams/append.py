"""Transactional appends: the offset is taken by the transaction that inserts.

Callers hold ``transaction.atomic()``. They lock the stream first and touch other rows afterwards, so that all
writers of a stream take their locks in the same order.
"""

from collections.abc import Sequence

from django.db import connection

from sessions_app.errors import SessionsError


class StreamClosed(SessionsError):
    """The stream is closed or gone; nothing can be appended."""

    code = "stream_closed"
    status = 409


class StaleEpoch(SessionsError):
    """Another writer took over: what this one still held was not written."""

    code = "stale_epoch"
    status = 409


def lock_stream(stream_id: int) -> int:
    """Lock the stream for this transaction and return its head. Raises StreamClosed."""
    with connection.cursor() as cursor:
        statement = "SELECT head FROM clewline_stream WHERE id = %s AND NOT closed"
        if connection.features.has_select_for_update:
            statement += " FOR UPDATE"
        cursor.execute(statement, [stream_id])
        row = cursor.fetchone()
    if row is None:
        raise StreamClosed()
    return int(row[0])


def append(stream_id: int, bodies: Sequence[bytes]) -> int:
    """Append records and return the offset of the first. Raises StreamClosed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE clewline_stream SET head = head + %s WHERE id = %s AND NOT closed RETURNING head",
            [len(bodies), stream_id],
        )
        row = cursor.fetchone()
        if row is None:
            raise StreamClosed()
        start = int(row[0]) - len(bodies)
        cursor.executemany(
            "INSERT INTO clewline_record (stream_id, pos, body) VALUES (%s, %s, %s)",
            [(stream_id, start + i, body) for i, body in enumerate(bodies)],
        )
    return start


def raise_epoch(stream_id: int, producer_id: str) -> int:
    """Fence every earlier writer of this producer and return the new epoch. The stream is locked by the caller."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO clewline_producer (stream_id, producer_id, epoch, seq) VALUES (%s, %s, 1, -1) "
            "ON CONFLICT (stream_id, producer_id) DO UPDATE SET epoch = clewline_producer.epoch + 1, seq = -1 "
            "RETURNING epoch",
            [stream_id, producer_id],
        )
        return int(cursor.fetchone()[0])


def check_epoch(stream_id: int, producer_id: str, epoch: int) -> None:
    """Raises StaleEpoch unless ``epoch`` is the producer's current one. The stream is locked by the caller."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT epoch FROM clewline_producer WHERE stream_id = %s AND producer_id = %s",
            [stream_id, producer_id],
        )
        row = cursor.fetchone()
    if row is None or int(row[0]) != epoch:
        raise StaleEpoch()
