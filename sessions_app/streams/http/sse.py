"""GET with live=sse: the stream as server-sent events, until it ends or the connection has lived long enough."""

import base64
import json
import logging
import re
from collections.abc import AsyncIterator
from time import monotonic

from django.db import Error as DatabaseError
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from sessions_app.streams import content
from sessions_app.streams.errors import StreamError
from sessions_app.streams.http import headers, offsets
from sessions_app.streams.http.cursor import next_cursor
from sessions_app.streams.http.mount import Mount
from sessions_app.streams.http.reading import Reading, look_again
from sessions_app.streams.notify import watch
from sessions_app.streams.threads import release_request_thread

logger = logging.getLogger(__name__)

KEEPALIVE = b":\n\n"
# What a parser of server-sent events takes for the end of a line: data must not smuggle one in.
_LINE_END = re.compile(rb"\r\n|\r|\n")


def respond(request: HttpRequest, path: str, first: Reading, mount: Mount) -> StreamingHttpResponse:
    response = StreamingHttpResponse(_events(request, path, first, mount), content_type="text/event-stream")
    response.headers["Cache-Control"] = "no-cache, no-transform"
    response.headers["X-Accel-Buffering"] = "no"
    if not content.is_text(first.stream.content_type):
        response.headers[headers.SSE_ENCODING] = "base64"
    return response


async def _events(request: HttpRequest, path: str, first: Reading, mount: Mount) -> AsyncIterator[bytes]:
    """Ends when the stream is at its end, when it is deleted or may no longer be read, or after ``sse_seconds``.

    Whoever comes back after that continues from the last offset, or learns why it ended.
    """
    release_request_thread()
    deadline = monotonic() + mount.sse_seconds
    reading = first
    cursor = int(next_cursor(request.GET.get("cursor"), now=timezone.now()))
    async with watch(first.stream.pk) as changes:
        yield encode(reading, cursor)
        woken = True  # something may have come before the watch began
        while not reading.at_end and (left := deadline - monotonic()) > 0:
            if reading.up_to_date and not woken:
                woken = await changes.changed(
                    reading.tail, reading.patience(min(left, mount.keepalive_seconds))
                )
                if not woken:
                    yield KEEPALIVE
            try:
                reading = await look_again(request, path, reading, mount)
            except StreamError:
                return
            except DatabaseError:
                logger.warning("The database did not answer; a reader has to come back.", exc_info=True)
                return
            woken = False
            if reading.chunk.bodies or reading.at_end:
                cursor = max(cursor, int(next_cursor(None, now=timezone.now())))
                yield encode(reading, cursor)


def encode(reading: Reading, cursor: int) -> bytes:
    """A ``data`` event unless there is none, and the ``control`` event that says where it ends."""
    control: dict[str, str | bool] = {"streamNextOffset": offsets.to_wire(reading.chunk.next)}
    if reading.at_end:
        control["streamClosed"] = True
    else:
        control["streamCursor"] = str(cursor)
    if reading.up_to_date:
        control["upToDate"] = True
    event = b"event: control\ndata:" + json.dumps(control, separators=(",", ":")).encode() + b"\n\n"
    return _data(reading) + event if reading.chunk.bodies else event


def _data(reading: Reading) -> bytes:
    content_type = reading.stream.content_type
    payload = content.join(content_type, reading.chunk.bodies)
    if not content.is_text(content_type):
        payload = base64.b64encode(payload)
    return b"event: data\n" + b"".join(map(_data_line, _LINE_END.split(payload))) + b"\n"


def _data_line(line: bytes) -> bytes:
    # A parser drops one space after the colon: one more keeps a space that belongs to the data.
    return (b"data: " if line.startswith(b" ") else b"data:") + line + b"\n"
