"""Waking a run that waits for its sub-agents when one of them ends in this process.

A shortcut only: sub-agents end in other processes too, so who waits also looks at their rows.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

_lock = threading.Lock()
_waiting: dict[str, tuple[asyncio.AbstractEventLoop, asyncio.Event]] = {}


@contextmanager
def endings(parent_id: str) -> Iterator[asyncio.Event]:
    """An event that is set whenever a sub-agent of this run has ended here."""
    event = asyncio.Event()
    with _lock:
        _waiting[parent_id] = (asyncio.get_running_loop(), event)
    try:
        yield event
    finally:
        with _lock:
            if _waiting.get(parent_id, (None, None))[1] is event:
                del _waiting[parent_id]


def tell_after_commit(parent_id: str) -> None:
    transaction.on_commit(lambda: _tell(parent_id), robust=True)


def waiting_ids() -> set[str]:
    """The runs of this process that only wait. They must not take the places of those whom they wait for."""
    with _lock:
        return set(_waiting)


def _tell(parent_id: str) -> None:
    with _lock:
        found = _waiting.get(parent_id)
        if found is not None and not found[0].is_closed():
            found[0].call_soon_threadsafe(found[1].set)
