"""Signing somebody out of every browser."""

from django.contrib.sessions.models import Session as Login
from django.db import transaction
from django.utils import timezone

from sales_app.people.models import User
from sessions_app.live.kick import kick_user


def end_logins(user: User) -> None:
    """Delete the user's logins and, once that is committed, close their open connections.

    Django keeps no list of a user's logins, so all are looked at: some milliseconds for a thousand.
    """
    theirs = [
        login.pk
        for login in Login.objects.filter(expire_date__gt=timezone.now()).iterator()
        if login.get_decoded().get("_auth_user_id") == str(user.pk)
    ]
    Login.objects.filter(pk__in=theirs).delete()
    transaction.on_commit(lambda: kick_user(user.pk))
