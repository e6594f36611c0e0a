"""People of a session: leaving, removing, and what each has read."""

from collections.abc import Iterable
from typing import Any

from django.db.models.functions import Greatest
from django.utils import timezone

from sessions_app.session import events
from sessions_app.session.log import session_log
from sessions_app.session.models import Participant, Session


def join(session_id: str, *, actor: str, name: str, role: str, by: str) -> None:
    """Let somebody in. They see the whole history."""
    session = Session.objects.get(pk=session_id)
    with session_log(session.stream_id) as log:
        Participant.objects.update_or_create(
            session=session, actor=actor, defaults={"name": name, "role": role, "left_at": None}
        )
        log.add(events.participant_joined(actor=actor, name=name, role=role), actor=by)


def leave(session_id: str, *, actor: str, by: str, reason: str) -> None:
    """End somebody's access, at once and for every open connection."""
    session = Session.objects.get(pk=session_id)
    with session_log(session.stream_id) as log:
        if Participant.objects.filter(session=session, actor=actor, left_at=None).update(
            left_at=timezone.now()
        ):
            log.add(events.participant_left(actor=actor, reason=reason), actor=by)


def mark_read(session_id: str, actor: str, at: int) -> bool:
    """Everything below ``at`` was read, on whatever device. Returns whether that was news."""
    return bool(
        Participant.objects.filter(session_id=session_id, actor=actor, read_offset__lt=at).update(
            read_offset=Greatest("read_offset", at)
        )
    )


def list_entries(session_id: str) -> Iterable[tuple[str, dict[str, Any]]]:
    """``(actor, entry)`` for everyone in the session: what their list of sessions shows."""
    for person in Participant.objects.filter(session_id=session_id, left_at=None).select_related("session"):
        yield person.actor, entry(person.session, person)


def entry(session: Session, person: Participant) -> dict[str, Any]:
    return {
        "id": str(session.id),
        "title": str(session),
        "live": session.live_runs > 0,
        "lastOffset": session.last_offset,
        "readOffset": person.read_offset,
        "lastTs": int(session.last_ts.timestamp() * 1000),
        "archived": session.archived_at is not None,
    }
