"""GET and HEAD: what a stream is, what it holds from an offset on, and waiting for more."""

from time import monotonic

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.http import parse_etags

from sessions_app.streams import content, lookup
from sessions_app.streams.errors import InvalidRequest
from sessions_app.streams.http import headers, offsets, sse
from sessions_app.streams.http.cursor import next_cursor
from sessions_app.streams.http.mount import Mount
from sessions_app.streams.http.reading import Reading, for_reader, look, look_again
from sessions_app.streams.notify import watch
from sessions_app.streams.threads import release_request_thread


async def get(request: HttpRequest, path: str, mount: Mount) -> HttpResponseBase:
    """Raises UnknownStream, StreamGone, InvalidRequest."""
    live = request.GET.get("live")
    start = _start(request, required=live is not None)
    match live:
        case None:
            return _catch_up(request, await look(request, path, start, mount), mount, from_tail=start is None)
        case "long-poll":
            return await _long_poll(request, path, start, mount)
        case "sse":
            return sse.respond(request, path, await look(request, path, start, mount), mount)
        case _:
            raise InvalidRequest("live is long-poll or sse.")


async def head(request: HttpRequest, path: str, mount: Mount) -> HttpResponse:
    """Raises UnknownStream and StreamGone."""
    stream = await for_reader(request, path, mount, lambda: lookup.find(path, now=timezone.now()))
    response = HttpResponse(content_type=stream.content_type, headers={"Cache-Control": "no-store"})
    response.headers[headers.NEXT_OFFSET] = offsets.to_wire(stream.head)
    if stream.closed:
        response.headers[headers.CLOSED] = "true"
    if stream.ttl_seconds is not None:
        response.headers[headers.TTL] = str(stream.ttl_seconds)
    if stream.expires_at is not None:
        response.headers[headers.EXPIRES_AT] = headers.as_instant(stream.expires_at)
    return response


def _start(request: HttpRequest, *, required: bool) -> int | None:
    """The offset asked for; None is the tail."""
    given = request.GET.getlist("offset")
    if not given and not required:
        return 0
    if len(given) != 1:
        raise InvalidRequest(
            "Give exactly one offset; -1 is the beginning, now is the end.", code="bad_offset"
        )
    if given[0] == offsets.NOW:
        return None
    return offsets.from_wire(given[0])


def _catch_up(request: HttpRequest, reading: Reading, mount: Mount, *, from_tail: bool) -> HttpResponse:
    etag = f'"{reading.stream.pk}:{reading.start}:{reading.chunk.next}{":c" if reading.at_end else ""}"'
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if not from_tail and (etag in known or "*" in known):
        response = _with_position(HttpResponse(status=304), reading)
    else:
        response = _records(reading)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "no-store" if from_tail else mount.cache_control
    return response


async def _long_poll(request: HttpRequest, path: str, start: int | None, mount: Mount) -> HttpResponse:
    deadline = monotonic() + mount.long_poll_seconds
    reading = await look(request, path, start, mount)
    if not reading.chunk.bodies and not reading.at_end:
        release_request_thread()
        async with watch(reading.stream.pk) as changes:
            # Again, because something may have come before the watch began.
            reading = await look_again(request, path, reading, mount)
            while not reading.chunk.bodies and not reading.at_end and (left := deadline - monotonic()) > 0:
                await changes.changed(reading.tail, reading.patience(left))
                reading = await look_again(request, path, reading, mount)
    if reading.chunk.bodies:
        response = _records(reading)
        response.headers["Cache-Control"] = mount.cache_control
    else:
        response = _with_position(HttpResponse(status=204), reading)
    if not reading.at_end:
        response.headers[headers.CURSOR] = next_cursor(request.GET.get("cursor"), now=timezone.now())
    return response


def _records(reading: Reading) -> HttpResponse:
    content_type = reading.stream.content_type
    return _with_position(
        HttpResponse(content.join(content_type, reading.chunk.bodies), content_type=content_type), reading
    )


def _with_position(response: HttpResponse, reading: Reading) -> HttpResponse:
    response.headers[headers.NEXT_OFFSET] = offsets.to_wire(reading.chunk.next)
    if reading.up_to_date:
        response.headers[headers.UP_TO_DATE] = "true"
    if reading.at_end:
        response.headers[headers.CLOSED] = "true"
    return response
