"""``manage.py prepare``: bring the database up to date, and what comes with Clewline into it. Safe to call again."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Migrate, and install the skills and the first price policy that come with Clewline."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=options["verbosity"])
        call_command("skills", "install")
        call_command("prices", "install")
