"""``manage.py worker``: the production worker, or with ``--beat-only`` the one scheduler."""

import signal
import socket
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.celery import app
from config.embedded import QUEUES, scheduler
from config.heartbeat import Canary


def node_name(name: str = "") -> str:
    """The worker's name among its peers; the same in ``worker`` and ``worker_health`` on one machine."""
    return f"{name or 'worker'}@{socket.gethostname()}"


class Command(BaseCommand):
    help = "Run a worker (production profile). Start as many as you like, and exactly one with --beat-only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", default="", help="needed when several workers share a machine")
        parser.add_argument("--queues", default=",".join(QUEUES), help="default: %(default)s")
        parser.add_argument("--concurrency", type=int, default=16, help="threads; default: %(default)s")
        parser.add_argument("--beat-only", action="store_true", help="schedule, and execute nothing")

    def handle(
        self, *args: Any, name: str, queues: str, concurrency: int, beat_only: bool, **options: Any
    ) -> None:
        if not settings.REDIS_URL:
            raise CommandError(
                "A worker of its own needs a broker: set CLEWLINE_REDIS_URL (and CLEWLINE_DATABASE_URL). "
                "Without them `manage.py serve` has the worker inside."
            )
        if beat_only:
            self._schedule()
        else:
            self._work(node_name(name), queues, concurrency)

    def _schedule(self) -> None:
        service = scheduler(app, schedule=Path(settings.DATA_DIR, "beat-schedule"))
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: service.stop())
        self.stdout.write("The scheduler is ready.")
        self.stdout.flush()
        service.start()

    def _work(self, node: str, queues: str, concurrency: int) -> None:
        canary = Canary(app, node)

        def on_ready(**_: Any) -> None:
            canary.start()
            self.stdout.write(f"{node} is ready.")
            self.stdout.flush()

        def on_end(**_: Any) -> None:
            canary.stop()

        worker_ready.connect(on_ready, weak=False)
        worker_shutting_down.connect(on_end, weak=False)
        worker = app.Worker(
            hostname=node,
            pool="threads",
            concurrency=concurrency,
            queues=queues.split(","),
            loglevel=settings.LOGGING["root"]["level"],
            without_gossip=True,
            without_mingle=True,
            quiet=True,
        )
        worker.start()
        canary.forget()
        if worker.exitcode:
            raise CommandError(f"{node} ended with {worker.exitcode}", returncode=worker.exitcode)
