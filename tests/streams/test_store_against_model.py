"""The store and the model do the same things, and give the same answers and contents."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sessions_app.streams import lifecycle, lookup
from sessions_app.streams.errors import StreamError
from sessions_app.streams.expiry import Expiry
from sessions_app.streams.lifecycle import Origin
from sessions_app.streams.models import Producer, Record, Stream
from sessions_app.streams.producers import Claim
from sessions_app.streams.read import read
from sessions_app.streams.store import Append, append_request
from tests.streams.model import Log, Model, Refused

EXAMPLES = int(os.environ.get("CLEWLINE_TEST_EXAMPLES", "60"))
START = datetime(2030, 1, 1, tzinfo=UTC)
TYPES = {True: "application/json", False: "text/plain; charset=utf-8", None: None}

PATHS = ["a", "b", "c", "d", "e", "f"]
json_bodies = st.sampled_from([b"[]", b'{"k": 1}', b"[1, 2, 3]", b'["x"]', b"[[1, 2], []]", b"7"])
byte_bodies = st.binary(min_size=1, max_size=6)
expiries = st.one_of(
    *[st.just((None, None))] * 4,
    st.tuples(st.integers(0, 40), st.none()),
    st.tuples(st.none(), st.integers(1, 60).map(lambda s: START + timedelta(seconds=s))),
)
claims = st.none() | st.tuples(
    st.sampled_from(["p", "q"]), st.sampled_from([0, 0, 0, 1, 2]), st.sampled_from([0, 0, 1, 2, 3])
)


class Store(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.now = START
        self.last: tuple[str, bytes, bool, bool, str | None, Any] | None = None
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """Something to fork, to append to and to read."""
        for path, is_json in (("a", True), ("b", False)):
            body = b'[{"k": 1}, 2, [3]]' if is_json else b"abcdef"
            self.put(path, is_json, body, False, data.draw(expiries), None)

    def one(self, data: st.DataObject) -> str:
        """A path, mostly of a stream that exists."""
        return data.draw(st.sampled_from(sorted(self.model.logs) * 4 + PATHS))

    def place(self, data: st.DataObject) -> str:
        """A path, mostly one where nothing is."""
        return data.draw(st.sampled_from([path for path in PATHS if path not in self.model.logs] * 4 + PATHS))

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    def both(self, real: Callable[[], Any], simple: Callable[[], Any]) -> None:
        """Both answer alike, or both refuse with the same code."""
        assert outcome(real) == outcome(simple)

    @rule(
        is_json=st.sampled_from([True, False]),
        data=st.data(),
        closed=st.sampled_from([False] * 9 + [True]),
        expiry=expiries,
    )
    def create(self, is_json: bool, data: st.DataObject, closed: bool, expiry: Any) -> None:
        body = data.draw(st.just(b"") | (json_bodies if is_json else byte_bodies))
        self.put(self.place(data), is_json, body, closed, expiry, None)

    @rule(data=st.data(), expiry=expiries)
    def fork(self, data: st.DataObject, expiry: Any) -> None:
        # Mostly of what exists, and mostly inside it; the rest is there to be refused.
        source = self.one(data)
        log = self.model.logs.get(source)
        length = len(log.records) if log else 0
        offset = data.draw(st.sampled_from([None, *range(length + 1), *range(length + 2)]))
        room = self.room_after(log, length if offset is None else offset)
        sub_offset = data.draw(st.sampled_from([0, 0, *range(room + 1), *range(room + 2)]))
        is_json = data.draw(st.sampled_from([None] * 6 + [True, False]))
        known = is_json if is_json is not None else (log.is_json if log else False)
        body = data.draw(st.just(b"") | (json_bodies if known else byte_bodies))
        self.put(self.place(data), is_json, body, False, expiry, (source, offset, sub_offset))

    @staticmethod
    def room_after(log: Log | None, offset: int) -> int:
        """The largest sub-offset that lies within the data."""
        if log is None or offset >= len(log.records):
            return 0
        return len(log.records) - offset if log.is_json else len(log.records[offset])

    def put(
        self, path: str, is_json: bool | None, body: bytes, closed: bool, expiry: Any, origin: Any
    ) -> None:
        self.both(
            lambda: lifecycle.create(
                path, now=self.now, content_type=TYPES[is_json], body=body, closed=closed,
                expiry=Expiry(ttl=expiry[0], at=expiry[1]),
                origin=Origin(path=origin[0], offset=origin[1], sub_offset=origin[2]) if origin else None,
            ).created,
            lambda: self.model.create(
                path, self.now, is_json=is_json, body=body, closed=closed, ttl=expiry[0], at=expiry[1], origin=origin
            ),
        )  # fmt: skip

    @rule(
        data=st.data(), close=st.sampled_from([False] * 6 + [True]), producer=claims,
        seq=st.none() | st.sampled_from(["1", "10", "2", "a"]), wrong_type=st.sampled_from([False] * 7 + [True]),
    )  # fmt: skip
    def append(
        self, data: st.DataObject, close: bool, producer: Any, seq: str | None, wrong_type: bool
    ) -> None:
        path = self.one(data)
        log = self.model.logs.get(path)
        is_json = (log.is_json if log else False) != wrong_type
        body = data.draw(json_bodies if is_json else byte_bodies)
        if data.draw(st.sampled_from([False] * 5 + [True])):
            body = b""

        self.last = (path, body, is_json, close, seq, producer)
        self.send(*self.last)

    @precondition(lambda self: self.last is not None)
    @rule()
    def retry(self) -> None:
        """The client did not hear the answer to its last append."""
        assert self.last is not None
        self.send(*self.last)

    def send(
        self, path: str, body: bytes, is_json: bool, close: bool, seq: str | None, producer: Any
    ) -> None:
        def real() -> Any:
            claim = Claim(id=producer[0], epoch=producer[1], seq=producer[2]) if producer else None
            request = Append(
                body=body, content_type=TYPES[is_json] or "", producer=claim, seq=seq, close=close
            )
            done = append_request(path, request, now=self.now)
            state = (done.producer.epoch, done.producer.seq) if done.producer else None
            return done.head, done.closed, done.duplicate, state

        self.both(
            real,
            lambda: self.model.append(
                path, self.now, body=body, is_json=is_json, close=close, seq=seq, producer=producer
            ),
        )

    @rule(what=st.sampled_from(["close", "delete", "delete", "wait", "wait", "expire"]), data=st.data())
    def seldom(self, what: str, data: st.DataObject) -> None:
        """One rule for what would otherwise leave little to fork and to append to."""
        path = self.one(data)
        match what:
            case "close":
                self.both(
                    lambda: lifecycle.close(path, now=self.now).closed,
                    lambda: self.model.close(path, self.now) or True,
                )
            case "delete":
                self.both(
                    lambda: lifecycle.delete(path, now=self.now) > 0,
                    lambda: self.model.delete(path, self.now) or True,
                )
            case "wait":
                self.now += timedelta(seconds=data.draw(st.sampled_from([1, 5, 20])))
            case _:
                self.both(lambda: lifecycle.expire(now=self.now), lambda: self.model.expire(self.now))

    @rule(data=st.data(), start=st.integers(0, 12), limit=st.sampled_from([1, 4, 20, 10_000]))
    def look(self, data: st.DataObject, start: int, limit: int) -> None:
        """A read keeps the stream alive, gives a prefix of what follows, and only stops early at the limit."""
        path = self.one(data)

        def real() -> Any:
            stream = lookup.find(path, now=self.now)
            lookup.touch(stream, now=self.now)
            chunk = read(stream, start, limit)
            assert chunk.next == start + len(chunk.bodies)
            return stream.head, stream.closed, chunk.bodies

        def simple() -> Any:
            log = self.model.alive(path, self.now)
            log.touch(self.now)
            expected: list[bytes] = []
            for record in log.records[start:]:
                if sum(map(len, expected)) >= limit:
                    break
                expected.append(record)
            return len(log.records), log.closed, expected

        self.both(real, simple)

    @invariant()
    def contents_are_the_same(self) -> None:
        rows = {stream.path: stream for stream in Stream.objects.select_related("source")}
        assert rows.keys() == self.model.logs.keys()
        for path, log in self.model.logs.items():
            self.compare(rows[path], log)

    @invariant()
    def nothing_is_left_behind(self) -> None:
        streams = set(Stream.objects.values_list("pk", flat=True))
        assert set(Record.objects.values_list("stream_id", flat=True)) <= streams
        assert set(Producer.objects.values_list("stream_id", flat=True)) <= streams

    def compare(self, stream: Stream, log: Log) -> None:
        assert read(stream, 0).bodies == log.records
        assert stream.head == len(log.records)
        assert (stream.closed, stream.deleted_at is not None) == (log.closed, log.deleted)
        assert (stream.ttl_seconds, stream.expires_at, stream.due_at) == (log.ttl, log.at, log.due)
        own = Record.objects.filter(stream=stream).order_by("pos").values_list("pos", flat=True)
        assert list(own) == list(range(stream.base, stream.head))


def outcome(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except (StreamError, Refused) as error:
        return f"refused: {error.code}"


@pytest.mark.django_db
def test_store_does_what_the_model_does() -> None:
    run_state_machine_as_test(
        Store,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )
