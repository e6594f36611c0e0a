"""Server-Sent Events from a real server."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async

from sessions_app.session.participants import join, leave
from sessions_app.views.api import events
from tests.live.conftest import Json, Person, Served, say

do = sync_to_async(thread_sensitive=False)


class Stream:
    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.lines = response.aiter_lines()
        self.comments = 0

    async def next(self) -> tuple[int | None, Json]:
        """``(id, data)`` of the next event. Raises StopAsyncIteration at the end."""
        number = None
        async with asyncio.timeout(5):
            while True:
                line = await anext(self.lines)
                if line.startswith(":"):
                    self.comments += 1
                if line.startswith("id: "):
                    number = int(line[4:])
                if line.startswith("data: "):
                    return number, json.loads(line[6:])

    async def until(self, t: str) -> tuple[int | None, Json]:
        while True:
            number, data = await self.next()
            if data["t"] == t:
                return number, data


@asynccontextmanager
async def open_stream(
    server: Served, who: Person | None, session: Any, **options: Any
) -> AsyncIterator[Stream]:
    headers = {**({"Cookie": who.cookie} if who else {}), **options.pop("headers", {})}
    address = f"{server.url}/api/sessions/{session}/events"
    async with (
        httpx.AsyncClient(trust_env=False) as client,
        client.stream("GET", address, headers=headers, timeout=10, **options) as response,
    ):
        yield Stream(response)


async def test_follows_and_continues_after_the_last_event(server: Served, ann: Person) -> None:
    session = await do(ann.session)()
    async with open_stream(server, ann, session.pk, params={"from": "0"}) as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        number, records = await stream.next()
        assert (number, records["from"], records["to"]) == (2, 0, 2)
        assert (await stream.next())[1] == {"t": "live", "s": str(session.pk), "head": 2}
        await do(say)(session, "a", "b")
        number, records = await stream.until("records")
        assert (number, records["from"], records["to"]) == (4, 2, 4)
    await do(say)(session, "c")
    async with open_stream(
        server, ann, session.pk, headers={"Last-Event-ID": "4"}, params={"from": "0"}
    ) as stream:
        number, records = await stream.until("records")
        assert (number, records["from"], records["to"]) == (5, 4, 5)


async def test_begins_with_a_view(server: Served, ann: Person) -> None:
    session = await do(ann.session)()
    async with open_stream(server, ann, session.pk) as stream:
        number, snapshot = await stream.until("snapshot")
        assert number == snapshot["at"] == 2
        assert snapshot["view"]["session"]["id"] == str(session.pk)


async def test_foreign_and_unknown_look_alike_and_nobody_is_asked_in(
    server: Served, ann: Person, bob: Person
) -> None:
    session = await do(bob.session)()
    answers = []
    for asked in (session.pk, uuid.uuid4(), "nonsense"):
        async with open_stream(server, ann, asked) as stream:
            answers.append((stream.response.status_code, await stream.response.aread()))
    assert answers[0][0] == 404
    assert len(set(answers)) == 1
    async with open_stream(server, None, session.pk) as stream:
        assert stream.response.status_code == 401
        assert json.loads(await stream.response.aread())["error"]["code"] == "signed_out"
    async with open_stream(server, bob, session.pk, params={"from": "-3"}) as stream:
        assert stream.response.status_code == 400


async def test_ends_when_access_or_login_ends(server: Served, ann: Person, bob: Person) -> None:
    session = await do(ann.session)()
    await do(join)(str(session.pk), actor=bob.actor, name="bob", role="member", by=ann.actor)
    async with (
        open_stream(server, bob, session.pk, params={"from": "3"}) as his,
        open_stream(server, ann, session.pk, params={"from": "3"}) as hers,
    ):
        await his.until("live")
        await hers.until("live")
        await do(leave)(str(session.pk), actor=bob.actor, by=ann.actor, reason="removed")
        await do(say)(session, "secret")
        assert (await his.next())[1] == {"t": "closed", "s": str(session.pk), "code": "unknown_session"}
        with pytest.raises(StopAsyncIteration):
            await his.next()
        assert (await hers.until("records"))[0] in {4, 5}
        await do(ann.client.logout)()
        assert (await hers.until("closed"))[1]["code"] == "signed_out"


async def test_heartbeats_and_an_end_that_the_client_continues(
    server: Served, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(events, "BYTES_MOST", 100_000)
    session = await do(ann.session)()
    async with open_stream(server, ann, session.pk, params={"from": "0"}) as stream:
        await stream.until("live")
        await asyncio.sleep(0.3)
        await do(say)(session, "x")
        await stream.until("records")
        assert stream.comments >= 2
    await do(say)(session, *["y" * 1000] * 400)
    shown, rounds = 3, 0
    while shown < 403:
        rounds += 1
        async with open_stream(server, ann, session.pk, headers={"Last-Event-ID": str(shown)}) as stream:
            size = 0
            try:
                while shown < 403:
                    number, data = await stream.next()
                    if data["t"] == "records":
                        assert data["from"] == shown
                        assert number == data["to"]
                        shown = data["to"]
                        size += len(json.dumps(data))
            except StopAsyncIteration:
                pass
            assert size < 250_000
    assert rounds > 2
