"""The socket against a real server: following, commands, access, and what it refuses."""

import asyncio
import contextlib
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.contrib.sessions.models import Session as LoginSession
from django.db import connection

from sessions_app.live import subscription, sweep
from sessions_app.live.kick import kick_user
from sessions_app.session.access import UnknownSession
from sessions_app.session.models import Participant, Session
from sessions_app.session.participants import join, leave
from sessions_app.streams.models import Record
from tests.live.conftest import Json, Person, Served, open_tab, say

do = sync_to_async(thread_sensitive=False)


def bodies(session: Session) -> list[Json]:
    rows = Record.objects.filter(stream_id=session.stream_id).order_by("pos").values_list("body", flat=True)
    return [json.loads(bytes(row)) for row in rows]


async def test_a_tab_follows_from_the_log_and_then_live(server: Served, ann: Person) -> None:
    session = await do(ann.session)()
    async with open_tab(server, ann.cookie) as one, open_tab(server, ann.cookie) as two:
        welcome = await one.until("welcome")
        assert welcome == {"t": "welcome", "v": 1, "actor": ann.actor, "name": ann.name, "window": 256 * 1024}
        assert (await one.follow(session))["head"] == 2
        assert (await two.follow(session, start=1))["head"] == 2
        for i in range(20):
            await do(say)(session, f"a{i}", f"b{i}")
        await one.reach(session, 42)
        await two.reach(session, 42)
        assert one.offsets(session) == list(range(42))
        assert two.offsets(session) == list(range(1, 42))
        shown = [r for f in one.frames if f["t"] == "records" for r in f["records"]]
        assert shown == await do(bodies)(session)


async def test_a_fresh_view_then_records(server: Served, ann: Person) -> None:
    session = await do(ann.session)()
    async with open_tab(server, ann.cookie) as tab:
        await tab.follow(session, start=None)
        snapshot = next(f for f in tab.frames if f["t"] == "snapshot")
        assert snapshot["at"] == 2
        assert snapshot["view"]["session"]["title"] == "Talk"
        await do(say)(session, "x")
        assert (await tab.until("records"))["from"] == 2


async def test_a_cursor_beyond_the_log_is_reset(server: Served, ann: Person) -> None:
    session = await do(ann.session)()
    async with open_tab(server, ann.cookie) as tab:
        await tab.follow(session, start=99)
        assert next(f for f in tab.frames if f["t"] == "reset")["at"] == 2


async def test_foreign_and_unknown_sessions_look_alike(server: Served, ann: Person, bob: Person) -> None:
    foreign = await do(bob.session)()
    async with open_tab(server, ann.cookie) as tab:
        answers = []
        for asked in (str(foreign.pk), str(uuid.uuid4()), "nonsense", str(foreign.pk).upper()):
            for frame in (
                {"t": "subscribe", "s": asked, "from": 0, "ref": "r"},
                {"t": "send", "s": asked, "id": "i", "text": "hello", "ref": "r"},
            ):
                await tab.send(**frame)
                answers.append(await tab.until("error"))
        assert answers[0]["code"] == "unknown_session"
        assert all(answer == answers[0] for answer in answers)


async def test_an_input_is_acknowledged_and_logged_once(server: Served, ann: Person) -> None:
    session = await do(ann.session)()
    async with open_tab(server, ann.cookie) as tab:
        for ref in ("1", "2"):
            await tab.send(t="send", s=str(session.pk), id="m1", text="Hello", ref=ref)
        first = await tab.until("ack", ref="1")
        second = await tab.until("ack", ref="2")
        assert (first["inputId"], first["offset"]) == (second["inputId"], second["offset"]) == ("m1", 2)
        logged = [r for r in await do(bodies)(session) if r["event"].get("name") == "input.accepted"]
        assert len(logged) == 1
        await tab.send(t="send", s=str(session.pk), id="m1", text="Other", ref="3")
        assert (await tab.until("error", ref="3"))["code"] == "input_conflict"
        await tab.send(t="send", s=str(session.pk), id="m2", text="  ", ref="4")
        assert (await tab.until("error", ref="4"))["code"] == "text_empty"


async def test_nothing_is_shown_after_access_was_taken_away(server: Served, ann: Person, bob: Person) -> None:
    session = await do(ann.session)()
    await do(join)(str(session.pk), actor=bob.actor, name="bob", role="member", by=ann.actor)
    async with open_tab(server, ann.cookie) as hers, open_tab(server, bob.cookie) as his:
        await hers.follow(session)
        await his.follow(session)
        await do(leave)(str(session.pk), actor=bob.actor, by=ann.actor, reason="removed")
        await do(say)(session, "secret")
        await hers.reach(session, 5)
        assert (await his.until("closed"))["code"] == "unknown_session"
        await do(say)(session, "more")
        await his.send(t="ping")
        await his.until("pong")
        assert his.next_of(session) == 3  # not even the record that says so
        await his.send(t="send", s=str(session.pk), id="i", text="hello", ref="r")
        assert (await his.until("error", ref="r"))["code"] == "unknown_session"


async def test_the_sweep_ends_what_was_taken_away_without_a_record(server: Served, ann: Person) -> None:
    session = await do(ann.session)()
    async with open_tab(server, ann.cookie) as tab:
        await tab.follow(session)
        await do(Participant.objects.filter(session=session).delete)()
        assert (await tab.until("closed"))["s"] == str(session.pk)


@pytest.mark.parametrize("how", ["sign out", "deactivate", "new password", "kick"])
async def test_a_login_that_ended_closes_the_socket(
    server: Served, ann: Person, how: str, settings: Any
) -> None:
    session = await do(ann.session)()
    if how == "kick":
        settings.CLEWLINE_SWEEP_SECONDS = 60  # only the kick can tell in time
    async with open_tab(server, ann.cookie) as tab, open_tab(server, ann.cookie) as other:
        await tab.follow(session)
        await other.until("welcome")
        if how == "sign out":
            await do(ann.client.logout)()
        elif how == "new password":
            ann.user.set_password("another one")
            await do(ann.user.save)()
        else:
            ann.user.is_active = False
            await do(ann.user.save)()
            if how == "kick":
                await do(kick_user)(ann.user.pk)
        assert await tab.closed() == 4401
        assert tab.frames[-1]["t"] == "bye"
        assert tab.frames[-1]["code"] == "signed_out"
        assert await other.closed() == 4401


async def test_a_login_that_ended_carries_no_command(server: Served, ann: Person, settings: Any) -> None:
    settings.CLEWLINE_SWEEP_SECONDS = 60
    session = await do(ann.session)()
    async with open_tab(server, ann.cookie) as tab:
        await tab.until("welcome")
        await do(LoginSession.objects.all().delete)()
        await tab.send(t="send", s=str(session.pk), id="m", text="late", ref="r")
        assert await tab.closed() == 4401
        assert len(await do(bodies)(session)) == 2


@pytest.mark.parametrize("cookie", [None, "clewline_session=nonsense", "clewline_session="])
async def test_nobody_is_let_in_without_a_login(server: Served, cookie: str | None) -> None:
    async with open_tab(server, cookie) as tab:
        assert await tab.closed() == 4401
        assert [f["t"] for f in tab.frames] == ["bye"]


@pytest.mark.parametrize(
    ("sent", "code", "close"),
    [
        ("{", "bad_frame", 4400),
        ("[]", "bad_frame", 4400),
        ('{"t":"dance"}', "bad_frame", 4400),
        ('{"t":"subscribe"}', "bad_frame", 4400),
        ('{"t":"subscribe","s":"x","from":-1}', "bad_frame", 4400),
        ('{"t":"subscribe","s":"x","from":"1"}', "bad_frame", 4400),
        ('{"t":"ok","n":1e99}', "bad_frame", 4400),
        ("[" * 50_000, "bad_frame", 4400),
        (b"binary", "bad_frame", 4400),
        (json.dumps({"t": "send", "s": "x", "id": "i", "text": "y" * 70_000, "ref": "r"}), "too_large", 1009),
    ],
)
async def test_what_is_no_frame_is_refused_and_others_go_on(
    server: Served, ann: Person, sent: str | bytes, code: str, close: int
) -> None:
    session = await do(ann.session)()
    async with open_tab(server, ann.cookie) as good, open_tab(server, ann.cookie) as bad:
        await good.follow(session)
        await bad.until("welcome")
        await bad.connection.send(sent)
        assert await bad.closed() == close
        error = next(f for f in bad.frames if f["t"] == "error")
        assert error["code"] == code
        assert error["message"]
        if code == "too_large":
            assert error["ref"] == "r"
        await do(say)(session, "x")
        await good.reach(session, 3)


async def test_a_flood_is_cut_off(server: Served, ann: Person) -> None:
    async with open_tab(server, ann.cookie) as tab:
        await tab.until("welcome")
        for _ in range(400):
            await tab.send(t="ping")
        assert await tab.closed() == 4429
        assert [f["code"] for f in tab.frames if f["t"] == "error"] == ["rate_limited"]


async def test_a_lost_doorbell_is_healed_by_the_sweep(
    server: Served, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await do(ann.session)()
    layer: Any = get_channel_layer()
    async with open_tab(server, ann.cookie) as tab:
        await tab.follow(session)
        with monkeypatch.context() as lost:

            async def nothing(group: str, message: Json) -> None:
                pass

            lost.setattr(layer, "group_send", nothing)
            await do(say)(session, "lost")
            await tab.reach(session, 3)
        await do(say)(session, "heard")
        await tab.reach(session, 4)
        assert tab.offsets(session) == list(range(4))


async def test_a_gap_sends_back_to_the_log(
    server: Served, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(*_: Any) -> None:
        pass

    monkeypatch.setattr(sweep, "check_heads", nothing)
    session = await do(ann.session)()
    layer: Any = get_channel_layer()
    async with open_tab(server, ann.cookie) as tab:
        await tab.follow(session)
        lost = asyncio.Event()
        loop = asyncio.get_running_loop()

        async def lose(group: str, message: Json) -> None:
            loop.call_soon_threadsafe(lost.set)

        with monkeypatch.context() as patch:
            patch.setattr(layer, "group_send", lose)
            await do(say)(session, "lost")
            await asyncio.wait_for(lost.wait(), 5)
        await do(say)(session, "heard")
        await tab.reach(session, 4)
        assert tab.offsets(session) == list(range(4))


async def test_a_flushed_layer_is_joined_again(
    server: Served, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(hub: Any) -> None:
        pass

    monkeypatch.setattr(sweep, "check_heads", nothing)  # so that only the doorbell can deliver
    session = await do(ann.session)()
    layer: Any = get_channel_layer()
    async with open_tab(server, ann.cookie) as tab:
        await tab.follow(session)
        await layer.flush()
        said = 2
        async with asyncio.timeout(10):
            while tab.next_of(session) < said or said == 2:
                await do(say)(session, "again")
                said += 1
                with contextlib.suppress(TimeoutError):
                    await tab.reach(session, said, within=0.2)
        assert said > 3, "nothing was lost, so nothing was healed"
        assert tab.offsets(session) == list(range(said))


@pytest.mark.parametrize(
    "origin", [None, "http://evil.example", "http://127.0.0.1:1", "https://127.0.0.1", "null", "http://["]
)
async def test_other_pages_may_not_connect(server: Served, ann: Person, origin: str | None) -> None:
    async with open_tab(server, ann.cookie, origin=origin) as tab:
        assert await tab.closed() == 4403
        assert [f["t"] for f in tab.frames] == ["bye"]


async def test_a_page_that_came_without_https_may_not_connect_where_others_come_with_it(
    server: Served, ann: Person, settings: Any
) -> None:
    settings.SESSION_COOKIE_SECURE = True
    async with open_tab(server, ann.cookie) as tab:
        assert await tab.closed() == 4403
    async with open_tab(server, ann.cookie, origin=server.url.replace("http:", "https:")) as tab:
        await tab.until("welcome")


async def test_what_the_store_refuses_is_not_called_a_busy_server(server: Served, ann: Person) -> None:
    session = await do(ann.session)()
    async with open_tab(server, ann.cookie) as tab:
        await tab.send(t="send", s=str(session.pk), id="a\0b", text="hi", ref="r")
        answer = await tab.until("ack" if connection.vendor == "sqlite" else "error", ref="r")
        assert answer.get("code") in (None, "bad_request")


async def test_a_trusted_page_may_connect(server: Served, ann: Person, settings: Any) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://app.example", "https://*.parts.example"]
    for origin in ("https://app.example", "https://one.parts.example"):
        async with open_tab(server, ann.cookie, origin=origin) as tab:
            await tab.until("welcome")
    for origin in ("http://app.example", "https://parts.example.evil"):
        async with open_tab(server, ann.cookie, origin=origin) as tab:
            assert await tab.closed() == 4403


async def test_reading_is_told_to_other_tabs(
    server: Served, ann: Person, person: Callable[[str], Person]
) -> None:
    session = await do(ann.session)()
    async with open_tab(server, ann.cookie) as one, open_tab(server, ann.cookie) as two:
        await one.until("welcome")
        await two.until("welcome")
        await one.send(t="read", s=str(session.pk), at=10**9)
        told = await two.until("session")
        assert told["session"]["id"] == str(session.pk)
        assert told["session"]["readOffset"] == 2  # not beyond the end of the log


async def test_a_login_that_ended_follows_nothing(server: Served, ann: Person, settings: Any) -> None:
    settings.CLEWLINE_SWEEP_SECONDS = 60
    session = await do(ann.session)()
    async with open_tab(server, ann.cookie) as tab:
        await tab.until("welcome")
        await do(LoginSession.objects.all().delete)()
        await tab.send(t="subscribe", s=str(session.pk), ref="r", **{"from": 0})
        assert await tab.closed() == 4401
        assert not {"subscribed", "records", "snapshot"} & {frame["t"] for frame in tab.frames}


@pytest.mark.django_db(transaction=True)
def test_who_goes_while_the_view_is_read_does_not_see_it(
    ann: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = ann.session()
    join(str(session.pk), actor=bob.actor, name="Bob", role="member", by=ann.actor)
    real = subscription.load_view_bytes

    def read_then_removed(session_id: str) -> tuple[int, bytes]:
        view = real(session_id)
        leave(session_id, actor=bob.actor, by=ann.actor, reason="removed")
        return view

    assert subscription._view_as(bob.actor, str(session.pk))
    monkeypatch.setattr(subscription, "load_view_bytes", read_then_removed)
    with pytest.raises(UnknownSession):
        subscription._view_as(bob.actor, str(session.pk))
