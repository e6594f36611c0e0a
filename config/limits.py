"""A bound on request bodies, before Django spools them to disk."""

import json
from typing import Any

from config.static import Application, Receive, Scope, Send


class TooLarge(Exception):
    """The body is longer than allowed; the answer 413 was or will be sent."""


class BodyLimit:
    """Answers 413 as soon as the declared or the received length exceeds ``limit`` bytes."""

    def __init__(self, application: Application, *, limit: int) -> None:
        self.application, self.limit = application, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.application(scope, receive, send)
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > self.limit:
            return await self._refuse(send)
        received = 0
        answered = False

        async def counted() -> dict[str, Any]:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.limit:
                raise TooLarge
            return message

        async def noted(message: dict[str, Any]) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self.application(scope, counted, noted)
        except TooLarge:
            if not answered:
                await self._refuse(send)

    async def _refuse(self, send: Send) -> None:
        megabytes = self.limit // 1024**2
        body = json.dumps(
            {
                "error": {
                    "code": "too_large",
                    "message": f"A request may carry at most {megabytes} MiB.",
                    "retry": False,
                }
            }
        ).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"connection", b"close"),
        ]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": body})
