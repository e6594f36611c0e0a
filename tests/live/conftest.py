"""A real server in a thread of the test, over the test's database, and clients that speak the protocol."""

import asyncio
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from websockets.asyncio.client import ClientConnection, connect

from config.servers import UvicornServer, listen
from sessions_app.live import loop as loops
from sessions_app.session import events, log
from sessions_app.session.access import name_of
from sessions_app.session.models import Session
from sessions_app.session.sessions import create_session

Json = dict[str, Any]
WITHIN = 5.0


class Served:
    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"


@pytest.fixture
def server(transactional_db: None, settings: Any) -> Iterator[Served]:
    from config.asgi import application  # noqa: PLC0415  # after Django is set up

    settings.CLEWLINE_SWEEP_SECONDS = 0.3
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    ready = threading.Event()
    uvicorn = UvicornServer(application, listener, ready.set)
    thread = threading.Thread(target=uvicorn.run, name="server")
    thread.start()
    assert ready.wait(10)
    yield Served(port)
    uvicorn.stop()
    thread.join(10)
    assert not thread.is_alive()
    loops.set_server_loop(None)


class Person:
    def __init__(self, name: str) -> None:
        self.user = get_user_model().objects.create_user(
            email=f"{name}@example.com", password=uuid.uuid4().hex
        )
        self.actor = f"user:{self.user.pk}"
        self.name = name_of(self.user)
        self.client = Client()
        self.client.force_login(self.user, "django.contrib.auth.backends.ModelBackend")
        self.cookie = f"clewline_session={self.client.cookies['clewline_session'].value}"

    def session(self, agent: str = "nobody") -> Session:
        return create_session(actor=self.actor, name=self.name, agent=agent, title="Talk")


@pytest.fixture
def person(transactional_db: None) -> Callable[[str], Person]:
    return Person


@pytest.fixture
def ann(person: Callable[[str], Person]) -> Person:
    return person("ann")


@pytest.fixture
def bob(person: Callable[[str], Person]) -> Person:
    return person("bob")


def say(session: Session, *words: str) -> None:
    """Append records as a run would."""
    with log.session_log(session.stream_id) as open_log:
        for word in words:
            open_log.add(events.session_renamed(word), actor="system")


class Tab:
    """One WebSocket. Answers marks unless told not to; keeps every frame."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.frames: list[Json] = []
        self.answers = True

    async def send(self, **frame: Any) -> None:
        await self.connection.send(json.dumps(frame))

    async def receive(self, within: float = WITHIN) -> Json:
        async with asyncio.timeout(within):
            frame: Json = json.loads(await self.connection.recv())
        self.frames.append(frame)
        if frame["t"] == "mark" and self.answers:
            await self.send(t="ok", n=frame["n"])
        return frame

    async def until(self, t: str, within: float = WITHIN, **fields: Any) -> Json:
        while True:
            frame = await self.receive(within)
            if frame["t"] == t and all(frame.get(k) == v for k, v in fields.items()):
                return frame

    async def follow(self, session: Session, start: int | None = 0) -> Json:
        """Subscribe and read up to ``live``."""
        await self.send(t="subscribe", s=str(session.pk), ref="r", **{"from": start})
        await self.until("subscribed", ref="r")
        return await self.until("live", s=str(session.pk))

    async def reach(self, session: Session, head: int, within: float = WITHIN) -> None:
        """Read until everything below ``head`` was shown."""
        while self.next_of(session) < head:
            await self.receive(within)

    def next_of(self, session: Session) -> int:
        shown = [f["to"] for f in self.frames if f["t"] == "records" and f["s"] == str(session.pk)]
        return max(shown, default=0)

    def offsets(self, session: Session) -> list[int]:
        """All offsets shown, in the order of showing."""
        return [
            offset
            for f in self.frames
            if f["t"] == "records" and f["s"] == str(session.pk)
            for offset in range(f["from"], f["to"])
        ]

    async def closed(self, within: float = WITHIN) -> int:
        """The close code; frames before it are kept."""
        from websockets.exceptions import ConnectionClosed  # noqa: PLC0415

        try:
            while True:
                await self.receive(within)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006


class open_tab:
    def __init__(self, server: Served, cookie: str | None, **options: Any) -> None:
        headers = {"Cookie": cookie} if cookie else {}
        options.setdefault("origin", server.url)
        self.connecting = connect(
            f"ws://127.0.0.1:{server.port}/ws/",
            additional_headers=headers,
            max_size=None,
            proxy=None,
            compression=None,
            **options,
        )

    async def __aenter__(self) -> Tab:
        self.tab = Tab(await self.connecting.__aenter__())
        return self.tab

    async def __aexit__(self, *error: Any) -> None:
        await self.connecting.__aexit__(*error)
