"""``manage.py serve``: the embedded server, or with Redis configured the web process of production."""

import gc
import logging
import os
import resource
import signal
import sys
from argparse import ArgumentParser
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config import lock
from config.celery import app
from config.embedded import Background
from config.env import server_port
from config.servers import SERVERS, listen

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Serve: web, worker and scheduler in one process, or with Redis configured the web process only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--server", choices=sorted(SERVERS), default=settings.CLEWLINE_SERVER)
        parser.add_argument("--host", default=settings.CLEWLINE_HOST)
        parser.add_argument(
            "--port", type=int, default=server_port(), help="default: PORT, else 8000; 0: a free one"
        )
        parser.add_argument(
            "--web-only", action="store_true", help="no worker and no scheduler in this process"
        )
        parser.add_argument(
            "--prepare",
            action="store_true",
            help="first migrate, and load the demo data if there is none (embedded)",
        )

    def handle(
        self, *args: Any, server: str, host: str, port: int, web_only: bool, prepare: bool, **options: Any
    ) -> None:
        web_only = web_only or bool(settings.REDIS_URL)
        if settings.PRODUCTION and not Path(settings.STATIC_ROOT, "staticfiles.json").exists():
            raise CommandError(
                f"{settings.STATIC_ROOT} holds no static files: run `manage.py collectstatic --noinput`."
            )
        if not web_only:
            try:
                self.lock = lock.hold(Path(settings.DATA_DIR, "serve.lock"))
            except lock.AlreadyRunning as running:
                raise CommandError(
                    f"Clewline already runs on {settings.DATA_DIR} (process {running}). "
                    "Stop that one, or set CLEWLINE_DATA_DIR to another directory."
                ) from None
        if prepare:
            self._prepare()
        else:
            self.check_migrations()
        try:
            listener = listen(host, port)
        except OSError as error:
            raise CommandError(
                f"Cannot listen on {host}:{port}: {error.strerror}. Choose another port: PORT=8001 make run"
            ) from None
        _allow_many_sockets()

        self.host, self.port = host, listener.getsockname()[1]
        self.background = None if web_only else Background(app)
        self.stopping = False
        # Loads the URLconf and all that hangs on it, before the first request has to wait for it.
        application = import_module("config.asgi").application
        import_module(settings.ROOT_URLCONF)
        self.server = SERVERS[server](application, listener, self._in_thread(self._begin))
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        self.server.run()
        if not self.stopping:
            raise CommandError("The server ended by itself; the log above says why.")

    def _prepare(self) -> None:
        """Bring the database up to date, in this process: a command of its own would cost another start."""
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()) or settings.MIGRATION_MODULES:
            self.stdout.write("Preparing the database")
            call_command("migrate", interactive=False, verbosity=0, run_syncdb=True)
        if "skills" in get_commands():
            call_command("skills", "install")
        if "prices" in get_commands():
            call_command("prices", "install")
        if not settings.PRODUCTION and "demo" in get_commands():
            call_command("demo", once=True)
        connection.close()

    def _in_thread(self, work: Any) -> Any:
        """The server's loop must not wait for the worker's start or end."""
        return lambda: Thread(target=work, name="serve", daemon=True).start()

    def _begin(self) -> None:
        if self.background:
            try:
                self.background.start()
            except TimeoutError:
                logger.exception("no background worker: answers will not be written")
        # What is loaded now stays: the collector need not walk it again and again.
        gc.collect()
        gc.freeze()
        self.stdout.write(self._greeting())
        self.stdout.flush()

    def _greeting(self) -> str:
        shown = "localhost" if self.host in {"127.0.0.1", "0.0.0.0", "::"} else self.host  # noqa: S104  # shown, not bound
        lines = ["", f"  Clewline is ready:  http://{shown}:{self.port}/", ""]
        if not settings.PRODUCTION and find_spec("sales_app.demo.logins"):
            logins = import_module("sales_app.demo.logins").demo_logins()
            lines += [f"  {line}" for line in _rows(logins)]
        lines += ["", "  Ctrl-C stops it; everything is kept for the next time.", ""]
        return "\n".join(lines)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.stopping:
            sys.stderr.write("Ended at once; the next start recovers what was under way.\n")
            os._exit(1)
        self.stopping = True
        self._in_thread(self._end)()

    def _end(self) -> None:
        self.stdout.write(
            f"Stopping. Answers under way get up to {settings.CLEWLINE_DRAIN_SECONDS:.0f} s; Ctrl-C again ends at once."
        )
        self.stdout.flush()
        self.server.stop_accepting()
        if self.background:
            self.background.stop()
        self.server.stop()


def _rows(logins: Any) -> list[str]:
    """Columns from whatever rows the demo offers."""
    rows = [[str(cell) for cell in row] for row in logins]
    if not rows:
        return []
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _allow_many_sockets() -> None:
    """One socket per open tab: take as many descriptors as the system lets a process have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
