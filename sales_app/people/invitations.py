"""Inviting people: a link by e-mail that works once, for a week."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPException
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.utils import timezone

from sales_app.people.access import can
from sales_app.people.audit import record
from sales_app.people.changes import may_grant
from sales_app.people.errors import PeopleError
from sales_app.people.models import Invitation, User

VALID_FOR = timedelta(days=7)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _over() -> PeopleError:
    return PeopleError("invitation_over", "This invitation does not work any longer. Ask for a new one.")


def _taken(email: str) -> PeopleError:
    return PeopleError(
        "already_here",
        f"{email} has an account already. If it was deactivated, reactivate it on the team page.",
    )


def invite(
    *, by: User, email: str, role: str, manager: User | None, link: Callable[[str], str], now: datetime
) -> tuple[Invitation, str]:
    """Send an invitation; an earlier open one to the same address stops working.

    ``link(token)`` makes the address of the page that accepts it; it is returned beside the invitation, and
    kept nowhere. If the message cannot be sent, nothing is kept.

    Raises PeopleError: not_allowed, already_here, mail_failed.
    """
    may_grant(by, role)
    email = email.strip().lower()
    if User.objects.filter(email__iexact=email).exists():
        raise _taken(email)
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        Invitation.objects.filter(email=email, accepted_at=None).delete()
        invitation = Invitation.objects.create(
            email=email,
            role=role,
            manager=manager,
            invited_by=by,
            token_hash=_hash(token),
            expires_at=now + VALID_FOR,
        )
        record(by, "people.invited", email, {"role": role})
    address = link(token)
    try:
        _send(invitation, by, address)
    except (OSError, SMTPException) as error:
        with transaction.atomic():
            invitation.delete()
            record(by, "people.invitation_withdrawn", email, {"reason": "the message could not be sent"})
        raise PeopleError(
            "mail_failed",
            f"The message to {email} could not be sent, so there is no invitation. The mail server said: {error}",
        ) from error
    return invitation, address


def _send(invitation: Invitation, by: User, address: str) -> None:
    until = timezone.localtime(invitation.expires_at, ZoneInfo(by.time_zone))
    context = {"by": by, "address": address, "until": until}
    send_mail(
        f"{by} invites you to Clewline",
        render_to_string("people/email/invitation.txt", context),
        settings.DEFAULT_FROM_EMAIL,
        [invitation.email],
    )


def withdraw(invitation_id: int, *, by: User) -> str | None:
    """The link stops working. Returns the address it went to, None if it was accepted or withdrawn before.

    Raises PeopleError ``not_allowed``.
    """
    if not can(by, "people.invite"):
        raise PeopleError("not_allowed", "Your role cannot do that. Ask RevOps.")
    with transaction.atomic():
        found = Invitation.objects.select_for_update().filter(pk=invitation_id, accepted_at=None).first()
        if found is None:
            return None
        found.delete()
        record(by, "people.invitation_withdrawn", found.email, {"role": found.role})
        return found.email


def open_invitation(token: str, *, now: datetime) -> Invitation:
    """Raises PeopleError ``invitation_over`` for unknown, used and expired tokens alike."""
    open_ones = Invitation.objects.filter(token_hash=_hash(token), accepted_at=None, expires_at__gt=now)
    found = open_ones.select_related("invited_by", "manager").first()
    if found is None:
        raise _over()
    return found


def accept(
    token: str, *, first_name: str, last_name: str, password: str, time_zone: str, now: datetime
) -> User:
    """Make the account. Raises PeopleError: invitation_over, already_here."""
    try:
        with transaction.atomic():
            invitation = open_invitation(token, now=now)
            # Two clicks at once: one of them finds the row changed.
            if not Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(accepted_at=now):
                raise _over()
            user = User.objects.create_user(
                invitation.email,
                password,
                first_name=first_name,
                last_name=last_name,
                role=invitation.role,
                manager=invitation.manager,
                time_zone=time_zone,
            )
            record(user, "people.joined", user.email, {"role": user.role})
    except IntegrityError as error:
        raise _taken(invitation.email) from error
    return user
