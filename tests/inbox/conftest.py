"""A session of Ann with Bob in it, and answers, questions and failures in it from a worker that is told what to do."""

from collections.abc import Callable
from typing import Any

import pytest

from sessions_app.runs.agents import Ask
from sessions_app.runs.lifecycle import finish_run
from sessions_app.runs.models import Interrupt, Run
from sessions_app.session.models import Session
from sessions_app.session.participants import join
from tests.control.conftest import calls
from tests.control.world import Worker, approval, say
from tests.live.conftest import Person, ann, bob, person, server

__all__ = ["ann", "bob", "calls", "person", "server"]


@pytest.fixture
def olga(person: Callable[[str], Person]) -> Person:
    return person("olga")


@pytest.fixture
def session(ann: Person, bob: Person, olga: Person) -> Session:
    """Ann owns it, Bob is a member, Olga observes."""
    made = ann.session()
    for each, role in ((bob, "member"), (olga, "observer")):
        join(str(made.pk), actor=each.actor, name=each.name, role=role, by=ann.actor)
    return made


def begin(session: Session, by: Person, text: str = "Hello") -> Worker:
    return Worker(say(session, text, by=by.actor).run_id)


def answer(session: Session, by: Person, text: str = "Hello") -> str:
    worker = begin(session, by, text)
    worker.say("A very secret answer")
    worker.finish()
    return worker.run_id


def fail(session: Session, by: Person, text: str = "Hello") -> str:
    worker = begin(session, by, text)
    finish_run(
        run_id=worker.run_id, epoch=worker.epoch, status=Run.Status.FAILED, code="broken", message="Secret"
    )
    return worker.run_id


def ask(session: Session, by: Person, *asks: Ask, **more: Any) -> list[Interrupt]:
    return begin(session, by, "Ask").ask(*(asks or (approval(**more),)))
