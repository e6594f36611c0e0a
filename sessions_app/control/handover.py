"""Taking over from the agents, and giving back. While a person holds control, what people say is logged and starts no run.

A holder who falls silent loses control after a while, so that nobody waits for an answer that never comes.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from sessions_app.control.rights import member, not_archived
from sessions_app.control.stop import stop_runs
from sessions_app.errors import SessionsError
from sessions_app.runs.duties import each_by_itself
from sessions_app.runs.lifecycle import start_following
from sessions_app.runs.models import Interrupt, Run
from sessions_app.runs.questions import close_interrupts, drop_approved, open_interrupts
from sessions_app.runs.queue import ACTIVE
from sessions_app.session import events
from sessions_app.session.access import NotAllowed
from sessions_app.session.log import SessionLog, session_log
from sessions_app.session.models import Participant, Session

SILENT_AFTER = timedelta(minutes=10)


class HeldByOther(SessionsError):
    """Somebody else holds control. Ask them, or the session's owner."""

    code = "held_by_other"
    status = 409


def take(*, session_id: str, actor: str) -> int:
    """Take control: what agents do ends *cancelled*, what waits is kept. Taking it again keeps it. Returns the head.

    Only the owner takes it from another person. Raises UnknownSession, NotAllowed, HeldByOther, SessionArchived.
    """
    person = member(session_id, actor)
    with session_log(person.session.stream_id) as log:
        person = member(session_id, actor)
        session = person.session
        not_archived(session)
        if session.controller and session.controller != actor and person.role != Participant.Role.OWNER:
            raise HeldByOther()
        if session.controller != actor:
            log.add(events.control_taken(), actor=actor)
            runs = Run.objects.filter(session=session, status__in=ACTIVE).order_by("created_at")
            stop_runs(log, list(runs), actor=actor, reason="takeover")
            close_interrupts(
                log, list(open_interrupts(session.pk)), status=Interrupt.Status.STOPPED, actor=actor
            )
            drop_approved(log, session.pk, actor=actor)
        _hold(session, actor, timezone.now())
        return log.head


def release(*, session_id: str, actor: str) -> int:
    """Give control back to the agents, who go on with what waits. Returns the head.

    The holder and the owner may. Releasing what nobody holds changes nothing. Raises UnknownSession, NotAllowed.
    """
    person = member(session_id, actor)
    with session_log(person.session.stream_id) as log:
        person = member(session_id, actor)
        session = person.session
        if session.controller:
            if session.controller != actor and person.role != Participant.Role.OWNER:
                raise NotAllowed("Only who holds control, or the owner, may give it back.")
            _release(log, session, actor=actor, reason="released")
        return log.head


def holds_control(session_id: str, actor: str) -> bool:
    """Asked before ``heard``: an observer holds nothing, whatever they type."""
    acts = Participant.objects.filter(session_id=session_id, actor=actor, left_at=None)
    return acts.filter(session__controller=actor).exclude(role=Participant.Role.OBSERVER).exists()


def heard(session_id: str, actor: str) -> None:
    """The holder is there: they said or typed something."""
    now = timezone.now()
    Session.objects.filter(pk=session_id, controller=actor, control_until__lt=now + SILENT_AFTER / 2).update(
        control_until=now + SILENT_AFTER
    )


def release_silent(now: datetime) -> int:
    """Take control from holders who were silent for too long. Returns how many."""
    silent = Session.objects.exclude(controller="").filter(control_until__lte=now)

    def let_go(session_id: UUID, stream_id: int) -> int:
        with session_log(stream_id) as log:
            session = silent.filter(pk=session_id).first()
            if session is not None:
                _release(log, session, actor=events.SYSTEM, reason="silent")
        return int(session is not None)

    return sum(each_by_itself(let_go, silent.values_list("pk", "stream_id")))


def release_of(log: SessionLog, session: Session, actor: str) -> None:
    """Who leaves the session, or observes from now on, lets go of it."""
    if session.controller == actor:
        _release(log, session, actor=actor, reason="left")


def _hold(session: Session, actor: str, now: datetime) -> None:
    Session.objects.filter(pk=session.pk).update(controller=actor, control_until=now + SILENT_AFTER)


def _release(log: SessionLog, session: Session, *, actor: str, reason: str) -> None:
    Session.objects.filter(pk=session.pk).update(controller="", control_until=None)
    session.controller = ""
    log.add(events.control_released(reason), actor=actor)
    start_following(log, session)
