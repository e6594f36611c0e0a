"""Where mails go without a mail server: into a file each, and into the mailboxes of the colleagues they are for."""

from collections.abc import Sequence
from email.utils import parseaddr
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.filebased import EmailBackend
from django.db import transaction

from sales_app.mail.models import Mail
from sales_app.mail.sending import HEADER
from sales_app.people.models import User


class MailboxBackend(EmailBackend):
    """Only what was sent from a mailbox is delivered into one: an invitation or a password link is for nobody else's eyes."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        sent: Any = super().send_messages(email_messages)
        for message in email_messages:
            if HEADER in message.extra_headers:
                _deliver(message)
        return int(sent or 0)


def _deliver(message: EmailMessage) -> None:
    addresses = {parseaddr(each)[1].lower() for each in message.recipients()}
    with transaction.atomic():
        for user in User.objects.filter(email__in=addresses, is_active=True):
            Mail.objects.get_or_create(
                owner=user,
                direction=Mail.Direction.RECEIVED,
                message_id=message.extra_headers["Message-ID"],
                defaults={
                    "status": Mail.Status.DELIVERED,
                    "sender": message.from_email[:320],
                    "recipient": user.email,
                    "subject": message.subject[:300],
                    "body": str(message.body),
                },
            )
