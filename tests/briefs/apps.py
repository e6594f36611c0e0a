from datetime import datetime
from pathlib import Path

from django.apps import AppConfig

CLOCK = "test-clock"


class ClockConfig(AppConfig):
    """Processes whose schedules read the time from a file, and look at it every second."""

    name = "tests.briefs"
    label = "tests_briefs"

    def ready(self) -> None:
        from django.conf import settings
        from django.utils import timezone

        from sales_app.briefs import clock

        file = Path(settings.DATA_DIR, CLOCK)

        def now() -> datetime:
            return datetime.fromisoformat(file.read_text()) if file.exists() else timezone.now()

        clock.set_clock(now)
        settings.CELERY_BEAT_SCHEDULE["briefs"] |= {"schedule": 1.0, "options": {"expires": 5}}
