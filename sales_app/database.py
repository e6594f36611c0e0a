"""Database work off the event loop: a few threads with their own connections."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
T = TypeVar("T")

_threads = ThreadPoolExecutor(4, thread_name_prefix="agent-db")


async def in_database(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    def work() -> T:
        close_old_connections()
        return call(*args, **kwargs)

    return await asyncio.get_running_loop().run_in_executor(_threads, work)
