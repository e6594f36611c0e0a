"""Clients that read slowly or not at all: bounded for the server, whole for the client, unnoticed by others."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from websockets.exceptions import ConnectionClosed

from sessions_app.consumers.socket import SessionSocket
from sessions_app.live import hub as hubs
from sessions_app.live.window import WINDOW_BYTES
from tests.live.conftest import Person, Served, open_tab, say

do = sync_to_async(thread_sensitive=False)
WORD = "w" * 150


def shown_bytes(frames: list[dict[str, Any]]) -> int:
    return sum(len(str(frame)) for frame in frames)


async def test_a_client_that_answers_late_is_paused_and_continued_from_the_log(
    server: Served, ann: Person
) -> None:
    session = await do(ann.session)()
    async with open_tab(server, ann.cookie) as slow, open_tab(server, ann.cookie) as quick:
        slow.answers = False
        await slow.follow(session)
        await quick.follow(session)
        for _ in range(10):
            await do(say)(session, *[WORD] * 400)
            await quick.reach(session, quick.next_of(session) + 400)
        # The other one got the window and no more; nothing is kept for it but its offset.
        await slow.send(t="ping")
        await slow.until("pong")
        assert 0 < shown_bytes(slow.frames) < WINDOW_BYTES * 1.1
        reached = slow.next_of(session)
        assert reached < 4002
        paused = the_socket(slow)
        assert paused.out is None
        assert paused.subscriptions is not None
        assert paused.subscriptions[str(session.pk)].behind
        slow.answers = True
        for number in [f["n"] for f in slow.frames if f["t"] == "mark"]:
            await slow.send(t="ok", n=number)
        await slow.reach(session, 4002)
        assert slow.offsets(session) == list(range(4002))
        assert quick.offsets(session) == list(range(4002))
        await do(say)(session, "live again")
        await slow.reach(session, 4003)


def the_socket(tab: Any) -> SessionSocket:
    sockets = [each for each in hubs.get_hub_of_process().connections() if isinstance(each, SessionSocket)]
    behind = [each for each in sockets if any(s.behind for s in (each.subscriptions or {}).values())]
    assert len(behind) == 1
    return behind[0]


async def test_a_view_larger_than_the_window_arrives(server: Served, ann: Person) -> None:
    session = await do(ann.session)()
    await do(say)(session, "x" * 3 * WINDOW_BYTES)
    async with open_tab(server, ann.cookie) as tab:
        await tab.follow(session, start=None)
        assert (
            len(next(f for f in tab.frames if f["t"] == "snapshot")["view"]["session"]["title"])
            == 3 * WINDOW_BYTES
        )
    async with open_tab(server, ann.cookie) as tab:
        await tab.follow(session, start=0)
        assert tab.offsets(session) == [0, 1, 2]


async def test_a_large_flush_is_read_from_the_log(server: Served, ann: Person) -> None:
    session = await do(ann.session)()
    async with open_tab(server, ann.cookie) as tab:
        await tab.follow(session)
        await do(say)(session, *["y" * 100_000] * 20)
        await tab.reach(session, 22)
        assert tab.offsets(session) == list(range(22))
        assert len([f for f in tab.frames if f["t"] == "records"]) > 10


async def test_who_asks_and_never_answers_is_cut_off(
    server: Served, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers are not held back by the window, so their sum has a bound of its own."""
    monkeypatch.setattr("sessions_app.session.bucket.RATE", 1e9)
    async with open_tab(server, ann.cookie) as tab:
        tab.answers = False
        await tab.until("welcome")
        with pytest.raises(ConnectionClosed) as closed:
            for number in range(4000):
                await tab.send(t="subscribe", s="nothing", ref=f"{number:064}")
                await tab.until("error")
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4429
        assert tab.frames[-1] == {"t": "bye", "code": "rate_limited"}
        assert shown_bytes(tab.frames) < WINDOW_BYTES * 1.1
