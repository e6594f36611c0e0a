"""~~email: the person's own mailbox."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parseaddr

from django.db.models import QuerySet

from sales_app.connectors.arguments import WrongArgument, key, moment, required, text
from sales_app.connectors.base import Item
from sales_app.connectors.demo.reader import Json, Operation, Reader
from sales_app.mail.models import Mail
from sales_app.people.models import User

MOST = 500  # of the newest mails, for one question
LEFT = (Mail.Status.DELIVERED, Mail.Status.SENDING)

_REPLY = re.compile(r"^\s*((re|aw|fwd?|antw|sv)\s*:\s*)+", re.IGNORECASE)
# Who writes from such an address, or says how to be taken off the list, waits for no answer.
_BULK_SENDER = re.compile(
    r"^(no-?reply|do-?not-?reply|newsletter|news|notifications?|mailer|digest)\b", re.IGNORECASE
)
_BULK_WORDS = re.compile(r"\bunsubscribe\b|automatic reply|out of office", re.IGNORECASE)


class EmailProvider(Reader):
    """The newest first. A manager reads the mailboxes of reports on the page of the mailbox, not here.

    ``meta``: ``direction`` (received, sent), ``status``, ``from``, ``to``, ``from_address``, ``to_address``, ``message_id``,
    ``in_reply_to``, ``contact`` and ``contact_id``; of a received mail ``bulk`` (a newsletter or an automatic reply),
    ``answered_at`` (ISO 8601 or "") and ``draft_id`` (an answer that was begun, or None); of a draft ``version``.
    """

    name = "demo_email"
    title = "Demo mailbox"
    category = "email"

    def operations(self) -> Mapping[str, Operation]:
        return {"messages": _messages, "message": _message, "drafts": _drafts}


@dataclass
class Answers:
    """What the person wrote after some mail came, to find out which ones are answered."""

    by_id: dict[str, datetime] = field(default_factory=dict)
    by_subject: dict[tuple[str, str], datetime] = field(default_factory=dict)
    drafts: dict[str, int] = field(default_factory=dict)

    def at(self, mail: Mail) -> datetime | None:
        later = self.by_subject.get((address(mail.sender), subject_of(mail.subject)))
        if later is not None and later < mail.created_at:
            later = None
        return self.by_id.get(mail.message_id) or later


def address(written: str) -> str:
    return parseaddr(written)[1].lower()


def subject_of(subject: str) -> str:
    """Without "Re:" and the like."""
    return " ".join(_REPLY.sub("", subject).lower().split())


def is_bulk(mail: Mail) -> bool:
    return bool(
        _BULK_SENDER.match(address(mail.sender))
        or _BULK_WORDS.search(mail.subject)
        or _BULK_WORDS.search(mail.body)
    )


def _own(user: User) -> QuerySet[Mail]:
    return Mail.objects.filter(owner=user).select_related("contact").order_by("-created_at", "-id")


def _messages(user: User, arguments: Json) -> Iterator[Item]:
    rows = _own(user).filter(status__in=LEFT)
    if since := moment(arguments, "since"):
        rows = rows.filter(created_at__gte=since)
    account = key(arguments, "account")
    if account is not None:
        rows = rows.filter(account=account)
    if direction := text(arguments, "direction"):
        if direction not in Mail.Direction.values:
            raise WrongArgument(f"direction is received or sent; {direction!r} is not.")
        rows = rows.filter(direction=direction)
    yield from _items(user, list(rows[:MOST]))


def _message(user: User, arguments: Json) -> Iterator[Item]:
    required(arguments, "id")
    yield from _items(user, list(_own(user).filter(pk=key(arguments, "id") or 0, status__in=LEFT)))


def _drafts(user: User, arguments: Json) -> Iterator[Item]:
    for mail in _own(user).filter(status=Mail.Status.DRAFT)[:MOST]:
        yield _item(mail, {"version": mail.version})


def _items(user: User, mails: list[Mail]) -> Iterator[Item]:
    received = [mail for mail in mails if mail.direction == Mail.Direction.RECEIVED]
    answers = _answers(user, min(mail.created_at for mail in received)) if received else Answers()
    for mail in mails:
        if mail.direction != Mail.Direction.RECEIVED:
            yield _item(mail, {})
            continue
        answered = answers.at(mail)
        yield _item(
            mail,
            {
                "bulk": is_bulk(mail),
                "answered_at": answered.isoformat() if answered else "",
                "draft_id": answers.drafts.get(mail.message_id),
            },
        )


def _answers(user: User, since: datetime) -> Answers:
    found = Answers()
    written = Mail.objects.filter(owner=user, direction=Mail.Direction.SENT, created_at__gte=since)
    for mail in written.only("status", "recipient", "subject", "in_reply_to", "created_at").order_by(
        "created_at"
    ):
        if mail.status == Mail.Status.DRAFT:
            if mail.in_reply_to:
                found.drafts[mail.in_reply_to] = mail.pk
        elif mail.status in LEFT:
            if mail.in_reply_to:
                found.by_id.setdefault(mail.in_reply_to, mail.created_at)
            found.by_subject[(address(mail.recipient), subject_of(mail.subject))] = mail.created_at
    return found


def _item(mail: Mail, more: Json) -> Item:
    return Item(
        id=str(mail.pk),
        kind="draft" if mail.status == Mail.Status.DRAFT else "mail",
        at=mail.created_at,
        title=mail.subject,
        text=mail.body,
        people=tuple(parseaddr(each)[0] or each for each in (mail.sender, mail.recipient)),
        account=mail.account_id,
        url=mail.get_absolute_url(),
        untrusted=mail.direction == Mail.Direction.RECEIVED,
        meta={
            "direction": mail.direction,
            "status": mail.status,
            "from": mail.sender,
            "to": mail.recipient,
            "from_address": address(mail.sender),
            "to_address": address(mail.recipient),
            "message_id": mail.message_id,
            "in_reply_to": mail.in_reply_to,
            "contact": mail.contact.name if mail.contact else "",
            "contact_id": mail.contact_id,
            **more,
        },
    )
