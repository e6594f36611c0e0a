"""Answers, and what every one of them carries."""

import json

from django.http import HttpResponse, HttpResponseBase

from sessions_app.errors import SessionsError
from sessions_app.streams.errors import ClosedStream, SequenceGap, StaleProducer
from sessions_app.streams.http import headers, offsets
from sessions_app.streams.http.mount import Mount

_EXPOSED = ", ".join(
    [
        "ETag", "Location", headers.NEXT_OFFSET, headers.UP_TO_DATE, headers.CLOSED, headers.CURSOR, headers.TTL,
        headers.EXPIRES_AT, headers.SSE_ENCODING, headers.PRODUCER_EPOCH, headers.PRODUCER_SEQ,
        headers.PRODUCER_EXPECTED_SEQ, headers.PRODUCER_RECEIVED_SEQ,
    ]
)  # fmt: skip
_ALLOWED = ", ".join(
    [
        "Content-Type", "If-None-Match", headers.SEQ, headers.TTL, headers.EXPIRES_AT, headers.CLOSED,
        headers.FORKED_FROM, headers.FORK_OFFSET, headers.FORK_SUB_OFFSET, headers.PRODUCER_ID,
        headers.PRODUCER_EPOCH, headers.PRODUCER_SEQ,
    ]
)  # fmt: skip


def methods(mount: Mount) -> list[str]:
    return ["GET", "HEAD", "OPTIONS", *(["PUT", "POST", "DELETE"] if mount.writable else [])]


def finish(response: HttpResponseBase, mount: Mount) -> HttpResponseBase:
    """Never sniffed as something else, and embedded or read by other origins only where the mount says so."""
    if response.status_code in (204, 304):
        del response.headers["Content-Type"]
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin" if mount.cross_origin else "same-origin"
    response.headers.setdefault("Cache-Control", "no-store")
    if mount.cross_origin:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = _EXPOSED
    return response


def options(mount: Mount) -> HttpResponse:
    response = HttpResponse(status=204, headers={"Allow": ", ".join(methods(mount))})
    if mount.cross_origin:
        response.headers["Access-Control-Allow-Methods"] = ", ".join(methods(mount))
        response.headers["Access-Control-Allow-Headers"] = _ALLOWED
        response.headers["Access-Control-Max-Age"] = "600"
    return response


def refused(error: SessionsError) -> HttpResponse:
    response = HttpResponse(json.dumps(error.as_json()), content_type="application/json", status=error.status)
    match error:
        case ClosedStream():
            response.headers[headers.CLOSED] = "true"
            response.headers[headers.NEXT_OFFSET] = offsets.to_wire(error.head)
        case StaleProducer():
            response.headers[headers.PRODUCER_EPOCH] = str(error.epoch)
        case SequenceGap():
            response.headers[headers.PRODUCER_EXPECTED_SEQ] = str(error.expected)
            response.headers[headers.PRODUCER_RECEIVED_SEQ] = str(error.received)
    return response
