"""``manage.py standin``: the stand-in model as a server of its own, for tests and trials."""

import asyncio
import contextlib
import json
import os
import signal
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sales_app.standin.control import BadDirective, Control
from sales_app.standin.server import start_standin


class Command(BaseCommand):
    help = "Serve the stand-in model on the loopback address. Point CLEWLINE_ANTHROPIC_BASE_URL at it."
    requires_system_checks: list[str] = []  # no database, no services

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--port",
            type=int,
            default=int(os.environ.get("PORT", "8000")),
            help="default: PORT, else 8000; 0: a free one",
        )
        parser.add_argument(
            "--speed", type=float, default=settings.CLEWLINE_STANDIN_SPEED, help="tokens a second; 0: at once"
        )
        parser.add_argument(
            "--pause", type=float, default=0.25, help="seconds before an answer; default: %(default)s"
        )
        parser.add_argument("--seed", type=int, default=0, help="of the pieces in which text comes")
        parser.add_argument("--control", action="store_true", help="take orders at /_control")

    def handle(
        self, *args: Any, port: int, speed: float, pause: float, seed: int, control: bool, **options: Any
    ) -> None:
        state = Control(speed=speed, pause=pause, seed=seed)
        try:
            state.apply({"next": json.loads(settings.CLEWLINE_STANDIN_NEXT or "[]")})
        except (BadDirective, ValueError) as problem:
            raise CommandError(f"CLEWLINE_STANDIN_NEXT: {problem}") from None
        try:
            asyncio.run(self._serve(state, port, control))
        except OSError as problem:
            raise CommandError(
                f"Cannot listen on port {port}: {problem.strerror}. Choose another with --port."
            ) from None

    async def _serve(self, state: Control, port: int, control: bool) -> None:
        controllable = control or settings.CLEWLINE_STANDIN_CONTROL
        server, url = await start_standin(port=port, control=state, controllable=controllable)
        ended = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):
                asyncio.get_running_loop().add_signal_handler(number, ended.set)
        self.stdout.write(f"The stand-in model is ready: {url}")
        self.stdout.flush()
        await ended.wait()
        await server.close()
