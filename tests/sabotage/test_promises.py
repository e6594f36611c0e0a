"""Tests of single promises, quick enough to be run once more for each way of breaking them (run.py)."""

import asyncio
import json
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from sessions_app.control.send import send_input
from sessions_app.live.frames import Frame, records_tail
from sessions_app.live.subscription import Subscription
from sessions_app.runs import claim as claims
from sessions_app.runs.agents import StepResult
from sessions_app.runs.lifecycle import complete_step, end_run, finish_run
from sessions_app.runs.models import Run
from sessions_app.session import events, log
from sessions_app.session.access import UnknownSession, get_session_for
from sessions_app.session.fold import fold
from sessions_app.session.log import session_log
from sessions_app.session.models import Session, Snapshot
from sessions_app.session.participants import join, leave
from sessions_app.session.sessions import create_session
from sessions_app.session.snapshots import load_view, take_snapshot
from sessions_app.streams.append import StaleEpoch, append, lock_stream, raise_epoch
from sessions_app.streams.models import Record, Stream
from sessions_app.streams.writer import Committed, GroupWriter

Json = dict[str, Any]
CASES = sorted((Path(__file__).parent.parent / "fold_cases").glob("*.json"))
LONG_AGO = "2020-01-01T00:00:00Z"


def new_session() -> Session:
    return create_session(actor="user:1", name="Ann", agent="nobody")


def log_of(session: Session) -> list[Json]:
    rows = list(Record.objects.filter(stream_id=session.stream_id).order_by("pos").values_list("pos", "body"))
    assert [pos for pos, _ in rows] == list(range(len(rows)))
    return [json.loads(bytes(body)) for _, body in rows]


class Outside:
    """Another connection, as another process would have: what does the database hold, seen from there?"""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)

    def has(self, commit: Committed) -> bool:
        return self._thread.submit(self._has, commit).result(10)

    @staticmethod
    def _has(commit: Committed) -> bool:
        held = dict(
            Record.objects.filter(stream_id=commit.stream_id, pos__gte=commit.start).values_list(
                "pos", "body"
            )
        )
        head = Stream.objects.filter(pk=commit.stream_id).values_list("head", flat=True).first() or 0
        return head >= commit.start + len(commit.bodies) and all(
            bytes(held.get(commit.start + i, b"")) == body for i, body in enumerate(commit.bodies)
        )

    def close(self) -> None:
        self._thread.submit(lambda: connection.close()).result(10)
        self._thread.shutdown()


class Bell:
    """Takes the place of the doorbell, and asks at each ring whether what is told was durable by then."""

    def __init__(self, outside: Outside) -> None:
        self.outside = outside
        self.told: list[Committed] = []
        self.too_early: list[Committed] = []

    def __call__(self, commits: Sequence[Committed]) -> None:
        for commit in commits:
            self.told.append(commit)
            if not self.outside.has(commit):
                self.too_early.append(commit)


@pytest.fixture
def bell(transactional_db: None) -> Any:
    outside = Outside()
    made, before = Bell(outside), list(log._announce)
    log.on_commit(made)
    yield made
    log._announce[:] = before
    outside.close()


class Numbers:
    """A source for the writer: numbers, in order."""

    def __init__(self, writer: GroupWriter, stream_id: int, producer: str, epoch: int) -> None:
        self.pending: list[bytes] = []
        self.lost = asyncio.Event()
        self.durable = asyncio.Event()
        self.writer = writer
        self.lane = writer.open_lane(stream_id, producer, epoch, self)

    def put(self, *numbers: int) -> None:
        self.pending += [json.dumps({"n": n}).encode() for n in numbers]
        self.durable.clear()
        self.writer.touch(self.lane)

    def take(self) -> list[bytes]:
        taken, self.pending = self.pending, []
        return taken

    def committed(self, end: int) -> None:
        if not self.pending:
            self.durable.set()

    def refused(self) -> None:
        self.lost.set()


def epoch_of(stream_id: int, producer: str, *, say: str = "") -> int:
    """Take over the producer; as every takeover does, leave a record of it."""
    with transaction.atomic():
        lock_stream(stream_id)
        epoch = raise_epoch(stream_id, producer)
        if say:
            append(stream_id, [json.dumps({"n": say}).encode()])
    return epoch


async def in_thread(call: Any, *args: Any, **kwargs: Any) -> Any:
    def work() -> Any:
        try:
            return call(*args, **kwargs)
        finally:
            connection.close()

    return await asyncio.to_thread(work)


# I1


class Shown:
    """A sink that takes everything, and a way to be woken."""

    def __init__(self) -> None:
        self.offsets: list[tuple[int, int]] = []
        self.woken = 0

    def offer(self, subscription: Subscription, frame: Frame, end: int) -> bool:
        shown = json.loads(frame.text)
        self.offsets.append((shown["from"], shown["to"]))
        return True

    def tell(self, subscription: Subscription, frame: Frame) -> None:
        pass

    def room(self) -> int:
        return 1 << 20

    def wake(self, subscription: Subscription) -> None:
        self.woken += 1

    def ended(self, subscription: Subscription, code: str) -> None:
        raise AssertionError(code)


def test_i1_a_reader_is_shown_each_offset_once_whatever_the_doorbell_says() -> None:
    from sessions_app.live.frames import records_frame  # noqa: PLC0415  # beside its use

    shown = Shown()
    subscription = Subscription(shown, actor="user:1", session_id="s", stream_id=1, start=0)
    subscription.behind = False

    def ring(start: int, end: int) -> None:
        tail = records_tail(start, [b'{"n":%d}' % n for n in range(start, end)])
        subscription.push(start, end, records_frame("s", tail))

    ring(0, 2)
    ring(0, 2)  # told twice
    ring(2, 3)
    assert (shown.offsets, subscription.at, shown.woken) == ([(0, 2), (2, 3)], 3, 0)
    ring(5, 6)  # one before was lost
    assert shown.offsets == [(0, 2), (2, 3)]
    assert (subscription.at, subscription.behind, shown.woken) == (3, True, 1)


@pytest.mark.django_db(transaction=True)
async def test_i1_offsets_have_neither_gaps_nor_doubles(bell: Bell) -> None:
    stream = await in_thread(Stream.objects.create, path=f"t/{uuid.uuid4()}")
    writer = GroupWriter(bell)
    writer.start()
    sources = [
        Numbers(writer, stream.pk, name, await in_thread(epoch_of, stream.pk, name))
        for name in ("a", "b", "c")
    ]
    for n in range(50):
        for source in sources:
            source.put(n)
        if n % 10 == 0:
            await in_thread(epoch_of, stream.pk, "somebody else", say="x")
        await asyncio.sleep(0)
    await writer.drain()
    await writer.close()
    rows = await in_thread(
        lambda: list(Record.objects.filter(stream_id=stream.pk).order_by("pos").values_list("pos", "body"))
    )
    assert [pos for pos, _ in rows] == list(range(155))
    assert (await in_thread(Stream.objects.get, pk=stream.pk)).head == 155
    told = sorted((c.start + i, body) for c in bell.told for i, body in enumerate(c.bodies))
    assert told == [(pos, bytes(body)) for pos, body in rows if b'"x"' not in bytes(body)]


# I2


@pytest.mark.django_db(transaction=True)
def test_i2_what_was_acknowledged_is_logged_once_and_is_answered() -> None:
    session = new_session()
    first = send_input(session_id=str(session.pk), actor="user:1", client_id="a", text="one")
    again = send_input(session_id=str(session.pk), actor="user:1", client_id="a", text="one")
    second = send_input(session_id=str(session.pk), actor="user:1", client_id="b", text="two")
    assert (again, second.run_id) == (first, None)
    for _ in range(2):
        (run,) = Run.objects.filter(status=Run.Status.QUEUED)
        claimed = claims.claim(str(run.pk), "w")
        assert claimed is not None
        finish_run(run_id=str(run.pk), epoch=claimed.epoch, status=Run.Status.FINISHED)
    view = fold(log_of(session))
    assert [(i["id"], i["text"]) for i in view["items"]] == [("a", "one"), ("b", "two")]
    assert [run["status"] for run in view["runs"].values()] == ["finished", "finished"]
    assert view["inputs"] == []


# I3


@pytest.mark.django_db(transaction=True)
def test_i3_a_run_whose_worker_died_is_taken_over_and_ends_once() -> None:
    session = new_session()
    run_id = send_input(session_id=str(session.pk), actor="user:1", client_id="a", text="one").run_id
    assert run_id is not None
    dead = claims.claim(run_id, "dead")
    assert dead is not None
    assert claims.due_runs() == [] and claims.claim(run_id, "other") is None
    Run.objects.filter(pk=run_id).update(lease_until=LONG_AGO)
    assert claims.due_runs() == [run_id]
    other = claims.claim(run_id, "other")
    assert other is not None and other.epoch == dead.epoch + 1
    finish_run(run_id=run_id, epoch=other.epoch, status=Run.Status.FINISHED)
    run = Run.objects.get(pk=run_id)
    with session_log(session.stream_id) as open_log:
        assert end_run(open_log, run, status=Run.Status.FAILED, code="late", message="Late.") is None
    ends = [
        r["event"]["type"] for r in log_of(session) if r["event"]["type"] in {"RUN_FINISHED", "RUN_ERROR"}
    ]
    assert ends == ["RUN_FINISHED"]


@pytest.mark.django_db(transaction=True)
def test_i3_a_run_that_breaks_off_each_time_ends_with_an_error(settings: Any) -> None:
    settings.CLEWLINE_MAX_ATTEMPTS = 2
    session = new_session()
    run_id = send_input(session_id=str(session.pk), actor="user:1", client_id="a", text="one").run_id
    assert run_id is not None
    for _ in range(2):
        assert claims.claim(run_id, "dies") is not None
        Run.objects.filter(pk=run_id).update(lease_until=LONG_AGO)
    assert claims.claim(run_id, "third") is None
    assert claims.due_runs() == []
    (run,) = fold(log_of(session))["runs"].values()
    assert (run["status"], run["error"]["code"]) == ("failed", "run_failed_repeatedly")


# I4


@pytest.mark.django_db(transaction=True)
def test_i4_a_superseded_attempt_neither_completes_a_step_nor_ends_the_run() -> None:
    session = new_session()
    run_id = send_input(session_id=str(session.pk), actor="user:1", client_id="a", text="one").run_id
    assert run_id is not None

    def step(epoch: int) -> None:
        complete_step(
            run_id=run_id,
            stream_id=session.stream_id,
            session_id=str(session.pk),
            agent="nobody",
            epoch=epoch,
            index=0,
            kind="model",
            name="ask",
            result=StepResult(output={}),
            started_at=timezone.now(),
            texts={},
        )

    first = claims.claim(run_id, "slow")
    assert first is not None
    Run.objects.filter(pk=run_id).update(lease_until=LONG_AGO)
    second = claims.claim(run_id, "other")
    assert second is not None
    before = log_of(session)
    with pytest.raises(StaleEpoch):
        step(first.epoch)
    with pytest.raises(StaleEpoch):
        finish_run(run_id=run_id, epoch=first.epoch, status=Run.Status.FINISHED)
    assert log_of(session) == before
    finish_run(run_id=run_id, epoch=second.epoch, status=Run.Status.FINISHED)
    ended = log_of(session)
    with pytest.raises(StaleEpoch):
        step(second.epoch)
    assert log_of(session) == ended


@pytest.mark.django_db(transaction=True)
async def test_i4_nothing_of_a_superseded_writer_enters_the_log(bell: Bell) -> None:
    stream = await in_thread(Stream.objects.create, path=f"t/{uuid.uuid4()}")
    writer = GroupWriter(bell)
    writer.start()
    old = Numbers(writer, stream.pk, "run", await in_thread(epoch_of, stream.pk, "run"))
    neighbour = Numbers(writer, stream.pk, "other", await in_thread(epoch_of, stream.pk, "other"))
    old.put(1)
    neighbour.put(1)
    await asyncio.wait_for(asyncio.gather(old.durable.wait(), neighbour.durable.wait()), 10)
    await in_thread(epoch_of, stream.pk, "run", say="takeover")
    neighbour.put(2)  # makes this process know the new head: that must not vouch for the other lane
    await asyncio.wait_for(neighbour.durable.wait(), 10)
    old.put(666)
    neighbour.put(3)
    await asyncio.wait_for(asyncio.gather(old.lost.wait(), neighbour.durable.wait()), 10)
    await writer.close()
    bodies = await in_thread(
        lambda: [
            json.loads(bytes(b))["n"]
            for b in Record.objects.filter(stream_id=stream.pk).order_by("pos").values_list("body", flat=True)
        ]
    )
    assert bodies == [1, 1, "takeover", 2, 3]


# I7


@pytest.mark.django_db(transaction=True)
async def test_i7_the_writer_tells_of_records_only_when_others_can_read_them(bell: Bell) -> None:
    stream = await in_thread(Stream.objects.create, path=f"t/{uuid.uuid4()}")
    writer = GroupWriter(bell)
    writer.start()
    source = Numbers(writer, stream.pk, "run", await in_thread(epoch_of, stream.pk, "run"))
    for n in range(20):
        source.put(n)
        await asyncio.wait_for(source.durable.wait(), 10)
    await writer.close()
    assert sum(len(commit.bodies) for commit in bell.told) == 20
    assert bell.too_early == []


@pytest.mark.django_db(transaction=True)
def test_i7_a_transaction_tells_of_its_records_after_its_commit_and_never_without_one(bell: Bell) -> None:
    session = new_session()
    bell.told.clear()
    with transaction.atomic():
        with session_log(session.stream_id) as open_log:
            open_log.add(events.session_renamed("New"), actor="user:1")
        assert bell.told == []
    assert [commit.start for commit in bell.told] == [2]

    class Broken(Exception):
        pass

    with pytest.raises(Broken), transaction.atomic():
        with session_log(session.stream_id) as open_log:
            open_log.add(events.session_renamed("Never"), actor="user:1")
        raise Broken
    assert len(bell.told) == 1
    assert bell.too_early == []
    assert len(log_of(session)) == 3


# I8


def test_i8_every_event_occurs_in_the_cases() -> None:
    made = {
        "events": {
            record["event"].get("name") or record["event"]["type"]
            for path in CASES
            for record in json.loads(path.read_text())["records"]
        }
    }
    sample: dict[str, Any] = {
        "session_id": "s", "title": "t", "agent": "a", "subject": None, "archived": True, "actor": "user:1",
        "name": "n", "role": "user", "reason": "r", "input_id": "i", "text": "t", "run_id": "r", "attempt": 2,
        "message": "m", "until": 1, "ids": [], "code": "c", "kind": "model", "index": 0, "message_id": "m",
        "delta": "d", "call_id": "c", "content": "c", "error": False, "while_busy": "queue", "before": None,
        "id": "q", "tool": "t", "args": {}, "args_hash": "h", "changes": [], "who": "members", "expires": 1,
        "status": "done", "artifact": "a", "version": 1, "url": "/a/", "unsupported": 0, "usage": {"output": 1},
    }  # fmt: skip
    for name, constructor in vars(events).items():
        if callable(constructor) and name not in {"custom", "Any", "Event"} and not name.startswith("_"):
            code = constructor.__code__
            names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
            positional = [sample[n] for n in names[: code.co_argcount]]
            needed = [n for n in names[code.co_argcount :] if n not in (constructor.__kwdefaults__ or {})]
            event = constructor(*positional, **{n: sample[n] for n in needed})
            assert (event.get("name") or event["type"]) in made["events"], name


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_i8_a_view_from_a_snapshot_is_the_fold_of_the_log(path: Path) -> None:
    records = json.loads(path.read_text())["records"]
    session = new_session()
    Record.objects.filter(stream_id=session.stream_id).delete()
    Stream.objects.filter(pk=session.stream_id).update(head=0)
    for at, record in enumerate(records):
        with transaction.atomic():
            append(session.stream_id, [json.dumps(record).encode()])
        if at % 3 == 1:
            assert take_snapshot(str(session.pk), boundary=at % 2 == 1) == at + 1
        assert load_view(str(session.pk)) == (at + 1, fold(records[: at + 1]))
    for snapshot in Snapshot.objects.filter(session=session):
        assert json.loads(bytes(snapshot.view)) == fold(records[: snapshot.at])
        assert load_view(str(session.pk), snapshot.at)[1] == fold(records[: snapshot.at])


# I9


@pytest.mark.django_db(transaction=True)
def test_i9_who_has_left_can_neither_read_nor_send() -> None:
    session = new_session()
    session_id = str(session.pk)
    join(session_id, actor="user:2", name="Ben", role="member", by="user:1")
    assert get_session_for("user:2", session_id) == session
    send_input(session_id=session_id, actor="user:2", client_id="a", text="one")
    leave(session_id, actor="user:2", by="user:1", reason="removed")
    before = log_of(session)
    with pytest.raises(UnknownSession):
        get_session_for("user:2", session_id)
    with pytest.raises(UnknownSession):
        send_input(session_id=session_id, actor="user:2", client_id="b", text="two")
    assert log_of(session) == before
