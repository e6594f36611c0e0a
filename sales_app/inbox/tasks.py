from celery import shared_task
from django.utils import timezone

from sales_app.inbox import mailing, notices
from sales_app.inbox.push import sending


@shared_task(name="sales_app.inbox.mail_due", ignore_result=True)
def mail_due() -> int:
    return mailing.mail_due(timezone.now())


@shared_task(name="sales_app.inbox.push_due", ignore_result=True)
def push_due() -> int:
    return sending.push_due(timezone.now())


@shared_task(name="sales_app.inbox.prune", ignore_result=True)
def prune() -> int:
    return notices.prune(timezone.now())
