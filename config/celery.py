"""The Celery application. The database is the truth; Celery carries wake-ups."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("clewline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
