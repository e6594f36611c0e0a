"""What is asked and not decided, and deciding it."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from sessions_app.runs.lineage import family
from sessions_app.runs.listing import entry_changed
from sessions_app.runs.models import Interrupt
from sessions_app.session import events
from sessions_app.session.log import SessionLog


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
