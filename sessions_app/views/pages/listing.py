"""The list of chats, beside the beginning of a new one."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from sessions_app.views.pages.data import side
from sessions_app.views.pages.new import start_page


@login_required
@require_GET
def chat_list(request: HttpRequest) -> HttpResponse:
    asked = any(request.GET.get(name) for name in ("list", "q", "archived"))
    return start_page(request, pane="list" if asked else "new")


@login_required
@require_GET
def chat_search(request: HttpRequest) -> HttpResponse:
    """The list alone, for htmx; without it the search form leads to ``chat_list``."""
    return render(request, "chat/_list.html", side(request, current=request.GET.get("current")))
