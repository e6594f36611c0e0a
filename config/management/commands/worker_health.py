"""``manage.py worker_health``: exits 0 when this machine's worker consumes, 1 when not."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config import heartbeat
from config.management.commands.worker import node_name


class Command(BaseCommand):
    help = "Say whether the worker of this machine has run its canary task lately."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", default="", help="as given to `worker`")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        node = node_name(name)
        age = heartbeat.age(node)
        if age is None:
            raise CommandError(f"{node} has not run a task yet, or has ended.")
        if age > heartbeat.STALE:
            raise CommandError(f"{node} last ran a task {age:.0f} s ago; restart it.")
        self.stdout.write(f"{node} ran a task {age:.1f} s ago.")
