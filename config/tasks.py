from celery import shared_task

from config import heartbeat


@shared_task(name="config.canary")
def canary(*, node: str) -> None:
    """Sent by a worker to itself through the broker: that it runs proves that the worker consumes."""
    heartbeat.beat(node)
