"""What the model cannot show: races, sizes, and what other writers meet."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

import pytest
from django.db import connection, connections, transaction
from django.db.models.deletion import ProtectedError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sessions_app.streams import lifecycle, read, tasks
from sessions_app.streams.append import StreamClosed, append, lock_stream
from sessions_app.streams.errors import ClosedStream, StreamError
from sessions_app.streams.expiry import Expiry
from sessions_app.streams.lifecycle import Origin
from sessions_app.streams.models import Record, Stream
from sessions_app.streams.producers import Claim
from sessions_app.streams.store import Append, append_request

T = TypeVar("T")


def make(path: str, *bodies: bytes, content_type: str = "text/plain", origin: Origin | None = None) -> Stream:
    stream = lifecycle.create(path, now=timezone.now(), content_type=content_type, origin=origin).stream
    for body in bodies:
        append_request(path, Append(body=body, content_type=content_type), now=timezone.now())
    stream.refresh_from_db()
    return stream


def at_once(calls: list[Callable[[], T]]) -> list[T | Exception]:
    """Run them in threads that start together, each with its own connection."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], T]) -> T | Exception:
        try:
            barrier.wait()
            return call()
        except StreamError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_leave_no_gap_and_lose_nothing() -> None:
    make("s")

    def write(name: int) -> None:
        for n in range(20):
            append_request(
                "s", Append(body=b"%d:%d" % (name, n), content_type="text/plain"), now=timezone.now()
            )

    at_once([lambda name=name: write(name) for name in range(4)])  # type: ignore[misc]
    stream = Stream.objects.get(path="s")
    assert stream.head == 80
    assert list(Record.objects.filter(stream=stream).order_by("pos").values_list("pos", flat=True)) == list(
        range(80)
    )
    bodies = read.read(stream, 0).bodies
    for name in range(4):
        assert [b for b in bodies if b.startswith(b"%d:" % name)] == [b"%d:%d" % (name, n) for n in range(20)]


@pytest.mark.django_db(transaction=True)
def test_one_request_sent_many_times_at_once_is_written_once() -> None:
    make("s")
    claim = Claim(id="p", epoch=0, seq=0)
    results = at_once(
        [
            lambda: append_request(
                "s", Append(body=b"x", content_type="text/plain", producer=claim), now=timezone.now()
            )
        ]
        * 6
    )
    assert (
        sorted(done.duplicate for done in results if not isinstance(done, Exception)) == [False] + [True] * 5
    )
    assert Stream.objects.get(path="s").head == 1


@pytest.mark.django_db(transaction=True)
def test_created_at_once_exists_once() -> None:
    make("source", b"one")
    results = at_once(
        [lambda: lifecycle.create("f", now=timezone.now(), body=b"own", origin=Origin(path="source"))] * 6
    )
    assert sorted(made.created for made in results if not isinstance(made, Exception)) == [False] * 5 + [True]
    assert read.read(Stream.objects.get(path="f"), 0).bodies == [b"one", b"own"]


@pytest.mark.django_db(transaction=True)
def test_forks_and_deletion_at_once_never_lose_what_a_fork_reads() -> None:
    for round in range(5):
        make(f"s{round}", b"one", b"two")
        calls: list[Callable[[], object]] = [
            lambda n=n, round=round: lifecycle.create(  # type: ignore[misc]
                f"f{round}.{n}", now=timezone.now(), origin=Origin(path=f"s{round}")
            )
            for n in range(3)
        ]
        calls.append(lambda round=round: lifecycle.delete(f"s{round}", now=timezone.now()))  # type: ignore[misc]
        results = at_once(calls)
        forks = list(Stream.objects.filter(path__startswith=f"f{round}."))
        assert len(forks) == sum(isinstance(made, lifecycle.Created) for made in results)
        for fork in forks:
            assert read.read(fork, 0).bodies == [b"one", b"two"]
        for fork in forks:
            lifecycle.delete(fork.path, now=timezone.now())
        assert not Stream.objects.filter(path=f"s{round}").exists()
    assert not Record.objects.exists()


@pytest.mark.django_db
def test_writers_that_know_only_the_row_meet_a_closed_stream() -> None:
    """A run's writer looks at nothing but ``closed``: deletion, also the soft one, must stop it."""
    source = make("source", b"one")
    make("fork", origin=Origin(path="source"))
    lifecycle.delete("source", now=timezone.now())
    with pytest.raises(StreamClosed), transaction.atomic():
        lock_stream(source.pk)
    with pytest.raises(StreamClosed), transaction.atomic():
        append(source.pk, [b"late"])
    lifecycle.delete("fork", now=timezone.now())
    with pytest.raises(StreamClosed), transaction.atomic():
        append(source.pk, [b"late"])
    assert not Record.objects.exists()


@pytest.mark.django_db
def test_database_refuses_to_remove_what_a_fork_reads() -> None:
    source = make("source", b"one")
    make("fork", origin=Origin(path="source"))
    with pytest.raises(ProtectedError):
        source.delete()


@pytest.mark.django_db
def test_the_task_deletes_what_is_due_and_nothing_else() -> None:
    now = timezone.now()
    for n in range(3):
        lifecycle.create(f"old{n}", now=now - timedelta(hours=2), body=b"x", expiry=Expiry(ttl=3600))
    lifecycle.create("fresh", now=now, expiry=Expiry(ttl=3600))
    lifecycle.create("until", now=now, expiry=Expiry(at=now + timedelta(days=1)))
    lifecycle.create("for ever", now=now)
    assert tasks.expire() == 3
    assert set(Stream.objects.values_list("path", flat=True)) == {"fresh", "until", "for ever"}


@pytest.mark.django_db
def test_reading_a_stream_that_is_no_fork_is_one_query() -> None:
    stream = make("s", *[b"%d" % n for n in range(50)])
    with CaptureQueriesContext(connection) as queries:
        assert len(read.read(stream, 10).bodies) == 40
    assert len(queries) == 1


@pytest.mark.django_db
def test_a_read_goes_no_more_than_one_record_beyond_its_limit() -> None:
    stream = make("s", b"a" * 100, b"b" * 100, b"c" * 100)
    assert read.read(stream, 0, 1).bodies == [b"a" * 100]
    assert read.read(stream, 0, 100).bodies == [b"a" * 100]
    assert read.read(stream, 0, 101).bodies == [b"a" * 100, b"b" * 100]
    assert read.read(stream, 3).bodies == []


@pytest.mark.django_db
def test_a_long_chain_of_forks_reads_as_one() -> None:
    make("0", b"0")
    for n in range(1, 12):
        make(str(n), b"%d" % n, origin=Origin(path=str(n - 1)))
    last = Stream.objects.get(path="11")
    assert read.read(last, 0).bodies == [b"%d" % n for n in range(12)]
    assert read.read(last, 5, 3).bodies == [b"5", b"6", b"7"]


@pytest.mark.django_db
def test_a_fork_below_its_source_s_own_records_reads_past_the_source() -> None:
    make("a", b"0", b"1", b"2", b"3")
    make("b", b"b", origin=Origin(path="a", offset=3))
    fork = make("c", b"c", origin=Origin(path="b", offset=1))
    assert read.read(fork, 0).bodies == [b"0", b"c"]


@pytest.mark.django_db
def test_a_fork_inside_a_record_has_only_its_beginning() -> None:
    make("a", b"zero", b"first")
    fork = make("b", b"own", origin=Origin(path="a", offset=1, sub_offset=3))
    assert read.read(fork, 0).bodies == [b"zero", b"fir", b"own"]
    whole = make("c", b"own", origin=Origin(path="a", offset=1, sub_offset=5))
    assert read.read(whole, 0).bodies == [b"zero", b"first", b"own"]
    assert not Record.objects.filter(stream=whole, pos__lt=2).exists()


@pytest.mark.django_db
def test_only_the_request_that_closed_a_stream_may_be_repeated() -> None:
    make("s")
    request = Append(body=b"x", content_type="text/plain", producer=Claim(id="p", epoch=0, seq=0), close=True)
    assert not append_request("s", request, now=timezone.now()).duplicate
    assert append_request("s", request, now=timezone.now()).duplicate
    for seq in (0, 1):
        other = Append(
            body=b"x", content_type="text/plain", producer=Claim(id="q", epoch=0, seq=seq), close=True
        )
        with pytest.raises(ClosedStream):
            append_request("s", other, now=timezone.now())
