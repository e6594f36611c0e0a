"""Who may read a session: those who take part in it. A session that is not yours looks like one that does not exist."""

import uuid
from collections.abc import Iterable
from typing import Any

from asgiref.sync import sync_to_async

from sessions_app.errors import SessionsError
from sessions_app.session.models import Inspection, Participant, Session

PAIRS_AT_ONCE = 300


class UnknownSession(SessionsError):
    """There is no such session, or it is not yours. Check the link."""

    code = "unknown_session"
    status = 404


class NotAllowed(SessionsError):
    """Your role in this session does not allow that. Ask its owner."""

    code = "not_allowed"
    status = 403


def actor_of(user: Any) -> str:
    """The actor that a signed-in user is in sessions."""
    return f"user:{user.pk}"


def user_id_of(actor: str) -> int | None:
    """The key of the user that the actor is; None for agents and others."""
    kind, _, key = actor.partition(":")
    return int(key) if kind == "user" and key.isdecimal() else None


def name_of(user: Any) -> str:
    """What others in a session see of a user."""
    return str(user.get_full_name() or user.get_username())


def canonical(session_id: str) -> str:
    """The id if it is spelled as we spell them. Raises UnknownSession."""
    try:
        if str(uuid.UUID(session_id)) == session_id:
            return session_id
    except (ValueError, AttributeError, TypeError):
        pass
    raise UnknownSession()


def get_session_for(actor: str, session_id: str) -> Session:
    """The session, if the actor takes part in it now.

    Raises UnknownSession, alike for ids that are malformed, of nobody, or of somebody else's session.
    """
    found = (
        Session.objects.filter(
            pk=canonical(session_id), participants__actor=actor, participants__left_at__isnull=True
        )
        .select_related("stream")
        .first()
    )
    if found is None:
        raise UnknownSession()
    return found


aget_session_for = sync_to_async(get_session_for, thread_sensitive=False)


def takes_part(actor: str, session_id: str) -> bool:
    return Participant.objects.filter(session_id=session_id, actor=actor, left_at=None).exists()


def taking_part(pairs: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of these ``(session id, actor)`` are true now."""
    wanted = set(pairs)
    sessions = sorted({session for session, _ in wanted})
    found: set[tuple[str, str]] = set()
    for first in range(0, len(sessions), PAIRS_AT_ONCE):
        some = sessions[first : first + PAIRS_AT_ONCE]
        rows = Participant.objects.filter(session_id__in=some, left_at=None).values_list(
            "session_id", "actor"
        )
        found |= wanted & {(str(session), actor) for session, actor in rows}
    return found


def inspect(user: Any, session_id: str, at: int | None = None) -> Session:
    """Read somebody else's session: needs the permission, and is recorded before anything is shown.

    Raises UnknownSession, also when the permission is missing.
    """
    if not (user.is_active and user.has_perm("sessions_app.inspect_session")):
        raise UnknownSession()
    session = Session.objects.filter(pk=canonical(session_id)).select_related("stream").first()
    if session is None:
        raise UnknownSession()
    Inspection.objects.create(session=session, actor=actor_of(user), at_offset=at)
    return session
