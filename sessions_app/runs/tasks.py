"""Celery's part: wake-ups, the sweep, and the host's life in a worker process."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings
from django.utils import timezone

from sessions_app.live import doorbell
from sessions_app.live.loop import set_publisher_loop
from sessions_app.runs import claim as claims
from sessions_app.runs import dispatch, effects, interrupts
from sessions_app.runs.duties import each_by_itself
from sessions_app.runs.host import current_host, start_host, stop_host
from sessions_app.runs.models import Run


@shared_task(ignore_result=True)
def execute(*, run_id: str, queue: str = Run.Queue.CHAT) -> None:
    """Hand a run to this process's host. The claim decides; a repeated task does nothing."""
    start_host(on_loop=set_publisher_loop).submit(run_id, queue)


@shared_task(ignore_result=True)
def sweep() -> int:
    """Repeat the wake-up of every run that nobody holds. Returns how many."""
    count = 0
    for queue in Run.Queue.values:
        for run_id in claims.due_runs(queue=queue):
            dispatch.wake(run_id, queue)
            count += 1
    return count


_due: list[Callable[[datetime], object]] = [interrupts.expire_due, effects.settle_abandoned]


def also_due(work: Callable[[datetime], object]) -> None:
    """Layers above say here what else time brings. Called with the time, every 15 s, by one process."""
    _due.append(work)


@shared_task(ignore_result=True)
def due() -> None:
    """What time brings: questions that nobody answered, effects that nobody settled, control that nobody uses."""
    now = timezone.now()
    for _ in each_by_itself(lambda work: work(now), [(work,) for work in _due]):
        pass


def wake_by_celery(run_id: str, queue: str = Run.Queue.CHAT) -> None:
    execute.apply_async(kwargs={"run_id": run_id, "queue": queue}, queue=queue, retry=False, expires=60)


def halt_hosts(run_ids: Sequence[str]) -> None:
    """This process's host directly, those of other processes through the channel layer."""
    host = current_host()
    if host is not None:
        host.halt(run_ids)
    doorbell.halt(run_ids)


dispatch.on_wake(wake_by_celery)
dispatch.on_halt(halt_hosts)


@worker_ready.connect
def _start(**_: Any) -> None:
    start_host(on_loop=set_publisher_loop)


@worker_shutting_down.connect
def _stop(**_: Any) -> None:
    stop_host(grace=settings.CLEWLINE_DRAIN_SECONDS)
