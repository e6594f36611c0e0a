"""Starting a chat, also from an account or a deal."""

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from sessions_app.control.send import send_input
from sessions_app.errors import SessionsError
from sessions_app.runs.agents import UnknownAgent, agents, is_registered
from sessions_app.runs.claim import is_remote
from sessions_app.runs.models import Input
from sessions_app.session.access import actor_of, name_of
from sessions_app.session.envelope import new_id
from sessions_app.session.models import Session
from sessions_app.session.sessions import create_session
from sessions_app.session.subjects import Subject, resolve
from sessions_app.views.pages.data import examples, page_data, side


class UnknownSubject(SessionsError):
    """What this chat should be about does not exist, or is not yours to see. Start it from the record's page."""

    code = "unknown_subject"
    status = 404


class NoAgent(SessionsError):
    """No agent is installed here, so nobody would answer. Ask your administrator."""

    code = "no_agent"
    status = 503


@require_http_methods(["GET", "HEAD", "POST"])
def chat_new(request: HttpRequest) -> HttpResponse:
    """GET shows the page; POST ``agent?, subject? ("kind:id"), text?, id?`` makes the chat.

    A browser is sent to the new chat; a request that accepts JSON gets ``{"url"}``, or the error with its code.
    """
    json = "application/json" in request.headers.get("Accept", "")
    if not request.user.is_authenticated:
        if json:
            error = {
                "code": "signed_out",
                "message": "You are signed out. Your text is kept here.",
                "retry": False,
            }
            return JsonResponse({"error": error}, status=401)
        return login_required(chat_new)(request)
    if request.method != "POST":
        return start_page(request, pane="new")
    try:
        session = _start(request)
    except SessionsError as error:
        if json:
            problem = {"code": error.code, "message": str(error), "retry": error.retry}
            return JsonResponse({"error": problem}, status=error.status)
        return start_page(request, pane="new", error=error)
    url = reverse("chat-session", args=[session.pk])
    return JsonResponse({"url": url}, status=201) if json else redirect(url)


def _start(request: HttpRequest) -> Session:
    actor = actor_of(request.user)
    client_id = request.POST.get("id", "")[:64] or new_id()
    # The answer to an earlier attempt may have been lost on its way.
    made = Input.objects.filter(client_id=client_id, actor=actor, session__created_by=actor).select_related(
        "session"
    )
    if (again := made.first()) is not None:
        return again.session
    agent = _agent_named(request.POST.get("agent", ""))
    subject = _subject(request, request.POST.get("subject", ""))
    text = request.POST.get("text", "").replace("\r\n", "\n")  # forms send lines so
    # A refused text leaves no empty chat behind.
    with transaction.atomic():
        session = create_session(
            actor=actor,
            name=name_of(request.user),
            agent=agent,
            title=subject.label if subject and not text.strip() else "",
            subject=subject,
        )
        if text.strip() or not subject:
            send_input(session_id=str(session.pk), actor=actor, client_id=client_id, text=text)
    return session


def _agent_named(name: str) -> str:
    if name:
        if not is_registered(name) and not is_remote(name):
            raise UnknownAgent(f"No agent named {name!r} is installed here.")
        return name
    if not agents():
        raise NoAgent()
    return agents()[0].name


def _subject(request: HttpRequest, asked: str) -> Subject | None:
    if not asked:
        return None
    kind, _, id = asked.partition(":")
    subject = resolve(kind, id, request.user)
    if subject is None:
        raise UnknownSubject()
    return subject


def start_page(request: HttpRequest, *, pane: str, error: SessionsError | None = None) -> HttpResponse:
    """The composer of a chat that does not exist yet. ``pane`` is what a phone shows: ``new`` or ``list``."""
    values = request.POST if request.method == "POST" else request.GET
    try:
        subject = _subject(request, values.get("subject", ""))
    except UnknownSubject as unknown:
        subject, error = None, unknown
    agent = values.get("agent", "") or next((each.name for each in agents()), "")
    context = side(request)
    context |= {
        "pane": pane,
        "heading": f"Ask about {subject.label}" if subject else "What do you want to know?",
        "subject": subject,
        "agent": agent,
        "agent_choices": [(each.name, each.title) for each in agents()],
        "examples": examples(agent, subject),
        "error": error,
        "text": values.get("text", "") if error else "",
        "starts": True,
        "page": page_data(request, context["entries"]),
    }
    return render(request, "chat/new.html", context, status=error.status if error else 200)
