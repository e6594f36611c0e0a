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

from django.db.models import JSONField, Q, Value
from django.utils import timezone

from sessions_app.runs.agents import Ask, Decision, Resumption
from sessions_app.runs.attention import Cause, Kind, ask_for_attention
from sessions_app.runs.dispatch import wake_after_commit
from sessions_app.runs.duties import each_by_itself
from sessions_app.runs.lifecycle import end_run, start_following
from sessions_app.runs.lineage import family, lineage, top_of
from sessions_app.runs.listing import entry_changed
from sessions_app.runs.models import Interrupt, Run
from sessions_app.runs.questions import asked_below, close_interrupts, open_interrupts
from sessions_app.runs.queue import ACTIVE, enqueue
from sessions_app.session import events
from sessions_app.session.envelope import ms
from sessions_app.session.log import SessionLog, session_log
from sessions_app.session.models import Session
from sessions_app.streams.append import check_epoch
from sessions_app.streams.text import without_nul

Json = dict[str, Any]

MEMBERS = "members"

# Options of the run that opens a turn: which message it answers once more, and the request that asked for it.
OF_THE_TURN = frozenset({"again", "request"})


def args_hash(tool: str, args: Any) -> str:
    """SHA-256 of the tool and its arguments in canonical JSON."""
    text = json.dumps([tool, args], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def interrupt_run(*, run_id: str, epoch: int, asks: Sequence[Ask]) -> None:
    """End the run with questions. A sub-agent ends with them alone: its siblings and its parent go on. Raises StaleEpoch."""
    run = Run.objects.select_related("session").get(pk=run_id)
    actor = f"agent:{run.agent}"
    with session_log(run.session.stream_id) as log:
        check_epoch(run.session.stream_id, run_id, epoch)
        # What its sub-agents asked would be answered for nobody: it goes on from its own questions.
        below = asked_below(run.session_id, [run.pk])
        close_interrupts(log, below, status=Interrupt.Status.STOPPED, actor=events.SYSTEM)
        now = timezone.now()
        # Microseconds apart: their order is that in which they were asked.
        opened = [_open(run, ask, now + timedelta(microseconds=n)) for n, ask in enumerate(asks)]
        for each in opened:
            offset = log.add(_opened(each), actor=actor, run=run_id)
            _call(each, offset)
        end_run(
            log,
            run,
            status=Run.Status.INTERRUPTED,
            interrupts=[for_agui(each) for each in opened],
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


def for_agui(each: Interrupt) -> Json:
    return {
        "id": str(each.pk),
        "reason": "tool_call" if each.kind == Interrupt.Kind.APPROVAL else "input_required",
        "message": each.title,
        "toolCallId": each.call_id,
        "expiresAt": each.expires_at.isoformat(),
        "metadata": {"hash": each.args_hash, "args": each.args, "tool": each.tool},
    }


def go_on(log: SessionLog, session: Session, run_id: UUID) -> Run | None:
    """When nothing is open any more: the run that resumes the one which ``run_id`` asked for, itself or its parent.

    If nobody decided anything, whatever waits. A parent that is still at work sees by itself what was decided. In a session
    that was put away nothing goes on.
    """
    archived = Session.objects.filter(pk=session.pk).exclude(archived_at=None).exists()
    if archived or open_interrupts(session.pk).exists():
        return None
    before = top_of(Run.objects.get(pk=run_id))
    if before.status in ACTIVE:
        return None
    if before.status != Run.Status.INTERRUPTED or before.resumed_by.exists() or not _decided(before):
        return start_following(log, session)
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


def _decided(run: Run) -> bool:
    """Whether somebody decided something that this run or its sub-agents ended with, or dropped one of those."""
    left = Run.objects.filter(pk__in=family([run.pk]), status=Run.Status.INTERRUPTED, resumed_by=None)
    return left.filter(Q(interrupts__status__in=Interrupt.DECIDED) | Q(error_code=Run.DROPPED)).exists()


def readdress(log: SessionLog, session: Session, *, gone: str, by: str) -> None:
    """What was asked of somebody who can no longer answer is for all members, who are told now."""
    for each in open_interrupts(session.pk).filter(who=gone):
        each.who = MEMBERS
        each.save(update_fields=["who"])
        event = events.interrupt_readdressed(id=str(each.pk), who=each.who)
        offset = log.add(event, actor=by, run=str(each.run_id))
        _call(each, offset)
        entry_changed(session.pk)


def _call(each: Interrupt, offset: int) -> None:
    cause = Cause(
        kind=Kind(each.kind), id=str(each.pk), session_id=each.session_id, offset=offset, who=each.who
    )
    ask_for_attention(cause)


def drop_interrupted(log: SessionLog, run: Run, *, actor: str) -> None:
    """Stop a run that has ended with questions. A sub-agent is then told to its parent as *cancelled*."""
    asked = asked_below(run.session_id, [run.pk])
    close_interrupts(log, asked, status=Interrupt.Status.STOPPED, actor=actor)
    if asked and run.parent_id is not None:
        Run.objects.filter(pk=run.pk).update(error_code=Run.DROPPED)
        go_on(log, run.session, run.pk)


def resumption(run: Run) -> Resumption | None:
    """What the run that this one resumes had asked, and what was decided. What sub-agents asked is theirs alone."""
    before = lineage(run)[0].resumes_id
    if before is None:
        return None
    asked = Interrupt.objects.filter(run=before).order_by("created_at", "pk")
    return Resumption(
        run_id=str(before),
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
    due = Session.objects.filter(
        interrupts__status=Interrupt.Status.OPEN, interrupts__expires_at__lte=now
    ).distinct()

    def expire(session: Session) -> int:
        with session_log(session.stream_id) as log:
            late = list(open_interrupts(session.pk).filter(expires_at__lte=now))
            close_interrupts(log, late, status=Interrupt.Status.EXPIRED, actor=events.SYSTEM)
            for run_id in dict.fromkeys(each.run_id for each in late):
                go_on(log, session, run_id)
        return len(late)

    return sum(each_by_itself(expire, [(session,) for session in due]))
