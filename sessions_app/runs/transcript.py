"""The conversation before a run's own output, for the agent that continues it."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sessions_app.runs.agents import Json, TranscriptItem
from sessions_app.runs.lineage import resumed_before
from sessions_app.runs.models import Effect, Input, Interrupt, Run, Step
from sessions_app.session.snapshots import load_view


def transcript(session_id: str, run_id: str, *, last: int = 200) -> list[TranscriptItem]:
    """Inputs and runs of the branch that ends with this run, in order, up to and with its input.

    What people said to each other while one of them held control stands in between. A sub-agent reads its task alone.

    At most ``last`` runs back, and as many such messages: an agent bounds its context further.
    """
    this = Run.objects.get(pk=run_id)
    if this.parent_id is not None:
        return _of_subagent(session_id, this)
    runs = _branch(session_id, this, last)
    earlier = runs[:-1]
    inputs: dict[object, list[Input]] = {}
    said_for = {run.options.get("again") or str(run.pk) for run in runs}
    for row in Input.objects.filter(run_id__in=said_for).order_by("id"):
        inputs.setdefault(str(row.run_id), []).append(row)
    steps: dict[object, list[Step]] = {}
    aside = Input.objects.filter(
        session_id=session_id, status=Input.Status.CONSUMED, run=None, offset__lt=runs[-1].input_offset
    )
    if len(runs) == last:
        aside = aside.filter(offset__gt=runs[0].input_offset)
    between = deque(reversed(aside.order_by("-offset")[:last]))
    published: dict[str, str] = {}
    outside = _outside(earlier)
    if earlier:
        for step in (
            Step.objects.filter(run__in=earlier).exclude(kind=Step.Kind.CUT).order_by("run_id", "index")
        ):
            steps.setdefault(step.run_id, []).append(step)
        published = _published(session_id)
    items: list[TranscriptItem] = []
    for run in runs:
        while between and between[0].offset < run.input_offset:
            said = between.popleft()
            items.append(TranscriptItem(kind="user", text=said.text, actor=said.actor))
        for row in inputs.get(run.options.get("again") or str(run.pk), []):
            if row.offset > run.input_offset:
                continue  # it steered the run, which has it among its steps
            items.append(TranscriptItem(kind="user", text=row.text, actor=row.actor))
        if str(run.pk) == run_id:
            break
        items.append(_done(run, published.get(str(run.pk), ""), steps.get(run.pk, []), outside))
    return items


def _of_subagent(session_id: str, this: Run) -> list[TranscriptItem]:
    """Its task, and what it did before it asked people."""
    items = [TranscriptItem(kind="user", text=str(this.options["task"]), actor=this.requested_by)]
    if earlier := resumed_before(this):
        published, outside = _published(session_id), _outside(earlier)
        for run in earlier:
            steps = run.steps.exclude(kind=Step.Kind.CUT).order_by("index")
            items.append(_done(run, published.get(str(run.pk), ""), steps, outside))
    return items


@dataclass
class _Outside:
    """Of some runs, by run: what they did outside, and what became of what they asked."""

    effects: dict[object, list[Json]]
    asked: dict[object, dict[str, str]]


def _outside(runs: Sequence[Run]) -> _Outside:
    found = _Outside({}, {})
    for each in Effect.objects.filter(run__in=runs).exclude(interrupt=None).order_by("created_at"):
        output = each.result["output"] if each.result else None
        effect = {"call_id": each.call_id, "tool": each.tool, "status": each.status, "output": output}
        found.effects.setdefault(each.run_id, []).append(effect)
    rows = Interrupt.objects.filter(run__in=runs).values_list("run_id", "call_id", "status")
    for run_id, call_id, status in rows:
        found.asked.setdefault(run_id, {})[call_id] = status
    return found


def _done(run: Run, text: str, steps: Iterable[Step], outside: _Outside) -> TranscriptItem:
    return TranscriptItem(
        kind="run",
        text=text,
        actor=f"agent:{run.agent}",
        run_id=str(run.pk),
        status=run.status,
        resumes=str(run.resumes_id) if run.resumes_id else None,
        steps=tuple({"kind": s.kind, "name": s.name, "output": s.output} for s in steps),
        effects=tuple(outside.effects.get(run.pk, ())),
        asked=outside.asked.get(run.pk, {}),
    )


def _branch(session_id: str, this: Run, last: int) -> list[Run]:
    """The run and those that it follows, oldest first."""
    before = Run.objects.filter(session_id=session_id, parent=None, input_offset__lt=this.input_offset)
    follows = dict(before.values_list("pk", "after_id")) if this.after_id else {}
    at, line = this.after_id, list[UUID]()
    while at in follows and len(line) < last - 1:
        line.append(at)
        at = follows[at]
    rows = Run.objects.in_bulk(line)
    return [*(rows[pk] for pk in reversed(line)), this]


def _published(session_id: str) -> dict[str, str]:
    """What each run said, by run id, partial answers included."""
    _, view = load_view(session_id)
    said: dict[str, list[str]] = {}
    for item in view["items"]:
        if item["kind"] == "message" and item["role"] == "assistant" and item["text"]:
            said.setdefault(item["run"], []).append(item["text"])
    return {run_id: "\n\n".join(texts) for run_id, texts in said.items()}
