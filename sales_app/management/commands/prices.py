"""The price policy from a terminal."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from sales_app.pricing.shipped import install_shipped


class Command(BaseCommand):
    help = "Install the price policy that comes with Clewline, where there is none yet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["install"])

    def handle(self, *args: Any, **options: Any) -> None:
        version = install_shipped()
        if version is not None:
            self.stdout.write(f"  {version}: {version.get_state_display().lower()}")
