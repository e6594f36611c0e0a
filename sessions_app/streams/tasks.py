from celery import shared_task
from django.utils import timezone

from sessions_app.streams import lifecycle


@shared_task
def expire() -> int:
    """Delete streams whose time is over; readers see them gone before that."""
    return lifecycle.expire(now=timezone.now())
