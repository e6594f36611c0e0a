"""Claiming a run, keeping it, and giving it back. Leases are in database time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Greatest, Now

from sessions_app.runs.agents import RunInfo, is_registered
from sessions_app.runs.interrupts import resumption
from sessions_app.runs.lifecycle import end_run
from sessions_app.runs.lineage import lineage
from sessions_app.runs.models import AgentKey, Run, Step
from sessions_app.session import events
from sessions_app.session.log import session_log
from sessions_app.session.models import Session
from sessions_app.session.snapshots import load_view
from sessions_app.session.subjects import Subject
from sessions_app.streams.append import StreamClosed, raise_epoch

DUE = Q(status=Run.Status.QUEUED, lease_until=None) | Q(
    status__in=[Run.Status.QUEUED, Run.Status.RUNNING], lease_until__lt=Now()
)


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A run that this worker holds, with what earlier attempts, and runs that it goes on with, left."""

    info: RunInfo
    stream_id: int
    epoch: int
    steps: list[dict[str, Any]]
    stale: list[str] = field(default_factory=list)


def lease() -> timedelta:
    return timedelta(seconds=settings.CLEWLINE_LEASE_SECONDS)


def lease_end() -> Any:
    """When a lease taken now ends, in database time."""
    return Now() + lease()


def is_remote(agent: str) -> bool:
    """Whether the agent's runs are served over HTTP: it is not installed here, and somebody holds a key for it."""
    return not is_registered(agent) and AgentKey.objects.filter(agent=agent, revoked_at=None).exists()


def claim(run_id: str, worker: str, *, remote: bool = False) -> Claimed | None:
    """Take the run if it is due. None when somebody else holds it, or it has ended.

    The claim, the new epoch and the record that tells of it are one transaction: from its commit on, nothing that an
    earlier attempt still holds can enter the log.
    """
    run = Run.objects.filter(pk=run_id).select_related("session").first()
    if run is None or run.status in Run.TERMINAL or is_remote(run.agent) != remote:
        return None
    session = run.session
    actor = f"agent:{run.agent}"
    try:
        with session_log(session.stream_id) as log:
            # Compared with what was read above, so that nothing has to be read again.
            taken = Run.objects.filter(DUE, pk=run_id, epoch=run.epoch, attempt=run.attempt).update(
                status=Run.Status.RUNNING,
                attempt=run.attempt + 1,
                epoch=run.epoch + 1,
                worker=worker,
                lease_until=lease_end(),
                started_at=Coalesce("started_at", Now()),
            )
            if not taken:
                return None
            epoch = raise_epoch(session.stream_id, run_id)
            if epoch != run.epoch + 1:
                Run.objects.filter(pk=run_id).update(epoch=epoch)
            run.attempt, run.epoch = run.attempt + 1, epoch
            if run.attempt > settings.CLEWLINE_MAX_ATTEMPTS:
                end_run(
                    log,
                    run,
                    status=Run.Status.FAILED,
                    code="run_failed_repeatedly",
                    message=f"The answer was tried {run.attempt - 1} times and broke off each time. Please ask again.",
                )
                return None
            if epoch == 1:
                log.add(
                    events.run_started(session_id=str(session.pk), run_id=run_id), actor=actor, run=run_id
                )
            else:
                log.add(events.run_retrying(run_id=run_id, attempt=epoch), actor=actor, run=run_id)
    except StreamClosed:
        return None
    return _claimed(run, session, epoch)


def _claimed(run: Run, session: Session, epoch: int) -> Claimed:
    line = lineage(run)
    earlier = line if epoch > 1 else line[:-1]
    rows = [row for each in earlier for row in each.steps.exclude(kind=Step.Kind.CUT).order_by("index")]
    stale = open_items(earlier)
    subject = None
    if session.subject_kind:
        subject = Subject(
            kind=session.subject_kind,
            id=session.subject_id,
            label=session.subject_label,
            url=session.subject_url,
        )
    return Claimed(
        info=RunInfo(
            id=str(run.pk),
            session_id=str(session.pk),
            agent=run.agent,
            requested_by=run.requested_by,
            attempt=epoch,
            subject=subject,
            options=run.options,
            resumes=resumption(run),
            parent=str(run.parent_id) if run.parent_id else None,
            origin=str(line[0].pk),
            scheduled=run.queue == Run.Queue.SCHEDULED,
        ),
        stream_id=session.stream_id,
        epoch=epoch,
        steps=[step_values(row) for row in rows],
        stale=stale,
    )


def open_items(runs: Sequence[Run]) -> list[str]:
    """Ids of what these runs, each of which goes on with the one before, published after their last completed step.

    The next attempt replaces them.
    """
    if not runs:
        return []
    last = Step.objects.filter(run__in=runs).exclude(kind=Step.Kind.CUT).order_by("end_offset").last()
    done_until = last.end_offset if last else 0
    names = {str(run.pk) for run in runs}
    _, view = load_view(str(runs[0].session_id))
    return [
        item["id"]
        for item in view["items"]
        if item["run"] in names and item["at"] >= done_until and item["kind"] != "interrupt"
    ]


def step_values(row: Step) -> dict[str, Any]:
    return {"index": row.index, "kind": row.kind, "name": row.name, "output": row.output}


def renew(held: dict[str, int], worker: str) -> set[str]:
    """Extend the leases of runs held as ``{run id: epoch}``; return the ids still held."""
    if not held:
        return set()
    mine = Run.objects.filter(pk__in=list(held), worker=worker, status=Run.Status.RUNNING)
    mine.update(lease_until=lease_end())
    return {str(pk) for pk, epoch in mine.values_list("pk", "epoch") if held.get(str(pk)) == epoch}


def lost(held: dict[str, int]) -> set[str]:
    """Which of these runs, held as ``{run id: epoch}``, are not held any longer: ended, or taken over."""
    mine = Run.objects.filter(pk__in=list(held), status=Run.Status.RUNNING).values_list("pk", "epoch")
    return set(held) - {str(pk) for pk, epoch in mine if held.get(str(pk)) == epoch}


def release(run_ids: Iterable[str], worker: str, *, failed: bool, delay: float = 0.0) -> None:
    """Give runs back, to be taken by anybody after ``delay`` seconds. Only a failure counts as an attempt."""
    values: dict[str, Any] = {"lease_until": Now() + timedelta(seconds=delay), "worker": ""}
    if not failed:
        values["attempt"] = Greatest(F("attempt") - 1, 0)
    Run.objects.filter(pk__in=list(run_ids), worker=worker, status=Run.Status.RUNNING).update(**values)


def due_runs(limit: int = 200, *, agent: str | None = None, queue: str | None = None) -> list[str]:
    """Runs that anybody may claim, what people wait for before what is scheduled, each oldest first.

    Those of ``agent``, or those that are not served over HTTP; with ``queue`` only of that one.
    """
    due = Run.objects.filter(DUE)
    if queue is not None:
        due = due.filter(queue=queue)
    if agent is not None:
        due = due.filter(agent=agent)
    else:
        remote = AgentKey.objects.filter(revoked_at=None).values_list("agent", flat=True).distinct()
        due = due.exclude(agent__in=[name for name in remote if not is_registered(name)])
    # "chat" comes before "scheduled", also for the database.
    return [str(pk) for pk in due.order_by("queue", "created_at").values_list("pk", flat=True)[:limit]]
