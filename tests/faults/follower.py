"""A client that does what PROTOCOL.md asks of one: it reconnects, continues, and repeats what was not acknowledged."""

import asyncio
import contextlib
import json
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from sessions_app.session.fold import Fold

Json = dict[str, Any]
PAUSE_SECONDS = 0.1


class Follower:
    """Follows one session from its first record (``fresh=False``) or from a view. Whatever it is shown is kept."""

    def __init__(self, *, port: int, cookie: str, session: str, fresh: bool) -> None:
        self.port, self.cookie, self.session = port, cookie, session
        self.next: int | None = None if fresh else 0
        self.first = 0
        self.records: list[Json] = []
        self.fold = Fold()
        self.outbox: dict[str, str] = {}
        self.wrong: list[str] = []
        self.connections = 0
        self._news = asyncio.Event()
        self._socket: ClientConnection | None = None

    async def send(self, input_id: str, text: str) -> None:
        """Have it said; ``acknowledged`` tells when it is safe."""
        self.outbox[input_id] = text
        if self._socket is not None:
            with contextlib.suppress(OSError, WebSocketException):  # the next connection sends it again
                await self._say(t="send", s=self.session, id=input_id, text=text, ref=input_id)

    async def acknowledged(self) -> None:
        await self._until(lambda: not self.outbox)

    async def reach(self, head: int) -> None:
        await self._until(lambda: (self.next or 0) >= head)

    async def _until(self, condition: Any) -> None:
        while not condition():
            self._news.clear()
            await self._news.wait()

    async def run(self) -> None:
        """For ever; cancel it."""
        while True:
            try:
                async with connect(
                    f"ws://127.0.0.1:{self.port}/ws/",
                    additional_headers={"Cookie": self.cookie},
                    origin=f"http://127.0.0.1:{self.port}",  # type: ignore[arg-type]
                    max_size=None, proxy=None, compression=None, open_timeout=5, close_timeout=0.1, ping_interval=None,
                ) as socket:  # fmt: skip
                    self.connections += 1
                    self._socket = socket
                    await self._say(t="subscribe", s=self.session, ref="s", **{"from": self.next})
                    for input_id, text in list(self.outbox.items()):
                        await self._say(t="send", s=self.session, id=input_id, text=text, ref=input_id)
                    async for text in socket:
                        await self._take(json.loads(text))
            except (OSError, WebSocketException, TimeoutError):
                pass
            finally:
                self._socket = None
            await asyncio.sleep(PAUSE_SECONDS)

    async def _say(self, **frame: Any) -> None:
        assert self._socket is not None
        await self._socket.send(json.dumps(frame))

    async def _take(self, frame: Json) -> None:
        match frame["t"]:
            case "records":
                self._records(frame)
            case "snapshot":
                if self.next is not None:
                    self.wrong.append("a view was sent to a client that holds records")
                self.next = self.first = frame["at"]
                self.fold = Fold(frame["view"])
            case "reset" | "closed":
                self.wrong.append(f"{frame['t']} at {self.next}: {frame.get('code')} {frame.get('at')}")
            case "ack":
                self.outbox.pop(frame["inputId"], None)
            case "error" if not frame["retry"]:
                self.wrong.append(f"{frame['code']}: {frame['message']}")
            case "error":
                await asyncio.sleep(PAUSE_SECONDS)
                if (again := self.outbox.get(frame["ref"])) is not None:
                    await self._say(t="send", s=self.session, id=frame["ref"], text=again, ref=frame["ref"])
                elif frame["ref"] == "s":
                    await self._say(t="subscribe", s=self.session, ref="s", **{"from": self.next})
            case "mark":
                await self._say(t="ok", n=frame["n"])
        self._news.set()

    def _records(self, frame: Json) -> None:
        if self.next is None or frame["from"] > self.next:
            self.wrong.append(f"a gap: shown {frame['from']}, waiting for {self.next}")
            return
        if frame["from"] < self.next:
            self.wrong.append(f"shown twice: {frame['from']} again at {self.next}")
        for offset, record in enumerate(frame["records"], frame["from"]):
            if offset >= self.next:
                self.records.append(record)
                self.fold.apply(json.loads(json.dumps(record)), offset)
                self.next = offset + 1
