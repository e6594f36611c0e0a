"""The protocol beyond the public suite: access, limits, and readers that wait."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.db import connection
from django.http import HttpRequest
from django.test import AsyncClient
from django.utils import timezone

from sessions_app.control.manage import rename
from sessions_app.session.access import actor_of
from sessions_app.session.models import Session
from sessions_app.session.participants import join, leave
from sessions_app.session.sessions import create_session
from sessions_app.streams import notify
from sessions_app.streams.http import access, mount
from sessions_app.streams.http.mount import Mount
from sessions_app.streams.http.views import endpoint
from sessions_app.streams.lifecycle import create, delete
from sessions_app.streams.store import Append, append_request

pytestmark = pytest.mark.django_db(transaction=True)
WITHIN = 5.0


async def in_database(call: Any, *args: Any, **kwargs: Any) -> Any:
    """On a thread of its own, as another process would be: nothing rings here."""

    def work() -> Any:
        try:
            return call(*args, **kwargs)
        finally:
            connection.close()

    return await sync_to_async(work, thread_sensitive=False)()


async def write(path: str, body: bytes, *, close: bool = False) -> None:
    request = Append(body=body, content_type="text/plain", close=close)
    await in_database(append_request, path, request, now=timezone.now())


class Events:
    """The events of one stream response, as they come."""

    def __init__(self, response: Any) -> None:
        assert response.status_code == 200
        assert response["Content-Type"] == "text/event-stream"
        self._chunks: AsyncIterator[bytes] = aiter(response.streaming_content)
        self._events: list[tuple[str, str]] = []

    async def next(self, within: float = WITHIN) -> tuple[str, str]:
        async with asyncio.timeout(within):
            while not self._events:
                for event in (await anext(self._chunks)).decode().split("\n\n"):
                    if event and not event.startswith(":"):
                        kind, *data = event.split("\n")
                        self._events.append(
                            (kind.removeprefix("event: "), "\n".join(d.removeprefix("data:") for d in data))
                        )
        return self._events.pop(0)

    async def ended(self, within: float = WITHIN) -> bool:
        try:
            return await self.next(within) is None
        except StopAsyncIteration:
            return True


def person(name: str) -> Any:
    return get_user_model().objects.create_user(email=f"{name}@example.com", password=uuid.uuid4().hex)


async def signed_in(user: Any) -> AsyncClient:
    client = AsyncClient()
    await client.aforce_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def ann() -> Any:
    return person("ann")


@pytest.fixture
def session(ann: Any) -> Session:
    return create_session(actor=actor_of(ann), name="Ann", agent="nobody", title="Acme")


@pytest.fixture
def address(session: Session) -> str:
    return f"/streams/sessions/{session.pk}"


async def test_who_takes_part_reads_the_log(ann: Any, session: Session, address: str) -> None:
    response = await (await signed_in(ann)).get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "private, no-cache"
    assert response["Stream-Up-To-Date"] == "true"
    assert [record["event"]["name"] for record in response.json()] == [
        "session.created",
        "participant.joined",
    ]


async def test_everybody_else_gets_one_and_the_same_answer(ann: Any, session: Session, address: str) -> None:
    """Foreign, unknown, malformed, of another kind, and not signed in: nothing tells them apart."""
    await in_database(create, "private/1", now=timezone.now(), body=b"secret")
    insider, outsider, nobody = (
        await signed_in(ann),
        await signed_in(await in_database(person, "bob")),
        AsyncClient(),
    )
    tries = [
        (outsider, address), (nobody, address), (insider, f"/streams/sessions/{uuid.uuid4()}"),
        (insider, "/streams/sessions/x"), (insider, "/streams/sessions/"), (insider, "/streams/private/1"),
        (insider, f"{address}/"), (insider, address.upper().replace("/STREAMS/SESSIONS", "/streams/sessions")),
    ]  # fmt: skip
    for query in [
        "",
        "?offset=-1&live=long-poll",
        "?offset=-1&live=sse",
        "?offset=0000000000000000_9999999999999999",
    ]:
        answers = {
            (r.status_code, r.content, r["Content-Type"])
            for r in [await who.get(url + query) for who, url in tries]
        }
        assert len(answers) == 1
        status, content, _ = answers.pop()
        assert (status, json.loads(content)["error"]["code"]) == (404, "unknown_stream")
    for who, url in tries:
        assert (await who.head(url)).status_code == 404


async def test_nobody_writes_to_a_session(ann: Any, address: str) -> None:
    client = await signed_in(ann)
    for send in (client.put, client.post, client.delete, client.patch):
        response = await send(address)
        assert response.status_code == 405
        assert response["Allow"] == "GET, HEAD, OPTIONS"
    preflight = await client.options(address, headers={"Origin": "https://example.com"})
    assert "Access-Control-Allow-Origin" not in preflight.headers


async def test_a_reader_who_is_removed_sees_nothing_that_comes_after(
    ann: Any, session: Session, address: str
) -> None:
    bob = await in_database(person, "bob")
    await in_database(_let_in, session, bob)
    events = Events(await (await signed_in(bob)).get(f"{address}?offset=now&live=sse"))
    assert (await events.next())[0] == "control"
    await in_database(rename, str(session.pk), actor_of(ann), "Before")
    assert "Before" in (await events.next())[1]
    await events.next()
    await in_database(leave, str(session.pk), actor=actor_of(bob), by=actor_of(ann), reason="removed")
    await in_database(rename, str(session.pk), actor_of(ann), "After")
    assert await events.ended()


def _let_in(session: Session, user: Any) -> None:
    join(str(session.pk), actor=actor_of(user), name="Bob", role="member", by=session.created_by)


async def test_longest_registered_prefix_decides(rf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "_readers", {})

    async def yes(request: HttpRequest, path: str) -> bool:
        return True

    async def no(request: HttpRequest, path: str) -> bool:
        return False

    assert not await access.may_read(rf.get("/"), "a/1")
    access.register_reader("a/", yes)
    access.register_reader("a/secret/", no)
    assert await access.may_read(rf.get("/"), "a/1")
    assert not await access.may_read(rf.get("/"), "a/secret/1")
    assert not await access.may_read(rf.get("/"), "b/1")


@pytest.mark.urls("tests.conformance.urls")
class TestOpenMount:
    """What only a writable mount can show."""

    async def test_a_body_beyond_the_limit_is_refused_and_nothing_is_written(
        self, async_client: AsyncClient
    ) -> None:
        await made(async_client)
        most = b"x" * (16 * mount.MEBIBYTE)
        assert (await async_client.post("/v1/stream/s", most, content_type="text/plain")).status_code == 204
        refused = await async_client.post("/v1/stream/s", most + b"x", content_type="text/plain")
        assert (refused.status_code, refused.json()["error"]["code"]) == (413, "body_too_large")
        assert (await async_client.head("/v1/stream/s"))[
            "Stream-Next-Offset"
        ] == "0000000000000000_0000000000000001"

    @pytest.mark.parametrize("path", ["a%00b", "a%7Fb", "x" * 513])
    async def test_impossible_paths_are_refused(self, async_client: AsyncClient, path: str) -> None:
        response = await async_client.put(f"/v1/stream/{path}", content_type="text/plain")
        assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_request")

    async def test_appends_of_another_process_reach_a_long_poll(self, async_client: AsyncClient) -> None:
        await made(async_client)
        waiting = asyncio.create_task(self.poll(async_client))
        await watched()
        await write("s", b"hello")
        response = await waiting
        assert (response.status_code, response.content) == (200, b"hello")

    async def test_closing_by_another_process_ends_a_long_poll(self, async_client: AsyncClient) -> None:
        await made(async_client)
        waiting = asyncio.create_task(self.poll(async_client))
        await watched()
        await write("s", b"", close=True)
        response = await waiting
        assert (response.status_code, response["Stream-Closed"]) == (204, "true")
        assert "Stream-Cursor" not in response

    async def test_deletion_ends_a_long_poll_and_an_event_stream(self, async_client: AsyncClient) -> None:
        await made(async_client)
        events = Events(await async_client.get("/v1/stream/s?offset=-1&live=sse"))
        await events.next()
        waiting = asyncio.create_task(self.poll(async_client))
        await watched()
        await in_database(delete, "s", now=timezone.now())
        assert (await waiting).status_code == 404
        assert await events.ended()

    async def test_a_stream_created_anew_is_not_continued(self, async_client: AsyncClient) -> None:
        """Its offsets start again: an old reader must not take its records for a continuation."""
        await made(async_client)
        events = Events(await async_client.get("/v1/stream/s?offset=-1&live=sse"))
        await events.next()
        await async_client.delete("/v1/stream/s")
        await async_client.put("/v1/stream/s", b"other", content_type="text/plain")
        assert await events.ended()

    async def test_ringing_wakes_without_the_poll(
        self, async_client: AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(notify, "POLL_SECONDS", 3600)
        await made(async_client)
        events = Events(await async_client.get("/v1/stream/s?offset=-1&live=sse"))
        await events.next()
        for n in range(5):
            await async_client.post("/v1/stream/s", b"%d" % n, content_type="text/plain")
            assert await events.next() == ("data", str(n))
            assert (await events.next())[0] == "control"

    async def test_a_live_reader_keeps_a_stream_with_a_short_life(self, async_client: AsyncClient) -> None:
        await made(async_client, {"Stream-TTL": "1"})
        events = Events(await async_client.get("/v1/stream/s?offset=-1&live=sse"))
        await events.next()
        with pytest.raises(TimeoutError):
            await events.next(within=2.2)
        assert (await async_client.head("/v1/stream/s")).status_code == 200

    async def test_an_offset_beyond_the_end_is_refused(self, async_client: AsyncClient) -> None:
        await async_client.put("/v1/stream/s", b"x", content_type="text/plain")
        for query in ("", "&live=sse", "&live=long-poll"):
            response = await async_client.get(f"/v1/stream/s?offset=0000000000000000_0000000000000002{query}")
            assert (response.status_code, response.json()["error"]["code"]) == (400, "offset_beyond_tail")

    async def test_nobody_waits_any_more_when_readers_have_left(self, async_client: AsyncClient) -> None:
        await made(async_client)
        response: Any = await async_client.get("/v1/stream/s?offset=-1&live=sse")
        reading = asyncio.create_task(_read_all(response))
        await watched()
        reading.cancel()  # as the server does when the client has gone
        await asyncio.gather(reading, return_exceptions=True)
        assert not notify._watches

    @staticmethod
    async def poll(client: AsyncClient) -> Any:
        return await client.get("/v1/stream/s?offset=now&live=long-poll")


async def made(client: AsyncClient, headers: dict[str, str] | None = None) -> None:
    # The test client leaves the type out when the body is empty.
    response = await client.put("/v1/stream/s", headers={"Content-Type": "text/plain", **(headers or {})})
    assert response.status_code == 201


async def _read_all(response: Any) -> None:
    async for _ in response.streaming_content:
        pass


async def watched() -> None:
    """Until a reader waits."""
    async with asyncio.timeout(WITHIN):
        while not any(w.seen for entries in notify._watches.values() for w in entries):
            await asyncio.sleep(0.005)


async def test_an_event_stream_ends_after_its_time_and_is_continued(rf: Any) -> None:
    async def anybody(request: HttpRequest, path: str) -> bool:
        return True

    view = endpoint(Mount(prefix="/x/", may_read=anybody, sse_seconds=0.3))
    await in_database(create, "s", now=timezone.now(), content_type="text/plain", body=b"one")
    events = Events(await view(rf.get("/x/s?offset=-1&live=sse"), "s"))
    assert await events.next() == ("data", "one")
    position = json.loads((await events.next())[1])
    assert position["upToDate"] is True
    assert await events.ended()
    await write("s", b"two")
    again = Events(await view(rf.get(f"/x/s?offset={position['streamNextOffset']}&live=sse"), "s"))
    assert await again.next() == ("data", "two")
