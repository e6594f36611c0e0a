"""The open mount: anybody may create, append to, read and delete streams. It exists here only."""

from django.http import HttpRequest
from django.urls import path

from sessions_app.streams.http.mount import Mount
from sessions_app.streams.http.views import endpoint


async def anybody(request: HttpRequest, path: str) -> bool:
    return True


OPEN = Mount(
    prefix="/v1/stream/",
    may_read=anybody,
    writable=True,
    cross_origin=True,
    cache_control="public, max-age=60, stale-while-revalidate=300",
    long_poll_seconds=2.0,
)

urlpatterns = [path("v1/stream/<path:path>", endpoint(OPEN))]
