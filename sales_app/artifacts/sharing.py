"""Links for people without a login. A person makes them with a click; no agent can."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from sales_app.artifacts.access import may_share
from sales_app.artifacts.errors import NotShared
from sales_app.artifacts.making import page_of
from sales_app.artifacts.models import ArtifactVersion, ShareLink
from sales_app.documents import document_from_json
from sales_app.people.models import User

DAYS = 14
DAYS_MAX = 90
# Written for us: what they say about a customer is not for the customer.
INTERNAL = frozenset({"brief", "report", "battle-card"})


def needs_care(version: ArtifactVersion) -> str:
    """What somebody has to know before sharing, or ""."""
    if version.artifact.kind in INTERNAL:
        return "This page was written for us, not for customers."
    if version.unsupported:
        count = "1 statement" if version.unsupported == 1 else f"{version.unsupported} statements"
        return f"{count} in it have no source."
    return ""


def share(
    version: ArtifactVersion, *, by: User, days: int = DAYS, knowing: bool = False
) -> tuple[ShareLink, str]:
    """The link and its secret, which is kept nowhere. ``knowing``: that ``needs_care`` was read.

    Raises NotShared.
    """
    if not may_share(by, version.artifact):
        raise NotShared("You may read this page, not share it. Ask its owner.")
    if not 1 <= days <= DAYS_MAX:
        raise NotShared(f"A link lasts between 1 and {DAYS_MAX} days.")
    care = needs_care(version)
    if care and not knowing:
        raise NotShared(f"{care} Confirm that it is to be shared all the same.")
    secret = secrets.token_urlsafe(24)
    link = ShareLink.objects.create(
        version=version,
        secret_hash=_hash(secret),
        html=page_of(document_from_json(version.document), audience="outside"),
        created_by=by,
        expires_at=timezone.now() + timedelta(days=days),
    )
    return link, secret


def revoke(link: ShareLink, *, by: User) -> None:
    """Whoever may share may also end it; a second time changes nothing. Raises NotShared."""
    if not may_share(by, link.version.artifact):
        raise NotShared("You may read this page, not end its links. Ask its owner.")
    ShareLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now())


def open_links(now: datetime | None = None) -> QuerySet[ShareLink]:
    """Those that work."""
    return ShareLink.objects.filter(
        revoked_at=None, expires_at__gt=now or timezone.now(), created_by__is_active=True
    )


def opened(secret: str) -> ShareLink | None:
    """None alike for links that never were, are over, or were ended."""
    return open_links().filter(secret_hash=_hash(secret)).select_related("version__artifact").first()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
