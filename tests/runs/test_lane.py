"""A flush waits for what the writer has taken and not yet committed, also when nobody waited for it when it was taken."""

import asyncio
import threading

import pytest
from django.db import connection, transaction

from sessions_app.runs.lane import RunLane
from sessions_app.session import events
from sessions_app.streams.append import lock_stream, raise_epoch
from sessions_app.streams.models import Record, Stream
from sessions_app.streams.writer import GroupWriter

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_flush_waits_for_what_is_under_way() -> None:
    stream = Stream.objects.create(path="t/lane")
    with transaction.atomic():
        lock_stream(stream.pk)
        epoch = raise_epoch(stream.pk, "r")
    held, go = threading.Event(), threading.Event()

    def hold() -> None:
        """Somebody else works on the stream."""
        with transaction.atomic():
            lock_stream(stream.pk)
            held.set()
            assert go.wait(30)
        connection.close()

    async def main() -> tuple[bool, int]:
        writer = GroupWriter(lambda committed: None)
        writer.start()
        lane = RunLane(
            writer, stream_id=stream.pk, run_id="r", epoch=epoch, actor="agent:a", on_lost=lambda: None
        )
        holder = threading.Thread(target=hold)
        holder.start()
        await asyncio.to_thread(held.wait, 30)
        lane.emit(events.text_start(message_id="m", role="assistant"))
        while lane._pending:
            await asyncio.sleep(0)
        flush = asyncio.ensure_future(lane.flush())
        await asyncio.wait([flush], timeout=0.1)
        early = flush.done()
        go.set()
        await flush
        count = await asyncio.to_thread(stored)
        holder.join(30)
        lane.close()
        await writer.close()
        return early, count

    def stored() -> int:
        try:
            return Record.objects.filter(stream_id=stream.pk).count()
        finally:
            connection.close()

    early, count = asyncio.run(main())
    assert not early and count == 1
