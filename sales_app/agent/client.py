"""The model's client: one for each event loop, to Claude with a key, to the stand-in without."""

import asyncio
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from django.conf import settings

from sales_app.standin import MODEL as STAND_IN

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

# Between two pieces of an answer: the service sends a sign of life every few seconds.
READ_TIMEOUT_SECONDS = 120.0
CONNECT_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class ModelClient:
    """``stand_in`` tells that answers are computed here, not by Claude."""

    api: "AsyncAnthropic"
    stand_in: bool

    def model(self, configured: str) -> str:
        return STAND_IN if self.stand_in else configured


_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, "asyncio.Task[ModelClient]"] = WeakKeyDictionary()


async def model_client() -> ModelClient:
    loop = asyncio.get_running_loop()
    task = _clients.get(loop)
    if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
        task = _clients[loop] = loop.create_task(_connect())
    return await asyncio.shield(task)


async def _connect() -> ModelClient:
    # The SDK takes two seconds to import: not at start-up, and not on the loop that streams for others.
    sdk = await asyncio.to_thread(import_module, "anthropic")
    httpx2 = await asyncio.to_thread(import_module, "httpx2")
    key = settings.CLEWLINE_ANTHROPIC_API_KEY
    base_url = settings.CLEWLINE_ANTHROPIC_BASE_URL or None
    stand_in = not key
    if stand_in and base_url is None:
        # An installation with a key never loads it.
        standin = await asyncio.to_thread(import_module, "sales_app.standin.server")
        _, base_url = await standin.start_standin()
    api: AsyncAnthropic = sdk.AsyncAnthropic(
        api_key=key or "stand-in",
        base_url=base_url,
        # The step retries, and tells people that it waits.
        max_retries=0,
        timeout=httpx2.Timeout(READ_TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS),
        # aiohttp halves the CPU that a token costs. A proxy of the environment is not for the loopback address.
        http_client=sdk.DefaultAioHttpClient(trust_env=not stand_in),
    )
    return ModelClient(api, stand_in)


async def close_client() -> None:
    """Close the client of the running loop, if it has one; the next call makes a new one."""
    task = _clients.pop(asyncio.get_running_loop(), None)
    if task is not None and task.done() and not task.cancelled() and task.exception() is None:
        await task.result().api.close()
