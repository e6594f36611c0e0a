"""Real processes: workers are killed while a run waits for its sub-agents and these write. An AG-UI reader sees it through."""

import json
import random
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sessions_app.session.agui import project
from tests.agui.apps import CHILDREN, tasks_of
from tests.agui.conftest import CSRF
from tests.faults.checker import log_of, open_work, rows
from tests.faults.story import STEPS, told
from tests.support.topology import Clewline, Topologies

Json = dict[str, Any]

ENV = {
    "CLEWLINE_EXTRA_APPS": "tests.agui",
    "CLEWLINE_LEASE_SECONDS": "1",
    "CLEWLINE_SWEEP_SECONDS": "0.5",
    "CLEWLINE_MAX_ATTEMPTS": "50",  # a killed process counts as a failed attempt
}
MAKE = """
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
user = get_user_model().objects.get_or_create(email="ann@example.com")[0]
client = Client()
client.force_login(user, "django.contrib.auth.backends.ModelBackend")
print(client.cookies[settings.SESSION_COOKIE_NAME].value)
"""
RUNS = 1 + CHILDREN
KILLS = 3


class Reader:
    """Reads one run; when the line breaks, it comes back with the last id that it has."""

    def __init__(self, clewline: Clewline, text: str) -> None:
        cookie = clewline.shell(MAKE).split()[-1]
        self.clewline = clewline
        self.thread = str(uuid.uuid4())
        self.headers = {"Cookie": f"clewline_session={cookie}; clewline_csrf={CSRF}", "X-CSRFToken": CSRF}
        message = {"id": uuid.uuid4().hex, "role": "user", "content": text}
        self.body = {"threadId": self.thread, "runId": "mine", "messages": [message]}
        self.client = httpx.Client(trust_env=False, timeout=60)

    def events(self, last: int | None = None) -> Iterator[tuple[int | None, Json]]:
        headers = self.headers | ({"Last-Event-ID": str(last)} if last is not None else {})
        url = f"{self.clewline.webs[0].url}/agui/conductor"
        with self.client.stream("POST", url, json=self.body, headers=headers) as response:
            assert response.status_code == 200, response.read()
            number = None
            for line in response.iter_lines():
                if line.startswith("id: "):
                    number = int(line[4:])
                if line.startswith("data: "):
                    yield number, json.loads(line[6:])
                    number = None


@pytest.mark.thorough
@pytest.mark.timeout(240)
def test_workers_are_killed_while_sub_agents_work(topology: Topologies) -> None:
    clewline = topology.production(env=ENV)
    rng = random.Random(1)
    reader = Reader(clewline, "story")
    seen: list[Json] = []
    last: int | None = None
    kills = [rng.randint(20, 60) for _ in range(KILLS)]
    for number, event in reader.events():
        seen.append(event)
        last = number if number is not None else last
        if kills and len(seen) >= kills[0]:
            kills = [at + len(seen) for at in kills[1:]]
            rng.choice(clewline.workers).restart()
    assert not kills, "it was over before everything was tried"
    assert last is not None

    end = seen[-1]
    assert (end["type"], end["outcome"], end["runId"]) == ("RUN_FINISHED", {"type": "success"}, "mine")
    assert end["result"] == {"heard": ["\n\n".join(told(task)) for task in tasks_of("story")]}
    assert Counter(e["type"] for e in seen)["SUBAGENT_STARTED"] == CHILDREN
    assert Counter(e["type"] for e in seen)["SUBAGENT_FINISHED"] == CHILDREN
    assert any(e.get("name") == "run.retrying" for e in seen)

    assert open_work(clewline) == 0
    log = log_of(clewline, reader.thread)
    ends = [record["run"] for record in log if record["event"]["type"] in {"RUN_FINISHED", "RUN_ERROR"}]
    assert len(ends) == len(set(ends)) == RUNS
    run_id = ends[-1]
    assert [e["type"] for e in project(run_id, log)] == [e["type"] for e in seen]
    steps = rows(clewline, "SELECT count(*) FROM clewline_step")
    assert steps[0][0] == CHILDREN * 2 * STEPS + 1, "each step was completed once"
    assert list(reader.events(last)) == []
