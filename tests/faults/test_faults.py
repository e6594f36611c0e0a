"""Real processes, killed at seeded random points while they stream.

More points: ``CLEWLINE_FAULT_SEEDS=1,2,3 pytest tests/faults``.
"""

# Other processes can only be polled, and what is asked of them here may block for a moment.
# ruff: noqa: ASYNC210, ASYNC240

import asyncio
import os
import random
import signal
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.faults.apps import CRASH
from tests.faults.checker import Outcome, check, log_of, open_work, rows
from tests.faults.follower import Follower
from tests.support.topology import Clewline, Process, ServerName, Store, Topologies

SEEDS = [int(seed) for seed in os.environ.get("CLEWLINE_FAULT_SEEDS", "1").split(",")]
SESSIONS, INPUTS, KILLS = 3, 2, 2
WITHIN = 90.0
OPEN = {"queued", "running", "retrying", "waiting"}
ENV = {
    "CLEWLINE_EXTRA_APPS": "tests.faults",
    "CLEWLINE_LEASE_SECONDS": "1",
    "CLEWLINE_SWEEP_SECONDS": "0.5",
    "CLEWLINE_DRAIN_SECONDS": "0.3",
    "CLEWLINE_MAX_ATTEMPTS": "50",  # a killed process counts as a failed attempt
}
MAKE = """
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from sessions_app.session.sessions import create_session
user = get_user_model().objects.get_or_create(email="ann@example.com")[0]
client = Client()
client.force_login(user, "django.contrib.auth.backends.ModelBackend")
made = [create_session(actor=f"user:{{user.pk}}", name="Ann", agent="storyteller", title="Talk") for _ in range({n})]
print(client.cookies[settings.SESSION_COOKIE_NAME].value, *[session.pk for session in made])
"""


class Scene:
    """Sessions with two followers each, through whichever web processes there are, and what was said."""

    def __init__(self, clewline: Clewline, cookie: str, sessions: list[str]) -> None:
        self.clewline, self.cookie, self.sessions = clewline, f"clewline_session={cookie}", sessions
        self.followers = []
        for session in sessions:
            for fresh, web in ((False, clewline.webs[0]), (True, clewline.webs[-1])):
                self.followers.append(
                    Follower(port=web.port, cookie=self.cookie, session=session, fresh=fresh)
                )
        self.sent: dict[str, list[tuple[str, str]]] = {session: [] for session in sessions}

    def shown(self) -> int:
        return sum(len(follower.records) for follower in self.followers)

    async def say(self, session: str, text: str) -> Follower:
        by = next(f for f in self.followers if f.session == session)
        input_id = uuid.uuid4().hex
        self.sent[session].append((input_id, text))
        await by.send(input_id, text)
        return by

    async def more(self, count: int) -> bool:
        """Wait until that many records more were shown. False when there was nothing left to show."""
        goal = self.shown() + count
        while self.shown() < goal:
            if not self.at_work():
                return False
            await asyncio.sleep(0.005)
        return True

    def at_work(self) -> bool:
        """As far as the clients were shown, something is still to be answered."""
        runs = [run for f in self.followers if f.next is not None for run in f.fold.view()["runs"].values()]
        ended = [run for run in runs if run["status"] not in OPEN]
        return len(ended) < 2 * sum(len(those) for those in self.sent.values())

    async def end(self) -> Outcome:
        """Everything was answered, and every client has seen it; then the promises are checked."""
        async with asyncio.timeout(WITHIN):
            for follower in self.followers:
                await follower.acknowledged()
            while await asyncio.to_thread(open_work, self.clewline):
                await asyncio.sleep(0.1)
            heads = {s: len(await asyncio.to_thread(log_of, self.clewline, s)) for s in self.sessions}
            for follower in self.followers:
                await follower.reach(heads[follower.session])
        return await asyncio.to_thread(check, self.clewline, self.sent, self.followers)


@asynccontextmanager
async def scene(clewline: Clewline) -> AsyncIterator[Scene]:
    """Sessions in which an answer is being written, and another input waits behind it."""
    cookie, *sessions = (await asyncio.to_thread(clewline.shell, MAKE.format(n=SESSIONS))).split()[
        -1 - SESSIONS :
    ]
    made = Scene(clewline, cookie, sessions)
    tasks = [asyncio.create_task(follower.run()) for follower in made.followers]
    try:
        async with asyncio.timeout(WITHIN):
            for session in sessions:
                for n in range(INPUTS):
                    await (await made.say(session, f"story {n}")).acknowledged()
            await made.more(20)
        yield made
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def kill_at_random(made: Scene, victims: list[Process], rng: random.Random) -> None:
    for _ in range(KILLS):
        if not await made.more(rng.randint(5, 120)):
            return
        await asyncio.to_thread(rng.choice(victims).restart)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("server", "store"),
    [
        ("daphne", "sqlite"),
        ("uvicorn", "sqlite"),
        pytest.param("uvicorn", "postgres", marks=pytest.mark.thorough),
    ],
)
async def test_the_embedded_server_killed(
    topology: Topologies, server: ServerName, store: Store, seed: int
) -> None:
    clewline = await asyncio.to_thread(topology.embedded, server=server, store=store, env=ENV)
    async with scene(clewline) as made:
        await kill_at_random(made, [clewline.web], random.Random(seed))
        assert (await made.end()).retries >= 1
        assert all(follower.connections > 1 for follower in made.followers)


def at_work(clewline: Clewline) -> list[Process]:
    """The workers that hold a run now; a run's row names its worker as host:pid:number."""
    held = rows(clewline, "SELECT worker FROM clewline_run WHERE status = 'running'")
    pids = {int(worker.rsplit(":", 2)[1]) for (worker,) in held}
    return [worker for worker in clewline.workers if worker.pid in pids]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("server", ["uvicorn", pytest.param("daphne", marks=pytest.mark.thorough)])
async def test_web_and_worker_processes_killed(topology: Topologies, server: ServerName, seed: int) -> None:
    clewline = await asyncio.to_thread(topology.production, server=server, env=ENV)
    async with scene(clewline) as made:
        rng = random.Random(seed)
        await asyncio.to_thread(rng.choice(await asyncio.to_thread(at_work, clewline)).restart)
        await kill_at_random(made, [*clewline.webs, *clewline.workers], rng)
        assert (await made.end()).retries >= 1


async def worker_sleeps_past_its_lease(made: Scene) -> None:
    """Both workers are stopped past their leases and go on: old attempts meet new ones."""
    first, second = made.clewline.workers
    await asyncio.to_thread(first.send, signal.SIGSTOP)
    await asyncio.sleep(2.5)  # the lease is what has to run out
    await asyncio.to_thread(first.send, signal.SIGCONT)
    await asyncio.to_thread(second.send, signal.SIGSTOP)
    await asyncio.sleep(2.5)
    await asyncio.to_thread(second.send, signal.SIGCONT)


async def processes_end_under_load(made: Scene) -> None:
    """SIGTERM to one after the other, as a rolling restart does."""
    for process in (made.clewline.workers[0], made.clewline.webs[0]):
        assert await asyncio.to_thread(process.kill, signal.SIGTERM) == 0, process.tail()
        await asyncio.to_thread(process.start)
        await made.more(5)


async def redis_dies_and_forgets(made: Scene) -> None:
    """Memory is lost with it: groups, queued wake-ups, everything."""
    redis = made.clewline.redis
    assert redis is not None
    await asyncio.to_thread(redis.kill)
    assert await made.more(30), "nothing is shown while Redis is away"
    await asyncio.to_thread(redis.start)
    await made.more(30)
    await asyncio.to_thread(redis.flush)


async def postgres_stops_at_once(made: Scene) -> None:
    postgres = made.clewline.postgres
    assert postgres is not None
    for _ in range(2):
        await asyncio.to_thread(postgres.kill, signal.SIGQUIT)  # as pg_ctl -m immediate
        await asyncio.to_thread(postgres.start)
        await made.more(30)


async def web_dies_between_commit_and_dispatch(made: Scene) -> None:
    """The input is durable, its sender knows nothing, no worker was woken."""
    session, web = made.sessions[0], made.clewline.webs[0]
    async with asyncio.timeout(WITHIN):
        while made.at_work():  # so that the input starts a run at once
            await asyncio.sleep(0.05)
        Path(made.clewline.environment["CLEWLINE_DATA_DIR"], CRASH).touch()
        by = await made.say(session, "story 9")
        assert await asyncio.to_thread(web.wait) == -signal.SIGKILL
        assert by.outbox
        await asyncio.to_thread(web.start)
        await by.acknowledged()


FAULTS: list[Callable[[Scene], Awaitable[None]]] = [
    worker_sleeps_past_its_lease,
    processes_end_under_load,
    redis_dies_and_forgets,
    postgres_stops_at_once,
    web_dies_between_commit_and_dispatch,
]


@pytest.mark.thorough
@pytest.mark.timeout(400)  # a busy machine starts processes slowly
async def test_a_bad_day_in_production(topology: Topologies) -> None:
    """One fault after the other on one installation, each with sessions of its own."""
    clewline = await asyncio.to_thread(topology.production, env=ENV)
    for fault in FAULTS:
        print(fault.__name__)  # shown when it fails
        async with scene(clewline) as made:
            await fault(made)
            await made.end()
    assert httpx.get(f"{clewline.url}/health/ready", timeout=10).status_code == 200
