"""Sub-agents: runs with a ``parent``, queued together, executed like any other, and ended with their parent.

A sub-agent's id follows from its parent, the step that asked for it and its place there. So whoever takes the parent
over, or goes on with it, finds the sub-agents that were started, and none is started twice. One that asked people is
resumed by a run whose id follows from its own; it is the same sub-agent to its parent.
"""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from sessions_app.runs.agents import AgentError, ChildResult, Delegated, get_agent
from sessions_app.runs.claim import is_remote
from sessions_app.runs.costs import COST_LIMIT, over_limit
from sessions_app.runs.dispatch import wake_after_commit
from sessions_app.runs.interrupts import for_agui
from sessions_app.runs.lifecycle import end_run
from sessions_app.runs.lineage import resumed_before
from sessions_app.runs.listing import entry_changed
from sessions_app.runs.models import Run
from sessions_app.runs.questions import asked_below
from sessions_app.session import events
from sessions_app.session.log import SessionLog, session_log
from sessions_app.session.models import Session
from sessions_app.session.snapshots import load_view
from sessions_app.streams.append import StaleEpoch, check_epoch

Json = dict[str, Any]


def child_id(parent_id: str, step: str, place: int) -> str:
    """``step`` names the call of ``delegate`` within the parent; ``place`` counts from 0."""
    return str(uuid.uuid5(uuid.UUID(parent_id), f"{step}.{place}"))


def resuming_id(run_id: UUID) -> UUID:
    """The run that goes on with a sub-agent that asked: there is one at most."""
    return uuid.uuid5(run_id, "resumed")


def queue_children(
    *, run_id: str, origin: str, stream_id: int, epoch: int, step: str, work: Sequence[Delegated]
) -> list[str]:
    """Queue the sub-agents, all in one transaction, unless an earlier attempt has, or the run that this one goes on with.

    ``origin`` is the first of those runs. Returns the sub-agents' latest run ids in order. Raises StaleEpoch, UnknownAgent,
    AgentError.
    """
    ids = [child_id(origin, step, place) for place in range(len(work))]
    with session_log(stream_id) as log:
        check_epoch(stream_id, run_id, epoch)
        parent = Run.objects.select_related("session").get(pk=run_id)
        if known := Run.objects.in_bulk(ids):
            _check_same(known, ids, work)
            return [_latest(each) for each in ids]
        _check_limits(parent, work)
        runs = [
            Run(pk=UUID(each), agent=wanted.agent, title=wanted.title, options=_options(wanted))
            for each, wanted in zip(ids, work, strict=True)
        ]
        _queue(log, parent, runs)
    return ids


def _latest(run_id: str) -> str:
    while Run.objects.filter(pk=(after := resuming_id(UUID(run_id)))).exists():
        run_id = str(after)
    return run_id


def ask_or_reopen(*, run_id: str, stream_id: int, epoch: int, ids: Sequence[str]) -> tuple[list[str], bool]:
    """What becomes of sub-agents that have all ended. Returns their latest run ids, and whether that was all of it.

    As long as something is open that they asked, the run ends with it, *interrupted*: raises StaleEpoch then. Those whose
    questions are decided are resumed, each once. One transaction: nobody answers in between. Raises StaleEpoch.
    """
    with session_log(stream_id) as log:
        check_epoch(stream_id, run_id, epoch)
        rows = Run.objects.in_bulk(ids)
        asking = [run for each in ids if (run := rows[UUID(each)]).asks]
        if not asking:
            return list(ids), True
        parent = Run.objects.select_related("session").get(pk=run_id)
        asked = asked_below(parent.session_id, [parent.pk])
        if not asked:
            resumed = {str(run.pk): _resumed(run) for run in asking}
            _queue(log, parent, list(resumed.values()))
            return [str(resumed[each].pk) if each in resumed else each for each in ids], False
        if parent.children.exclude(status__in=Run.TERMINAL).exists():
            return list(ids), False  # others, asked for beside these, are still at work
        end_run(log, parent, status=Run.Status.INTERRUPTED, interrupts=[for_agui(each) for each in asked])
    raise StaleEpoch()


def _resumed(run: Run) -> Run:
    return Run(pk=resuming_id(run.pk), agent=run.agent, title=run.title, options=run.options, resumes=run)


def _queue(log: SessionLog, parent: Run, runs: Sequence[Run]) -> None:
    for run in runs:
        run.session, run.parent, run.requested_by = parent.session, parent, parent.requested_by
        run.queue = parent.queue
        run.input_offset = log.add(
            events.run_queued(
                run_id=str(run.pk),
                agent=run.agent,
                input_id=None,
                parent=str(parent.pk),
                resumes=str(run.resumes_id) if run.resumes_id else None,
                title=run.title,
            ),
            actor=events.SYSTEM,
        )
        run.save(force_insert=True)
    Session.objects.filter(pk=parent.session_id).update(
        live_runs=F("live_runs") + len(runs), last_offset=log.head, last_ts=timezone.now()
    )
    entry_changed(parent.session_id)
    problem = over_limit(parent)
    for run in runs:
        if problem:  # its parent is told as of any other ending
            end_run(log, run, status=Run.Status.FAILED, code=COST_LIMIT, message=problem)
        else:
            wake_after_commit(run)


def _options(wanted: Delegated) -> Json:
    return {**wanted.options, "task": wanted.task}


def _check_same(known: dict[Any, Run], ids: Sequence[str], work: Sequence[Delegated]) -> None:
    """An attempt that asks for other work than the one before would be given wrong answers."""
    before = [known.get(uuid.UUID(each)) for each in ids]
    asked = [(each.agent, each.title, _options(each)) for each in work]
    if [(run.agent, run.title, run.options) for run in before if run] != asked:
        raise AgentError(
            "The agent changed its steps since its last attempt and cannot go on. Please ask again.",
            code="steps_changed",
        )


def _check_limits(parent: Run, work: Sequence[Delegated]) -> None:
    most = settings.CLEWLINE_CHILDREN_PER_CALL
    if not 1 <= len(work) <= most:
        raise AgentError(
            f"At most {most} sub-agents can be asked at once, and at least one.", code="too_many_children"
        )
    if depth_of(parent) >= settings.CLEWLINE_CHILDREN_DEPTH:
        raise AgentError("A sub-agent this deep cannot ask further ones.", code="too_deep")
    for wanted in work:
        if not is_remote(wanted.agent):
            get_agent(wanted.agent)
        if not 1 <= len(wanted.title) <= 200 or "task" in wanted.options:
            raise ValueError(
                "A sub-agent needs a title of 1 to 200 characters, and its task outside its options."
            )


def depth_of(run: Run) -> int:
    """0 for a run that answers a person."""
    depth, parent_id = 0, run.parent_id
    while parent_id is not None:
        depth += 1
        parent_id = Run.objects.values_list("parent_id", flat=True).get(pk=parent_id)
    return depth


def all_ended(ids: Sequence[str]) -> bool:
    return not Run.objects.filter(pk__in=ids).exclude(status__in=Run.TERMINAL).exists()


def results(session_id: str, ids: Sequence[str]) -> list[ChildResult]:
    """How these sub-agents ended, in the order of ``ids``."""
    rows = {str(pk): run for pk, run in Run.objects.in_bulk(ids).items()}
    _, view = load_view(session_id)
    said: dict[str, list[str]] = {each: [] for each in ids}
    whose = {
        name: each for each in ids for name in [each, *(str(run.pk) for run in resumed_before(rows[each]))]
    }
    for item in view["items"]:
        if item["kind"] == "message" and item["role"] == "assistant" and item["run"] in whose:
            said[whose[item["run"]]].append(item["text"])
    return [
        ChildResult(
            run_id=each,
            title=rows[each].title,
            status=Run.Status.CANCELLED if rows[each].status == Run.Status.INTERRUPTED else rows[each].status,
            text="\n\n".join(text for text in said[each] if text),
            result=rows[each].result,
            error=rows[each].error_message,
        )
        for each in ids
    ]


def with_descendants(runs: Iterable[Run]) -> list[Run]:
    """These runs and the sub-agents that work for them, the deepest first: a parent is the last to end."""
    levels = [list(runs)]
    while levels[-1]:
        below = Run.objects.filter(parent__in=levels[-1]).exclude(status__in=Run.TERMINAL)
        levels.append(list(below.select_related("session").order_by("created_at", "pk")))
    found: dict[uuid.UUID, Run] = {}
    for level in reversed(levels):
        for run in level:
            found.setdefault(run.pk, run)
    return list(found.values())
