"""Stopping runs. From its commit on nothing of the run enters the log (I5): the end of a run fences its writers."""

from dataclasses import dataclass
from uuid import UUID

from sessions_app.control.rights import member
from sessions_app.errors import SessionsError
from sessions_app.runs.children import with_descendants
from sessions_app.runs.dispatch import halt_after_commit
from sessions_app.runs.interrupts import drop_interrupted
from sessions_app.runs.lifecycle import end_run, start_following
from sessions_app.runs.models import Interrupt, Run
from sessions_app.runs.questions import asked_below, close_interrupts, drop_approved, open_interrupts
from sessions_app.runs.queue import ACTIVE
from sessions_app.session import events
from sessions_app.session.log import SessionLog, session_log
from sessions_app.session.models import Session


class UnknownRun(SessionsError):
    """There is no such run in this session."""

    code = "unknown_run"
    status = 404


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """``run_ids`` are those that this stop ended; none if all had ended before. ``offset`` is the log's head then."""

    run_ids: tuple[str, ...]
    offset: int


def stop(*, session_id: str, actor: str, run_id: str | None = None) -> Stopped:
    """End one run, or all that are active, with what they ask; also runs that have not begun. Again changes nothing.

    A run's sub-agents end with it; a parent is told of a sub-agent that was stopped alone, also of one that waits for an
    answer. What waits in the queue starts afterwards. Raises UnknownSession, NotAllowed, UnknownRun.
    """
    person = member(session_id, actor)
    with session_log(person.session.stream_id) as log:
        session = member(session_id, actor).session
        active = Run.objects.filter(session=session, status__in=ACTIVE).order_by("created_at")
        if run_id is not None:
            run = _find(session, run_id)
            active = active.filter(pk=run_id)
        stopped = stop_runs(log, list(active), actor=actor, reason="stop")
        if run_id is None:
            asked = list(open_interrupts(session.pk))
            close_interrupts(log, asked, status=Interrupt.Status.STOPPED, actor=actor)
        elif run.status == Run.Status.INTERRUPTED:
            drop_interrupted(log, run, actor=actor)
        drop_approved(log, session.pk, actor=actor)
        start_following(log, session)
        return Stopped(run_ids=tuple(stopped), offset=log.head)


def stop_for(log: SessionLog, session: Session, *, asker: str, by: str) -> None:
    """End what is done with this person's rights, and what was asked on the way. The stream is locked."""
    theirs = Run.objects.filter(session=session, requested_by=asker, status__in=ACTIVE).order_by("created_at")
    stop_runs(log, list(theirs), actor=by, reason="removed")
    asked = list(open_interrupts(session.pk).filter(run__requested_by=asker))
    close_interrupts(log, asked, status=Interrupt.Status.STOPPED, actor=by)
    drop_approved(log, session.pk, actor=by)


def stop_runs(log: SessionLog, runs: list[Run], *, actor: str, reason: str) -> list[str]:
    """End these runs and their sub-agents and tell their workers, without starting what waits. The stream is locked."""
    stopped = []
    if runs:
        asked = asked_below(runs[0].session_id, [run.pk for run in runs])
        close_interrupts(log, asked, status=Interrupt.Status.STOPPED, actor=actor)
    for run in with_descendants(runs):
        log.add(events.run_stopped(run_id=str(run.pk), reason=reason), actor=actor, run=str(run.pk))
        end_run(log, run, status=Run.Status.CANCELLED, following=False)
        stopped.append(str(run.pk))
    halt_after_commit(stopped)
    return stopped


def _find(session: Session, run_id: str) -> Run:
    try:
        return Run.objects.select_related("session").get(session=session, pk=UUID(run_id))
    except (Run.DoesNotExist, ValueError):  # unknown, or not spelled like an id
        raise UnknownRun() from None
