"""Questions that end a run, and the run that goes on when they are answered.

An approval is bound to the exact arguments by their hash. Whoever answers first decides; the others are told who did.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import JSONField, QuerySet, Value
from django.utils import timezone

from sessions_app.runs.agents import Ask, Decision, Resumption
from sessions_app.runs.attention import Cause, Kind, ask_for_attention
from sessions_app.runs.dispatch import wake_after_commit
from sessions_app.runs.lifecycle import end_run, start_following
from sessions_app.runs.listing import entry_changed
from sessions_app.runs.models import Interrupt, Run
from sessions_app.runs.queue import enqueue
from sessions_app.session import events
from sessions_app.session.envelope import ms
from sessions_app.session.log import SessionLog, session_log
from sessions_app.session.models import Session
from sessions_app.streams.append import check_epoch
from sessions_app.streams.text import without_nul

Json = dict[str, Any]

# Options of the run that opens a turn: which message it answers once more, and the request that asked for it.
OF_THE_TURN = frozenset({"again", "request"})


def args_hash(tool: str, args: Any) -> str:
    """SHA-256 of the tool and its arguments in canonical JSON."""
    text = json.dumps([tool, args], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def open_interrupts(session_id: str | UUID) -> QuerySet[Interrupt]:
    return Interrupt.objects.filter(session_id=session_id, status=Interrupt.Status.OPEN).order_by(
        "created_at", "pk"
    )


def interrupt_run(*, run_id: str, epoch: int, asks: Sequence[Ask]) -> None:
    """End the run with questions. Raises StaleEpoch."""
    run = Run.objects.select_related("session").get(pk=run_id)
    actor = f"agent:{run.agent}"
    with session_log(run.session.stream_id) as log:
        check_epoch(run.session.stream_id, run_id, epoch)
        now = timezone.now()
        # Microseconds apart: their order is that in which they were asked.
        opened = [_open(run, ask, now + timedelta(microseconds=n)) for n, ask in enumerate(asks)]
        for each in opened:
            offset = log.add(_opened(each), actor=actor, run=run_id)
            ask_for_attention(
                Cause(
                    kind=Kind(each.kind),
                    id=str(each.pk),
                    session_id=each.session_id,
                    offset=offset,
                    who=each.who,
                )
            )
        end_run(
            log,
            run,
            status=Run.Status.INTERRUPTED,
            interrupts=[_for_agui(each) for each in opened],
        )


def _open(run: Run, asked: Ask, at: datetime) -> Interrupt:
    ask = replace(
        asked,
        title=without_nul(asked.title),
        args=without_nul(asked.args),
        changes=without_nul(asked.changes),
    )
    made = Interrupt.objects.create(
        session=run.session,
        run=run,
        kind=ask.kind,
        call_id=ask.call_id,
        tool=ask.tool,
        title=ask.title[:300],
        # A question has no arguments: null in JSON, not an absent value.
        args=Value(None, JSONField()) if ask.args is None else ask.args,
        args_hash=args_hash(ask.tool, ask.args),
        changes=list(ask.changes),
        who=ask.who,
        expires_at=at + ask.lasts,
        created_at=at,
    )
    made.args = ask.args
    return made


def _opened(each: Interrupt) -> events.Event:
    return events.interrupt_opened(
        id=str(each.pk),
        kind=each.kind,
        call_id=each.call_id,
        tool=each.tool,
        title=each.title,
        args=each.args,
        args_hash=each.args_hash,
        changes=each.changes,
        who=each.who,
        expires=ms(each.expires_at),
    )


def _for_agui(each: Interrupt) -> Json:
    return {
        "id": str(each.pk),
        "reason": "tool_call" if each.kind == Interrupt.Kind.APPROVAL else "input_required",
        "message": each.title,
        "toolCallId": each.call_id,
        "expiresAt": each.expires_at.isoformat(),
        "metadata": {"hash": each.args_hash, "args": each.args, "tool": each.tool},
    }


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


def go_on(log: SessionLog, session: Session, run_id: UUID) -> Run | None:
    """When nothing is open any more: the run that resumes ``run_id``, or, if nobody decided anything, whatever waits."""
    asked = Interrupt.objects.filter(run=run_id)
    if open_interrupts(session.pk).exists():
        return None
    if not asked.filter(status__in=Interrupt.DECIDED).exists():
        return start_following(log, session)
    before = Run.objects.get(pk=run_id)
    run = Run(
        session=session,
        agent=before.agent,
        requested_by=before.requested_by,
        resumes=before,
        after=before,
        options={name: value for name, value in before.options.items() if name not in OF_THE_TURN},
    )
    enqueue(log, run, input_id=None)
    wake_after_commit(run)
    return run


def resumption(run: Run) -> Resumption | None:
    """What the run that this one resumes had asked, and what was decided."""
    if run.resumes_id is None:
        return None
    asked = Interrupt.objects.filter(run=run.resumes_id).order_by("created_at", "pk")
    return Resumption(
        run_id=str(run.resumes_id),
        decisions=tuple(
            Decision(
                id=str(each.pk),
                call_id=each.call_id,
                tool=each.tool,
                args=each.args,
                status=each.status,
                by=each.answered_by,
                answer=each.answer,
            )
            for each in asked
        ),
    )


def expire_due(now: datetime) -> int:
    """Close what nobody answered in time. Returns how many. Due work takes ``now``; leases take the database's."""
    closed = 0
    due = Interrupt.objects.filter(status=Interrupt.Status.OPEN, expires_at__lte=now).select_related(
        "session"
    )
    for session in {each.session for each in due}:
        with session_log(session.stream_id) as log:
            late = list(open_interrupts(session.pk).filter(expires_at__lte=now))
            close_interrupts(log, late, status=Interrupt.Status.EXPIRED, actor=events.SYSTEM)
            closed += len(late)
            for run_id in dict.fromkeys(each.run_id for each in late):
                go_on(log, session, run_id)
    return closed
