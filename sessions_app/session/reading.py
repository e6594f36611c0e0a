"""Reading logs for the live layer, in a few threads with connections of their own.

However many sockets are open, no more than ``THREADS`` connections read and as many write for them.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import Error as DatabaseError
from django.db import close_old_connections, connection, connections

from sessions_app.session.access import UnknownSession, takes_part

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 4
FIRST_ROWS = 64
MOST_ROWS = 2000

_readers = ThreadPoolExecutor(THREADS, thread_name_prefix="live-read")
_commanders = ThreadPoolExecutor(THREADS, thread_name_prefix="live-command")


async def in_reader(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a read in a reader thread. A connection that broke since it was last used is replaced once."""

    def work() -> T:
        try:
            return call(*args, **kwargs)
        except DatabaseError:
            connections.close_all()
            try:
                return call(*args, **kwargs)
            except DatabaseError:
                connections.close_all()
                raise

    return await asyncio.get_running_loop().run_in_executor(_readers, work)


async def in_commander(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a command in a thread of its own pool: a long read never stands in front of an input."""

    def work() -> T:
        close_old_connections()
        try:
            return call(*args, **kwargs)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(_commanders, work)


def read_chunk(stream_id: int, start: int, limit_bytes: int) -> tuple[list[bytes], bool]:
    """Records from ``start`` on, at least one if there is any, and whether they reach the end of the log."""
    bodies: list[bytes] = []
    size, rows = 0, FIRST_ROWS
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT body FROM clewline_record WHERE stream_id = %s AND pos >= %s ORDER BY pos LIMIT %s",
                [stream_id, start + len(bodies), rows],
            )
            found = [bytes(row[0]) for row in cursor.fetchall()]
        for i, body in enumerate(found):
            if bodies and size + len(body) > limit_bytes:
                return bodies, False
            bodies.append(body)
            size += len(body)
            if size >= limit_bytes:
                return bodies, i + 1 == len(found) < rows
        if len(found) < rows:
            return bodies, True
        # As many rows as should fill the rest, so that neither many small nor a few huge records cost much.
        rows = max(16, min(MOST_ROWS, (limit_bytes - size) * len(bodies) // max(size, 1) + 16))


def read_as(
    actor: str, session_id: str, stream_id: int, start: int, limit_bytes: int
) -> tuple[list[bytes], bool]:
    """As ``read_chunk``, for somebody. Raises UnknownSession.

    Access is asked *after* the read: whoever takes part then may see everything that was committed before.
    """
    chunk = read_chunk(stream_id, start, limit_bytes)
    if not takes_part(actor, session_id):
        raise UnknownSession()
    return chunk
