"""Celery's part: wake-ups, the sweep, and the host's life in a worker process."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings

from sessions_app.live.loop import set_publisher_loop
from sessions_app.runs import claim as claims
from sessions_app.runs import dispatch
from sessions_app.runs.host import start_host, stop_host


@shared_task(ignore_result=True)
def execute(*, run_id: str) -> None:
    """Hand a run to this process's host. The claim decides; a repeated task does nothing."""
    start_host(on_loop=set_publisher_loop).submit(run_id)


@shared_task(ignore_result=True)
def sweep() -> int:
    """Repeat the wake-up of every run that nobody holds. Returns how many."""
    due = claims.due_runs()
    for run_id in due:
        dispatch.wake(run_id)
    return len(due)


def wake_by_celery(run_id: str) -> None:
    execute.apply_async(kwargs={"run_id": run_id}, queue="chat", retry=False, expires=60)


dispatch.on_wake(wake_by_celery)


@worker_ready.connect
def _start(**_: Any) -> None:
    start_host(on_loop=set_publisher_loop)


@worker_shutting_down.connect
def _stop(**_: Any) -> None:
    stop_host(grace=settings.CLEWLINE_DRAIN_SECONDS)
