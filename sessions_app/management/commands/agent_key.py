"""Make the key with which a program serves runs over HTTP."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from sessions_app.runs.remote import create_key


class Command(BaseCommand):
    help = "Create a key for an agent that serves its runs over HTTP. The key is shown once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("agent", help="the agent's name, for example echo")
        parser.add_argument("--name", default="", help="who holds the key")

    def handle(self, *args: Any, agent: str, name: str, **options: Any) -> None:
        self.stdout.write(create_key(agent=agent, name=name or agent))
