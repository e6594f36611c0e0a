"""Sending a mail in somebody's name, at most once for a key.

It is written down as ``sending`` and committed; then it is handed to Django's mail backend; then what became of it is
written down, with an activity at the customer. Whoever finds ``sending`` with their key does not know whether it left, and
does not send.
"""

import contextlib
import smtplib
from dataclasses import dataclass
from email.utils import formataddr, make_msgid
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from sales_app.crm.editing import note
from sales_app.crm.models import Account, Activity, Contact
from sales_app.mail.models import Mail
from sales_app.people.models import User

# Set on what is sent from a mailbox, so that the demo's backend delivers nothing else into mailboxes.
HEADER = "X-Clewline-Mail"

# After these the server has certainly not taken the mail.
_REFUSED = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPNotSupportedError,
)


class SendingUnknown(Exception):
    """It was tried with this key, and nobody knows what became of it."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One recipient, plain text."""

    to: str
    subject: str
    body: str
    contact: Contact | None = None

    @property
    def account(self) -> Account | None:
        return self.contact.account if self.contact else None


def fault(letter: Letter) -> str:
    """Why the letter cannot be sent as it is, or an empty text."""
    try:
        validate_email(letter.to)
    except ValidationError:
        return f"{letter.to!r} is no email address."
    if not letter.subject.strip() or len(letter.subject) > 300:
        return "The subject has 1 to 300 characters."
    if any(ord(c) < 32 for c in letter.subject):
        return "The subject is one line."
    return "" if letter.body.strip() else "The mail has no text."


def send(letter: Letter, *, sender: User, key: str, run: str = "") -> Mail:
    """Send it, once for the key; a second call returns what became of the first. The mail's status says which.

    Blocks while the mail server is talked to; holds no transaction. Raises SendingUnknown.
    """
    mail, first = _written_down(letter, sender, key)
    if not first:
        if mail.status == Mail.Status.SENDING:
            raise SendingUnknown(mail.message_id)
        return mail
    problem = hand_over(mail)
    return settle(mail, problem, sender, run)


def _written_down(letter: Letter, sender: User, key: str) -> tuple[Mail, bool]:
    """The mail with this key, and whether this call wrote it. The key is unique: of two calls at once, one sends."""
    mail = Mail(
        owner=sender,
        direction=Mail.Direction.SENT,
        status=Mail.Status.SENDING,
        sender=address_of(sender),
        recipient=letter.to,
        subject=letter.subject,
        body=letter.body,
        contact=letter.contact,
        account=letter.account,
        message_id=new_message_id(sender),
        key=UUID(key),
    )
    try:
        with transaction.atomic():
            mail.save(force_insert=True)
    except IntegrityError:
        return Mail.objects.get(key=key), False
    return mail, True


def address_of(sender: User) -> str:
    """``Ann Lee <ann@example.com>``."""
    return formataddr((str(sender), sender.email))


def new_message_id(sender: User) -> str:
    return make_msgid(domain=sender.email.rpartition("@")[2] or "localhost")


def hand_over(mail: Mail) -> str:
    """Why it was certainly not sent, or an empty text. Any other exception means that nobody knows."""
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as problem:
        return f"The mail server cannot be reached: {problem}"
    headers = {"Message-ID": mail.message_id, HEADER: str(mail.key)}
    if mail.in_reply_to:
        headers |= {"In-Reply-To": mail.in_reply_to, "References": mail.in_reply_to}
    message = EmailMessage(
        mail.subject, mail.body, mail.sender, [mail.recipient], headers=headers, connection=connection
    )
    try:
        message.send()
    except _REFUSED as refused:
        return f"The mail server refused it: {refused}"
    finally:
        _close(connection)
    return ""


def _close(connection: Any) -> None:
    """What was sent was sent, also when the server hangs up badly."""
    with contextlib.suppress(OSError, smtplib.SMTPException):
        connection.close()


def settle(mail: Mail, problem: str, sender: User, run: str) -> Mail:
    """Write down what became of it, with the activity at the customer."""
    mail.status = Mail.Status.FAILED if problem else Mail.Status.DELIVERED
    mail.problem = problem[:300]
    with transaction.atomic():
        mail.save(update_fields=["status", "problem"])
        if not problem:
            _log(mail, sender, run)
    return mail


def _log(mail: Mail, sender: User, run: str) -> None:
    """The activity at the customer, and the line in the audit trail."""
    if mail.account_id is not None:
        made = Activity.objects.create(
            kind=Activity.Kind.EMAIL,
            subject=mail.subject[:200],
            body=mail.body,
            account_id=mail.account_id,
            contact_id=mail.contact_id,
            owner=sender,
            starts_at=mail.created_at,
            done=True,
        )
        note(sender, "created", made, {"kind": made.kind, "mail": mail.pk}, run=run)
    if mail.contact_id is not None:
        Contact.objects.filter(pk=mail.contact_id).update(last_contacted_at=timezone.now())
    note(sender, "mail_sent", mail, {"to": mail.recipient}, run=run)
