"""Starting a chat, also from an account or a deal."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from sessions_app.control.send import TextEmpty
from sessions_app.control.start import UnknownSubject, start_session, subject_for
from sessions_app.errors import SessionsError
from sessions_app.live.login import SignedOut
from sessions_app.runs.agents import agents
from sessions_app.session.models import Session
from sessions_app.session.subjects import Subject
from sessions_app.views.pages.data import examples, page_data, side


@require_http_methods(["GET", "HEAD", "POST"])
def chat_new(request: HttpRequest) -> HttpResponse:
    """GET shows the page; POST ``agent?, subject? ("kind:id"), text?, id?`` makes the chat.

    A browser is sent to the new chat; a request that accepts JSON gets ``{"url"}``, or the error with its code.
    """
    json = "application/json" in request.headers.get("Accept", "")
    if not request.user.is_authenticated:
        if json:
            signed_out = SignedOut("You are signed out. Your text is kept here.")
            return JsonResponse(signed_out.as_json(), status=signed_out.status)
        return login_required(chat_new)(request)
    if request.method != "POST":
        return start_page(request, pane="new")
    try:
        session = _start(request)
    except SessionsError as error:
        if json:
            return JsonResponse(error.as_json(), status=error.status)
        return start_page(request, pane="new", error=error)
    url = reverse("chat-session", args=[session.pk])
    return JsonResponse({"url": url}, status=201) if json else redirect(url)


def _start(request: HttpRequest) -> Session:
    subject = _subject(request, request.POST.get("subject", ""))
    text = request.POST.get("text", "").replace("\r\n", "\n")  # forms send lines so
    if not text.strip() and subject is None:
        raise TextEmpty()
    return start_session(
        request.user,
        agent=request.POST.get("agent", ""),
        title=subject.label if subject and not text.strip() else "",
        subject=subject,
        text=text.strip() and text,
        client_id=request.POST.get("id", "")[:64],
    ).session


def _subject(request: HttpRequest, asked: str) -> Subject | None:
    if not asked:
        return None
    kind, _, id = asked.partition(":")
    return subject_for(request.user, kind, id)


def start_page(request: HttpRequest, *, pane: str, error: SessionsError | None = None) -> HttpResponse:
    """The composer of a chat that does not exist yet. ``pane`` is what a phone shows: ``new`` or ``list``."""
    values = request.POST if request.method == "POST" else request.GET
    try:
        subject = _subject(request, values.get("subject", ""))
    except UnknownSubject as unknown:
        subject, error = None, unknown
    agent = values.get("agent", "") or next((each.name for each in agents()), "")
    choices = {each.name: each.title for each in agents()}
    if agent:
        choices.setdefault(agent, agent)  # one that is served over HTTP is known by its link alone
    context = side(request)
    context |= {
        "pane": pane,
        "heading": f"Ask about {subject.label}" if subject else "What do you want to know?",
        "subject": subject,
        "agent": agent,
        "agent_choices": list(choices.items()),
        "examples": examples(agent, subject, request.user),
        "error": error,
        "text": values.get("text", "") if error else "",
        "starts": True,
        "page": page_data(request, context["entries"]),
    }
    return render(request, "chat/new.html", context, status=error.status if error else 200)
