"""Finding sessions by their title and their words."""

from django.db.models import Q, QuerySet

from sessions_app.session.models import Session, SessionText


def sessions_of(actor: str, *, query: str = "", archived: bool = False) -> QuerySet[Session]:
    """The actor's sessions, newest first. Every word of ``query`` must stand in the title or in one message."""
    found = Session.objects.filter(participants__actor=actor, participants__left_at=None)
    found = found.filter(archived_at__isnull=not archived)
    for word in query.split()[:8]:
        in_text = SessionText.objects.filter(text__icontains=word).values("session_id")
        found = found.filter(Q(title__icontains=word) | Q(subject_label__icontains=word) | Q(pk__in=in_text))
    return found.order_by("-last_ts")


def remember_text(session_id: str, message_id: str, text: str) -> None:
    """Make a finished message findable."""
    SessionText.objects.get_or_create(session_id=session_id, message_id=message_id, defaults={"text": text})
