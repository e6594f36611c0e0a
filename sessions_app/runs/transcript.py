"""The conversation before a run's own output, for the agent that continues it."""

from collections import deque
from collections.abc import Iterable

from sessions_app.runs.agents import TranscriptItem
from sessions_app.runs.models import Input, Run, Step
from sessions_app.session.snapshots import load_view


def transcript(session_id: str, run_id: str, *, last: int = 200) -> list[TranscriptItem]:
    """Inputs and runs of the branch that ends with this run, in order, up to and with its input.

    What people said to each other while one of them held control stands in between. A sub-agent reads its task alone.

    At most ``last`` runs back: an agent bounds its context further.
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
    ).order_by("offset")
    between = deque(aside.filter(offset__gt=runs[0].input_offset) if len(runs) == last else aside)
    published: dict[str, str] = {}
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
        items.append(_done(run, published.get(str(run.pk), ""), steps.get(run.pk, [])))
    return items


def _of_subagent(session_id: str, this: Run) -> list[TranscriptItem]:
    """Its task, and what it did before it asked people."""
    items = [TranscriptItem(kind="user", text=str(this.options["task"]), actor=this.requested_by)]
    earlier: list[Run] = []
    before = this.resumes
    while before is not None:
        earlier.insert(0, before)
        before = before.resumes
    if earlier:
        published = _published(session_id)
        items += [
            _done(
                run, published.get(str(run.pk), ""), run.steps.exclude(kind=Step.Kind.CUT).order_by("index")
            )
            for run in earlier
        ]
    return items


def _done(run: Run, text: str, steps: Iterable[Step]) -> TranscriptItem:
    return TranscriptItem(
        kind="run",
        text=text,
        actor=f"agent:{run.agent}",
        run_id=str(run.pk),
        status=run.status,
        resumes=str(run.resumes_id) if run.resumes_id else None,
        steps=tuple({"kind": s.kind, "name": s.name, "output": s.output} for s in steps),
    )


def _branch(session_id: str, this: Run, last: int) -> list[Run]:
    """The run and those that it follows, oldest first."""
    before = Run.objects.filter(session_id=session_id, parent=None, input_offset__lt=this.input_offset)
    known = before.in_bulk() if this.after_id else {}
    runs = [this]
    while runs[-1].after_id in known and len(runs) < last:
        runs.append(known[runs[-1].after_id])
    runs.reverse()
    return runs


def _published(session_id: str) -> dict[str, str]:
    """What each run said, by run id, partial answers included."""
    _, view = load_view(session_id)
    said: dict[str, list[str]] = {}
    for item in view["items"]:
        if item["kind"] == "message" and item["role"] == "assistant" and item["text"]:
            said.setdefault(item["run"], []).append(item["text"])
    return {run_id: "\n\n".join(texts) for run_id, texts in said.items()}
