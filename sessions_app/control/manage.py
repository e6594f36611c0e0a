"""Naming and archiving sessions, seen at once in everybody's list."""

from django.utils import timezone

from sessions_app.control.rights import member
from sessions_app.runs.interrupts import go_on
from sessions_app.runs.lifecycle import start_following
from sessions_app.runs.lineage import family
from sessions_app.runs.listing import entry_changed
from sessions_app.runs.models import Interrupt, Run
from sessions_app.session import events
from sessions_app.session.log import SessionLog, session_log
from sessions_app.session.models import Session
from sessions_app.session.sessions import TITLE_MAX


def rename(session_id: str, actor: str, title: str) -> None:
    """Raises UnknownSession, NotAllowed for observers."""
    person = member(session_id, actor)
    title = " ".join(title.split())[:TITLE_MAX]
    with session_log(person.session.stream_id) as log:
        session = member(session_id, actor).session
        Session.objects.filter(pk=session.pk).update(title=title)
        log.add(events.session_renamed(title), actor=actor)
        entry_changed(session.pk)


def archive(session_id: str, actor: str, archived: bool) -> None:
    """Put the session away, or bring it back. Nothing is lost.

    In an archived session nothing begins: it takes no input and no answer, nobody takes control, what waits goes on waiting.
    An answer under way is finished, and may be stopped. Brought back, it goes on with what waits. Raises UnknownSession,
    NotAllowed for observers.
    """
    person = member(session_id, actor)
    with session_log(person.session.stream_id) as log:
        session = member(session_id, actor).session
        session.archived_at = timezone.now() if archived else None
        session.save(update_fields=["archived_at"])
        log.add(events.session_archived(archived), actor=actor)
        if not archived:
            _go_on(log, session)
        entry_changed(session.pk)


def _go_on(log: SessionLog, session: Session) -> None:
    """What was asked may have expired meanwhile. A run that somebody stopped instead of answering is over."""
    last = session.branch
    stopped = Interrupt.objects.filter(
        run__in=family([last]) if last else [], status=Interrupt.Status.STOPPED
    )
    if last is None or stopped.exclude(run__error_code=Run.DROPPED).exists():
        start_following(log, session)
    else:
        go_on(log, session, last)
