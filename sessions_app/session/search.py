"""Finding sessions by their title and their words."""

from collections.abc import Mapping
from uuid import UUID

from django.db.models import Q, QuerySet

from sessions_app.session.models import Session, SessionText
from sessions_app.streams.text import without_nul


def sessions_of(actor: str, *, query: str = "", archived: bool = False) -> QuerySet[Session]:
    """The actor's sessions, newest first. Every word of ``query`` must stand in the title or in one message."""
    found = Session.objects.filter(participants__actor=actor, participants__left_at=None)
    found = found.filter(archived_at__isnull=not archived)
    for word in query.replace("\0", " ").split()[:8]:  # PostgreSQL refuses the character
        in_text = SessionText.objects.filter(text__icontains=word).values("session_id")
        found = found.filter(Q(title__icontains=word) | Q(subject_label__icontains=word) | Q(pk__in=in_text))
    return found.order_by("-last_ts")


def remember_texts(session_id: str | UUID, texts: Mapping[str, str]) -> None:
    """Make finished messages, by their ids, findable. What is known already stays."""
    rows = [
        SessionText(session_id=session_id, message_id=message_id, text=without_nul(text))
        for message_id, text in texts.items()
    ]
    if rows:
        SessionText.objects.bulk_create(rows, ignore_conflicts=True)
