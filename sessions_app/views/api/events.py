"""Server-Sent Events: the log of one session for clients that only read. ``Last-Event-ID`` continues."""

import time
from collections.abc import AsyncIterator

from django.conf import settings
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

from sessions_app.errors import SessionsError
from sessions_app.live.frames import frame
from sessions_app.live.hub import get_hub
from sessions_app.live.login import Login, open_login
from sessions_app.live.tail import Tail
from sessions_app.session.access import get_session_for
from sessions_app.session.reading import in_reader
from sessions_app.streams.threads import release_request_thread
from sessions_app.views.api.answers import MethodNotAllowed, Unavailable, error_answer, offset_in

# Some servers buffer whatever the client does not read: so a response ends early, and EventSource continues it.
BYTES_MOST = 4 * 1024 * 1024
SECONDS_MOST = 600.0
HEARTBEAT_SECONDS = 15.0
RETRY_MS = 500


async def events(request: HttpRequest, session_id: str) -> HttpResponseBase:
    try:
        if request.method != "GET":
            raise MethodNotAllowed("Only GET.")
        last = {"Last-Event-ID": request.headers.get("Last-Event-ID", "").strip()}
        start = offset_in(last, "Last-Event-ID")
        if start is None:
            start = offset_in(request.GET, "from")
        key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
        login, stream_id, head = await in_reader(_open, key, session_id)
    except SessionsError as error:
        return error_answer(error)
    except DatabaseError:
        return error_answer(Unavailable())
    tail = Tail(get_hub(), login, session_id=session_id, stream_id=stream_id, head=head, start=start)
    response = StreamingHttpResponse(_stream(tail), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


def _open(key: str | None, session_id: str) -> tuple[Login, int, int]:
    login = open_login(key)
    stream = get_session_for(login.actor, session_id).stream
    return login, stream.pk, stream.head


async def _stream(tail: Tail) -> AsyncIterator[str]:
    release_request_thread()
    ends = time.monotonic() + SECONDS_MOST
    sent = 0
    yield f"retry: {RETRY_MS}\n\n"
    async with tail:
        while sent < BYTES_MOST and time.monotonic() < ends:
            shown = await tail.next(HEARTBEAT_SECONDS)
            if tail.code is not None:
                # Not an error of the transport: the client is told, and its next request is refused in words.
                yield f"data: {frame(t='closed', s=tail.subscription.session_id, code=tail.code).text}\n\n"
                return
            if shown is None:
                yield ": still here\n\n"
                continue
            sent += shown[1].size
            yield f"id: {shown[0]}\ndata: {shown[1].text}\n\n"
