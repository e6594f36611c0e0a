"""Ending and restoring somebody's access."""

from django.contrib.sessions.models import Session as Login
from django.db import transaction
from django.utils import timezone

from sales_app.people.access import can
from sales_app.people.audit import record
from sales_app.people.invitations import InvitationError
from sales_app.people.models import User
from sessions_app.live.kick import kick_user


def deactivate(user: User, *, by: User) -> None:
    """From this moment on they are signed out everywhere; what they own stays. Raises InvitationError."""
    _check(user, by)
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=False)
        for login in Login.objects.filter(expire_date__gt=timezone.now()).iterator():
            if login.get_decoded().get("_auth_user_id") == str(user.pk):
                login.delete()
        record(by, "people.deactivated", user.email)
        transaction.on_commit(lambda: kick_user(user.pk))


def reactivate(user: User, *, by: User) -> None:
    _check(user, by)
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=True)
        record(by, "people.reactivated", user.email)


def _check(user: User, by: User) -> None:
    if not can(by, "people.deactivate"):
        raise InvitationError("not_allowed", "Your role cannot do that. Ask RevOps.")
    if user.pk == by.pk:
        raise InvitationError("not_yourself", "You cannot end your own access. Ask another administrator.")
    if user.role == User.Role.ADMINISTRATOR and by.role != User.Role.ADMINISTRATOR and not by.is_superuser:
        raise InvitationError("not_allowed", "Only an administrator can do that to an administrator.")
