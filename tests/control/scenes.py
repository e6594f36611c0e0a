"""For each command a session in which it makes sense, and the fields that make it succeed for whoever may."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.utils import timezone

from sessions_app.control.branches import regenerate
from sessions_app.control.handover import take
from sessions_app.control.send import Accepted, send_input
from sessions_app.runs import effects
from sessions_app.runs.agents import Changed
from sessions_app.runs.effects import apply_internal, register_undo
from sessions_app.session import directory
from sessions_app.session.models import Session
from sessions_app.session.participants import join, leave
from sessions_app.session.sessions import create_session
from tests.control.world import Worker, approval
from tests.live.conftest import Person

Json = dict[str, Any]
People = dict[str, Person]
Prepared = tuple[Session, Json]

# `author` and `member` are both members; `author` wrote what waits and holds control where somebody does.
HERE = {"owner": "owner", "author": "member", "member": "member", "observer": "observer"}
ROLES = (*HERE, "removed", "stranger")


def everybody() -> People:
    """One signed-in person for each role, ``guest`` who may be invited, and ``extra`` who may be removed."""
    return {name: Person(name) for name in (*ROLES, "guest", "extra")}


def new_session(people: People) -> Session:
    owner = people["owner"]
    session = create_session(actor=owner.actor, name=owner.name, agent="nobody", title="Talk")
    for name in ("author", "member", "observer", "removed", "extra"):
        person = people[name]
        join(
            str(session.pk),
            actor=person.actor,
            name=person.name,
            role=HERE.get(name, "member"),
            by=owner.actor,
        )
    leave(str(session.pk), actor=people["removed"].actor, by=owner.actor, reason="removed")
    return session


def _say(session: Session, person: Person, text: str) -> Accepted:
    return send_input(session_id=str(session.pk), actor=person.actor, client_id=f"{text}-id", text=text)


def busy(people: People) -> Session:
    """A run is queued; behind it wait `a` and `b`, both by the author."""
    session = new_session(people)
    for name, text in (("owner", "first"), ("author", "a"), ("author", "b")):
        _say(session, people[name], text)
    return session


def asking(people: People, **more: Any) -> Prepared:
    session = new_session(people)
    (asked,) = Worker(_say(session, people["owner"], "first").run_id).ask(approval(**more))
    return session, {"id": str(asked.pk), "decision": "approve", "hash": asked.args_hash}


def changed(people: People) -> Session:
    """A run that changed something with the call `c`, which can be undone."""
    session = new_session(people)
    worker = Worker(_say(session, people["owner"], "first").run_id)
    apply_internal(
        run_id=worker.run_id, stream_id=worker.stream_id, agent="nobody", epoch=worker.epoch, index=0, call_id="c",
        tool="change", args={}, change=lambda: Changed(content="Done.", output={}, undo={}), started_at=timezone.now(),
    )  # fmt: skip
    return session


def held(people: People) -> Session:
    session = new_session(people)
    take(session_id=str(session.pk), actor=people["author"].actor)
    return session


def _decide(people: People) -> Prepared:
    session, reply = asking(people)
    return session, {"replies": [reply]}


def answered(people: People, **fields: str) -> Prepared:
    """One message that was answered; ``run`` is the answer."""
    session = new_session(people)
    worker = Worker(_say(session, people["author"], "first").run_id)
    worker.finish()
    return session, {"run": worker.run_id, **fields}


def _branched(people: People) -> Prepared:
    """It was answered twice; ``run`` is the first answer, which is not shown."""
    session, fields = answered(people)
    made = regenerate(
        session_id=str(session.pk), actor=people["owner"].actor, run_id=fields["run"], client_id="again"
    )
    Worker(made.run_id).finish()
    return session, fields


PREPARE: dict[str, Callable[[People], Prepared]] = {
    "send": lambda p: (new_session(p), {"id": "new", "text": "Hello"}),
    "stop": lambda p: (busy(p), {}),
    "edit": lambda p: (busy(p), {"id": "a-id", "text": "better"}),
    "withdraw": lambda p: (busy(p), {"id": "a-id"}),
    "move": lambda p: (busy(p), {"id": "b-id", "before": "a-id"}),
    "policy": lambda p: (new_session(p), {"whileBusy": "steer"}),
    "decide": _decide,
    "undo": lambda p: (changed(p), {"call": "c"}),
    "revise": lambda p: answered(p, id="new", text="Hello"),
    "regenerate": lambda p: answered(p, id="new"),
    "branch": _branched,
    "take": lambda p: (new_session(p), {}),
    "release": lambda p: (held(p), {}),
    "invite": lambda p: (new_session(p), {"actor": p["guest"].actor, "role": "member"}),
    "remove": lambda p: (new_session(p), {"actor": p["extra"].actor}),
    "read": lambda p: (new_session(p), {"at": 2}),
}


@contextmanager
def registered(people: People) -> Iterator[None]:
    """An undo of `change` that does nothing, and a directory of everybody here."""
    before = dict(effects._undos), list(directory._directory)
    register_undo("change", lambda actor, data: None)
    known = {each.actor: each.name for each in people.values()}

    def find(actor: str, user: Any) -> directory.Person | None:
        return directory.Person(actor=actor, name=known[actor]) if actor in known else None

    directory.register_directory(search=lambda text, user: [], find=find)
    yield
    effects._undos.clear()
    effects._undos.update(before[0])
    directory._directory[:] = before[1]
