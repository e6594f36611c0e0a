"""``manage.py skills``: list, import, export, install."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from sales_app.skills.shipped import install_shipped


class Command(BaseCommand):
    help = "Skills: list them, import a folder or archive, export one, install those that come with Clewline."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("install", help="make versions of the shipped skills; done by `serve --prepare` too")

    def handle(self, *args: Any, command: str, **options: Any) -> None:
        for version in install_shipped():
            self.stdout.write(f"  {version}: {version.get_state_display().lower()}")
