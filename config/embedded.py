"""The embedded profile's background half: worker and scheduler as threads of the server process."""

import logging
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

from celery import Celery, signals
from celery.beat import PersistentScheduler, Service
from celery.worker import WorkController, state
from django.conf import settings

from config.heartbeat import Canary

logger = logging.getLogger(__name__)

NODE = "embedded@localhost"
CONCURRENCY = 8
QUEUES = ("chat", "scheduled", "heavy")


class ThreadWorker(WorkController):
    """A worker that installs no signal handler and so may run outside the main thread."""

    def __init__(self, *, ready: Event, **options: Any) -> None:
        self._ready = ready
        super().__init__(**options)

    def on_consumer_ready(self, consumer: Any) -> None:
        signals.worker_ready.send(sender=consumer)
        self._ready.set()


def scheduler(app: Celery, *, schedule: Path) -> Service:
    """The beat service. Its file keeps when each entry last ran, over restarts."""
    return Service(app=app, schedule_filename=str(schedule), scheduler_cls=PersistentScheduler)


class Background:
    """``start`` returns when the worker consumes, ``stop`` when it has let go of its work."""

    def __init__(self, app: Celery) -> None:
        self.app = app
        self.ready = Event()
        self.worker = ThreadWorker(
            app=app,
            hostname=NODE,
            pool_cls="threads",
            concurrency=CONCURRENCY,
            queues=QUEUES,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            ready=self.ready,
        )
        self.beat = scheduler(app, schedule=Path(settings.DATA_DIR, "beat-schedule"))
        self.canary = Canary(app, NODE)
        self._worker_thread = Thread(target=self.worker.start, name="worker", daemon=True)
        self._beat_thread = Thread(target=self.beat.start, name="beat", daemon=True)

    def start(self, *, timeout: timedelta = timedelta(seconds=30)) -> None:
        """Raises ``TimeoutError`` when the worker does not consume in time."""
        self._worker_thread.start()
        if not self.ready.wait(timeout.total_seconds()):
            raise TimeoutError("the background worker did not start")
        self._beat_thread.start()
        self.canary.start()

    def stop(self, *, timeout: timedelta = timedelta(seconds=10)) -> None:
        """Announce the end first, so that runs release their leases, then let the worker finish its tasks."""
        self.canary.stop()
        self.beat.stop(wait=False)
        signals.worker_shutting_down.send(sender=NODE, sig="SIGTERM", how="Warm", exitcode=0)
        state.should_stop = 0  # type: ignore[assignment]  # an exit code: "stop" means 0 here, not "do not"
        # The worker looks at the line above between two messages, and then waits for one more (up to 2 s).
        for _ in range(2):
            self.app.send_task("config.canary", kwargs={"node": NODE}, queue=QUEUES[0])
        for thread in (self._worker_thread, self._beat_thread):
            if thread.is_alive():
                thread.join(timeout.total_seconds())
                if thread.is_alive():
                    logger.warning("the %s did not end within %s", thread.name, timeout)
        self.canary.forget()
