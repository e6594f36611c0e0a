"""What is announced for a commit."""

import itertools
import json
import threading
from typing import Any

import pytest
from channels.layers import get_channel_layer
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.live import doorbell
from sessions_app.live import loop as loops
from sessions_app.live.frames import records_frame
from sessions_app.streams.writer import Committed


@given(st.integers(0, 10**6), st.lists(st.integers(1, 300_000), min_size=1, max_size=12))
def test_frames_cover_the_commit_in_order_and_are_small(start: int, sizes: list[int]) -> None:
    bodies = [json.dumps({"n": i, "pad": "x" * size}).encode() for i, size in enumerate(sizes)]
    entries = doorbell.entries_of(Committed(3, start, bodies))
    assert entries[0][1] == start
    assert entries[-1][2] == start + len(bodies)
    for one, two in itertools.pairwise(entries):
        assert one[2] == two[1]
    if sum(map(len, bodies)) > doorbell.HINT_ABOVE_BYTES:
        assert [entry[4] for entry in entries] == [b""]
        return
    records: list[Any] = []
    for _, first, end, _, tail in entries:
        frame = json.loads(records_frame("s-1", tail).text)
        assert (frame["t"], frame["s"], frame["from"], frame["to"]) == ("records", "s-1", first, end)
        assert len(frame["records"]) == end - first
        assert len(tail) <= doorbell.FRAME_BYTES + 100 or end - first == 1
        records += frame["records"]
    assert records == [json.loads(body) for body in bodies]


def test_access_changes_are_marked() -> None:
    left = b'{"event":{"type":"CUSTOM","name":"participant.left"}}'
    assert doorbell.entries_of(Committed(1, 0, [left]))[0][3]
    assert not doorbell.entries_of(Committed(1, 0, [left.replace(b"left", b"joined")]))[0][3]


async def test_announcements_of_one_thread_keep_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever thread they come from, they go out on the one loop, one after the other."""
    import asyncio  # noqa: PLC0415

    heard: list[tuple[int, int]] = []
    done = asyncio.Event()
    layer: Any = get_channel_layer()

    async def group_send(group: str, message: dict[str, Any]) -> None:
        for stream_id, start, *_ in message["entries"]:
            assert group == doorbell.shard_group(doorbell.shard_of(stream_id))
            heard.append((stream_id, start))
        await asyncio.sleep(0)
        if len(heard) == 400:
            done.set()

    monkeypatch.setattr(layer, "group_send", group_send)
    loops.set_server_loop(asyncio.get_running_loop())
    try:

        def ring(stream_id: int) -> None:
            for start in range(100):
                doorbell.announce([Committed(stream_id, start, [b"{}"])])

        threads = [threading.Thread(target=ring, args=(stream_id,)) for stream_id in range(1, 4)]
        for thread in threads:
            thread.start()
        ring(4)  # on the loop itself
        async with asyncio.timeout(5):
            await done.wait()
        for stream_id in range(1, 5):
            assert [start for each, start in heard if each == stream_id] == list(range(100))
    finally:
        loops.set_server_loop(None)


def test_a_commit_is_never_troubled(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("no layer")

    monkeypatch.setattr(doorbell, "publisher_loop", broken)
    doorbell.announce([Committed(1, 0, [b"{}"])])
    doorbell.notify_actors(["user:1"], {"id": "x"})
    doorbell.kick("user:1")
