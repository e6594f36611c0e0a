"""The group writer under contention: several writers, shared streams, lanes fenced at random moments."""

import asyncio
import json
import random
import threading
from typing import Any

import pytest
from django.db import connection, transaction

from sessions_app.streams.append import append, lock_stream, raise_epoch
from sessions_app.streams.models import Record, Stream
from sessions_app.streams.writer import Committed, GroupWriter

pytestmark = pytest.mark.django_db(transaction=True)

STREAMS, LANES, TOKENS = 4, 3, 400


class Tokens:
    """A source that numbers what it writes."""

    def __init__(self, writer: GroupWriter, stream_id: int, producer: str, epoch: int) -> None:
        self.producer = producer
        self.pending: list[bytes] = []
        self.count = 0
        self.durable = 0
        self.taken = 0
        self.lost = False
        self.writer = writer
        self.lane = writer.open_lane(stream_id, producer, epoch, self)

    def put(self) -> None:
        self.pending.append(json.dumps({"p": self.producer, "n": self.count}).encode())
        self.count += 1
        self.writer.touch(self.lane)

    def take(self) -> list[bytes]:
        pending, self.pending = self.pending, []
        self.taken += len(pending)
        return pending

    def committed(self, end: int) -> None:
        self.durable = self.taken

    def refused(self) -> None:
        self.lost = True


def write(
    streams: list[int],
    name: str,
    seed: int,
    sources: list[Tokens],
    announced: list[Committed],
    opened: threading.Barrier,
) -> None:
    """One writer process: its own loop, lanes on every stream."""

    async def main() -> None:
        rng = random.Random(seed)
        writer = GroupWriter(announced.extend)
        writer.start()
        mine = []
        for stream_id in streams:
            for n in range(LANES):
                producer = f"{name}.{stream_id}.{n}"
                epoch = await asyncio.to_thread(open_producer, stream_id, producer)
                mine.append(Tokens(writer, stream_id, producer, epoch))
        sources.extend(mine)
        await asyncio.to_thread(opened.wait, 30)
        for _ in range(TOKENS):
            for source in rng.sample(mine, k=rng.randint(1, len(mine))):
                if not source.lost:
                    source.put()
            await asyncio.sleep(0 if rng.random() < 0.8 else 0.001)
        await writer.drain()
        await writer.close()

    asyncio.run(main())


def open_producer(stream_id: int, producer: str) -> int:
    with transaction.atomic():
        lock_stream(stream_id)
        epoch = raise_epoch(stream_id, producer)
    connection.close()
    return epoch


def fence(streams: list[int], seed: int, done: threading.Event, opened: threading.Barrier) -> None:
    """Fence a random lane and say so in the log, in one transaction, until told to stop."""
    rng = random.Random(seed)
    opened.wait(30)
    while not done.wait(0.005):
        stream_id = rng.choice(streams)
        producer = f"{rng.choice('ab')}.{stream_id}.{rng.randrange(LANES)}"
        with transaction.atomic():
            lock_stream(stream_id)
            raise_epoch(stream_id, producer)
            append(stream_id, [json.dumps({"fence": producer}).encode()])
    connection.close()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nothing_of_a_fenced_lane_follows_the_fence_and_no_other_lane_loses_anything(seed: int) -> None:
    streams = [Stream.objects.create(path=f"t/{seed}/{n}").pk for n in range(STREAMS)]
    announced: list[Committed] = []
    sources: list[Tokens] = []
    done, opened = threading.Event(), threading.Barrier(3)
    threads = [
        threading.Thread(target=write, args=(streams, name, seed * 10 + i, sources, announced, opened))
        for i, name in enumerate("ab")
    ]
    fencer = threading.Thread(target=fence, args=(streams, seed, done, opened))
    for thread in [*threads, fencer]:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    fencer.join()
    by_stream = {stream_id: bodies_of(stream_id) for stream_id in streams}
    fenced_at: dict[str, int] = {}
    seen: dict[str, list[int]] = {}
    for bodies in by_stream.values():
        for offset, body in enumerate(bodies):
            record = json.loads(body)
            if "fence" in record:
                fenced_at.setdefault(record["fence"], offset)
            else:
                assert record["p"] not in fenced_at, "a fenced lane wrote after its fence"
                seen.setdefault(record["p"], []).append(record["n"])
    for source in sources:
        numbers = seen.get(source.producer, [])
        assert numbers == list(range(len(numbers)))
        assert len(numbers) == source.durable
        if source.producer not in fenced_at:
            assert len(numbers) == source.count and not source.lost
    assert sum(len(numbers) for numbers in seen.values()) > 0
    for commit in announced:
        assert by_stream[commit.stream_id][commit.start : commit.start + len(commit.bodies)] == list(
            commit.bodies
        )


def bodies_of(stream_id: int) -> list[bytes]:
    rows: list[Any] = list(
        Record.objects.filter(stream_id=stream_id).order_by("pos").values_list("pos", "body")
    )
    assert [pos for pos, _ in rows] == list(range(len(rows)))
    assert Stream.objects.get(pk=stream_id).head == len(rows)
    return [bytes(body) for _, body in rows]


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has one lock for everything")
def test_a_stream_that_somebody_holds_keeps_no_other_waiting() -> None:
    held, free = (Stream.objects.create(path=f"t/{name}").pk for name in ("held", "free"))
    locked, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            lock_stream(held)
            locked.set()
            assert release.wait(30)
        connection.close()

    async def until(source: Tokens, durable: int) -> None:
        while source.durable < durable:
            await asyncio.sleep(0)

    async def main() -> None:
        writer = GroupWriter(lambda _: None)
        writer.start()
        one = Tokens(writer, held, "run", await asyncio.to_thread(open_producer, held, "run"))
        other = Tokens(writer, free, "run", await asyncio.to_thread(open_producer, free, "run"))
        one.put()
        other.put()
        await asyncio.wait_for(asyncio.gather(until(one, 1), until(other, 1)), 30)
        holder = threading.Thread(target=hold)
        holder.start()
        await asyncio.to_thread(locked.wait, 30)
        for n in range(2, 6):
            one.put()
            other.put()
            await asyncio.wait_for(until(other, n), 30)
        assert one.durable == 1
        release.set()
        await asyncio.wait_for(until(one, 5), 30)
        await writer.close()
        await asyncio.to_thread(holder.join)

    asyncio.run(main())
    assert [json.loads(body)["n"] for body in bodies_of(held)] == [0, 1, 2, 3, 4]
