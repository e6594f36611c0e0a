"""Blocking database work for asynchronous callers."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import close_old_connections

P = ParamSpec("P")
R = TypeVar("R")


async def in_thread(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run ``work`` on the event loop's pool of threads, and give its database connection back afterwards.

    The pool is bounded, so a thousand waiting readers use a handful of threads and connections between them.
    """

    def worked() -> R:
        try:
            return work(*args, **kwargs)
        finally:
            close_old_connections()

    return await sync_to_async(worked, thread_sensitive=False)()
