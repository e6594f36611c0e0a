"""Drafts: written by a skill or a person, seen by their owner alone, and sent when the owner presses send.

    draft --edit--> draft --send--> sending --> delivered
                                            --> draft again, when it certainly did not leave
    draft --discard--> discarded

Each arrow is one conditional update of the version that somebody has seen: what another device did meanwhile is never overwritten,
and of two presses on send one sends.
"""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from sales_app.collect.drafts import BLANK, drafts_for
from sales_app.crm.access import contacts_for
from sales_app.crm.editing import note
from sales_app.crm.models import Contact
from sales_app.documents.document import Document
from sales_app.mail.models import Mail
from sales_app.mail.sending import Letter, address_of, fault, hand_over, new_message_id, settle
from sales_app.people.models import User


class DraftError(Exception):
    """``code`` is stable; the message says what happened and what was kept."""

    code = "draft_error"


class NotADraft(DraftError):
    """It was sent or discarded already, or is somebody else's."""

    code = "not_a_draft"


class StaleDraft(DraftError):
    """It was changed since it was looked at. ``current`` is how it is now."""

    code = "stale_draft"

    def __init__(self, current: Mail) -> None:
        super().__init__(
            "This draft was changed meanwhile. Nothing was overwritten; look at it as it is now."
        )
        self.current = current


class Unsendable(DraftError):
    """No address, no subject, no text, a blank that nobody filled: the message says which."""

    code = "unsendable"


def drafts_of(owner: User) -> QuerySet[Mail]:
    """Those that wait for their owner, the newest first."""
    return Mail.objects.filter(owner=owner, status=Mail.Status.DRAFT)


def make_draft(owner: User, to: str, subject: str, body: str, in_reply_to: str, key: str) -> Mail:
    """A draft in the owner's mailbox, at most one for the key and one for the mail that it answers.

    ``in_reply_to`` is that mail's message ID, or empty. Where there is a draft already it is returned as it is, with whatever its
    owner made of it. Sends nothing; may be called inside a transaction.
    """
    there = _existing(owner, in_reply_to, key)
    if there is not None:
        return there
    contact = _contact(owner, to)
    draft = Mail(
        owner=owner,
        direction=Mail.Direction.SENT,
        status=Mail.Status.DRAFT,
        sender=address_of(owner),
        recipient=to[:320],
        subject=" ".join(subject.split())[:300],
        body=body,
        contact=contact,
        account=contact.account if contact else None,
        message_id=new_message_id(owner),
        draft_key=key[:200],
        in_reply_to=in_reply_to[:255],
    )
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
            note(owner, "mail_drafted", draft, {"to": draft.recipient})
    except IntegrityError:
        there = _existing(owner, in_reply_to, key)
        if there is None:
            raise
        return there
    return draft


def make_drafts(owner: User, document: Document, key: str) -> list[Mail]:
    """The drafts that a skill's document holds (``sales_app.collect.drafts``). ``key`` is the run and call that made it."""
    return [
        make_draft(owner, draft.to, draft.subject, draft.body, draft.in_reply_to, f"{key}:{draft.key}")
        for draft in drafts_for(document)
    ]


def _existing(owner: User, in_reply_to: str, key: str) -> Mail | None:
    found = Mail.objects.filter(owner=owner, draft_key=key[:200]).first() if key else None
    if found is None and in_reply_to:
        found = drafts_of(owner).filter(in_reply_to=in_reply_to[:255]).first()
    return found


def _contact(owner: User, address: str) -> Contact | None:
    """The contact with this address, if it is one and only one's."""
    found = list(contacts_for(owner).select_related("account").filter(email__iexact=address or "?")[:2])
    return found[0] if len(found) == 1 else None


def edit_draft(draft: Mail, *, to: str, subject: str, body: str, version: int, by: User) -> Mail:
    """Raises StaleDraft, NotADraft."""
    contact = _contact(by, to)
    values = {
        "recipient": to[:320],
        "subject": subject[:300],
        "body": body,
        "contact": contact,
        "account": contact.account if contact else None,
        "problem": "",
    }
    return _move(draft, version, by, values)


def discard(draft: Mail, *, version: int, by: User) -> Mail:
    """The row stays, so that the run that made it does not make it again; its text goes. Raises StaleDraft, NotADraft."""
    with transaction.atomic():
        found = _move(draft, version, by, {"status": Mail.Status.DISCARDED, "body": ""})
        note(by, "mail_discarded", found, {"to": found.recipient})
    return found


def unsendable(draft: Mail) -> str:
    """Why the draft cannot be sent as it is, or an empty text."""
    wrong = fault(Letter(to=draft.recipient, subject=draft.subject, body=draft.body))
    if not wrong and BLANK in draft.body:
        wrong = f"The text still has a blank. Edit the draft and write your answer where it says {BLANK}."
    return wrong


def send_draft(draft: Mail, *, version: int, by: User) -> Mail:
    """Send what its owner has seen as ``version``. The mail's status says what became of it: a draft again, if it did not leave.

    Blocks while the mail server is talked to; holds no transaction. Raises StaleDraft, NotADraft, Unsendable; whatever else the
    mail server raises leaves it open whether the mail left.
    """
    wrong = unsendable(draft)
    if wrong:
        raise Unsendable(wrong)
    claim = {"status": Mail.Status.SENDING, "key": uuid4(), "created_at": timezone.now(), "problem": ""}
    mail = _move(draft, version, by, claim)
    problem = hand_over(mail)
    if problem and _back_to_draft(mail, problem):
        return mail
    return settle(mail, problem, by, "")


def _move(draft: Mail, version: int, by: User, values: Mapping[str, Any]) -> Mail:
    claimed = drafts_of(by).filter(pk=draft.pk, version=version)
    if claimed.update(**values, version=F("version") + 1):
        return Mail.objects.select_related("contact", "account").get(pk=draft.pk)
    current = drafts_of(by).filter(pk=draft.pk).first()
    if current is None:
        raise NotADraft("This is no longer a draft of yours: it was sent or discarded.")
    raise StaleDraft(current)


def _back_to_draft(mail: Mail, problem: str) -> bool:
    """False where another draft answers the same mail by now."""
    try:
        with transaction.atomic():
            Mail.objects.filter(pk=mail.pk, status=Mail.Status.SENDING).update(
                status=Mail.Status.DRAFT, problem=problem[:300], version=F("version") + 1
            )
    except IntegrityError:
        return False
    mail.refresh_from_db()
    return True
