"""The content security policy: ours is strict, the admin's is what its theme needs."""

from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction
from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from sales_app.artifacts.places import content_source

STRICT: dict[str, list[str]] = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "manifest-src": [SELF],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
    "base-uri": [NONE],
}

# The admin's theme runs Alpine (which evaluates its attributes) and sets styles from scripts.
ADMIN = {"script-src": [SELF, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}
ADMIN_PREFIX = "/admin/"
# Pages that embed what skills made: their frames lead to that and nowhere else, whatever runs in them.
FRAMING = ("/chat/", "/artifacts/", "/s/")


def _relax(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    if request.path_info.startswith(ADMIN_PREFIX):
        response._csp_replace = ADMIN  # type: ignore[attr-defined]  # read by csp.middleware
    elif request.path_info.startswith(FRAMING):
        response._csp_update = {"frame-src": [content_source(request)]}  # type: ignore[attr-defined]
    return response


@sync_and_async_middleware
def relax_under_admin(
    get_response: Callable[[HttpRequest], HttpResponseBase]
    | Callable[[HttpRequest], Awaitable[HttpResponseBase]],
) -> Callable[[HttpRequest], HttpResponseBase] | Callable[[HttpRequest], Awaitable[HttpResponseBase]]:
    """Stands inside ``csp.middleware.CSPMiddleware``, which writes the header."""
    if iscoroutinefunction(get_response):

        async def handle_async(request: HttpRequest) -> HttpResponseBase:
            return _relax(request, await get_response(request))

        return handle_async

    def handle(request: HttpRequest) -> HttpResponseBase:
        return _relax(request, get_response(request))  # type: ignore[arg-type]

    return handle
