"""Subscribing a browser, and letting go of it."""

import base64
import binascii
import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction

from sales_app.inbox.models import Device
from sales_app.inbox.push.hosts import NotAllowed, checked
from sales_app.people.models import User
from sessions_app.errors import SessionsError
from sessions_app.session.access import actor_of

PER_PERSON = 20
ENDPOINT_MAX = 2000


class BadSubscription(SessionsError):
    """This is no subscription that a notice could be sent to. Reload the page and try again."""

    code = "bad_subscription"


class UnknownPushService(SessionsError):
    """This browser's push service is not known here. Ask an administrator to allow it, or use another browser."""

    code = "unknown_push_service"


def subscribe(user: User, subscription: Any, label: str = "") -> Device:
    """``subscription`` is what the browser's ``PushSubscription.toJSON()`` gives. Again: the same device.

    A browser that somebody else subscribed before is this person's from now on: it is they who sit at it. Raises
    BadSubscription, UnknownPushService.
    """
    endpoint, p256dh, auth = _read(subscription)
    try:
        checked(endpoint)
    except NotAllowed as problem:
        raise UnknownPushService(
            f"{problem} Ask an administrator to allow it, or use another browser."
        ) from None
    with transaction.atomic():
        device, _ = Device.objects.update_or_create(
            endpoint_hash=_hash(endpoint),
            defaults={
                "user": user,
                "endpoint": endpoint,
                "p256dh": p256dh,
                "auth": auth,
                "label": label.strip()[:100],
            },
        )
        device.pushes.exclude(notice__actor=actor_of(user)).delete()
        kept = Device.objects.filter(user=user).order_by("-pk").values_list("pk", flat=True)[:PER_PERSON]
        Device.objects.filter(user=user).exclude(pk__in=list(kept)).delete()
    return device


def forget(user: User, *, endpoint: str = "", pk: int | None = None) -> bool:
    """Whether there was such a device of theirs."""
    mine = Device.objects.filter(user=user)
    mine = mine.filter(pk=pk) if pk is not None else mine.filter(endpoint_hash=_hash(endpoint))
    return bool(mine.delete()[0])


def _hash(endpoint: str) -> str:
    return hashlib.sha256(endpoint.encode()).hexdigest()


def _read(subscription: Any) -> tuple[str, str, str]:
    try:
        endpoint, keys = subscription["endpoint"], subscription["keys"]
        p256dh, auth = keys["p256dh"], keys["auth"]
        if not 0 < len(endpoint) <= ENDPOINT_MAX or not endpoint.isascii():
            raise ValueError
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(p256dh))
        if len(_bytes(auth)) != 16:
            raise ValueError
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error):
        raise BadSubscription() from None
    return endpoint, p256dh, auth


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
