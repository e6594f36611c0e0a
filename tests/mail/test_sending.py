"""A mail leaves once for its key, and what became of it is known or said to be unknown."""

import smtplib
import uuid
from typing import Any

import pytest
from django.core import mail as outbox
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from sales_app.crm.models import Activity, Contact
from sales_app.mail.models import Mail
from sales_app.mail.sending import Letter, SendingUnknown, fault, send
from sales_app.people.models import AuditEntry
from tests.agent.conftest import Book, book  # noqa: F401  the fixture

HERE = "tests.mail.test_sending"


class Refusing(EmailBackend):
    """Mail servers that say no, that hang up after the text, and that cannot be reached."""

    problem: Exception | None = smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"unknown")})

    def send_messages(self, messages: Any) -> int:
        raise self.problem  # type: ignore[misc]


class HangingUp(Refusing):
    problem = smtplib.SMTPServerDisconnected("Connection unexpectedly closed")


class Unreachable(EmailBackend):
    def open(self) -> bool:
        raise ConnectionRefusedError("refused")


@pytest.fixture
def letter(book: Book) -> Letter:  # noqa: F811
    cleo = Contact.objects.get(name="Cleo Marsh")
    return Letter(to=cleo.email, subject="The quote", body="It is on its way.\n\nAnn", contact=cleo)


def test_it_is_sent_once_for_its_key(book: Book, letter: Letter) -> None:  # noqa: F811
    key = str(uuid.uuid4())
    begun = timezone.now()
    first = send(letter, sender=book.ann, key=key, run="r1")
    again = send(letter, sender=book.ann, key=key, run="r1")
    assert first.pk == again.pk and first.status == Mail.Status.DELIVERED
    (sent,) = outbox.outbox
    assert sent.extra_headers["Message-ID"] == first.message_id
    assert sent.from_email == "Ann Lee <ann@example.com>" and sent.to == ["cleo@acme.example"]
    activity = Activity.objects.get(kind="email")
    assert (activity.account, activity.contact.name, activity.owner) == (book.acme, "Cleo Marsh", book.ann)  # type: ignore[union-attr]
    assert Contact.objects.get(name="Cleo Marsh").last_contacted_at >= begun  # type: ignore[operator]
    trail = AuditEntry.objects.get(action="crm.mail_sent")
    assert trail.actor == book.ann and trail.data == {"to": "cleo@acme.example", "run": "r1"}


def test_another_key_sends_again(book: Book, letter: Letter) -> None:  # noqa: F811
    for _ in range(2):
        send(letter, sender=book.ann, key=str(uuid.uuid4()))
    assert len(outbox.outbox) == 2 and Mail.objects.count() == 2


@pytest.mark.parametrize("backend", ["Refusing", "Unreachable"])
def test_what_was_refused_was_certainly_not_sent(
    book: Book,  # noqa: F811
    letter: Letter,
    settings: Any,
    backend: str,
) -> None:
    settings.EMAIL_BACKEND = f"{HERE}.{backend}"
    mail = send(letter, sender=book.ann, key=str(uuid.uuid4()))
    assert mail.status == Mail.Status.FAILED and mail.problem
    assert not Activity.objects.filter(kind="email").exists()
    assert not AuditEntry.objects.filter(action="crm.mail_sent").exists()


def test_a_server_that_hangs_up_leaves_it_unknown_and_it_is_not_tried_again(
    book: Book,  # noqa: F811
    letter: Letter,
    settings: Any,
) -> None:
    key = str(uuid.uuid4())
    settings.EMAIL_BACKEND = f"{HERE}.HangingUp"
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(letter, sender=book.ann, key=key)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with pytest.raises(SendingUnknown):
        send(letter, sender=book.ann, key=key)
    assert outbox.outbox == [] and Mail.objects.get().status == Mail.Status.SENDING


def test_without_a_mail_server_a_colleague_finds_it_in_the_mailbox(book: Book, settings: Any) -> None:  # noqa: F811
    settings.EMAIL_BACKEND = "sales_app.mail.backend.MailboxBackend"
    sent = send(
        Letter(to="BEN@example.com", subject="Bolt", body="Call them."),
        sender=book.ann,
        key=str(uuid.uuid4()),
    )
    received = Mail.objects.get(direction="received")
    assert (received.owner, received.subject, received.message_id) == (book.ben, "Bolt", sent.message_id)
    outbox.send_mail("Reset your password", "A secret link", None, ["ben@example.com"])
    assert Mail.objects.filter(direction="received").count() == 1


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"to": "nobody"}, "no email address"),
        ({"subject": " "}, "subject"),
        ({"subject": "a\nBcc: x@y.example"}, "one line"),
        ({"body": "\n"}, "no text"),
    ],
)
def test_what_cannot_be_sent_is_said(changed: dict[str, str], says: str) -> None:
    whole = {"to": "a@b.example", "subject": "Hello", "body": "Text", **changed}
    assert says in fault(Letter(**whole))
    assert fault(Letter(to="a@b.example", subject="Hello", body="Text")) == ""
