"""Blocking database work for asynchronous callers, and threads while they wait."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from asgiref.sync import SyncToAsync, sync_to_async
from django.db import close_old_connections, connections

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


def release_request_thread() -> None:
    """Give back the thread that Django keeps for this request, and its database connection; then wait at ease.

    Django's request signals run on a thread made for each request, which would live as long as the answer: two
    hundred event streams, two hundred threads. What needs such a thread later makes a new one.
    """
    context = SyncToAsync.thread_sensitive_context.get(None)
    if context is None or getattr(context, "_executor", None) is not None:
        return  # not under a server, or somebody else's thread
    executor = SyncToAsync.context_to_thread_executor.pop(context, None)
    if executor is not None:
        executor.submit(connections.close_all)
        executor.shutdown(wait=False)
