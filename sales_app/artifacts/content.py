"""Serving what a frame shows. Stands before sessions and everything that knows a person: cookies are neither read nor set.

With an origin of its own (``CLEWLINE_ARTIFACT_ORIGIN``) that host serves content and nothing else, and the content is served
nowhere else.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.conf import settings
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from sales_app.artifacts.models import ArtifactVersion, ShareView
from sales_app.artifacts.passes import Pass, read_pass
from sales_app.artifacts.places import PREFIX
from sales_app.artifacts.rendering.page import ALONE
from sales_app.artifacts.sharing import open_links
from sales_app.artifacts.unlisted import unlisted

Handler = Callable[[HttpRequest], HttpResponseBase] | Callable[[HttpRequest], Awaitable[HttpResponseBase]]

GONE = "This page was open for a while, or its address is not whole. Load the page around it again."


def policy(*, by: str, prints: bool = False) -> str:
    sandbox = "allow-scripts allow-modals" if prints else "allow-scripts"
    return f"{ALONE}; frame-ancestors {by}; base-uri 'none'; sandbox {sandbox}"


def content(request: HttpRequest, token: str) -> HttpResponse:
    given = read_pass(token)
    html = _html(given) if given and request.method in {"GET", "HEAD"} and _is_framed(request) else None
    if given is None or html is None:
        return _guarded(
            HttpResponse(GONE, content_type="text/plain; charset=utf-8", status=404), policy(by="'none'")
        )
    if given.link is not None and request.method == "GET" and not given.prints:
        ShareView.objects.create(link_id=given.link)
    return _guarded(HttpResponse(html), policy(by=given.by, prints=given.prints))


def _is_framed(request: HttpRequest) -> bool:
    """As a page of its own it could lead itself anywhere; only the page around it holds it. Old browsers do not tell."""
    return request.headers.get("Sec-Fetch-Dest", "iframe") == "iframe"


def _html(given: Pass) -> str | None:
    if given.link is not None:
        return (
            open_links().filter(pk=given.link, version=given.version).values_list("html", flat=True).first()
        )
    return ArtifactVersion.objects.filter(pk=given.version).values_list("html", flat=True).first()


def _guarded(response: HttpResponse, rules: str) -> HttpResponse:
    response["Content-Security-Policy"] = rules
    response["X-Content-Type-Options"] = "nosniff"
    response["X-DNS-Prefetch-Control"] = "off"
    return unlisted(response)


def _token(request: HttpRequest) -> str | None:
    """The token when content is asked for here; None when the request is for others."""
    own = settings.CLEWLINE_ARTIFACT_ORIGIN
    at_own = bool(own) and request.META.get("HTTP_HOST", "").lower() == urlsplit(own).netloc.lower()
    path = request.path_info
    if not path.startswith(PREFIX):
        return "" if at_own else None
    return path[len(PREFIX) :].rstrip("/") if at_own or not own else ""


@sync_and_async_middleware
def serve_content(get_response: Handler) -> Handler:
    if iscoroutinefunction(get_response):

        def in_thread(request: HttpRequest, token: str) -> HttpResponse:
            close_old_connections()
            return content(request, token)

        async def handle_async(request: HttpRequest) -> HttpResponseBase:
            token = _token(request)
            if token is not None:
                return await sync_to_async(in_thread)(request, token)
            response: HttpResponseBase = await get_response(request)
            return response

        return handle_async

    def handle(request: HttpRequest) -> HttpResponseBase:
        token = _token(request)
        return content(request, token) if token is not None else get_response(request)  # type: ignore[return-value]

    return handle
