"""The event loop of the ASGI server, when it runs in this very process.

In the embedded profile Celery's threads publish to the in-memory channel layer, whose queues belong to the
server's loop: waking them from another loop takes about a second, through this one 11 ms.
"""

import asyncio

_loop: asyncio.AbstractEventLoop | None = None


def set_server_loop(loop: asyncio.AbstractEventLoop | None) -> None:
    """Called by ``manage.py serve`` before the first request, and with None when the server has ended."""
    global _loop
    _loop = loop


def server_loop() -> asyncio.AbstractEventLoop | None:
    """The server's loop, for ``asyncio.run_coroutine_threadsafe``; None in a worker or a command."""
    return _loop


_publisher: asyncio.AbstractEventLoop | None = None


def set_publisher_loop(loop: asyncio.AbstractEventLoop | None) -> None:
    """Called by the run host of a worker process: its loop publishes when no server runs here."""
    global _publisher
    _publisher = loop


def publisher_loop() -> asyncio.AbstractEventLoop | None:
    """The loop that publishes in this process: the server's, else the run host's."""
    return _loop or _publisher
