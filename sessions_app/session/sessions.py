"""Creating, naming and archiving sessions."""

from django.utils import timezone

from sessions_app.errors import SessionsError
from sessions_app.session import events
from sessions_app.session.log import session_log
from sessions_app.session.models import Participant, Session
from sessions_app.session.subjects import Subject
from sessions_app.streams.models import Stream

TITLE_MAX = 200


class NotAllowed(SessionsError):
    """Your role in this session does not allow that. Ask its owner."""

    code = "not_allowed"
    status = 403


def create_session(
    *, actor: str, name: str, agent: str, title: str = "", subject: Subject | None = None
) -> Session:
    """A new session owned by ``actor``. Its first two records say what it is and who is in it."""
    stream = Stream(content_type="application/json")
    session = Session(
        stream=stream,
        title=title[:TITLE_MAX],
        agent=agent,
        created_by=actor,
        subject_kind=subject.kind if subject else "",
        subject_id=subject.id if subject else "",
        subject_label=subject.label[:200] if subject else "",
        subject_url=subject.url if subject else "",
    )
    stream.path = f"sessions/{session.id}"
    stream.save()
    session.stream = stream
    with session_log(stream.pk) as log:
        session.save(force_insert=True)
        Participant.objects.create(session=session, actor=actor, name=name, role=Participant.Role.OWNER)
        log.add(
            events.session_created(
                session_id=str(session.id),
                title=session.title,
                agent=agent,
                subject=subject.as_event() if subject else None,
            ),
            actor=actor,
        )
        log.add(events.participant_joined(actor=actor, name=name, role=Participant.Role.OWNER), actor=actor)
    session.refresh_from_db()
    return session


def rename(session_id: str, actor: str, title: str) -> None:
    """Raises NotAllowed for observers."""
    session = _writable(session_id, actor)
    title = " ".join(title.split())[:TITLE_MAX]
    with session_log(session.stream_id) as log:
        Session.objects.filter(pk=session.pk).update(title=title)
        log.add(events.session_renamed(title), actor=actor)


def archive(session_id: str, actor: str, archived: bool) -> None:
    """Put the session away, or bring it back. Nothing is lost; an archived session takes no input."""
    session = _writable(session_id, actor)
    with session_log(session.stream_id) as log:
        Session.objects.filter(pk=session.pk).update(archived_at=timezone.now() if archived else None)
        log.add(events.session_archived(archived), actor=actor)


def _writable(session_id: str, actor: str) -> Session:
    session = Session.objects.get(pk=session_id)
    if (
        not session.participants.filter(actor=actor, left_at=None)
        .exclude(role=Participant.Role.OBSERVER)
        .exists()
    ):
        raise NotAllowed()
    return session
