"""People of a session: leaving, removing, and what each has read."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models.functions import Greatest
from django.utils import timezone

from sessions_app.session import events
from sessions_app.session.log import SessionLog, session_log
from sessions_app.session.models import Participant, Session


def let_in(log: SessionLog, session: Session, *, actor: str, name: str, role: str, by: str) -> int:
    """They see the whole history. Who is in already gets the role. Returns the offset of its record."""
    Participant.objects.update_or_create(
        session=session,
        actor=actor,
        defaults={"name": name, "role": role, "left_at": None, "removed": False},
    )
    return log.add(events.participant_joined(actor=actor, name=name, role=role), actor=by)


def let_out(log: SessionLog, session: Session, *, actor: str, by: str, reason: str) -> None:
    """End somebody's access, at once and for every open connection. Who is not in stays so."""
    here = Participant.objects.filter(session=session, actor=actor, left_at=None)
    if here.update(left_at=timezone.now(), removed=reason == "removed"):
        log.add(events.participant_left(actor=actor, reason=reason), actor=by)


def was_removed(session: Session, actor: str) -> bool:
    """Whether they are gone because the owner wanted it so."""
    return Participant.objects.filter(session=session, actor=actor, removed=True).exists()


def join(session_id: str, *, actor: str, name: str, role: str, by: str) -> None:
    """``let_in`` as a transaction of its own."""
    session = Session.objects.get(pk=session_id)
    with session_log(session.stream_id) as log:
        let_in(log, session, actor=actor, name=name, role=role, by=by)


def leave(session_id: str, *, actor: str, by: str, reason: str) -> None:
    """``let_out`` as a transaction of its own."""
    session = Session.objects.get(pk=session_id)
    with session_log(session.stream_id) as log:
        let_out(log, session, actor=actor, by=by, reason=reason)


def mark_read(session_id: str, actor: str, at: int) -> bool:
    """Everything below ``at`` was read, on whatever device. Returns whether that was news."""
    return bool(
        Participant.objects.filter(session_id=session_id, actor=actor, read_offset__lt=at).update(
            read_offset=Greatest("read_offset", at)
        )
    )


def list_entries(session_id: str) -> Iterable[tuple[str, dict[str, Any]]]:
    """``(actor, entry)`` for everyone in the session: what their list of sessions shows."""
    people = Participant.objects.filter(session_id=session_id, left_at=None).select_related("session")
    asked = asked_in([UUID(session_id)])[UUID(session_id)]
    for person in people:
        yield person.actor, entry(person.session, person, asked)


def asked_in(session_ids: Iterable[UUID]) -> Mapping[UUID, set[str]]:
    """Whom the open questions and approvals of each session are for: ``members``, ``owner``, actors."""
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    rows = Session.objects.filter(pk__in=list(session_ids), interrupts__status="open")
    for pk, who in rows.values_list("pk", "interrupts__who"):
        found[pk].add(who)
    return found


def entry(session: Session, person: Participant, asked: Collection[str] | None = None) -> dict[str, Any]:
    """``asked`` is what ``asked_in`` says of the session; without it, it is looked up."""
    if asked is None:
        asked = asked_in([session.pk])[session.pk]
    return {
        "id": str(session.id),
        "title": str(session),
        "live": session.live_runs > 0,
        "waits": any(person.may_decide(who) for who in asked),
        "lastOffset": session.last_offset,
        "readOffset": person.read_offset,
        "lastTs": int(session.last_ts.timestamp() * 1000),
        "archived": session.archived_at is not None,
    }
