"""The stand-in's server on the test's loop, and the real SDK in front of it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sales_app.standin.control import Control
from sales_app.standin.server import StandIn, start_standin


@pytest.fixture
async def server() -> AsyncIterator[StandIn]:
    server, url = await start_standin(control=Control(speed=0, pause=0), controllable=True)
    server.url = url  # type: ignore[attr-defined]
    yield server
    await server.close()


@pytest.fixture
async def api(server: Any) -> AsyncIterator[Any]:
    from anthropic import AsyncAnthropic, DefaultAioHttpClient  # noqa: PLC0415  two seconds to import

    async with AsyncAnthropic(
        api_key="any", base_url=server.url, max_retries=0, http_client=DefaultAioHttpClient(trust_env=False)
    ) as client:
        yield client
