"""One mail for what a person has not looked at for a while. At most once: claimed first, then sent.

It names the chat and carries nothing of what was said in it.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse

from sales_app.inbox.models import Notice
from sales_app.inbox.notices import unsettled
from sales_app.inbox.sorting import sort_out
from sales_app.inbox.wishes import TITLES, unwished
from sales_app.people.models import User
from sessions_app.session.access import actor_of, user_id_of
from sessions_app.session.models import Session

logger = logging.getLogger(__name__)

AT_ONCE = 200


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What one person has not seen of one session; ``kinds`` in the order of ``TITLES``."""

    user: User
    session: Session
    notices: Sequence[Notice]
    kinds: Sequence[str]


def mail_due(now: datetime) -> int:
    """Send what is due. Returns the number of mails. A mail server that is away is tried again next time."""
    due = list(unsettled(now).select_related("session")[:AT_ONCE])
    letters = _letters(due, now) if due else []
    if not letters:
        return 0
    connection = get_connection()
    try:
        connection.open()
    except (OSError, SMTPException) as problem:
        logger.warning("The mail server cannot be reached (%s); notices wait.", type(problem).__name__)
        return 0
    try:
        return sum(_send(letter, connection, now) for letter in letters)
    finally:
        connection.close()


def _letters(due: Sequence[Notice], now: datetime) -> Sequence[Letter]:
    """Settle what needs no mail, put off what is on somebody's screen, and sort the rest into letters."""
    users = _users(due)
    unwanted = unwished({user.pk for user in users.values()}, "mail")
    sorted_ = sort_out(
        due, now, wanted=lambda each: each.actor in users and (each.actor, each.kind) not in unwanted
    )
    _move(sorted_.settled, now, None)
    _move(sorted_.put_off, now, now + timedelta(seconds=settings.CLEWLINE_NOTICE_SECONDS))
    rest = sorted(sorted_.rest, key=lambda each: (each.actor, str(each.session_id)))
    return [
        _letter(users, list(some)) for _, some in groupby(rest, lambda each: (each.actor, each.session_id))
    ]


def _letter(users: dict[str, User], notices: list[Notice]) -> Letter:
    kinds = {each.kind for each in notices}
    return Letter(
        user=users[notices[0].actor],
        session=notices[0].session,
        notices=notices,
        kinds=[kind for kind in TITLES if kind in kinds],
    )


def _users(due: Sequence[Notice]) -> dict[str, User]:
    """By actor, those who want mail."""
    keys = {key for each in due if (key := user_id_of(each.actor)) is not None}
    users = User.objects.filter(pk__in=keys, is_active=True, mail_notices=True)
    return {actor_of(user): user for user in users}


def _move(notices: Sequence[Notice], now: datetime, due: datetime | None) -> None:
    keys = [each.pk for each in notices]
    Notice.objects.filter(pk__in=keys, mail_due__lte=now).update(mail_due=due)


def _send(letter: Letter, connection: BaseEmailBackend, now: datetime) -> bool:
    keys = [each.pk for each in letter.notices]
    claimed = Notice.objects.filter(pk__in=keys, mail_due__lte=now).update(mail_due=None, mailed_at=now)
    if not claimed:
        return False  # somebody else sends it
    try:
        _message(letter, connection).send()
    except (OSError, SMTPException) as problem:
        # It may have left. Twice would be worse than not at all: the inbox has it.
        logger.warning("A notice could not be mailed to user %s (%r).", letter.user.pk, problem)
        return False
    return True


def _message(letter: Letter, connection: BaseEmailBackend) -> EmailMessage:
    title = " ".join(str(letter.session).split())
    site = settings.CLEWLINE_SITE_URL.rstrip("/")
    text = render_to_string(
        "inbox/email/notice.txt",
        {
            "user": letter.user,
            "title": title,
            "kinds": letter.kinds,
            "chat": site + reverse("chat-session", args=[letter.session.pk]),
            "profile": site + reverse("people-profile"),
        },
    )
    subject = f"{TITLES[letter.kinds[0]]}: {title}"
    return EmailMessage(
        subject, text, settings.DEFAULT_FROM_EMAIL, [letter.user.email], connection=connection
    )
