"""``manage.py skills``: list, import, export, install."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sales_app.people.models import User
from sales_app.skills import exporting, store
from sales_app.skills.errors import SkillError
from sales_app.skills.importing import import_path
from sales_app.skills.models import Skill, SkillVersion
from sales_app.skills.shipped import install_shipped


class Command(BaseCommand):
    help = "Skills: list them, import a folder or archive, export one, install those that come with Clewline."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("list", help="names, published and newest versions")
        bring = commands.add_parser(
            "import", help="a skill's folder, a folder of them, a Claude plug-in, or a zip of one"
        )
        bring.add_argument("path", type=Path)
        bring.add_argument("--note", default="", help="why, for the trail")
        bring.add_argument("--by", metavar="EMAIL", help="who imports, for the trail")
        bring.add_argument(
            "--publish", action="store_true", help="publish what was imported, if its gate allows"
        )
        take = commands.add_parser("export", help="the published version of one skill")
        take.add_argument("name")
        take.add_argument("out", type=Path, help="a .zip file, or a folder to make")
        take.add_argument("--number", type=int, help="another version than the published one")
        take.add_argument(
            "--strict", action="store_true", help="standard keys only: passes `agentskills validate`"
        )
        commands.add_parser(
            "install", help="versions of the skills that come with Clewline; `serve --prepare` does it"
        )

    def handle(self, *args: Any, command: str, **options: Any) -> None:
        try:
            getattr(self, f"_{command}")(options)
        except SkillError as refused:
            raise CommandError(f"{refused.message} {refused.fix} ({refused.code})") from None

    def _list(self, options: dict[str, Any]) -> None:
        for skill in Skill.objects.select_related("published"):
            newest = skill.versions.order_by("-number").first()
            shown = f"v{skill.published.number}" if skill.published else "-"
            waiting = f"  (v{newest.number} is a draft)" if newest and newest.state == "draft" else ""
            self.stdout.write(f"{skill.name:<32} {shown:<5}{waiting}")

    def _import(self, options: dict[str, Any]) -> None:
        by = None
        if email := options["by"]:
            by = User.objects.filter(email__iexact=email).first()
            if by is None:
                raise CommandError(f"Nobody has the address {email}.")
        imported = import_path(options["path"], by=by, note=options["note"])
        for version in imported.unchanged:
            self.stdout.write(f"{version}: here already")
        for version in imported.drafts:
            if options["publish"]:
                store.publish(version, by=by, note=options["note"])
            self.stdout.write(f"{version}: {version.get_state_display().lower()}")

    def _export(self, options: dict[str, Any]) -> None:
        name, number = options["name"], options["number"]
        version = (
            SkillVersion.objects.filter(skill__name=name, number=number).first()
            if number
            else store.published(name)
        )
        if version is None:
            raise CommandError(
                f"There is no {'version ' + str(number) if number else 'published version'} of {name}. "
                "`manage.py skills list` shows what there is."
            )
        files = store.files_of(version)
        if options["strict"]:
            files = exporting.strict(name, files)
        out: Path = options["out"]
        if out.suffix.lower() == ".zip":
            out.write_bytes(exporting.archive(name, files))
        else:
            exporting.write_folder(out, files)
        self.stdout.write(str(out))

    def _install(self, options: dict[str, Any]) -> None:
        for version in install_shipped():
            self.stdout.write(f"  {version}: {version.get_state_display().lower()}")
