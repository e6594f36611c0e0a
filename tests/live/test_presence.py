"""Who is here and who types, as the tabs of a real server see it."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.utils import timezone

from sessions_app.control import handover
from sessions_app.live import presence, room, subscription
from sessions_app.live.hub import get_hub_of_process
from sessions_app.live.presence import PRESENCE_GROUP
from sessions_app.live.room import GONE, HERE, TYPING
from sessions_app.live.whereabouts import who_is_here
from sessions_app.session.models import Session
from sessions_app.session.participants import join
from sessions_app.session.reading import read_as
from sessions_app.streams.models import Stream
from tests.live.conftest import WITHIN, Json, Person, Served, Tab, open_tab, say
from tests.live.test_events import open_stream
from tests.live.test_servers import Talk
from tests.support.topology import Topologies

do = sync_to_async(thread_sensitive=False)


async def together(ann: Person, *others: Person) -> Session:
    session = await do(ann.session)()
    for each in others:
        await do(join)(str(session.pk), actor=each.actor, name=each.name, role="member", by=ann.actor)
    return session


async def shows(tab: Tab, session: Any, within: float = WITHIN, **typing: bool) -> Json:
    """Read until the people are exactly these: ``user_7=False`` is user:7, not typing."""
    wanted = [{"actor": each.replace("_", ":"), "typing": on} for each, on in sorted(typing.items())]
    return await tab.until("presence", within, s=str(session.pk), people=wanted)


def key(person: Person) -> str:
    return person.actor.replace(":", "_")


def heads(session: Session) -> int:
    return Stream.objects.get(pk=session.stream_id).head


async def test_people_come_and_go_and_the_log_knows_nothing(server: Served, ann: Person, bob: Person) -> None:
    session = await together(ann, bob)
    head = await do(heads)(session)
    async with open_tab(server, ann.cookie) as hers:
        await hers.follow(session)
        await shows(hers, session, **{key(ann): False})
        async with open_tab(server, bob.cookie) as his, open_tab(server, bob.cookie) as phone:
            await his.follow(session, start=None)
            await shows(his, session, **{key(ann): False, key(bob): False})
            await shows(hers, session, **{key(ann): False, key(bob): False})
            await phone.follow(session)
            await shows(phone, session, **{key(ann): False, key(bob): False})
            await his.send(t="unsubscribe", s=str(session.pk))
            await phone.send(t="typing", s=str(session.pk), on=True)  # still here with the other device
            await shows(hers, session, **{key(ann): False, key(bob): True})
            assert [f["people"] for f in hers.frames if f["t"] == "presence"].count(
                [{"actor": ann.actor, "typing": False}]
            ) == 1
        await shows(hers, session, **{key(ann): False})
    assert await do(heads)(session) == head


async def test_typing_is_told_ends_by_itself_and_with_a_word(
    server: Served, ann: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "TYPING_SECONDS", 0.5)
    session = await together(ann, bob)
    async with open_tab(server, ann.cookie) as hers, open_tab(server, bob.cookie) as his:
        await hers.follow(session)
        await his.follow(session)
        for ended in (False, True):
            await his.send(t="typing", s=str(session.pk), on=True)
            await shows(hers, session, **{key(ann): False, key(bob): True})
            if ended:
                monkeypatch.setattr(room, "TYPING_SECONDS", 60.0)
                await his.send(t="typing", s=str(session.pk), on=True)
                await his.send(t="typing", s=str(session.pk), on=False)
            await shows(hers, session, **{key(ann): False, key(bob): False})


async def test_who_does_not_follow_is_told_nothing_and_cannot_type(
    server: Served, ann: Person, bob: Person, person: Callable[[str], Person]
) -> None:
    session, eve = await together(ann, bob), await do(person)("eve")
    async with (
        open_tab(server, ann.cookie) as hers,
        open_tab(server, bob.cookie) as idle,
        open_tab(server, eve.cookie) as foreign,
    ):
        await hers.follow(session)
        await foreign.send(t="subscribe", s=str(session.pk), ref="r", **{"from": 0})
        assert (await foreign.until("error"))["code"] == "unknown_session"
        for tab in (idle, foreign):
            await tab.send(t="typing", s=str(session.pk), on=True)
            await tab.send(t="ping")
            await tab.until("pong")
        await hers.send(t="typing", s=str(session.pk), on=True)
        await shows(hers, session, **{key(ann): True})
        for tab in (idle, foreign):
            await tab.send(t="ping")
            await tab.until("pong")
            assert not [f for f in tab.frames if f["t"] == "presence"]
        shown = [f["people"] for f in hers.frames if f["t"] == "presence"]
        assert {each["actor"] for people in shown for each in people} == {ann.actor}


async def test_an_event_stream_is_being_here(server: Served, ann: Person, bob: Person) -> None:
    session = await together(ann, bob)
    async with open_tab(server, ann.cookie) as hers:
        await hers.follow(session)
        async with open_stream(server, bob, session.pk, params={"from": "0"}) as his:
            await his.until("live")
            await shows(hers, session, **{key(ann): False, key(bob): False})
            await do(say)(session, "x")
            assert (await his.next())[1]["t"] == "records"  # and nothing but the log
        await shows(hers, session, **{key(ann): False})


@pytest.mark.parametrize("how", ["socket", "events"])
async def test_removing_closes_at_once_and_shows(
    server: Served, ann: Person, bob: Person, how: str, settings: Any
) -> None:
    settings.CLEWLINE_SWEEP_SECONDS = 60  # only the record itself can tell in time
    session = await together(ann, bob)
    async with open_tab(server, ann.cookie) as hers:
        await hers.follow(session)
        if how == "socket":
            async with open_tab(server, bob.cookie) as his:
                await his.follow(session)
                await shows(his, session, **{key(ann): False, key(bob): False})
                await hers.send(t="remove", s=str(session.pk), actor=bob.actor, ref="out")
                await hers.send(t="typing", s=str(session.pk), on=True)
                await his.until("closed", s=str(session.pk), code="unknown_session")
                await hers.until("done", ref="out")
                await shows(hers, session, **{key(ann): True})
                await his.send(t="typing", s=str(session.pk), on=True)
                await his.send(t="ping")
                await his.until("pong")
                told = [f["people"] for f in his.frames if f["t"] == "presence"]
                assert not any(each["typing"] for people in told for each in people)
        else:
            async with open_stream(server, bob, session.pk, params={"from": "0"}) as stream:
                await stream.until("live")
                await shows(hers, session, **{key(ann): False, key(bob): False})
                await hers.send(t="remove", s=str(session.pk), actor=bob.actor, ref="out")
                assert (await stream.until("closed"))[1]["code"] == "unknown_session"
                with pytest.raises(StopAsyncIteration):
                    await stream.next()
                await shows(hers, session, **{key(ann): False})


async def test_nothing_is_told_while_it_is_asked_who_still_takes_part(
    server: Served, ann: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await together(ann, bob)
    asked, may_read = threading.Event(), threading.Event()

    def slowly(actor: str, *rest: Any) -> Any:
        if actor == bob.actor:
            asked.set()
            assert may_read.wait(10)
        return read_as(actor, *rest)

    async with open_tab(server, ann.cookie) as hers, open_tab(server, bob.cookie) as his:
        await hers.follow(session)
        await his.follow(session)
        await shows(his, session, **{key(ann): False, key(bob): False})
        monkeypatch.setattr(subscription, "read_as", slowly)
        try:
            await hers.send(t="remove", s=str(session.pk), actor=bob.actor, ref="out")
            assert await do(asked.wait)(5)
            await hers.send(t="typing", s=str(session.pk), on=True)
            await shows(hers, session, **{key(ann): True, key(bob): False})  # his connection is still there
        finally:
            may_read.set()
        await his.until("closed", s=str(session.pk))
        assert not any(each["typing"] for f in his.frames if f["t"] == "presence" for each in f["people"])
        await shows(hers, session, **{key(ann): True})


async def test_who_signs_out_is_gone(server: Served, ann: Person, bob: Person) -> None:
    session = await together(ann, bob)
    async with open_tab(server, ann.cookie) as hers, open_tab(server, bob.cookie) as his:
        await hers.follow(session)
        await his.follow(session)
        await shows(hers, session, **{key(ann): False, key(bob): False})
        await do(bob.client.logout)()
        await shows(hers, session, **{key(ann): False})


async def test_a_flood_of_typing_is_few_frames(server: Served, ann: Person, bob: Person) -> None:
    session = await together(ann, bob)
    async with open_tab(server, ann.cookie) as hers, open_tab(server, bob.cookie) as his:
        await hers.follow(session)
        await his.follow(session)
        await shows(hers, session, **{key(ann): False, key(bob): False})
        before = len(hers.frames)
        for n in range(150):
            await his.send(t="typing", s=str(session.pk), on=n % 2 == 0)
        await his.send(t="typing", s=str(session.pk), on=True)
        await shows(hers, session, **{key(ann): False, key(bob): True})
        await hers.send(t="ping")
        await hers.until("pong")
        assert len([f for f in hers.frames[before:] if f["t"] == "presence"]) < 20


async def test_a_slow_reader_gets_the_newest_when_there_is_room(
    server: Served, ann: Person, bob: Person
) -> None:
    session = await together(ann, bob)
    async with open_tab(server, ann.cookie) as hers, open_tab(server, bob.cookie) as his:
        await hers.follow(session)
        await his.follow(session)
        await shows(hers, session, **{key(ann): False, key(bob): False})
        hers.answers = False
        await do(say)(session, *["x" * 60_000] * 8)  # more than the window
        mark = await hers.until("mark")
        for on in (True, False, True):
            await his.send(t="typing", s=str(session.pk), on=on)
        await his.send(t="ping")
        await his.until("pong")
        hers.answers = True
        await hers.send(t="ok", n=mark["n"])
        await shows(hers, session, **{key(ann): False, key(bob): True})


async def test_who_holds_control_and_types_is_heard_once_a_minute(
    server: Served, ann: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await together(ann, bob)
    await do(handover.take)(session_id=str(session.pk), actor=ann.actor)

    def until() -> Any:
        return Session.objects.get(pk=session.pk).control_until

    async def hold(seconds: int) -> Any:
        ends = timezone.now() + timedelta(seconds=seconds)
        await do(Session.objects.filter(pk=session.pk).update)(control_until=ends)
        return ends

    async def types(tab: Tab) -> None:
        await tab.send(t="typing", s=str(session.pk), on=True)
        await tab.send(t="read", s=str(session.pk), at=1)  # commands of one socket keep their order
        await tab.send(t="subscribe", s=str(session.pk), ref="after", **{"from": 0})
        await tab.until("live")

    ends = await hold(30)
    async with open_tab(server, ann.cookie) as hers, open_tab(server, bob.cookie) as his:
        await hers.follow(session)
        await his.follow(session)
        await types(his)
        assert await do(until)() == ends
        async with open_tab(server, ann.cookie) as other:
            await other.follow(session)  # so that she stays here while this tab subscribes anew
            await types(hers)
            assert await do(until)() > ends + timedelta(minutes=5)
            ends = await hold(30)
            await types(hers)
            assert await do(until)() == ends
            monkeypatch.setattr("sessions_app.live.presence.HEARD_SECONDS", 0.0)
            await types(hers)
            assert await do(until)() > ends + timedelta(minutes=5)


async def test_a_worker_may_ask_who_is_here(server: Served, ann: Person, bob: Person) -> None:
    session, other = await together(ann, bob), await together(bob)
    ids = [str(session.pk), str(other.pk)]
    async with open_tab(server, ann.cookie) as hers, open_tab(server, bob.cookie) as his:
        await hers.follow(session)
        await his.follow(session)
        await shows(hers, session, **{key(ann): False, key(bob): False})
        assert await do(who_is_here)(ids, wait=0.3) == {ids[0]: {ann.actor, bob.actor}}
        await his.follow(other)
        await shows(his, other, **{key(bob): False})
        assert await do(who_is_here)(ids, wait=0.3) == {ids[0]: {ann.actor, bob.actor}, ids[1]: {bob.actor}}


ASK = """
import asyncio, threading
from sessions_app.live import loop, whereabouts
own = asyncio.new_event_loop()
threading.Thread(target=own.run_forever, daemon=True).start()
loop.set_publisher_loop(own)
print(sorted(whereabouts.who_is_here(["{session}"])["{session}"]))
"""
INVITE = """
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from sessions_app.session.participants import join
from sessions_app.session.reading import read_as
user = get_user_model().objects.create_user(email="bob@example.com")
client = Client()
client.force_login(user, "django.contrib.auth.backends.ModelBackend")
join("{session}", actor=f"user:{{user.pk}}", name="Bob", role="member", by="system")
print(client.cookies[settings.SESSION_COOKIE_NAME].value, user.pk)
"""


async def test_over_two_processes_and_a_redis_that_goes_away(topology: Topologies) -> None:
    clewline = await do(topology.production)(
        webs=2, workers=0, env={"CLEWLINE_SWEEP_SECONDS": "1"}, start=False
    )
    for web in clewline.webs:
        await do(web.start)()
    talk: Any = await do(Talk)(clewline)
    cookie, bob = (await do(clewline.shell)(INVITE.format(session=talk.pk))).split()[-2:]
    async with talk.tab(0) as hers:
        ann = (await hers.until("welcome"))["actor"].replace(":", "_")
        await hers.follow(talk)
        await shows(hers, talk, **{ann: False})
        async with open_tab(Served(clewline.webs[1].port), f"clewline_session={cookie}") as his:
            await his.follow(talk)
            # Who comes later asks, and is answered; the other one is told.
            await shows(his, talk, **{ann: False, f"user_{bob}": False})
            await shows(hers, talk, **{ann: False, f"user_{bob}": False})
            await his.send(t="typing", s=talk.pk, on=True)
            await shows(hers, talk, **{ann: False, f"user_{bob}": True})
            await his.send(t="typing", s=talk.pk, on=False)
            await shows(hers, talk, **{ann: False, f"user_{bob}": False})
            asked = (await do(clewline.shell)(ASK.format(session=talk.pk))).strip()
            assert asked.endswith(str(sorted([ann.replace("_", ":"), f"user:{bob}"])))
            assert clewline.redis is not None
            clewline.redis.kill()
            await hers.send(t="typing", s=talk.pk, on=True)
            await shows(hers, talk, **{ann: True, f"user_{bob}": False})  # at home it works without
            await hers.send(t="typing", s=talk.pk, on=False)
            await shows(hers, talk, **{ann: False, f"user_{bob}": False})
            clewline.redis.start()
            async with asyncio.timeout(30):
                while True:
                    await his.send(t="typing", s=talk.pk, on=True)
                    with contextlib.suppress(TimeoutError):
                        await shows(hers, talk, within=0.5, **{ann: False, f"user_{bob}": True})
                        break
                    await his.send(t="typing", s=talk.pk, on=False)
        await shows(hers, talk, **{ann: False})


class Elsewhere:
    """Another web process, as far as the channel layer is concerned: what it says, and what it is told."""

    def __init__(self, session: Session) -> None:
        self.session = str(session.pk)
        self.hub = get_hub_of_process()
        self.seq = 0
        self.heard: list[Json] = []

    async def on_the_loop(self, work: Any) -> Any:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.hub.loop))

    async def open(self) -> None:
        layer: Any = get_channel_layer()
        self.channel = await self.on_the_loop(layer.new_channel())
        await self.on_the_loop(layer.group_add(PRESENCE_GROUP, self.channel))

    async def says(self, **word: Any) -> None:
        layer: Any = get_channel_layer()
        self.seq += 1
        message = {"type": "presence", "from": "elsewhere", "seq": self.seq, **word}
        await self.on_the_loop(layer.group_send(PRESENCE_GROUP, message))

    async def answers(self, channel: str, *states: tuple[str, int]) -> None:
        layer: Any = get_channel_layer()
        answers = [[self.session, [list(state) for state in states]]]
        message = {"type": "presence", "from": "elsewhere", "seq": self.seq, "answers": answers}
        await self.on_the_loop(layer.send(channel, message))

    async def hears(self, wanted: str, **fields: Any) -> Json:
        layer: Any = get_channel_layer()
        async with asyncio.timeout(5):
            while True:
                message: Json = await self.on_the_loop(layer.receive(self.channel))
                others = message["from"] != "elsewhere"
                if others and wanted in message and fields.items() <= message.items():
                    return message


async def test_a_lost_word_is_asked_for(server: Served, ann: Person, settings: Any) -> None:
    settings.CLEWLINE_SWEEP_SECONDS = 60  # a busy machine may take the layer for silent, and listen anew
    session = await together(ann)
    async with open_tab(server, ann.cookie) as hers:
        await hers.until("welcome")
        other = Elsewhere(session)
        await other.open()
        await hers.follow(session)
        asked = await other.hears("ask")
        assert asked["ask"] == [other.session]
        await other.answers(asked["channel"], ("user:91", HERE), ("user:92", TYPING))
        await shows(hers, session, **{key(ann): False, "user_91": False, "user_92": True})
        await other.says(changes=[[other.session, "user:92", GONE], ["another", "user:93", HERE]])
        await shows(hers, session, **{key(ann): False, "user_91": False})
        other.seq += 1  # a word that never arrives
        await other.says()
        asked = await other.hears("ask", to="elsewhere")
        await other.answers(asked["channel"])
        await shows(hers, session, **{key(ann): False})
        await other.says(ask=[other.session, "another"], channel=other.channel)
        assert (await other.hears("answers"))["answers"] == [[other.session, [(ann.actor, HERE)]]]


async def test_a_process_that_fell_silent_is_forgotten(
    server: Served, ann: Person, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.CLEWLINE_SWEEP_SECONDS = 60  # as above
    monkeypatch.setattr(presence, "BEAT_SECONDS", 0.2)
    monkeypatch.setattr(presence, "SILENT_SECONDS", 1.0)
    session = await together(ann)
    async with open_tab(server, ann.cookie) as hers:
        await hers.follow(session)
        other = Elsewhere(session)
        await other.open()
        await other.says(changes=[[other.session, "user:91", HERE]])
        await shows(hers, session, **{key(ann): False, "user_91": False})
        began = time.monotonic()
        while time.monotonic() - began < 1.5:  # longer than the silence that is allowed
            await other.hears("seq")  # this process's own beat gives the time
            await other.says()
        assert [f for f in hers.frames if f["t"] == "presence"][-1]["people"][-1]["actor"] == "user:91"
        before = len(hers.frames)
        await shows(hers, session, **{key(ann): False})
        assert [f["t"] for f in hers.frames[before:]] == ["presence"]
        assert time.monotonic() - began >= 1.0
