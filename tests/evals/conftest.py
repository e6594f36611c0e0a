"""Evaluations in the real run host, with the real stand-in, on the recorded book."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sales_app.evals.evaluating import begin
from sales_app.evals.models import Evaluation
from sales_app.evals.trying import Evaluating
from sales_app.people.models import User
from sales_app.skills import store
from sales_app.skills.models import SkillVersion
from sales_app.standin.control import Control
from sessions_app.runs import dispatch
from sessions_app.runs.agents import register_agent
from sessions_app.runs.host import RunHost
from tests.agent.conftest import control
from tests.control.world import wait_for

__all__ = ["control"]

PLAN = """---
name: day-plan
description: What to do today, in order. Use it when somebody plans their day.
metadata:
  clewline-produces: brief
  clewline-about: none
---
# A plan of the day

## Outline

1. **Meetings** - `meeting_today`, at most 3.
2. **Actions** - `next_action`, at most 3.
"""
MUST = "must: has section Meetings"
SOFT = ["has section Actions", "section Actions has at most 3 items", "every statement has a source"]


def folder(
    text: str = PLAN, assertions: list[str] | None = None, *, prompt: str = "/day-plan", **more: bytes
) -> dict[str, bytes]:
    case = {
        "id": "plan",
        "prompt": prompt,
        "assertions": assertions if assertions is not None else [MUST, *SOFT],
    }
    suite = {"skill_name": "day-plan", "evals": [case]}
    return {"SKILL.md": text.encode(), "evals/evals.json": json.dumps(suite).encode(), **more}


def without_section(title: str) -> str:
    return "\n".join(line for line in PLAN.split("\n") if f"**{title}**" not in line)


@pytest.fixture
def revops(transactional_db: None) -> User:
    return User.objects.create_user("ravi@example.com", None, role="revops", first_name="Ravi")


@pytest.fixture
def drafted(revops: User) -> Callable[..., SkillVersion]:
    def make(*args: Any, **values: Any) -> SkillVersion:
        return store.draft("day-plan", folder(*args, **values), by=revops, note="", origin="edited")

    return make


@pytest.fixture
def host(control: Control, transactional_db: None) -> Iterator[RunHost]:
    register_agent(Evaluating(), internal=True)
    host = RunHost()
    host.start()
    dispatch.on_wake(host.submit)
    yield host
    host.stop(grace=2)


def ended(evaluation: Evaluation) -> Evaluation:
    def over() -> bool:
        evaluation.refresh_from_db()
        return evaluation.status != Evaluation.Status.RUNNING

    wait_for(over, 60)
    return evaluation


@pytest.fixture
def evaluated(host: RunHost, revops: User) -> Callable[..., Evaluation]:
    def run(version: SkillVersion, **values: Any) -> Evaluation:
        return ended(begin(version, by=revops, **{"runs": 1, **values}))

    return run
