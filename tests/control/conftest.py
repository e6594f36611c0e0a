"""What wakes and halts workers is recorded; ``host`` is a real one. ``people`` are one of each role."""

from collections.abc import Iterator
from typing import Any

import pytest

from sessions_app.runs import dispatch
from sessions_app.runs.host import RunHost
from sessions_app.session.models import Session
from tests.control.scenes import People, everybody, registered
from tests.control.world import new_session
from tests.live.conftest import ann, bob, person, server

__all__ = ["ann", "bob", "person", "server"]


class Calls:
    """Runs that workers were woken for, and told to let go of."""

    def __init__(self) -> None:
        self.woken: list[str] = []
        self.halted: list[str] = []


@pytest.fixture(autouse=True)
def calls() -> Iterator[Calls]:
    made = Calls()
    before = list(dispatch._wakers), list(dispatch._halters)
    dispatch.on_wake(lambda run_id, queue: made.woken.append(run_id))
    dispatch.on_halt(made.halted.extend)
    yield made
    dispatch._wakers[:], dispatch._halters[:] = before


@pytest.fixture
def session(transactional_db: None) -> Session:
    return new_session()


@pytest.fixture
def people(transactional_db: None) -> Iterator[People]:
    made = everybody()
    with registered(made):
        yield made


@pytest.fixture
def host(transactional_db: None, settings: Any, calls: Calls) -> Iterator[RunHost]:
    settings.CLEWLINE_LEASE_SECONDS = 1.0
    made = RunHost()
    made.start()
    dispatch.on_wake(made.submit)
    dispatch.on_halt(made.halt)
    yield made
    made.stop(grace=2)
