"""Comparing calls, on the queue for what takes long."""

from celery import shared_task

from sales_app.encoding import comparing


@shared_task(name="sales_app.encoding.compare", ignore_result=True)
def compare(*, encoding_id: int) -> bool:
    return comparing.work(encoding_id)


@shared_task(name="sales_app.encoding.sweep", ignore_result=True)
def sweep() -> int:
    """Begin again what a worker left."""
    left = comparing.abandoned()
    for encoding_id in left:
        compare.delay(encoding_id=encoding_id)
    return len(left)
