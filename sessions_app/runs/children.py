"""Sub-agents: runs with a ``parent``, queued together, executed like any other, and ended with their parent.

A sub-agent's id follows from its parent, the step that asked for it and its place there. So whoever takes the parent
over finds the sub-agents that were started, and none is started twice.
"""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from sessions_app.runs.agents import AgentError, ChildResult, Delegated, get_agent
from sessions_app.runs.claim import is_remote
from sessions_app.runs.dispatch import wake_after_commit
from sessions_app.runs.listing import entry_changed
from sessions_app.runs.models import Run
from sessions_app.session import events
from sessions_app.session.log import SessionLog, session_log
from sessions_app.session.models import Session
from sessions_app.session.snapshots import load_view
from sessions_app.streams.append import check_epoch

Json = dict[str, Any]


def child_id(parent_id: str, step: str, place: int) -> str:
    """``step`` names the call of ``delegate`` within the parent; ``place`` counts from 0."""
    return str(uuid.uuid5(uuid.UUID(parent_id), f"{step}.{place}"))


def queue_children(
    *, run_id: str, stream_id: int, epoch: int, step: str, work: Sequence[Delegated]
) -> list[str]:
    """Queue the sub-agents, all in one transaction, unless an earlier attempt has. Returns their run ids in order.

    Raises StaleEpoch, UnknownAgent, AgentError.
    """
    ids = [child_id(run_id, step, place) for place in range(len(work))]
    with session_log(stream_id) as log:
        check_epoch(stream_id, run_id, epoch)
        parent = Run.objects.select_related("session").get(pk=run_id)
        if known := Run.objects.in_bulk(ids):
            _check_same(known, ids, work)
            return ids
        _check_limits(parent, work)
        for each, wanted in zip(ids, work, strict=True):
            _queue(log, parent, each, wanted)
        Session.objects.filter(pk=parent.session_id).update(
            live_runs=F("live_runs") + len(work), last_offset=log.head, last_ts=timezone.now()
        )
        entry_changed(parent.session_id)
    return ids


def _queue(log: SessionLog, parent: Run, run_id: str, wanted: Delegated) -> None:
    run = Run(
        pk=uuid.UUID(run_id),
        session=parent.session,
        parent=parent,
        agent=wanted.agent,
        title=wanted.title,
        requested_by=parent.requested_by,
        options=_options(wanted),
    )
    run.input_offset = log.add(
        events.run_queued(
            run_id=run_id, agent=run.agent, input_id=None, parent=str(parent.pk), title=run.title
        ),
        actor=events.SYSTEM,
    )
    run.save(force_insert=True)
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
    for item in view["items"]:
        if item["kind"] == "message" and item["role"] == "assistant" and item["run"] in said:
            said[item["run"]].append(item["text"])
    return [
        ChildResult(
            run_id=each,
            title=rows[each].title,
            status=rows[each].status,
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
