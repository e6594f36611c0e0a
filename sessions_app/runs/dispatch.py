"""Waking workers. A wake-up may get lost or come twice: the run's row decides, and the sweep repeats it."""

import logging
from collections.abc import Callable, Sequence

from django.db import transaction

from sessions_app.runs.models import Run

logger = logging.getLogger(__name__)

_wakers: list[Callable[[str, str], object]] = []
_halters: list[Callable[[Sequence[str]], object]] = []


def on_wake(waker: Callable[[str, str], object]) -> None:
    """``tasks`` says here how a worker is told of a run, given its id and its queue."""
    _wakers[:] = [waker]


def wake(run_id: str, queue: str = Run.Queue.CHAT) -> None:
    """Tell a worker, now. Never raises: the input is already safe."""
    for waker in _wakers:
        try:
            waker(run_id, queue)
        except Exception as problem:
            logger.warning(
                "No wake-up for run %s (%s); the sweep will find it.", run_id, type(problem).__name__
            )


def on_halt(halter: Callable[[Sequence[str]], object]) -> None:
    """``tasks`` says here how the workers are told that runs have ended."""
    _halters[:] = [halter]


def halt_after_commit(run_ids: Sequence[str]) -> None:
    """Whoever executes these runs stops at once, and closes the model's stream. Only a hint: their records are refused anyway."""

    def tell() -> None:
        for halter in _halters:
            halter(run_ids)

    if run_ids:
        transaction.on_commit(tell, robust=True)


def wake_after_commit(run: Run) -> None:
    run_id, queue = str(run.pk), run.queue
    transaction.on_commit(lambda: wake(run_id, queue))
