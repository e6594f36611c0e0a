"""A page for what a source names: a transcript, a chat message, a document, a company.

They show what the connected provider answers to whoever asks; what it does not answer is not found, for whatever reason.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from asgiref.sync import async_to_sync
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import strip_tags
from django.views.decorators.http import require_safe
from markdown_it import MarkdownIt

from sales_app.connectors.arguments import WrongArgument, key
from sales_app.connectors.base import ConnectorError, Item, NotConnected, Reading, ask, provider_for
from sales_app.crm.access import accounts_for
from sales_app.crm.models import Account
from sales_app.crm.page import crm_page
from sales_app.people.models import User

Context = dict[str, Any]

# Raw HTML and images stay text: a document of another system is no part of this page.
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def read(user: User, category: str, operation: str, **arguments: Any) -> Reading:
    """``ask``, for those who are not on an event loop."""
    return async_to_sync(ask)(user, category, operation, **arguments)


@require_safe
@crm_page()
def source(request: HttpRequest, user: User, category: str, id: str) -> HttpResponse:
    show = _PAGES.get(category)
    if show is None:
        raise Http404
    try:
        return show(request, user, id)
    except (NotConnected, WrongArgument):
        raise Http404 from None
    except ConnectorError as problem:
        return render(request, "sources/down.html", {"message": problem.message}, status=503)


def _one(user: User, category: str, operation: str, id: str) -> Item:
    items = read(user, category, operation, id=id).items
    if not items:
        raise Http404
    return items[0]


def _shown(
    request: HttpRequest, user: User, template: str, item: Item, category: str, **more: Any
) -> HttpResponse:
    account = accounts_for(user).filter(pk=item.account).first() if item.account is not None else None
    provider = provider_for(category)
    context = {"item": item, "account": account, "provider": provider.title if provider else "", **more}
    return render(request, template, context)


def _call(request: HttpRequest, user: User, id: str) -> HttpResponse:
    item = _one(user, "calls", "call", id)
    said: list[Context] = item.meta["lines"]
    before = ["", *(line["speaker"] for line in said)]
    lines = [
        {**line, "clock": _clock(line["at"]), "same": line["speaker"] == speaker}
        for speaker, line in zip(before, said, strict=False)
    ]
    return _shown(request, user, "sources/call.html", item, "calls", lines=lines)


def _clock(seconds: int) -> str:
    """``12:34``, ``1:02:03``."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _chat(request: HttpRequest, user: User, id: str) -> HttpResponse:
    item = _one(user, "chat", "message", id)
    thread = [{**message, "at": datetime.fromisoformat(message["at"])} for message in item.meta["messages"]]
    # Not called "messages": that name is Django's, for what the page says to its reader.
    return _shown(request, user, "sources/chat.html", item, "chat", thread=thread)


def _document(request: HttpRequest, user: User, id: str) -> HttpResponse:
    item = _one(user, "docs", "document", id)
    html = _markdown.render(item.text)
    context: Context = {"html": html, "is_empty": not strip_tags(html).strip()}
    for name in ("updated", "due", "starts"):
        if name in item.meta:
            context[name] = datetime.fromisoformat(item.meta[name])
    return _shown(request, user, "sources/document.html", item, "docs", **context)


def _company(request: HttpRequest, user: User, id: str) -> HttpResponse:
    account = _account(user, id)
    profile = read(user, "enrichment", "company", account=str(account.pk)).items
    news = read(user, "enrichment", "news", account=str(account.pk)).items
    if not profile and not news:
        raise Http404
    item = profile[0] if profile else news[0]
    return _shown(
        request,
        user,
        "sources/company.html",
        item,
        "enrichment",
        profile=profile[0] if profile else None,
        news=news,
    )


def _account(user: User, id: str) -> Account:
    found = accounts_for(user).filter(pk=key({"account": id}, "account") or 0).first()
    if found is None:
        raise Http404
    return found


def _elsewhere(category: str, operation: str) -> Callable[[HttpRequest, User, str], HttpResponse]:
    """These have a page of their own, which asks for itself who may see it."""

    def show(request: HttpRequest, user: User, id: str) -> HttpResponse:
        return redirect(_one(user, category, operation, id).url)

    return show


_PAGES: dict[str, Callable[[HttpRequest, User, str], HttpResponse]] = {
    "calls": _call,
    "chat": _chat,
    "docs": _document,
    "enrichment": _company,
    "email": _elsewhere("email", "message"),
    "calendar": _elsewhere("calendar", "event"),
}
