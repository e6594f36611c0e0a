"""Messages that nobody should wait for. They carry text instead of ids: the link in them is kept nowhere else."""

from smtplib import SMTPException
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from celery import shared_task
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from kombu.exceptions import OperationalError

from sales_app.people.models import User

AGAIN = (OSError, SMTPException)


@shared_task(name="sales_app.people.send_reset", autoretry_for=AGAIN, retry_backoff=5, max_retries=6)
def send_reset(*, email: str, site: str) -> None:
    """Write to whoever has this address, if anybody has. ``site`` is the origin that links begin with."""
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user is None:
        return
    place = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    context = {"user": user, "address": site + reverse("account_reset_password_from_key", kwargs=place)}
    text = render_to_string("people/email/reset.txt", context)
    send_mail("Choose a new password for Clewline", text, settings.DEFAULT_FROM_EMAIL, [user.email])


@shared_task(name="sales_app.people.deliver", autoretry_for=AGAIN, retry_backoff=5, max_retries=6)
def deliver(*, subject: str, text: str, to: list[str]) -> None:
    send_mail(subject, text, settings.DEFAULT_FROM_EMAIL, to)


def soon(task: Any, **arguments: Any) -> None:
    """Queue the task; without a broker do it now: a late page is better than a lost message."""
    try:
        task.delay(**arguments)
    except OperationalError:
        task(**arguments)
