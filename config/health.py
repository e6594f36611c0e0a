"""Health of a web process: ``/health/live`` (it answers) and ``/health/ready`` (so do its stores).

Answered before anything else runs, so a probe needs no host name, no HTTPS and no session.
"""

import logging
from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.decorators import sync_and_async_middleware
from redis import Redis

logger = logging.getLogger(__name__)

Handler = Callable[[HttpRequest], HttpResponseBase] | Callable[[HttpRequest], Awaitable[HttpResponseBase]]


def database_ready() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if not connection.in_atomic_block:
        connection.close()


def redis_ready() -> None:
    with Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as redis:
        redis.ping()


def readiness() -> dict[str, str]:
    """Each store with "ok" or "unavailable"; the reason goes to the log, not to whoever asks."""
    probes = {"database": database_ready} | ({"redis": redis_ready} if settings.REDIS_URL else {})
    answers = {}
    for name, probe in probes.items():
        try:
            probe()
            answers[name] = "ok"
        except Exception:
            logger.exception("%s is not ready", name)
            answers[name] = "unavailable"
    return answers


def _live() -> JsonResponse:
    return JsonResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


def _ready() -> JsonResponse:
    answers = readiness()
    well = set(answers.values()) == {"ok"}
    return JsonResponse(
        {"status": "ok" if well else "unavailable", **answers},
        status=200 if well else 503,
        headers={"Cache-Control": "no-store"},
    )


@sync_and_async_middleware
def answer_health(get_response: Handler) -> Handler:
    if iscoroutinefunction(get_response):

        async def handle_async(request: HttpRequest) -> HttpResponseBase:
            match request.path_info:
                case "/health/live":
                    return _live()
                case "/health/ready":
                    return await sync_to_async(_ready, thread_sensitive=False)()
            response: HttpResponseBase = await get_response(request)
            return response

        return handle_async

    def handle(request: HttpRequest) -> HttpResponseBase:
        match request.path_info:
            case "/health/live":
                return _live()
            case "/health/ready":
                return _ready()
        return get_response(request)  # type: ignore[return-value]

    return handle
