"""Which devices hear of a notice: written with it, sent by whoever is free."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from sales_app.inbox.models import Device, Notice, Push
from sales_app.inbox.wishes import unwished
from sessions_app.session.access import user_id_of


def queue_pushes(actors: Sequence[str], kind: str, cause: str, now: datetime) -> None:
    """Called in the transaction that writes the notices."""
    keys = {key for each in actors if (key := user_id_of(each)) is not None}
    devices = list(Device.objects.filter(user__in=keys, user__is_active=True)) if keys else []
    if not devices:
        return
    unwanted = unwished(keys, "push")
    notices = {each.actor: each for each in Notice.objects.filter(actor__in=actors, kind=kind, cause=cause)}
    pushes = [
        Push(notice=notices[actor], device=device, due=now)
        for device in devices
        if (actor := f"user:{device.user_id}") in notices and (actor, kind) not in unwanted
    ]
    Push.objects.bulk_create(pushes, ignore_conflicts=True)
    transaction.on_commit(_send_soon, robust=True)


def _send_soon() -> None:
    """The schedule would send them too, some seconds later."""
    from sales_app.inbox.tasks import push_due  # noqa: PLC0415  # the task imports what is above this

    push_due.apply_async(queue="scheduled", retry=False, expires=60)
