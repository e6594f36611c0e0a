"""The model's client: one for each event loop, to Claude with a key, to the stand-in without."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from django.conf import settings

from sales_app.agent.pricing import STAND_IN

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

READ_TIMEOUT_SECONDS = 120.0


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
    api_class, transport = await asyncio.to_thread(_sdk)
    key = settings.CLEWLINE_ANTHROPIC_API_KEY
    base_url = settings.CLEWLINE_ANTHROPIC_BASE_URL or None
    stand_in = not key
    if stand_in:
        key = "stand-in"
        if base_url is None:
            from sales_app.standin.server import start_standin  # noqa: PLC0415  an installation with a key never loads it

            _, base_url = await start_standin()
    api: AsyncAnthropic = api_class(
        api_key=key, base_url=base_url, max_retries=0, timeout=READ_TIMEOUT_SECONDS, http_client=transport()
    )
    return ModelClient(api, stand_in)


def _sdk() -> tuple[type, type]:
    from anthropic import AsyncAnthropic, DefaultAioHttpClient  # noqa: PLC0415

    return AsyncAnthropic, DefaultAioHttpClient
