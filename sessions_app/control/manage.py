"""Naming and archiving sessions, seen at once in everybody's list."""

from django.utils import timezone

from sessions_app.runs.listing import entry_changed
from sessions_app.session import events
from sessions_app.session.access import NotAllowed
from sessions_app.session.log import session_log
from sessions_app.session.models import Participant, Session
from sessions_app.session.sessions import TITLE_MAX


def rename(session_id: str, actor: str, title: str) -> None:
    """Raises NotAllowed for observers."""
    session = _writable(session_id, actor)
    title = " ".join(title.split())[:TITLE_MAX]
    with session_log(session.stream_id) as log:
        Session.objects.filter(pk=session.pk).update(title=title)
        log.add(events.session_renamed(title), actor=actor)
        entry_changed(session.pk)


def archive(session_id: str, actor: str, archived: bool) -> None:
    """Put the session away, or bring it back. Nothing is lost; an archived session takes no input.

    Raises NotAllowed for observers.
    """
    session = _writable(session_id, actor)
    with session_log(session.stream_id) as log:
        Session.objects.filter(pk=session.pk).update(archived_at=timezone.now() if archived else None)
        log.add(events.session_archived(archived), actor=actor)
        entry_changed(session.pk)


def _writable(session_id: str, actor: str) -> Session:
    session = Session.objects.get(pk=session_id)
    if (
        not session.participants.filter(actor=actor, left_at=None)
        .exclude(role=Participant.Role.OBSERVER)
        .exists()
    ):
        raise NotAllowed()
    return session
