"""Many at once: everybody comes back after a restart, a deploy replaces one process after the other, some never read."""

import asyncio
import json
import os
import signal
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect

from sessions_app.live.window import WINDOW_BYTES
from tests.faults.follower import Follower
from tests.faults.test_faults import ENV, scene
from tests.support.topology import Clewline, ServerName, Topologies

pytestmark = [pytest.mark.processes]

CROWD = 300
SILENT, LOG_BYTES = 40, 8 * 1024 * 1024

MAKE = """
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from sessions_app.session import events
from sessions_app.session.log import session_log
from sessions_app.session.sessions import create_session
user = get_user_model().objects.create_user(email="ann@example.com")
client = Client()
client.force_login(user, "django.contrib.auth.backends.ModelBackend")
session = create_session(actor=f"user:{user.pk}", name="Ann", agent="storyteller", title="Talk")
for _ in range(RECORDS):
    with session_log(session.stream_id) as log:
        log.add(events.session_renamed("x" * BYTES), actor=f"user:{user.pk}")
print(client.cookies[settings.SESSION_COOKIE_NAME].value, session.pk)
"""


async def made(clewline: Clewline, *, records: int = 1, size: int = 10) -> tuple[str, str]:
    """The cookie and a session whose log has ``records`` records more than the first two."""
    code = MAKE.replace("RECORDS", str(records)).replace("BYTES", str(size))
    cookie, session = (await asyncio.to_thread(clewline.shell, code)).split()[-2:]
    return f"clewline_session={cookie}", session


@pytest.mark.parametrize("server", ["daphne", "uvicorn"])
async def test_everybody_comes_back_at_once(topology: Topologies, server: ServerName) -> None:
    clewline = topology.embedded(server=server, env=ENV)
    cookie, session = await made(clewline)
    crowd = [
        Follower(port=clewline.web.port, cookie=cookie, session=session, fresh=n % 2 == 0)
        for n in range(CROWD)
    ]
    tasks = [asyncio.create_task(each.run()) for each in crowd]
    try:
        async with asyncio.timeout(150):
            for each in crowd:
                await each.reach(3)
            await asyncio.to_thread(clewline.web.restart)
            await crowd[0].send("after", "Hello again")
            await crowd[0].acknowledged()
            for each in crowd:
                await each.reach(9)  # the input and its message, at least
        assert all(each.connections > 1 for each in crowd)
        assert [each.wrong for each in crowd if each.wrong] == []
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_deploy_replaces_one_process_after_the_other(topology: Topologies) -> None:
    clewline = topology.production(env=ENV)
    async with scene(clewline) as now:
        for process in [*clewline.webs, *clewline.workers]:
            await now.more(30)
            await asyncio.to_thread(process.restart, signal.SIGTERM)
        await now.end()


@pytest.mark.parametrize("server", ["daphne", "uvicorn"])
async def test_who_never_reads_costs_the_window_and_nobody_else_anything(
    topology: Topologies, server: ServerName
) -> None:
    clewline = topology.embedded(server=server, env=ENV)
    cookie, session = await made(clewline, records=LOG_BYTES // 65536, size=65536)
    before = memory(clewline.web.pid)
    async with AsyncExitStack() as stack:
        for _ in range(SILENT):
            silent = await stack.enter_async_context(
                connect(
                    f"ws://127.0.0.1:{clewline.web.port}/ws/",
                    additional_headers={"Cookie": cookie},
                    origin=f"http://127.0.0.1:{clewline.web.port}",  # type: ignore[arg-type]
                    max_queue=1,
                    max_size=None,
                    proxy=None,
                    compression=None,
                    ping_interval=None,
                    close_timeout=0.1,
                )
            )
            await follow(silent, session)
        reader = Follower(port=clewline.web.port, cookie=cookie, session=session, fresh=False)
        task = asyncio.create_task(reader.run())
        try:
            async with asyncio.timeout(60):
                await reader.reach(2 + LOG_BYTES // 65536)
        finally:
            task.cancel()
        assert reader.wrong == []
        # Each holds the window, encoded once and once more on its way; the whole log would be eight times that.
        assert memory(clewline.web.pid) - before < SILENT * 3 * WINDOW_BYTES + 32 * 1024 * 1024


def memory(pid: int) -> int:
    """Resident bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def follow(socket: ClientConnection, session: str) -> None:
    await socket.send(json.dumps({"t": "subscribe", "s": session, "from": 0, "ref": "s"}))
    await socket.recv()  # the welcome; nothing after it is read
