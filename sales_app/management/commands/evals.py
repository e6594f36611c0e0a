"""``manage.py evals``: record the fixture book, or run the evaluations of what comes with Clewline against Claude."""

import json
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from sales_app.agent.status import is_stand_in
from sales_app.evals.book import RECORDED
from sales_app.evals.recording import record
from sales_app.evals.suite import suite_of
from sales_app.people.models import User
from sales_app.skills.directories import read_directory
from sales_app.skills.shipped import SHIPPED


class Command(BaseCommand):
    help = "record: write the fixture book from the demo company. live: evaluate the shipped skills against Claude."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        recording = commands.add_parser("record", help="Needs the demo company, loaded on that day.")
        recording.add_argument("accounts", nargs="+", help="Names of accounts of the rep")
        recording.add_argument("--rep", default="dana@clewline.example")
        recording.add_argument("--now", help="An instant of ISO 8601; the present one without it")
        recording.add_argument("--out", type=Path, default=RECORDED)
        live = commands.add_parser("live", help="Spends money, up to CLEWLINE_EVAL_BUDGET dollars.")
        live.add_argument("skills", nargs="*", help="All of them without a name")
        live.add_argument("--runs", type=int, default=3)
        live.add_argument("--prepare", action="store_true", help="Make or migrate the database first")

    def handle(self, *, command: str, **options: Any) -> None:
        if command == "record":
            self._record(**options)
        else:
            from sales_app.evals.live import live  # noqa: PLC0415  not for those that record

            if options["prepare"] and not is_stand_in():
                call_command("migrate", verbosity=0)
            live(options["skills"], runs=options["runs"], say=self.stdout.write)

    def _record(self, *, accounts: list[str], rep: str, now: str | None, out: Path, **_: Any) -> None:
        user = User.objects.filter(email=rep).first()
        if user is None:
            raise CommandError(
                f"There is nobody called {rep}. Load the demo company with `manage.py demo load`."
            )
        at = datetime.fromisoformat(now) if now else timezone.now()
        prompts = [
            case.prompt for name in sorted(SHIPPED.iterdir()) for case in suite_of(read_directory(name)).cases
        ]
        book = record(user, accounts, prompts, at)
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(_lines(book) + "\n")
        count = sum(len(rows) for found in book["facts"].values() for rows in found.values())
        self.stdout.write(f"{count} facts about {len(accounts)} accounts in {out}")


def _lines(book: dict[str, Any]) -> str:
    """A line for each collector, so that a change of one is seen as that."""
    facts = book["facts"]
    head = json.dumps({key: value for key, value in book.items() if key != "facts"}, ensure_ascii=False)
    rows = [
        f"{json.dumps(name)}: {json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(',', ':'))}"
        for name, found in sorted(facts.items())
    ]
    return head[:-1] + ',\n"facts": {\n' + ",\n".join(rows) + "\n}}"
