"""Sessions over HTTP: the same commands as the socket's, for clients that keep none open."""

from typing import Annotated, Any

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse

from sessions_app.control.commands import Command, execute
from sessions_app.control.manage import archive, rename
from sessions_app.control.send import Accepted, send_input
from sessions_app.control.start import start_session, subject_for
from sessions_app.live.reads import read_up_to
from sessions_app.session.access import actor_of, get_session_for
from sessions_app.session.models import Participant, Session
from sessions_app.session.participants import asked_in, entry
from sessions_app.session.search import sessions_of
from sessions_app.session.snapshots import load_view_bytes
from sessions_app.views.api.answers import BadRequest, api_view, body_of, offset_in

LIST_MOST = 200

Offset = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class SubjectBody(msgspec.Struct):
    kind: str
    id: str


class NewSession(msgspec.Struct):
    agent: str = ""
    title: str = ""
    subject: SubjectBody | None = None
    text: str = ""
    id: Annotated[str, msgspec.Meta(max_length=64)] = ""


class NewInput(msgspec.Struct):
    id: str
    text: str


class ReadBody(msgspec.Struct):
    at: Offset


class RenameBody(msgspec.Struct):
    title: str


class ArchiveBody(msgspec.Struct):
    archived: bool


@api_view("GET", "POST")
def sessions(request: HttpRequest) -> HttpResponse:
    """GET lists, newest first, ``?q=&archived=``; POST starts one."""
    if request.method == "POST":
        return _start(request, body_of(request, NewSession))
    actor = actor_of(request.user)
    archived = request.GET.get("archived", "") in {"1", "true"}
    found = list(sessions_of(actor, query=request.GET.get("q", "")[:200], archived=archived)[:LIST_MOST])
    mine = {each.session_id: each for each in Participant.objects.filter(actor=actor, session__in=found)}
    asked = asked_in(mine)
    entries = [entry(each, mine[each.pk], asked[each.pk]) for each in found if each.pk in mine]
    return JsonResponse({"sessions": entries})


def _start(request: HttpRequest, body: NewSession) -> HttpResponse:
    subject = subject_for(request.user, body.subject.kind, body.subject.id) if body.subject else None
    started = start_session(
        request.user,
        agent=body.agent,
        title=body.title.strip(),
        subject=subject,
        text=body.text,
        client_id=body.id,
    )
    person = started.session.participants.get(actor=actor_of(request.user))
    answer: dict[str, Any] = {"session": entry(started.session, person)}
    if started.input is not None:
        answer["input"] = _ack(started.input)
    return JsonResponse(answer, status=201)


def _ack(accepted: Accepted) -> dict[str, Any]:
    return {"inputId": accepted.input_id, "offset": accepted.offset, "runId": accepted.run_id}


@api_view("POST")
def commands(request: HttpRequest, session_id: str) -> HttpResponse:
    """Any command of the socket, without its ``s`` and ``ref``; answers with the fields of its answer."""
    body = body_of(request, dict) | {"s": session_id}
    try:
        command: Command = msgspec.convert(body, Command)
    except msgspec.ValidationError as error:
        raise BadRequest(str(error)[:500]) from None
    answer = execute(actor_of(request.user), command, lambda: request.user) or {}
    return JsonResponse({name: value for name, value in answer.items() if name != "t"})


@api_view("POST")
def inputs(request: HttpRequest, session_id: str) -> HttpResponse:
    body = body_of(request, NewInput)
    accepted = send_input(
        session_id=session_id, actor=actor_of(request.user), client_id=body.id, text=body.text
    )
    return JsonResponse(_ack(accepted))


@api_view("GET")
def view(request: HttpRequest, session_id: str) -> HttpResponse:
    """``{at, view}``, the fold of the first ``at`` records."""
    session = get_session_for(actor_of(request.user), session_id)
    at, body = load_view_bytes(str(session.pk), offset_in(request.GET, "at"))
    return HttpResponse(b'{"at":%d,"view":%b}' % (at, body), content_type="application/json")


@api_view("POST")
def read(request: HttpRequest, session_id: str) -> HttpResponse:
    read_up_to(session_id, actor_of(request.user), body_of(request, ReadBody).at)
    return HttpResponse(status=204)


@api_view("POST")
def rename_session(request: HttpRequest, session_id: str) -> HttpResponse:
    actor = actor_of(request.user)
    session = get_session_for(actor, session_id)
    title = body_of(request, RenameBody).title
    if not title.strip():
        raise BadRequest("`title` must not be empty.")
    rename(str(session.pk), actor, title)
    return _entry(session, actor)


@api_view("POST")
def archive_session(request: HttpRequest, session_id: str) -> HttpResponse:
    actor = actor_of(request.user)
    session = get_session_for(actor, session_id)
    archived = body_of(request, ArchiveBody).archived
    archive(str(session.pk), actor, archived)
    return _entry(session, actor)


def _entry(session: Session, actor: str) -> HttpResponse:
    session.refresh_from_db()
    return JsonResponse({"session": entry(session, session.participants.get(actor=actor))})
