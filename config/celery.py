"""The Celery application. The database is the truth; Celery carries wake-ups."""

import importlib
import os
import pkgutil

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

APPS = ("sessions_app", "sales_app", "funnels")

app = Celery("clewline")
app.config_from_object("django.conf:settings", namespace="CELERY")


def packages() -> list[str]:
    """The packages that may hold a ``tasks.py``: ours, and one level below (``sessions_app.runs.tasks``)."""
    found = ["config", *APPS]
    for name in APPS:
        paths = importlib.import_module(name).__path__
        found += [f"{name}.{child.name}" for child in pkgutil.iter_modules(paths) if child.ispkg]
    return found


app.autodiscover_tasks(packages)
