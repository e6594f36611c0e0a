"""``manage.py demo``: the demo company in, or out."""

from argparse import ArgumentParser
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sales_app.demo.load import complete, is_loaded, load, remove


class Command(BaseCommand):
    help = (
        "Load the demo company: accounts, deals, notes and calendars as seen from today, with twelve logins."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do nothing if it was loaded before")
        parser.add_argument("--remove", action="store_true", help="delete its records and close its logins")
        parser.add_argument(
            "--force", action="store_true", help="also in the production profile: its password is public"
        )

    def handle(self, *args: Any, once: bool, remove: bool, force: bool, **options: Any) -> None:
        if remove:
            self._remove()
            return
        if settings.PRODUCTION and not force:
            raise CommandError(
                "The demo company has logins with a public password, so it is not loaded in the production "
                "profile. On a system that nobody else can reach: manage.py demo --force"
            )
        if is_loaded():
            complete(self._progress)
            if not once:
                self.stdout.write(
                    "The demo company is there already; `manage.py demo --remove` takes it out."
                )
            return
        began = monotonic()
        self.stdout.write("Loading the demo company")
        load(self._progress)
        self.stdout.write(f"  done in {monotonic() - began:.1f} s")

    def _remove(self) -> None:
        self.stdout.write("Removing the demo company")
        remove(self._progress)

    def _progress(self, line: str) -> None:
        self.stdout.write(f"  {line}")
        self.stdout.flush()
