"""What tools change. An internal change commits together with its record; an external one is claimed before it is tried.

So an internal effect happens once because it shares the step's transaction, and an external one at most once: a claim
that nobody settled is *unknown*, and is said to be.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from sessions_app.errors import SessionsError
from sessions_app.runs.agents import Changed
from sessions_app.runs.duties import each_by_itself
from sessions_app.runs.interrupts import args_hash
from sessions_app.runs.models import Effect, Interrupt, Run, Step
from sessions_app.session import events
from sessions_app.session.log import session_log
from sessions_app.streams.append import check_epoch
from sessions_app.streams.text import without_nul

Json = dict[str, Any]

ABANDONED_AFTER = timedelta(minutes=2)
UNKNOWN = "Nobody knows whether this happened: it was begun and then broke off. It is not tried again. Check before you repeat it."


class NotApproved(SessionsError):
    """This was not approved, or not with these arguments."""

    code = "not_approved"
    status = 403


class NothingToUndo(SessionsError):
    """There is nothing here that can be undone."""

    code = "nothing_to_undo"
    status = 409


class ChangedSince(SessionsError):
    """The record has been changed since, so undoing would lose that. Change it by hand."""

    code = "changed_since"
    status = 409


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What became of an external effect, and what it said, if it came to say something."""

    status: str
    said: Json | None


Undo = Callable[[str, Json], None]

_undos: dict[str, Undo] = {}


def register_undo(tool: str, undo: Undo) -> None:
    """``undo(actor, data)`` takes the change back, with the actor's rights; it raises ChangedSince or a SessionsError."""
    _undos[tool] = undo


def apply_internal(
    *,
    run_id: str,
    stream_id: int,
    agent: str,
    epoch: int,
    index: int,
    call_id: str,
    tool: str,
    args: Json,
    change: Callable[[], Changed],
    started_at: datetime,
) -> Json:
    """Carry out a change of our own database, its record, its step and its audit row in one transaction.

    Returns the step's output. Raises StaleEpoch; an exception of ``change`` leaves nothing behind.
    """
    run = Run.objects.get(pk=run_id)
    with session_log(stream_id) as log:
        check_epoch(stream_id, run_id, epoch)
        changed = change()
        undoable = changed.undo is not None and tool in _undos
        Effect.objects.create(
            session_id=run.session_id,
            run=run,
            call_id=call_id,
            tool=tool,
            args=without_nul(args),
            status=Effect.Status.DONE,
            requested_by=run.requested_by,
            undo=without_nul(changed.undo) if undoable else None,
            settled_at=timezone.now(),
        )
        actor = f"agent:{agent}"
        for event in changed.events:
            log.add(event, actor=actor, run=run_id)
        log.add(
            events.tool_result(
                call_id=call_id,
                content=changed.content,
                error=False,
                effect="undoable" if undoable else "done",
            ),
            actor=actor,
            run=run_id,
        )
        log.add(events.step_finished(name=tool, kind=Step.Kind.TOOL, index=index), actor=actor, run=run_id)
        Step.objects.create(
            run=run,
            index=index,
            kind=Step.Kind.TOOL,
            name=tool,
            attempt=epoch,
            output=without_nul(changed.output),
            end_offset=log.head,
            started_at=started_at,
        )
        return changed.output


def claim_external(
    *, run_id: str, stream_id: int, epoch: int, call_id: str, tool: str, args: Json, interrupt_id: str
) -> str | None:
    """Take the right to carry it out, once. Returns the idempotency key; None when it was begun before.

    Raises StaleEpoch, NotApproved.
    """
    run = Run.objects.get(pk=run_id)
    with session_log(stream_id):
        check_epoch(stream_id, run_id, epoch)
        if Effect.objects.filter(session=run.session_id, call_id=call_id).exists():
            return None
        approved = Interrupt.objects.filter(
            pk=interrupt_id,
            session=run.session_id,
            call_id=call_id,
            status=Interrupt.Status.APPROVED,
            args_hash=args_hash(tool, args),
        ).first()
        if approved is None:
            raise NotApproved()
        made = Effect.objects.create(
            session_id=run.session_id,
            run=run,
            interrupt=approved,
            call_id=call_id,
            tool=tool,
            args=args,
            status=Effect.Status.CLAIMED,
            requested_by=run.requested_by,
        )
        return str(made.key)


def settle_external(
    *, session_id: str, stream_id: int, call_id: str, status: str, actor: str, said: Json | None = None
) -> Settled:
    """Write down what became of a claim, also when its run was stopped meanwhile: what happened, happened.

    ``said`` {content, output} is what is published and kept of it. Returns what counts, which is the first word.
    """
    with session_log(stream_id) as log:
        effect = Effect.objects.get(session_id=session_id, call_id=call_id)
        if effect.status == Effect.Status.CLAIMED:
            effect.status, effect.settled_at = Effect.Status(status), timezone.now()
            effect.result = without_nul(said)
            effect.save(update_fields=["status", "settled_at", "result"])
            log.add(events.effect_settled(call_id=call_id, status=status), actor=actor)
        return Settled(status=effect.status, said=effect.result)


def settle_abandoned(now: datetime) -> int:
    """Claims whose run has ended and whose worker never came back are unknown from now on. Returns how many."""
    found = Effect.objects.filter(status=Effect.Status.CLAIMED, created_at__lte=now - ABANDONED_AFTER)
    left = found.exclude(run__status__in=(Run.Status.QUEUED, Run.Status.RUNNING))

    def settle(session_id: UUID, stream_id: int, call_id: str) -> int:
        settle_external(
            session_id=str(session_id),
            stream_id=stream_id,
            call_id=call_id,
            status=Effect.Status.UNKNOWN,
            actor=events.SYSTEM,
        )
        return 1

    return sum(each_by_itself(settle, left.values_list("session_id", "session__stream_id", "call_id")))


def undo_effect(
    *, session_id: str, stream_id: int, actor: str, call_id: str, check: Callable[[], object]
) -> int:
    """Take an internal change back. Undoing twice is harmless. Returns the head.

    ``check`` is asked once the log is locked, and raises when the actor may not. Raises NothingToUndo, and what the undo itself
    raises.
    """
    with session_log(stream_id) as log:
        check()
        effect = Effect.objects.filter(session_id=session_id, call_id=call_id).first()
        if effect is None or effect.undo is None:
            raise NothingToUndo()
        if effect.undone_at is None:
            _undos[effect.tool](actor, effect.undo)
            effect.undone_at, effect.undone_by = timezone.now(), actor
            effect.save(update_fields=["undone_at", "undone_by"])
            log.add(events.effect_undone(call_id), actor=actor)
        return log.head
