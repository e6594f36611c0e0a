"""The session inspector: what happened in a session, for those who may see any of them. Each reading is recorded."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.db.models import Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from sessions_app.runs.agents import all_agents
from sessions_app.runs.models import Run, Step
from sessions_app.session.access import UnknownSession, inspect
from sessions_app.session.envelope import decode
from sessions_app.session.models import Session
from sessions_app.session.names import called, names_of
from sessions_app.session.snapshots import load_view
from sessions_app.streams.models import Record
from sessions_app.views.pages.cost import cost_words

Json = dict[str, Any]

PERMISSION = "sessions_app.inspect_session"
PER_PAGE = 50
WINDOW = 100  # records shown around the offset
MS = 1000
OFFSET_MAX = 2**62


@login_required
@permission_required(PERMISSION, raise_exception=True)
@require_GET
def inspect_list(request: HttpRequest) -> HttpResponse:
    """Everybody's sessions, newest first; ``q`` looks in titles, subjects and people, never in contents."""
    query = request.GET.get("q", "").strip()[:200]
    found = Session.objects.prefetch_related("participants").annotate(cost=Sum("runs__steps__cost"))
    for word in query.split()[:8]:
        people = Q(pk__in=Session.objects.filter(participants__name__icontains=word).values("pk"))
        found = found.filter(Q(title__icontains=word) | Q(subject_label__icontains=word) | people)
    page = Paginator(found.order_by("-last_ts"), PER_PAGE).get_page(request.GET.get("page"))
    # The annotation is on the rows, not on the type.
    rows = [{"session": session, "cost": cost_words(vars(session)["cost"])} for session in page]
    return render(request, "chat/inspect_list.html", {"page": page, "rows": rows, "query": query})


@login_required
@permission_required(PERMISSION, raise_exception=True)
@require_GET
def inspect_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The timeline, the runs, and the view as it was after the first ``at`` records."""
    asked = _offset(request.GET.get("at"))
    session = _inspected(request, session_id, asked)
    head = session.stream.head
    at = head if asked is None else min(asked, head)
    at, view = load_view(str(session.pk), at)
    runs = list(session.runs.order_by("created_at").prefetch_related("steps"))
    records = _records(session, at, head)
    names = _names(session, [view["items"], view["inputs"], records], runs)
    context = {
        "session": session,
        "people": session.participants.order_by("joined_at"),
        "head": head,
        "at": at,
        "view": view,
        "items": [_item(item, names) for item in view["items"]],
        "inputs": [{**each, "who": called(each["actor"], names)} for each in view["inputs"]],
        "runs": [_run(run, view, names) for run in runs],
        "cost": cost_words(
            sum((step.cost for run in runs for step in run.steps.all() if step.cost is not None), start=0)
        ),
        "records": [{**each, "who": called(each["actor"], names)} for each in records],
        "window": WINDOW,
    }
    return render(request, "chat/inspect_session.html", context)


@login_required
@permission_required(PERMISSION, raise_exception=True)
@require_GET
def inspect_step(request: HttpRequest, session_id: UUID, step_id: int) -> HttpResponse:
    """The private output of one step: as a fragment for htmx, else as a page."""
    step = get_object_or_404(
        Step.objects.select_related("run__session"), pk=step_id, run__session_id=session_id
    )
    _inspected(request, session_id, step.end_offset)
    context = {
        "session": step.run.session,
        "step": step,
        "output": json.dumps(step.output, indent=2, ensure_ascii=False),
    }
    fragment = bool(getattr(request, "htmx", False))
    return render(request, "chat/_inspect_step.html" if fragment else "chat/inspect_step.html", context)


def _inspected(request: HttpRequest, session_id: UUID, at: int | None) -> Session:
    """The session, after the reading was recorded."""
    try:
        return inspect(request.user, str(session_id), at)
    except UnknownSession as error:
        raise Http404(error.code) from None


def _names(session: Session, lists: list[list[Json]], runs: list[Run]) -> dict[str, str]:
    """What everybody is called who appears on the page."""
    actors = {each["actor"] for rows in lists for each in rows if each.get("actor")}
    # Without what stands in brackets: which model answered is told by each step.
    titles = {f"agent:{agent.name}": agent.title.split(" (")[0] for agent in all_agents()}
    asked = {run.requested_by for run in runs}
    return titles | names_of(actors | asked, session_id=session.pk)


def _offset(asked: str | None) -> int | None:
    """None for the head, also when it is no number: a mistyped link still shows something."""
    try:
        return max(0, min(int(asked), OFFSET_MAX)) if asked else None
    except ValueError:
        return None


def _time(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / MS, tz=UTC)


def _records(session: Session, at: int, head: int) -> list[Json]:
    """Records around the offset, each with the time since the one before it."""
    start = max(0, min(at - WINDOW // 2, head - WINDOW))
    rows = Record.objects.filter(
        stream_id=session.stream_id, pos__gte=max(0, start - 1), pos__lt=start + WINDOW
    )
    shown: list[Json] = []
    before: int | None = None
    for pos, body in rows.order_by("pos").values_list("pos", "body"):
        record = decode(body)
        if pos >= start:
            event = record["event"]
            shown.append(
                {
                    "pos": pos,
                    "after": pos + 1,
                    "time": _time(record["ts"]),
                    "gap": None if before is None else record["ts"] - before,
                    "actor": record["actor"],
                    "run": record.get("run"),
                    "name": event["name"] if event["type"] == "CUSTOM" else event["type"],
                    "summary": _summary(event),
                    "in_view": pos < at,
                }
            )
        before = record["ts"]
    return shown


def _summary(event: Json, *, limit: int = 120) -> str:
    value = event.get("value", event)
    if event.get("name") == "participant.joined":
        return f"{value['name']}, {value['role']}"
    for key in ("delta", "text", "content", "title", "message", "toolCallName", "stepName", "name", "code"):
        if isinstance(value.get(key), str) and key != "name":
            text: str = value[key]
            break
    else:
        kept = {k: v for k, v in value.items() if k not in ("type", "name", "threadId", "runId", "messageId")}
        text = json.dumps(kept, ensure_ascii=False) if kept else ""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _item(item: Json, names: dict[str, str]) -> Json:
    took = item["endTs"] - item["ts"] if item.get("endTs") else None
    who = called(item.get("actor") or "", names)
    words = item.get("text") or item.get("title") or ""
    return {**item, "time": _time(item["ts"]), "took": took, "who": who, "words": words}


def _run(run: Run, view: Json, names: dict[str, str]) -> Json:
    """A run with its steps. ``then`` is its status in the view that is shown, None before it began."""
    steps = sorted(run.steps.all(), key=lambda step: step.index)
    costs = [step.cost for step in steps if step.cost is not None]
    end = run.ended_at
    return {
        "run": run,
        "id": str(run.pk),
        "then": (view["runs"].get(str(run.pk)) or {}).get("status"),
        "waited": _ms(run.created_at, run.started_at),
        "took": _ms(run.started_at or run.created_at, end),
        "tokens": sum(step.input_tokens + step.output_tokens + step.cache_read_tokens for step in steps),
        "cost": cost_words(sum(costs, start=0)) if costs else "",
        "agent": called(f"agent:{run.agent}", names),
        "asker": called(run.requested_by, names),
        "attempts": run.attempt,
        "steps": [
            {"step": step, "took": _ms(step.started_at, step.ended_at), "cost": cost_words(step.cost)}
            for step in steps
        ],
    }


def _ms(start: datetime | None, end: datetime | None) -> int | None:
    return None if start is None or end is None else round((end - start).total_seconds() * MS)
