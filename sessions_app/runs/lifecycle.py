"""How runs and steps end. Each ends once, in the transaction that writes its record."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from sessions_app.runs import awaiting
from sessions_app.runs.agents import Said, StepResult, Usage, steer_output
from sessions_app.runs.attention import Cause, Kind, ask_for_attention
from sessions_app.runs.costs import count_cost
from sessions_app.runs.dispatch import halt_after_commit, wake_after_commit
from sessions_app.runs.listing import entry_changed
from sessions_app.runs.models import Input, Interrupt, Run, Step
from sessions_app.runs.questions import asked_below, close_interrupts
from sessions_app.runs.queue import consume_steering, is_busy, miss_steering, start_next, steering
from sessions_app.session import events
from sessions_app.session.events import Event
from sessions_app.session.log import SessionLog, session_log
from sessions_app.session.models import Participant, Session
from sessions_app.session.search import remember_texts
from sessions_app.streams.append import check_epoch, raise_epoch
from sessions_app.streams.text import without_nul

Json = dict[str, Any]

# Who stops a run is there, and an interrupted one says itself whom it asks.
ATTENTION: dict[str, Kind] = {Run.Status.FINISHED: Kind.ANSWER, Run.Status.FAILED: Kind.FAILURE}
OUTCOMES: dict[str, str] = {Run.Status.CANCELLED: "cancelled", Run.Status.INTERRUPTED: "interrupt"}


def complete_step(
    *,
    run_id: str,
    stream_id: int,
    session_id: str,
    agent: str,
    epoch: int,
    index: int,
    kind: str,
    name: str,
    result: StepResult,
    started_at: Any,
    texts: dict[str, str],
    before: Sequence[Event] = (),
) -> None:
    """The step's private output, its usage and its record, together. ``before`` are events that belong to it.

    Raises StaleEpoch.
    """
    usage = result.usage
    with session_log(stream_id) as log:
        check_epoch(stream_id, run_id, epoch)
        for event in before:
            log.add(event, actor=f"agent:{agent}", run=run_id)
        log.add(events.step_finished(name=name, kind=kind, index=index), actor=f"agent:{agent}", run=run_id)
        Step.objects.create(
            run_id=run_id,
            index=index,
            kind=kind,
            name=name,
            attempt=epoch,
            output=without_nul(result.output),
            **(_used(usage) if usage else {}),
            end_offset=log.head,
            started_at=started_at,
        )
        count_cost(run_id, usage.cost if usage else None)
        remember_texts(session_id, texts)


def _used(usage: Usage) -> Json:
    """The fields of a step that say what it used."""
    return {
        "model": usage.model,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read_tokens": usage.cache_read_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "cost": usage.cost,
    }


def count_stopped(
    *,
    run_id: str,
    stream_id: int,
    index: int,
    name: str,
    used: Callable[[], Usage | None],
    started_at: Any,
) -> None:
    """Keep what a model call had used when its run was ended, if it has: an attempt that was given back counts with its next.

    The row is nothing that a later run replays or reads.
    """
    usage = used()
    if usage is None:
        return
    with session_log(stream_id) as log:
        run = Run.objects.get(pk=run_id)
        if run.status not in Run.TERMINAL or run.steps.filter(index=index).exists():
            return
        Step.objects.create(
            run=run,
            index=index,
            kind=Step.Kind.CUT,
            name=name,
            attempt=run.epoch,
            output={"estimated": usage.estimated},
            **_used(usage),
            end_offset=log.head,
            started_at=started_at,
        )
        count_cost(run_id, usage.cost)
        log.add(events.run_counted(run_id=run_id, usage=usage_of(run_id)), actor=events.SYSTEM)


def read_steering(*, run_id: str, stream_id: int, agent: str, epoch: int, index: int) -> list[Said]:
    """What people said to the run since it last looked, as a step of its own, so that a takeover reads the same.

    Nothing said, no step. Raises StaleEpoch.
    """
    if not steering(run_id).exists():
        return []
    began = timezone.now()
    with session_log(stream_id) as log:
        check_epoch(stream_id, run_id, epoch)
        said = _said(consume_steering(log, run_id))
        if said:
            Step.objects.create(
                run_id=run_id,
                index=index,
                kind=Step.Kind.STEER,
                name=Step.Kind.STEER,
                attempt=epoch,
                output=steer_output(said),
                end_offset=log.head,
                started_at=began,
            )
    return said


def _said(inputs: Sequence[Input]) -> list[Said]:
    """With the names that people have now: another attempt reads the same."""
    people = Participant.objects.filter(session__in={each.session_id for each in inputs})
    names = dict(people.values_list("actor", "name"))
    return [Said(text=each.text, actor=each.actor, name=names.get(each.actor, "")) for each in inputs]


def finish_run(
    *,
    run_id: str,
    epoch: int,
    status: str,
    result: Json | None = None,
    code: str = "",
    message: str = "",
) -> None:
    """End a run that this worker holds. Raises StaleEpoch when it does not hold it any longer."""
    run = Run.objects.select_related("session").get(pk=run_id)
    with session_log(run.session.stream_id) as log:
        check_epoch(run.session.stream_id, run_id, epoch)
        end_run(log, run, status=status, result=result, code=code, message=message)


def end_run(
    log: SessionLog,
    run: Run,
    *,
    status: str,
    result: Json | None = None,
    code: str = "",
    message: str = "",
    interrupts: list[Json] | None = None,
    following: bool = True,
) -> Run | None:
    """Write the terminal record and row, fence the run's writers, and start what waits. The stream is locked.

    Sub-agents that are still at work end before it, *cancelled*. Returns the run that was started, if any; with
    ``following`` off that is left to the caller. Does nothing to a run that has ended.
    """
    result, message = without_nul(result), without_nul(message)
    ended = (
        Run.objects.filter(pk=run.pk)
        .exclude(status__in=Run.TERMINAL)
        .update(
            status=status,
            result=result,
            error_code=code,
            error_message=message,
            ended_at=Now(),
            lease_until=None,
            worker="",
        )
    )
    if not ended:
        return None
    _end_children(log, run, status)
    run_id = str(run.pk)
    actor = f"agent:{run.agent}"
    usage = usage_of(run_id)
    raise_epoch(log.stream_id, run_id)
    if status == Run.Status.FAILED:
        offset = log.add(events.run_error(message=message, code=code, usage=usage), actor=actor, run=run_id)
    else:
        offset = log.add(
            events.run_finished(
                session_id=str(run.session_id),
                run_id=run_id,
                outcome=OUTCOMES.get(status, "success"),
                interrupts=interrupts,
                result=result,
                usage=usage,
            ),
            actor=actor,
            run=run_id,
        )
    Session.objects.filter(pk=run.session_id).update(
        live_runs=F("live_runs") - 1, last_offset=log.head, last_ts=timezone.now()
    )
    entry_changed(run.session_id)
    if status in ATTENTION and run.parent_id is None:
        ask_for_attention(Cause(kind=ATTENTION[status], id=run_id, session_id=run.session_id, offset=offset))
    miss_steering(log, run)
    if run.parent_id is not None:
        # The parent is still at work: nothing that waits may start now.
        awaiting.tell_after_commit(str(run.parent_id))
        return None
    return start_following(log, run.session) if following else None


def _end_children(log: SessionLog, run: Run, status: str) -> None:
    """Nobody waits for them any more, nor for what they asked, unless the run ends with just that.

    They end first, so that their parent is the last to finish.
    """
    if status != Run.Status.INTERRUPTED:
        asked = asked_below(run.session_id, [run.pk])
        close_interrupts(log, asked, status=Interrupt.Status.STOPPED, actor=events.SYSTEM)
    live = list(run.children.exclude(status__in=Run.TERMINAL).select_related("session"))
    for child in live:
        end_run(log, child, status=Run.Status.CANCELLED, following=False)
    halt_after_commit([str(child.pk) for child in live])


def start_following(log: SessionLog, session: Session) -> Run | None:
    """Start what waits, unless somebody is still at work, a person holds control, or the session was put away."""
    if not Session.objects.filter(pk=session.pk, controller="", archived_at=None).exists():
        return None
    following = None if is_busy(session.pk) else start_next(log, session)
    if following is not None:
        wake_after_commit(following)
    return following


def usage_of(run_id: str) -> list[Json]:
    """Tokens and cost of the run's model calls, summed by model; AG-UI's shape plus ``cost`` (US dollars)."""
    totals: dict[str, Json] = {}
    for step in Step.objects.filter(run_id=run_id).exclude(model=""):
        total = totals.setdefault(
            step.model,
            {
                "model": step.model,
                "inputTokens": 0,
                "outputTokens": 0,
                "cachedInputTokens": 0,
                "cacheWriteInputTokens": 0,
            },
        )
        total["inputTokens"] += step.input_tokens
        total["outputTokens"] += step.output_tokens
        total["cachedInputTokens"] += step.cache_read_tokens
        total["cacheWriteInputTokens"] += step.cache_write_tokens
        if step.kind == Step.Kind.CUT and step.output.get("estimated"):
            total["estimated"] = True
        if step.cost is not None:
            total["cost"] = f"{Decimal(total.get('cost', 0)) + step.cost:f}"
    return list(totals.values())
