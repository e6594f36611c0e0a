"""Real processes, killed while people stop, steer and approve, and while something is done outside.

What must hold in the end: nothing was done twice, nothing is lost without a word, and whatever nobody knows is shown as
unknown. More points: ``CLEWLINE_FAULT_SEEDS=1,2,3 pytest tests/faults``.
"""

# Other processes can only be polled.

import asyncio
import random
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from sessions_app.session.fold import fold
from tests.control.world import check_stopped
from tests.faults.acting import ACT_SECONDS, ACTS
from tests.faults.checker import TERMINAL, log_of, open_work, rows
from tests.faults.follower import Follower
from tests.faults.test_faults import ENV, MAKE, OPEN, SEEDS, WITHIN
from tests.support.topology import Clewline, Process, Topologies

Json = dict[str, Any]
SESSIONS, INPUTS = 3, 2
ROUNDS = ["kill", "kill", "stop and kill", "steer and kill", "interrupt and kill"]
CSRF = "c" * 32
SETTLE = """
from datetime import timedelta
from django.utils import timezone
from sessions_app.runs.effects import settle_abandoned
settle_abandoned(timezone.now() + timedelta(hours=1))
"""


@dataclass
class Stage:
    clewline: Clewline
    cookie: str
    followers: list[Follower]
    sent: dict[str, list[str]] = field(default_factory=dict)
    stops: int = 0

    @property
    def port(self) -> int:
        return self.clewline.webs[-1].port

    async def command(self, session: str, **body: Any) -> Json:
        """As a device does it: repeated until there is an answer. Each command is harmless when it comes twice."""
        headers = {"Cookie": f"clewline_session={self.cookie}; clewline_csrf={CSRF}", "X-CSRFToken": CSRF}
        while True:
            try:
                async with httpx.AsyncClient(timeout=10) as client:
                    answer = await client.post(
                        f"http://127.0.0.1:{self.port}/api/sessions/{session}/commands",
                        json=body,
                        headers=headers,
                    )
                if answer.status_code < 500:
                    return answer.json()  # type: ignore[no-any-return]
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)

    async def say(self, session: str, mode: str) -> None:
        input_id = uuid.uuid4().hex
        answer = await self.command(session, t="send", id=input_id, text=input_id, mode=mode)
        assert answer.get("inputId") == input_id, answer
        self.sent.setdefault(session, []).append(input_id)

    async def stop(self, session: str) -> None:
        answer = await self.command(session, t="stop")
        assert "runs" in answer, answer
        self.stops += 1

    def views(self) -> list[tuple[str, Json]]:
        return [(f.session, f.fold.view()) for f in self.followers if f.next is not None]

    async def approve(self) -> None:
        """Approve whatever is asked, from two devices at once, for ever; cancel it."""
        while True:
            for session, view in self.views():
                for item in view["items"]:
                    if item["kind"] == "interrupt" and item["status"] == "open":
                        reply = {"id": item["id"], "decision": "approve", "hash": item["hash"]}
                        made = await asyncio.gather(
                            *[self.command(session, t="decide", replies=[reply]) for _ in range(2)]
                        )
                        codes = {each["error"]["code"] for each in made if "error" in each}
                        assert codes <= {"already_decided"}, codes  # it was stopped meanwhile
            await asyncio.sleep(0.02)

    def acting(self) -> list[str]:
        """Sessions in which something happens outside just now, as far as was shown."""
        return [
            session
            for session, view in self.views()
            if any(item["kind"] == "tool" and item["status"] == "running" for item in view["items"])
        ]

    def at_work(self) -> bool:
        return any(
            view["inputs"]
            or any(run["status"] in OPEN for run in view["runs"].values())
            or any(i["kind"] == "interrupt" and i["status"] == "open" for i in view["items"])
            for _, view in self.views()
        )

    async def until_acting(self) -> bool:
        """False when there is nothing left to do."""
        while not self.acting():
            if not self.at_work():
                return False
            await asyncio.sleep(0.005)
        return True


@asynccontextmanager
async def stage(clewline: Clewline) -> AsyncIterator[Stage]:
    made = MAKE.replace("storyteller", "actor").format(n=SESSIONS)
    cookie, *sessions = (await asyncio.to_thread(clewline.shell, made)).split()[-1 - SESSIONS :]
    followers = [
        Follower(port=web.port, cookie=f"clewline_session={cookie}", session=session, fresh=fresh)
        for session in sessions
        for fresh, web in ((False, clewline.webs[0]), (True, clewline.webs[-1]))
    ]
    scene = Stage(clewline, cookie, followers)
    tasks = [asyncio.create_task(each.run()) for each in followers]
    approver = asyncio.create_task(scene.approve())
    try:
        async with asyncio.timeout(WITHIN):
            for session in sessions:
                for _ in range(INPUTS):
                    await scene.say(session, "queue")
        yield scene
        if approver.done():
            approver.result()
    finally:
        for task in (*tasks, approver):
            task.cancel()
        await asyncio.gather(*tasks, approver, return_exceptions=True)


async def play(scene: Stage, victims: list[list[Process]], rng: random.Random) -> None:
    """Each round something happens outside; then people do something and processes die, in whatever order."""
    sessions = list(scene.sent)
    for what in rng.sample(ROUNDS, len(ROUNDS)):
        async with asyncio.timeout(WITHIN):
            if not await scene.until_acting():
                await scene.say(rng.choice(sessions), "queue")
                await scene.until_acting()
        await asyncio.sleep(rng.uniform(0, 2 * ACT_SECONDS))
        session = rng.choice(scene.acting() or sessions)
        acts = [asyncio.create_task(asyncio.to_thread(each.restart)) for each in rng.choice(victims)]
        if what.startswith("stop"):
            acts.append(asyncio.create_task(scene.stop(session)))
        elif what.startswith(("steer", "interrupt")):
            acts.append(asyncio.create_task(scene.say(session, what.split()[0])))
        await asyncio.gather(*acts)


async def end(scene: Stage) -> dict[str, int]:
    async with asyncio.timeout(WITHIN):
        while scene.at_work() or await asyncio.to_thread(open_work, scene.clewline):
            await asyncio.sleep(0.1)
        await asyncio.to_thread(scene.clewline.shell, SETTLE)
        for follower in scene.followers:
            await follower.reach(len(await asyncio.to_thread(log_of, scene.clewline, follower.session)))
    return await asyncio.to_thread(check, scene)


def check(scene: Stage) -> dict[str, int]:
    """The log against the promises, every client against the log, and the world against both. Returns what was seen."""
    acts = Path(scene.clewline.environment["CLEWLINE_DATA_DIR"], ACTS)
    done_outside = acts.read_text().split() if acts.exists() else []
    assert len(done_outside) == len(set(done_outside)), "done twice"
    effects = dict(rows(scene.clewline, "SELECT call_id, status FROM clewline_effect"))
    assert set(effects.values()) <= {"done", "unknown"}, effects
    assert set(done_outside) <= set(effects), "something happened of which nothing is known"
    assert {call for call, status in effects.items() if status == "done"} <= set(done_outside)
    seen = {
        "acts": len(done_outside),
        "unknown": list(effects.values()).count("unknown"),
        "stopped": 0,
        "retries": 0,
    }
    shown: dict[str, str] = {}
    for session, inputs in scene.sent.items():
        log = log_of(scene.clewline, session)
        view = fold(log)
        accepted = [r["event"]["value"]["inputId"] for r in log if r["event"].get("name") == "input.accepted"]
        assert sorted(accepted) == sorted(inputs), "I2"
        said = [i["text"] for i in view["items"] if i["kind"] == "message" and i["role"] == "user"]
        assert sorted(said) == sorted(inputs) and not view["inputs"], "an input was lost"
        queued = [r["event"]["value"]["runId"] for r in log if r["event"].get("name") == "run.queued"]
        ended = [r["run"] for r in log if r["event"]["type"] in TERMINAL]
        assert sorted(ended) == sorted(queued), "I3"
        assert {run["status"] for run in view["runs"].values()} <= {"finished", "interrupted", "cancelled"}
        seen["stopped"] += len(check_stopped(log))
        seen["retries"] += sum(r["event"].get("name") == "run.retrying" for r in log)
        tools = {i["id"]: i for i in view["items"] if i["kind"] == "tool"}
        shown |= {call: tool["effect"] for call, tool in tools.items() if tool["effect"]}
        answered_by = {run["resumes"]: run["status"] for run in view["runs"].values() if run["resumes"]}
        for item in view["items"]:
            if (
                item["kind"] == "interrupt"
                and item["status"] == "approved"
                and answered_by[item["run"]] == "finished"
            ):
                assert item["call"] in effects, "approved, and never done"
        for follower in (f for f in scene.followers if f.session == session):
            assert not follower.wrong, follower.wrong
            assert follower.records == log[follower.first :], "a client was shown something else than the log"
            assert follower.fold.view() == view, "I8"
    assert shown == effects, "what became of an effect is not what everybody sees"
    return seen


@pytest.mark.thorough
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", SEEDS)
async def test_the_embedded_server_killed_while_it_acts(topology: Topologies, seed: int) -> None:
    clewline = await asyncio.to_thread(topology.embedded, server="uvicorn", env=ENV)
    async with stage(clewline) as scene:
        await play(scene, [[clewline.web]], random.Random(seed))
        seen = await end(scene)
    print(seen)
    assert seen["acts"] and seen["retries"] and seen["stopped"], seen


@pytest.mark.thorough
@pytest.mark.timeout(400)
@pytest.mark.parametrize("seed", SEEDS)
async def test_webs_and_workers_killed_while_they_act(topology: Topologies, seed: int) -> None:
    clewline = await asyncio.to_thread(topology.production, env=ENV)
    async with stage(clewline) as scene:
        workers = clewline.workers
        await play(scene, [workers, *[[*workers, web] for web in clewline.webs]], random.Random(seed))
        seen = await end(scene)
    print(seen)
    assert seen["acts"] and seen["retries"] and seen["stopped"], seen
