"""``manage.py backup FILE``: everything an embedded installation holds, in one archive, while it runs."""

import sqlite3
import tarfile
import tempfile
from argparse import ArgumentParser
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

KEPT = ("secret_key", "media", "mail")


class Command(BaseCommand):
    help = "Write database, secret key and files of an embedded installation into FILE (.tar.gz)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        if connection.vendor != "sqlite":
            raise CommandError("This database is PostgreSQL: back it up with pg_dump (docs/deploy.md).")
        if file.exists():
            raise CommandError(f"{file} exists already.")
        data = Path(settings.DATA_DIR)
        database = Path(str(connection.settings_dict["NAME"]))
        with tempfile.TemporaryDirectory(dir=file.resolve().parent) as scratch:
            copy = Path(scratch, "clewline.sqlite3")
            # Copies page by page, together with what still lies in the write-ahead log.
            with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as target:
                source.backup(target)
            draft = Path(scratch, "draft")
            with tarfile.open(draft, "w:gz") as archive:
                archive.add(copy, "clewline.sqlite3")
                for name in KEPT:
                    if (data / name).exists():
                        archive.add(data / name, name)
            draft.chmod(0o600)  # it holds the key
            draft.rename(file)
        self.stdout.write(f"{file}: {file.stat().st_size / 1024**2:.1f} MiB")
