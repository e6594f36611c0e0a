"""The database refuses to change the files of a skill's version: see ``sales_app/skills/immutable.py``."""

from typing import Any

from django.db import migrations

from sales_app.skills import immutable


def install(apps: Any, schema_editor: Any) -> None:
    immutable.install(schema_editor.connection)


def remove(apps: Any, schema_editor: Any) -> None:
    immutable.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("sales_app", "0006_mail_drafts")]

    operations = [migrations.RunPython(install, remove)]
