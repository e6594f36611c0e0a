"""Health of workers: a worker sends itself a canary task through the broker and notes when it ran.

A worker whose process lives may consume nothing any more (a broker connection half open, a stuck pool), so
the note is written by the task and by nothing else.
"""

import logging
import re
import time
from pathlib import Path
from threading import Event, Thread
from typing import Any

from celery import Celery
from celery.utils.nodenames import worker_direct
from django.conf import settings

logger = logging.getLogger(__name__)

EVERY = 5.0  # seconds between canaries
STALE = 30.0  # seconds without one that mean trouble


def note_path(node: str) -> Path:
    """The file of ``worker@host``, in the data directory."""
    return Path(settings.DATA_DIR, "health", re.sub(r"[^A-Za-z0-9.@-]", "_", node))


def beat(node: str) -> None:
    path = note_path(node)
    path.parent.mkdir(exist_ok=True)
    path.touch()


def age(node: str) -> float | None:
    """Seconds since the worker last ran its canary; None when it never did or has ended."""
    try:
        return max(0.0, time.time() - note_path(node).stat().st_mtime)
    except FileNotFoundError:
        return None


class Canary:
    """Sends the canary of one worker until stopped, from a thread of its own."""

    def __init__(self, app: Celery, node: str) -> None:
        self.app, self.node = app, node
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="canary", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()

    def forget(self) -> None:
        """Remove the note, so that an ended worker counts as ended and not as stuck."""
        note_path(self.node).unlink(missing_ok=True)

    def _run(self) -> None:
        queue: Any = worker_direct(self.node)  # a Queue is as good as its name
        while not self._stopped.is_set():
            try:
                self.app.send_task("config.canary", kwargs={"node": self.node}, queue=queue, expires=STALE)
            except Exception:
                logger.warning("the broker does not take the canary of %s", self.node, exc_info=True)
            self._stopped.wait(EVERY)
