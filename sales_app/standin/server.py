"""The stand-in's HTTP server, on a loopback port."""

import asyncio
import json
import logging
from typing import Any

from django.conf import settings

from sales_app.standin import MODEL, wire
from sales_app.standin.checks import Refused
from sales_app.standin.control import BadDirective, Control
from sales_app.standin.http import EventStream, Request, TooLarge, read_request, send_json
from sales_app.standin.messages import Messages

logger = logging.getLogger(__name__)

HEADER_LIMIT = 64 * 1024


class StandIn:
    """A running server. ``control`` may be changed at any time, from its loop."""

    def __init__(self, control: Control, *, controllable: bool) -> None:
        self.control = control
        self.messages = Messages(control)
        self._controllable = controllable
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> str:
        self._server = await asyncio.start_server(self._accept, host, port, limit=HEADER_LIMIT)
        bound = self._server.sockets[0].getsockname()[1]
        return f"http://{host}:{bound}"

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        except Exception:
            logger.exception("The stand-in model failed.")
        finally:
            writer.transport.abort() if writer.is_closing() else writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                request = await read_request(reader)
            except TooLarge:
                await send_json(writer, 413, wire.error_body(413, "Request exceeds the maximum size"))
                return
            if request is None or writer.is_closing():
                return
            try:
                await self._answer(request, writer)
            except Refused as refused:
                await send_json(writer, refused.status, wire.error_body(refused.status, str(refused)))

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> None:
        if request.path == "/_control" and self._controllable:
            await self._controlled(request, writer)
            return
        if not (request.headers.get("authorization") or request.headers.get("x-api-key")):
            raise Refused("Authentication is missing.", status=401)
        if "anthropic-version" not in request.headers:
            raise Refused("anthropic-version: header is required")
        if request.method == "POST" and request.path == "/v1/messages":
            await self._message(_json(request), writer)
        elif request.method == "POST" and request.path == "/v1/messages/count_tokens":
            await send_json(writer, 200, {"input_tokens": self.messages.count(_json(request))})
        elif request.method == "GET" and request.path == "/v1/models":
            model = {
                "type": "model",
                "id": MODEL,
                "display_name": "Clewline stand-in",
                "created_at": "2026-01-01T00:00:00Z",
            }
            page = {"data": [model], "has_more": False, "first_id": MODEL, "last_id": MODEL}
            await send_json(writer, 200, page)
        else:
            raise Refused(f"There is no {request.method} {request.path}.", status=404)

    async def _message(self, body: Any, writer: asyncio.StreamWriter) -> None:
        reply = self.messages.accept(body)
        failure = reply.failure()
        if failure is not None:
            await asyncio.sleep(reply.told.delay)
            status, error, headers = failure
            await send_json(writer, status, error, headers={"request-id": reply.request_id, **headers})
        elif body.get("stream"):
            await reply.stream(EventStream(writer))
        else:
            await asyncio.sleep(reply.told.delay or self.control.pause)
            await send_json(writer, 200, reply.whole(), headers={"request-id": reply.request_id})

    async def _controlled(self, request: Request, writer: asyncio.StreamWriter) -> None:
        if request.method == "POST":
            try:
                self.control.apply(_json(request))
            except (BadDirective, TypeError, ValueError) as problem:
                raise Refused(str(problem)) from None
        await send_json(writer, 200, self.control.state())


def _json(request: Request) -> Any:
    try:
        return json.loads(request.body)
    except ValueError:
        raise Refused("The request body is not valid JSON.") from None


async def start_standin(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    control: Control | None = None,
    controllable: bool | None = None,
) -> tuple[StandIn, str]:
    """Start on the running loop, which must live on. Returns the server and the base URL for the SDK."""
    if control is None:
        control = Control(speed=settings.CLEWLINE_STANDIN_SPEED)
        control.apply({"next": json.loads(settings.CLEWLINE_STANDIN_NEXT or "[]")})
    server = StandIn(
        control,
        controllable=settings.CLEWLINE_STANDIN_CONTROL if controllable is None else controllable,
    )
    return server, await server.start(host, port)
