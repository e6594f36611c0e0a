"""The Messages protocol as bytes: stream events and error bodies."""

import json
from typing import Any

Json = dict[str, Any]

STATUS_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "invalid_request_error",
    429: "rate_limit_error",
    500: "api_error",
    503: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def event(kind: str, **fields: Any) -> bytes:
    data = json.dumps({"type": kind, **fields}, ensure_ascii=False, separators=(",", ":"))
    return f"event: {kind}\ndata: {data}\n\n".encode()


def message_start(message: Json) -> bytes:
    return event("message_start", message=message)


def block_start(index: int, block: Json) -> bytes:
    return event("content_block_start", index=index, content_block=block)


def block_delta(index: int, delta: Json) -> bytes:
    return event("content_block_delta", index=index, delta=delta)


def block_stop(index: int) -> bytes:
    return event("content_block_stop", index=index)


def message_delta(delta: Json, usage: Json) -> bytes:
    return event("message_delta", delta=delta, usage=usage)


def message_stop() -> bytes:
    return event("message_stop")


def error_body(status: int, message: str, *, kind: str | None = None, request_id: str = "") -> Json:
    error = {"type": kind or STATUS_TYPES.get(status, "api_error"), "message": message}
    return {"type": "error", "error": error, "request_id": request_id}


def error_event(kind: str, message: str) -> bytes:
    return event("error", error={"type": kind, "message": message})
