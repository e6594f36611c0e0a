"""PUT, POST and DELETE. Only mounted in tests; see Mount."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from sessions_app.streams import lifecycle
from sessions_app.streams.errors import InvalidRequest, StreamError
from sessions_app.streams.http import headers, offsets
from sessions_app.streams.http.mount import MEBIBYTE, Mount
from sessions_app.streams.notify import ring
from sessions_app.streams.store import Append, append_request
from sessions_app.streams.threads import in_thread


class BodyTooLarge(StreamError):
    """The body is too large; append it in parts."""

    code = "body_too_large"
    status = 413


async def put(request: HttpRequest, path: str, mount: Mount) -> HttpResponse:
    made = await in_thread(
        lifecycle.create,
        path,
        now=timezone.now(),
        content_type=request.headers.get("Content-Type") or None,
        body=_body(request, mount),
        closed=headers.closes(request.headers),
        expiry=headers.expiry(request.headers),
        origin=headers.origin(request.headers, mount.prefix),
    )
    stream = made.stream
    response = HttpResponse(status=201 if made.created else 200, content_type=stream.content_type)
    response.headers[headers.NEXT_OFFSET] = offsets.to_wire(stream.head)
    if made.created:
        response.headers["Location"] = request.build_absolute_uri(request.path)
    if stream.closed:
        response.headers[headers.CLOSED] = "true"
    return response


async def post(request: HttpRequest, path: str, mount: Mount) -> HttpResponse:
    body = _body(request, mount)
    content_type = request.headers.get("Content-Type", "")
    if body and not content_type:
        raise InvalidRequest("Content-Type is missing.", code="content_type_missing")
    appended = await in_thread(
        append_request,
        path,
        Append(
            body=body,
            content_type=content_type,
            producer=headers.producer(request.headers),
            seq=headers.sequence(request.headers),
            close=headers.closes(request.headers),
        ),
        now=timezone.now(),
    )
    ring(appended.stream_id)
    # 200 is for new data of a producer; everything else that went well has nothing to say.
    fresh = appended.producer is not None and body and not appended.duplicate
    response = HttpResponse(status=200 if fresh else 204)
    response.headers[headers.NEXT_OFFSET] = offsets.to_wire(appended.head)
    if appended.closed:
        response.headers[headers.CLOSED] = "true"
    if appended.producer is not None:
        response.headers[headers.PRODUCER_EPOCH] = str(appended.producer.epoch)
        response.headers[headers.PRODUCER_SEQ] = str(appended.producer.seq)
    return response


async def delete(path: str) -> HttpResponse:
    ring(await in_thread(lifecycle.delete, path, now=timezone.now()))
    return HttpResponse(status=204)


def _body(request: HttpRequest, mount: Mount) -> bytes:
    # Not request.body: its limit is meant for forms.
    body: bytes = request.read(mount.max_body + 1)
    if len(body) > mount.max_body:
        raise BodyTooLarge(f"A request may carry at most {mount.max_body // MEBIBYTE} MiB; append in parts.")
    return body
