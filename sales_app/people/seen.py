"""When somebody was last here, to five minutes: one small write per person and period, never one per request."""

import logging
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import cast

from asgiref.sync import iscoroutinefunction
from django.contrib.auth import SESSION_KEY
from django.db import OperationalError
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.decorators import sync_and_async_middleware

from sales_app.people.models import User

logger = logging.getLogger(__name__)

EVERY = 300.0  # seconds

# By process: several web processes write once each, which costs less than asking a cache at every request.
_written: dict[str, float] = {}


def _due(request: HttpRequest) -> str | None:
    """The key of the person who asks, if it is time to write. Only for requests that looked at their login."""
    if not request.session.accessed:
        return None
    key = request.session.get(SESSION_KEY)
    now = monotonic()
    if key is None or now - _written.get(key, -EVERY) < EVERY:
        return None
    _written[key] = now
    return str(key)


@sync_and_async_middleware
def note_seen(
    get_response: Callable[[HttpRequest], HttpResponseBase]
    | Callable[[HttpRequest], Awaitable[HttpResponseBase]],
) -> Callable[[HttpRequest], HttpResponseBase] | Callable[[HttpRequest], Awaitable[HttpResponseBase]]:
    """Stands inside the session middleware."""
    if iscoroutinefunction(get_response):

        async def handle_async(request: HttpRequest) -> HttpResponseBase:
            response: HttpResponseBase = await get_response(request)
            if key := _due(request):
                try:
                    await User.objects.filter(pk=key).aupdate(last_seen_at=timezone.now())
                except OperationalError:  # a busy store must not cost anybody their answer
                    logger.warning("could not note that user %s was here", key)
            return response

        return handle_async

    def handle(request: HttpRequest) -> HttpResponseBase:
        response = cast(HttpResponseBase, get_response(request))
        if key := _due(request):
            try:
                User.objects.filter(pk=key).update(last_seen_at=timezone.now())
            except OperationalError:
                logger.warning("could not note that user %s was here", key)
        return response

    return handle
