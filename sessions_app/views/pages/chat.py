"""One chat: the page, its name, and the archive."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from sessions_app.control.manage import archive, rename
from sessions_app.errors import SessionsError
from sessions_app.session.access import actor_of
from sessions_app.session.snapshots import load_view
from sessions_app.views.pages.data import examples, page_data, session_for, side


@login_required
@require_GET
def chat_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The view comes with the page, so that the conversation is there before the socket is."""
    session = session_for(request, session_id)
    at, view = load_view(str(session.pk))
    context = side(request, current=str(session.pk))
    context |= {
        "chat": {
            "id": str(session.pk),
            "title": session.title,
            "archived": session.archived_at is not None,
            "subject": (view["session"] or {}).get("subject"),
        },
        "examples": examples(session.agent, (view["session"] or {}).get("subject"), request.user),
        "is_empty": not view["items"] and not view["inputs"],
        "may_inspect": request.user.has_perm("sessions_app.inspect_session"),
        "page": page_data(request, context["entries"], session=session, view=view, at=at),
    }
    return render(request, "chat/page.html", context)


@login_required
@require_POST
def chat_rename(request: HttpRequest, session_id: UUID) -> HttpResponse:
    session_for(request, session_id)
    title = request.POST.get("title", "").strip()
    if not title:
        messages.error(request, "A chat needs a name. The old one was kept.")
    else:
        try:
            rename(str(session_id), actor_of(request.user), title)
        except SessionsError as error:
            messages.error(request, str(error))
    return redirect("chat-session", session_id)


@login_required
@require_POST
def chat_archive(request: HttpRequest, session_id: UUID) -> HttpResponse:
    session_for(request, session_id)
    try:
        archive(str(session_id), actor_of(request.user), request.POST.get("archived") == "1")
    except SessionsError as error:
        messages.error(request, str(error))
    return redirect("chat-session", session_id)
