"""What is asked and not decided, and deciding it."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from sessions_app.runs.lineage import family
from sessions_app.runs.listing import entry_changed
from sessions_app.runs.models import Effect, Interrupt, Run
from sessions_app.runs.queue import is_busy
from sessions_app.session import events
from sessions_app.session.log import SessionLog
from sessions_app.session.snapshots import load_view


def open_interrupts(session_id: str | UUID) -> QuerySet[Interrupt]:
    return Interrupt.objects.filter(session_id=session_id, status=Interrupt.Status.OPEN).order_by(
        "created_at", "pk"
    )


def asked_below(session_id: str | UUID, run_ids: Iterable[UUID]) -> list[Interrupt]:
    """What is open of these runs and of their sub-agents. A session in which nothing is open costs one query."""
    found = list(open_interrupts(session_id))
    if not found:
        return []
    runs = family(run_ids)
    return [each for each in found if each.run_id in runs]


def close_interrupts(
    log: SessionLog, found: Sequence[Interrupt], *, status: str, actor: str, answer: str = ""
) -> None:
    """Decide open questions. The stream is locked by ``log``, so nobody else decides them meanwhile."""
    for each in found:
        each.status, each.answer, each.decided_at = status, answer, timezone.now()
        each.answered_by = "" if status == Interrupt.Status.EXPIRED else actor
        each.save(update_fields=["status", "answer", "answered_by", "decided_at"])
        log.add(
            events.interrupt_closed(id=str(each.pk), status=status, answer=answer),
            actor=actor,
            run=str(each.run_id),
        )
        entry_changed(each.session_id)


def drop_approved(log: SessionLog, session_id: UUID, *, actor: str) -> None:
    """When all has been stopped: what was approved and is not done will not be, and must not look as if it were.

    Does nothing while somebody is at work or still asks: then it may still be done.
    """
    if is_busy(session_id):
        return
    touched = Effect.objects.filter(session=session_id).values("call_id")
    approved = Interrupt.objects.filter(session=session_id, status=Interrupt.Status.APPROVED)
    left = [
        each for each in approved.exclude(call_id__in=touched).select_related("run") if _was_cut(each.run)
    ]
    if left:
        _, view = load_view(str(session_id))
        tried = {
            item["id"] for item in view["items"] if item["kind"] == "tool" and item["result"] is not None
        }
        left = [each for each in left if each.call_id not in tried]
        close_interrupts(log, left, status=Interrupt.Status.STOPPED, actor=actor)


def _was_cut(run: Run) -> bool:
    """Whether nothing went on from what this run asked, or what did was stopped."""
    after = run.resumed_by.first()
    return after is None or after.status == Run.Status.CANCELLED
