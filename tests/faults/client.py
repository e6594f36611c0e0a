"""A client that does what PROTOCOL.md says and keeps everything it saw: the history that is compared with the log."""

import asyncio
import json
import random
from typing import Any

import httpx
import websockets

from sessions_app.session.fold import Fold

Json = dict[str, Any]


class Follower:
    """Follows one session over reconnects, and sends its inputs until each is acknowledged."""

    def __init__(self, urls: list[str], cookie: str, session: str, *, seed: int) -> None:
        self.urls, self.cookie, self.session = urls, cookie, session
        self.rng = random.Random(seed)
        self.fold = Fold()
        self.next: int | None = None
        self.unacknowledged: dict[str, str] = {}
        self.problems: list[str] = []
        self.connects = 0
        self.changed = asyncio.Event()

    def send(self, client_id: str, text: str) -> None:
        self.unacknowledged[client_id] = text
        self.changed.set()

    def view(self) -> Json:
        return self.fold.view()

    async def follow(self) -> None:
        while True:
            try:
                await self._connected(self.rng.choice(self.urls))
            except (OSError, websockets.WebSocketException, TimeoutError):
                await asyncio.sleep(0.05)

    async def _connected(self, url: str) -> None:
        async with websockets.connect(
            url.replace("http", "ws", 1) + "/ws/",
            additional_headers={"Cookie": f"clewline_session={self.cookie}"},
            origin=url,  # type: ignore[arg-type]
            max_size=None,
            open_timeout=5,
            ping_interval=2,
            ping_timeout=2,
        ) as socket:
            self.connects += 1
            await socket.send(json.dumps({"t": "subscribe", "s": self.session, "from": self.next, "ref": 1}))
            sender = asyncio.create_task(self._resend(socket))
            try:
                async for text in socket:
                    await self._frame(socket, json.loads(text))
            finally:
                sender.cancel()

    async def _resend(self, socket: Any) -> None:
        while True:
            self.changed.clear()
            for client_id, text in list(self.unacknowledged.items()):
                frame = {"t": "send", "s": self.session, "id": client_id, "text": text, "ref": client_id}
                await socket.send(json.dumps(frame))
            await self.changed.wait()

    async def _frame(self, socket: Any, frame: Json) -> None:
        kind = frame["t"]
        if kind == "mark":
            await socket.send(json.dumps({"t": "ok", "n": frame["n"]}))
        elif kind == "ack":
            self.unacknowledged.pop(str(frame["ref"]), None)
        elif kind in ("snapshot", "reset"):
            self.fold, self.next = Fold(frame["view"]), frame["at"]
        elif kind == "records":
            self._records(frame)
        elif kind == "error" and not frame.get("retry"):
            self.problems.append(str(frame))

    def _records(self, frame: Json) -> None:
        if self.next is None or frame["from"] > self.next:
            self.problems.append(f"gap: holds {self.next}, got {frame['from']}")
            return
        for offset, record in enumerate(frame["records"], frame["from"]):
            if offset >= self.next:
                self.fold.apply(record, offset)
                self.next = offset + 1


def new_session(url: str, cookie: str) -> str:
    """A session with the scripted agent, made through the JSON API."""
    with httpx.Client(
        base_url=url, cookies={"clewline_session": cookie, "clewline_csrf": "x" * 32}
    ) as client:
        answer = client.post(
            "/api/sessions/", json={"agent": "scripted"}, headers={"X-CSRFToken": "x" * 32, "Origin": url}
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["session"]["id"])
