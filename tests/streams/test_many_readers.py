"""Two hundred event streams, waiting on one real server: they cost neither threads nor database connections."""

import asyncio
import time
from pathlib import Path

import httpx
import pytest

from tests.conformance.run import serving
from tests.support.requirements import need

READERS = 200
STREAMS = 20


def threads_of(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


async def follow(client: httpx.AsyncClient, name: int, ready: "asyncio.Queue[int]") -> float:
    """Wait for the first word of a stream; when it came."""
    async with client.stream("GET", f"/v1/stream/{name}", params={"offset": "-1", "live": "sse"}) as response:
        received = ""
        async for text in response.aiter_text():
            if not received:
                ready.put_nowait(name)
            received += text
            if "data:word" in received:
                return time.monotonic()
    raise AssertionError(f"the stream ended: {received}")


@pytest.mark.skipif(
    not Path("/proc/self/task").exists(), reason="/proc is missing: threads are counted there"
)
@pytest.mark.processes
@pytest.mark.parametrize("store", ["sqlite", "postgres"])
async def test_waiting_readers_hold_neither_threads_nor_connections(store: str) -> None:
    if store == "postgres":
        need("postgres")
    with serving(store, "uvicorn") as server:
        async with httpx.AsyncClient(
            base_url=server.url, timeout=30, limits=httpx.Limits(max_connections=READERS + 10)
        ) as client:
            for n in range(STREAMS):
                await client.put(f"/v1/stream/{n}", headers={"Content-Type": "text/plain"})
            ready: asyncio.Queue[int] = asyncio.Queue()
            readers = [asyncio.create_task(follow(client, n % STREAMS, ready)) for n in range(READERS)]
            for _ in range(READERS):
                await asyncio.wait_for(ready.get(), 30)
            threads, connections = threads_of(server.pid), server.database_connections()
            began = time.monotonic()
            for n in range(STREAMS):
                await client.post(f"/v1/stream/{n}", content=b"word", headers={"Content-Type": "text/plain"})
            arrived = await asyncio.wait_for(asyncio.gather(*readers), 30)
            print(
                f"{store}: {threads} threads, {connections} connections, {max(arrived) - began:.2f} s to the last"
            )
            assert threads <= 40
            assert connections <= 20
            assert "Traceback" not in server.log.read_text()
