"""As much of HTTP/1.1 as one client on the same machine needs."""

import asyncio
import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

HEADER_LIMIT = 64 * 1024
BODY_LIMIT = 32 * 1024**2


class TooLarge(Exception):
    """The body is longer than the service takes."""


@dataclass(frozen=True, kw_only=True)
class Request:
    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection; None when it was closed or what came is not HTTP. Raises TooLarge."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        return None
    lines = head.decode("latin-1").split("\r\n")
    parts = lines[0].split(" ")
    if len(parts) != 3:
        return None
    headers = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    length = headers.get("content-length", "0")
    if not length.isdecimal():
        return None
    if int(length) > BODY_LIMIT:
        raise TooLarge
    try:
        body = await reader.readexactly(int(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    return Request(method=parts[0], path=parts[1].partition("?")[0], headers=headers, body=body)


def _head(status: int, headers: dict[str, str]) -> bytes:
    reason = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Error"
    lines = [
        f"HTTP/1.1 {status} {reason}",
        *(f"{name}: {value}" for name, value in headers.items()),
        "\r\n",
    ]
    return "\r\n".join(lines).encode("latin-1")


async def send_json(
    writer: asyncio.StreamWriter, status: int, body: Any, *, headers: dict[str, str] | None = None
) -> None:
    payload = json.dumps(body, ensure_ascii=False).encode()
    fixed = {"content-type": "application/json", "content-length": str(len(payload))}
    writer.write(_head(status, fixed | (headers or {})) + payload)
    await writer.drain()


class EventStream:
    """A streamed response, one chunk per event. ``finish`` ends it cleanly, ``reset`` cuts the connection."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    def start(self, request_id: str) -> None:
        headers = {
            "content-type": "text/event-stream; charset=utf-8",
            "cache-control": "no-cache",
            "request-id": request_id,
            "transfer-encoding": "chunked",
        }
        self._writer.write(_head(200, headers))

    async def send(self, event: bytes) -> None:
        """Raises ConnectionError when the client is gone."""
        self._writer.write(b"%x\r\n%b\r\n" % (len(event), event))
        await self._writer.drain()
        if self._writer.is_closing():
            raise ConnectionResetError

    async def finish(self) -> None:
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    def reset(self) -> None:
        self._writer.transport.abort()
