"""Who may do what in a session. Asked by every command: first to find the log, and once more when that is locked, because
somebody may have been removed meanwhile. What comes back then is the session as it is.
"""

from sessions_app.errors import SessionsError
from sessions_app.session.access import NotAllowed, UnknownSession, canonical
from sessions_app.session.models import Participant, Session


class SessionArchived(SessionsError):
    """This chat is archived. Restore it to go on."""

    code = "session_archived"
    status = 409


def not_archived(session: Session) -> None:
    """Asked where something would begin: nothing does in a session that was put away. Raises SessionArchived."""
    if session.archived_at is not None:
        raise SessionArchived()


def taking_part(session_id: str, actor: str) -> Participant:
    """The actor's part in the session, with the session. Raises UnknownSession when they do not take part."""
    person = (
        Participant.objects.filter(session_id=canonical(session_id), actor=actor, left_at=None)
        .select_related("session")
        .first()
    )
    if person is None:
        raise UnknownSession()
    return person


def member(session_id: str, actor: str) -> Participant:
    """As ``taking_part``, if the part allows to act. Raises NotAllowed for observers."""
    person = taking_part(session_id, actor)
    if person.role == Participant.Role.OBSERVER:
        raise NotAllowed()
    return person


def owner(session_id: str, actor: str) -> Participant:
    """As ``member``, and only the owner."""
    person = member(session_id, actor)
    if person.role != Participant.Role.OWNER:
        raise NotAllowed("Only the owner of this session may do that.")
    return person
