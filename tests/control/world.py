"""A session with people in it, and a worker that does as it is told, on the real store."""

import asyncio
import json
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

from django.db import connection
from django.utils import timezone

from sessions_app.control.send import Accepted, send_input
from sessions_app.errors import SessionsError
from sessions_app.runs import claim as claims
from sessions_app.runs.agents import Ask, Said, StepResult
from sessions_app.runs.interrupts import interrupt_run
from sessions_app.runs.lifecycle import complete_step, finish_run, read_steering
from sessions_app.runs.models import Input, Interrupt, Run
from sessions_app.session import events
from sessions_app.session.fold import fold
from sessions_app.session.log import session_log
from sessions_app.session.models import Session
from sessions_app.session.participants import join
from sessions_app.session.sessions import create_session
from sessions_app.session.snapshots import load_view
from sessions_app.streams.append import check_epoch
from sessions_app.streams.models import Record, Stream

Json = dict[str, Any]

ANN, BEN, CLEO, OLGA, NOBODY = "user:1001", "user:1002", "user:1003", "user:1004", "user:1005"
NAMES = {ANN: "Ann", BEN: "Ben", CLEO: "Cleo", OLGA: "Olga"}
LONG_AGO = "2020-01-01T00:00:00Z"
TERMINAL = {"RUN_FINISHED", "RUN_ERROR"}
WRITES = {"TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT", "TOOL_CALL_START"}


def new_session(agent: str = "nobody") -> Session:
    """Ann owns it, Ben and Cleo are members, Olga observes."""
    session = create_session(actor=ANN, name="Ann", agent=agent, title="Talk")
    for actor, role in ((BEN, "member"), (CLEO, "member"), (OLGA, "observer")):
        join(str(session.pk), actor=actor, name=NAMES[actor], role=role, by=ANN)
    return session


def say(session: Session, text: str, *, by: str = ANN, mode: str = "", client_id: str = "") -> Accepted:
    return send_input(
        session_id=str(session.pk), actor=by, client_id=client_id or f"{text}-id", text=text, mode=mode
    )


def log_of(session: Session) -> list[Json]:
    """All records. Offsets are contiguous and end at the head, also while somebody writes."""
    heads = Stream.objects.values_list("head", flat=True)
    before = heads.get(pk=session.stream_id)
    rows = list(Record.objects.filter(stream_id=session.stream_id).order_by("pos").values_list("pos", "body"))
    assert [pos for pos, _ in rows] == list(range(len(rows)))
    assert before <= len(rows) <= heads.get(pk=session.stream_id)
    return [json.loads(bytes(body)) for _, body in rows]


def names(session: Session, after: int = 0) -> list[str]:
    """What the records from that offset on are."""
    return [r["event"].get("name") or r["event"]["type"] for r in log_of(session)[after:]]


def view_of(session: Session) -> Json:
    """The view that a client gets, which is the fold of the log."""
    log = log_of(session)
    at, view = load_view(str(session.pk))
    assert (at, view) == (len(log), fold(log))
    return view


def waiting(session: Session) -> list[str]:
    """Ids of the inputs that wait, as everybody sees them."""
    return [each["id"] for each in view_of(session)["inputs"]]


def spoken(session: Session) -> list[str]:
    """Texts of the messages that people said, in order."""
    return [i["text"] for i in view_of(session)["items"] if i["kind"] == "message" and i["role"] == "user"]


def check_stopped(log: list[Json]) -> list[str]:
    """I5, and that each run that was queued and ended did so once. Returns the ids of stopped runs."""
    stopped: dict[str, int] = {}
    ended: list[str] = []
    for offset, record in enumerate(log):
        event, run = record["event"], record.get("run") or ""
        if event.get("name") == "run.stopped":
            assert event["value"]["runId"] not in stopped, "stopped twice"
            stopped[event["value"]["runId"]] = offset
        elif event["type"] in TERMINAL:
            ended.append(run)
        elif event["type"] in WRITES and event.get("role") != "user":
            assert run not in stopped, f"{event['type']} at {offset}, stopped at {stopped[run]}"
    assert len(ended) == len(set(ended)), "a run ended twice"
    assert set(stopped) <= set(ended)
    return list(stopped)


class Worker:
    """Holds one attempt of one run and writes under its epoch."""

    def __init__(self, run_id: str | uuid.UUID | None, name: str = "w") -> None:
        claimed = claims.claim(str(run_id), name)
        assert claimed is not None, "the run is not due"
        self._hold(claimed)

    @classmethod
    def of(cls, claimed: claims.Claimed) -> "Worker":
        worker = cls.__new__(cls)
        worker._hold(claimed)
        return worker

    def _hold(self, claimed: claims.Claimed) -> None:
        self.claimed = claimed
        self.run_id, self.epoch, self.stream_id = claimed.info.id, claimed.epoch, claimed.stream_id
        self.agent, self.index = f"agent:{claimed.info.agent}", len(claimed.steps)

    def write(self, *made: events.Event) -> None:
        """Raises StaleEpoch when the run was stopped or taken over."""
        with session_log(self.stream_id) as log:
            check_epoch(self.stream_id, self.run_id, self.epoch)
            for event in made:
                log.add(event, actor=self.agent, run=self.run_id)

    def say(self, text: str) -> str:
        message = uuid.uuid4().hex
        self.write(
            events.text_start(message_id=message, role="assistant"),
            events.text_content(message_id=message, delta=text),
        )
        return message

    def step(self, name: str = "ask") -> None:
        complete_step(
            run_id=self.run_id,
            stream_id=self.stream_id,
            session_id=self.claimed.info.session_id,
            agent=self.claimed.info.agent,
            epoch=self.epoch,
            index=self.index,
            kind="model",
            name=name,
            result=StepResult(output={}),
            started_at=timezone.now(),
            texts={},
        )
        self.index += 1

    def steering(self) -> list[Said]:
        said = read_steering(
            run_id=self.run_id,
            stream_id=self.stream_id,
            agent=self.claimed.info.agent,
            epoch=self.epoch,
            index=self.index,
        )
        self.index += bool(said)
        return said

    def ask(self, *asks: Ask) -> list[Interrupt]:
        interrupt_run(run_id=self.run_id, epoch=self.epoch, asks=asks)
        return list(Interrupt.objects.filter(run=self.run_id).order_by("created_at", "pk"))

    def finish(self) -> None:
        finish_run(run_id=self.run_id, epoch=self.epoch, status=Run.Status.FINISHED)

    def die(self) -> None:
        Run.objects.filter(pk=self.run_id).update(lease_until=LONG_AGO)


def due() -> str:
    """The one run that waits for a worker."""
    (run_id,) = claims.due_runs()
    return run_id


def work_off(session: Session) -> int:
    """Serve every run that is due until none is left. Returns how many."""
    for count in range(100):
        found = claims.due_runs()
        if not found:
            return count
        Worker(found[0]).finish()
    raise AssertionError("It never ends.")


def approval(call_id: str = "call-1", *, args: Any = None, who: str = "members", **more: Any) -> Ask:
    return Ask(
        kind="approval",
        call_id=call_id,
        tool="send_email",
        title="Send the email",
        args={"to": "x@example.com"} if args is None else args,
        who=who,
        **more,
    )


def refused(problem: type[SessionsError], call: Callable[[], object], session: Session) -> SessionsError:
    """The call raises exactly this, and leaves the log as it was."""
    before = log_of(session)
    try:
        call()
    except SessionsError as error:
        assert type(error) is problem, repr(error)
        assert log_of(session) == before
        return error
    raise AssertionError(f"{problem.__name__} was not raised.")


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Call them at the same moment, each on a connection of its own; results or errors, in order."""
    barrier = Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        try:
            barrier.wait(10)
            return call()
        except SessionsError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [made.result(30) for made in [pool.submit(one, call) for call in calls]]


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Poll the database, which is what the layer promises; there is no event to await from outside."""
    pause = Event()
    for _ in range(int(seconds / 0.01)):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("The condition never became true.")


def states(session: Session) -> dict[str, str]:
    return dict(Input.objects.filter(session=session).values_list("client_id", "status"))


async def in_thread(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Database work of an asynchronous test."""

    def work() -> Any:
        try:
            return call(*args, **kwargs)
        finally:
            connection.close()

    return await asyncio.to_thread(work)
