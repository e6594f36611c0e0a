"""The same protocol from real processes: both servers, and several web processes with Redis between them."""

import contextlib
import json
import time
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async
from websockets.exceptions import ConnectionClosed

from tests.live.conftest import Served, Tab, open_tab
from tests.support.topology import Clewline, Topologies

do = sync_to_async(thread_sensitive=False)

MAKE = """
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from sessions_app.session.sessions import create_session
user = get_user_model().objects.create_user(email="ann@example.com")
client = Client()
client.force_login(user, "django.contrib.auth.backends.ModelBackend")
session = create_session(actor=f"user:{user.pk}", name="Ann", agent="nobody", title="Talk")
print(client.cookies[settings.SESSION_COOKIE_NAME].value, session.pk)
"""


class Talk:
    """A session of a signed-in person, driven over HTTP."""

    def __init__(self, clewline: Clewline) -> None:
        key, self.pk = clewline.shell(MAKE).split()[-2:]
        self.cookie = f"clewline_session={key}"
        self.clewline = clewline

    def say(self, word: str, web: int = 0) -> None:
        token = "a" * 32
        answer = httpx.post(
            f"{self.clewline.webs[web].url}/api/sessions/{self.pk}/rename",
            json={"title": word},
            headers={"Cookie": f"{self.cookie}; clewline_csrf={token}", "X-CSRFToken": token},
            timeout=10,
            trust_env=False,
        )
        assert answer.status_code == 200, answer.text

    def tab(self, web: int = 0) -> open_tab:
        return open_tab(Served(self.clewline.webs[web].port), self.cookie)


async def said(tab: Tab, talk: Any, word: str, web: int) -> float:
    """Say it, wait for it, and return the seconds from the answer of the request."""
    head = tab.next_of(talk) + 1
    await do(talk.say)(word, web)
    began = time.monotonic()
    await tab.reach(talk, head, within=10)
    return time.monotonic() - began


def titles(tab: Tab) -> list[str]:
    events = [r["event"] for f in tab.frames if f["t"] == "records" for r in f["records"]]
    return [event["value"]["title"] for event in events if event.get("name") == "session.renamed"]


@pytest.mark.parametrize("server", ["daphne", "uvicorn"])
async def test_one_process(topology: Topologies, server: Any) -> None:
    clewline = await do(topology.embedded)(server=server, env={"CLEWLINE_SWEEP_SECONDS": "30"})
    talk: Any = await do(Talk)(clewline)
    async with talk.tab() as one, talk.tab() as two, talk.tab() as bad:
        await one.follow(talk)
        await two.follow(talk, start=None)
        await one.send(t="send", s=talk.pk, id="m1", text="Hello", ref="r")
        assert (await one.until("ack"))["inputId"] == "m1"
        await bad.until("welcome")
        await bad.connection.send("{")
        assert await bad.closed() == 4400
        for word in "abcde":
            await do(talk.say)(word)
        while "e" not in titles(one):
            await one.receive()
        assert one.offsets(talk) == list(range(one.next_of(talk)))
        assert [title for title in titles(one) if len(title) == 1] == list("abcde")
        await two.reach(talk, one.next_of(talk))
    async with talk.tab() as nobody:
        nobody.answers = False
        await do(clewline.shell)(
            "from django.contrib.sessions.models import Session; Session.objects.all().delete()"
        )
        await nobody.send(t="subscribe", s=talk.pk, ref="r", **{"from": 0})
        assert await nobody.closed() == 4401


async def test_an_oversized_frame_reaches_no_memory_of_daphne(topology: Topologies) -> None:
    """Frames above the server's limit never reach the socket; smaller floods are cut off by it."""
    clewline = await do(topology.embedded)(server="daphne")
    talk: Any = await do(Talk)(clewline)

    def resident() -> int:
        with open(f"/proc/{clewline.web.pid}/status") as status:
            return int(next(line for line in status if line.startswith("VmRSS")).split()[1])

    async with talk.tab() as good:
        await good.follow(talk)
        before = resident()
        for size in (100_000, 900_000, 8_000_000):
            async with talk.tab() as bad:
                await bad.until("welcome")
                frame = json.dumps({"t": "send", "s": "x", "id": "i", "text": "y" * size})
                with contextlib.suppress(ConnectionClosed):
                    for _ in range(50):
                        await bad.connection.send(frame)
                assert await bad.closed() in {1009, 4400, 1006}, size
        assert resident() - before < 40_000
        await said(good, talk, "x", 0)


async def test_two_web_processes_and_a_redis_that_goes_away(topology: Topologies) -> None:
    clewline = await do(topology.production)(
        webs=2, workers=0, env={"CLEWLINE_SWEEP_SECONDS": "2"}, start=False
    )
    for web in clewline.webs:
        await do(web.start)()
    talk: Any = await do(Talk)(clewline)
    assert clewline.redis is not None
    async with talk.tab(0) as one, talk.tab(1) as two:
        await one.follow(talk)
        await two.follow(talk)
        # The doorbell rings from process to process, in both directions, long before the sweep.
        assert min([await said(one, talk, f"a{i}", 1) for i in range(3)]) < 0.5
        assert min([await said(two, talk, f"b{i}", 0) for i in range(3)]) < 0.5
        clewline.redis.kill()
        await said(one, talk, "while it was gone", 1)
        clewline.redis.start()
        for attempt in range(20):
            if (
                await said(one, talk, f"c{attempt}", 1) < 0.5
                and await said(one, talk, f"d{attempt}", 1) < 0.5
            ):
                break
        else:
            raise AssertionError("the doorbell stays silent")
        await two.reach(talk, one.next_of(talk))
        for tab in (one, two):
            assert tab.offsets(talk) == list(range(one.next_of(talk)))
