"""Creating sessions."""

import uuid

from sessions_app.session import events
from sessions_app.session.log import session_log
from sessions_app.session.models import Participant, Session
from sessions_app.session.subjects import Subject
from sessions_app.streams.models import Stream

TITLE_MAX = 200


def create_session(
    *,
    actor: str,
    name: str,
    agent: str,
    title: str = "",
    subject: Subject | None = None,
    start_id: str = "",
    session_id: str = "",
) -> Session:
    """A new session owned by ``actor``. Its first two records say what it is and who is in it.

    ``session_id``, a UUID, is made here unless the client made one. Raises IntegrityError when it is taken, or when the
    actor has already started one as ``start_id``.
    """
    stream = Stream(content_type="application/json")
    session = Session(
        id=uuid.UUID(session_id) if session_id else uuid.uuid4(),
        stream=stream,
        title=title[:TITLE_MAX],
        agent=agent,
        created_by=actor,
        start_id=start_id,
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
