"""Waking workers. A wake-up may get lost or come twice: the run's row decides, and the sweep repeats it."""

import logging
from collections.abc import Callable

from django.db import transaction

from sessions_app.runs.models import Run

logger = logging.getLogger(__name__)

_wakers: list[Callable[[str], object]] = []


def on_wake(waker: Callable[[str], object]) -> None:
    """``tasks`` says here how a worker is told of a run."""
    _wakers[:] = [waker]


def wake(run_id: str) -> None:
    """Tell a worker, now. Never raises: the input is already safe."""
    for waker in _wakers:
        try:
            waker(run_id)
        except Exception as problem:
            logger.warning(
                "No wake-up for run %s (%s); the sweep will find it.", run_id, type(problem).__name__
            )


def wake_after_commit(run: Run) -> None:
    run_id = str(run.pk)
    transaction.on_commit(lambda: wake(run_id))
