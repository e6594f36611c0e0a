from celery import shared_task
from django.conf import settings

from sales_app.briefs import clock
from sales_app.briefs.delivering import deliver_due


@shared_task(name="sales_app.briefs.tick", ignore_result=True)
def tick() -> None:
    """Every minute. What does not fit into one look is looked at again at once."""
    if settings.CLEWLINE_SCHEDULES and deliver_due(clock.now()).more:
        tick.apply_async(expires=60)
