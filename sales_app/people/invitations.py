"""Inviting people: a link by e-mail that works once, for a week."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from sales_app.people.access import can
from sales_app.people.audit import record
from sales_app.people.models import Invitation, User

VALID_FOR = timedelta(days=7)


class InvitationError(Exception):
    """``code`` is stable; the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def invite(*, by: User, email: str, role: str, manager: User | None, link: Any) -> Invitation:
    """Send an invitation; an earlier open one to the same address stops working. ``link(token)`` makes the address.

    Raises InvitationError: not_allowed, already_here.
    """
    if not can(by, "people.invite"):
        raise InvitationError("not_allowed", "Your role cannot invite people. Ask RevOps.")
    if role == User.Role.ADMINISTRATOR and by.role != User.Role.ADMINISTRATOR and not by.is_superuser:
        raise InvitationError("not_allowed", "Only an administrator can invite an administrator.")
    email = email.strip().lower()
    if User.objects.filter(email__iexact=email).exists():
        raise InvitationError(
            "already_here", f"{email} has an account already. Reactivate it on the team page."
        )
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        Invitation.objects.filter(email=email, accepted_at=None).delete()
        invitation = Invitation.objects.create(
            email=email,
            role=role,
            manager=manager,
            invited_by=by,
            token_hash=_hash(token),
            expires_at=timezone.now() + VALID_FOR,
        )
        record(by, "people.invited", email, {"role": role})
    send_mail(
        f"{by} invites you to Clewline",
        f"{by} invites you to Clewline, the sales copilot.\n\nOpen this link to choose a password:\n{link(token)}\n\n"
        "It works once, for 7 days. If you did not expect this, ignore it.\n",
        settings.DEFAULT_FROM_EMAIL,
        [email],
    )
    return invitation


def open_invitation(token: str) -> Invitation:
    """Raises InvitationError for unknown, used and expired tokens alike."""
    found = Invitation.objects.filter(
        token_hash=_hash(token), accepted_at=None, expires_at__gt=timezone.now()
    ).first()
    if found is None:
        raise InvitationError(
            "invitation_over", "This invitation does not work any longer. Ask for a new one."
        )
    return found


def accept(token: str, *, first_name: str, last_name: str, password: str) -> User:
    """Make the account. Raises InvitationError."""
    with transaction.atomic():
        invitation = open_invitation(token)
        claimed = Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(
            accepted_at=timezone.now()
        )
        if not claimed:
            raise InvitationError(
                "invitation_over", "This invitation does not work any longer. Ask for a new one."
            )
        user = User.objects.create_user(
            invitation.email,
            password,
            first_name=first_name,
            last_name=last_name,
            role=invitation.role,
            manager=invitation.manager,
        )
        record(user, "people.joined", user.email, {"role": user.role})
    return user
