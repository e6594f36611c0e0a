"""Processes are killed while they stream. Afterwards every answer is whole, once, in the log and at every client."""

import asyncio
import json
import os
import random
import signal
from typing import Any

import pytest

from sessions_app.session.fold import fold
from tests.faults.client import Follower, new_session
from tests.support.scripted.apps import answer_to
from tests.support.topology import Clewline, Topologies

ENV = {
    "CLEWLINE_LEASE_SECONDS": "1",
    "CLEWLINE_SWEEP_SECONDS": "0.5",
    "CLEWLINE_EXTRA_APPS": "tests.support.scripted",
}
SEEDS = int(os.environ.get("CLEWLINE_FAULT_SEEDS", "1"))
SESSIONS, QUESTIONS, CLIENTS = 3, 2, 2
WITHIN_SECONDS = 60
TERMINAL = {"RUN_FINISHED", "RUN_ERROR"}


def prepare(clewline: Clewline) -> str:
    clewline.shell(
        "from sales_app.people.models import User; User.objects.create_user('ann@example.com', 'x', role='rep')"
    )
    return clewline.sign_in("ann@example.com")[0]["value"]


async def ask_and_kill(clewline: Clewline, cookie: str, seed: int, faults: Any) -> list[Follower]:
    """Clients ask in several sessions at once while ``faults`` does its worst; returns when all is answered."""
    urls = [web.url for web in clewline.webs]
    rng = random.Random(seed)
    followers: list[Follower] = []
    for n in range(SESSIONS):
        session = await asyncio.to_thread(new_session, urls[0], cookie)
        followers += [Follower(urls, cookie, session, seed=seed * 100 + n * 10 + c) for c in range(CLIENTS)]
    tasks = [asyncio.create_task(each.follow()) for each in followers]
    for each in followers[::CLIENTS]:
        for question in range(QUESTIONS):
            each.send(f"{each.session[:8]}.{question}", f"q{question}")
    fault = asyncio.create_task(faults(clewline, rng))
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            await fault
            while not all(answered(each) for each in followers):
                await asyncio.sleep(0.05)
    finally:
        for task in [*tasks, fault]:
            task.cancel()
        await asyncio.gather(*tasks, fault, return_exceptions=True)
    return followers


def answered(follower: Follower) -> bool:
    runs = follower.view()["runs"].values()
    return len(runs) == QUESTIONS and all(
        run["status"] not in ("queued", "running", "retrying") for run in runs
    )


def check(clewline: Clewline, followers: list[Follower]) -> None:
    with clewline.connect() as connection:
        for follower in followers:
            records = log_of(connection, follower.session)
            ends = [record["run"] for record in records if record["event"]["type"] in TERMINAL]
            assert len(ends) == len(set(ends)) == QUESTIONS
            view = fold(records)
            assert follower.problems == []
            assert follower.view() == view
            assert view["inputs"] == []
            said = [(i["role"], i["text"], i["status"]) for i in view["items"] if i["kind"] == "message"]
            expected = []
            for question in range(QUESTIONS):
                expected.append(("user", f"q{question}", "done"))
                expected += [("assistant", text, "done") for text in answer_to(f"q{question}")]
            assert said == expected
            assert {run["status"] for run in view["runs"].values()} == {"finished"}


def log_of(connection: Any, session: str) -> list[dict[str, Any]]:
    mark = "?" if "sqlite" in type(connection).__module__ else "%s"
    cursor = connection.execute(
        "SELECT r.pos, r.body, s.head FROM clewline_record r JOIN clewline_stream s ON s.id = r.stream_id "
        f"WHERE s.path = {mark} ORDER BY r.pos",
        (f"sessions/{session}",),
    )
    rows = cursor.fetchall()
    assert [row[0] for row in rows] == list(range(rows[0][2]))
    return [json.loads(bytes(row[1])) for row in rows]


async def later(rng: random.Random) -> None:
    """A seeded moment while the answers stream."""
    await asyncio.sleep(rng.uniform(0.2, 1.2))


async def kill_the_only_process(clewline: Clewline, rng: random.Random) -> None:
    for _ in range(2):
        await later(rng)
        await asyncio.to_thread(clewline.web.restart)


async def kill_a_worker_then_a_web(clewline: Clewline, rng: random.Random) -> None:
    await later(rng)
    worker = rng.choice(clewline.workers)
    await asyncio.to_thread(worker.kill)
    await later(rng)
    await asyncio.to_thread(rng.choice(clewline.webs).restart)
    await asyncio.to_thread(worker.start)


async def stop_a_worker_past_its_lease(clewline: Clewline, rng: random.Random) -> None:
    await later(rng)
    worker = rng.choice(clewline.workers)
    worker.send(signal.SIGSTOP)
    await asyncio.sleep(2.5)
    worker.send(signal.SIGCONT)


async def restart_a_worker_politely(clewline: Clewline, rng: random.Random) -> None:
    await later(rng)
    await asyncio.to_thread(rng.choice(clewline.workers).restart, signal.SIGTERM)


async def flush_redis(clewline: Clewline, rng: random.Random) -> None:
    assert clewline.redis is not None
    for _ in range(3):
        await later(rng)
        await asyncio.to_thread(clewline.redis.flush)


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("server", ["daphne", "uvicorn"])
async def test_the_embedded_process_is_killed(topology: Topologies, server: Any, seed: int) -> None:
    clewline = await asyncio.to_thread(topology.embedded, server=server, env=ENV)
    cookie = await asyncio.to_thread(prepare, clewline)
    check(clewline, await ask_and_kill(clewline, cookie, seed, kill_the_only_process))


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize(
    ("server", "faults"),
    [
        ("uvicorn", kill_a_worker_then_a_web),
        ("daphne", kill_a_worker_then_a_web),
        ("uvicorn", stop_a_worker_past_its_lease),
        ("uvicorn", restart_a_worker_politely),
        ("uvicorn", flush_redis),
    ],
)
async def test_production_loses_processes(topology: Topologies, server: Any, faults: Any, seed: int) -> None:
    clewline = await asyncio.to_thread(topology.production, server=server, env=ENV)
    cookie = await asyncio.to_thread(prepare, clewline)
    check(clewline, await ask_and_kill(clewline, cookie, seed, faults))
