"""How the run host of a worker process hears at once that a run was stopped elsewhere. A hint: the host also looks by itself."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Any

from channels.layers import InMemoryChannelLayer, get_channel_layer

from sessions_app.live.doorbell import HOSTS_GROUP

logger = logging.getLogger(__name__)

RETRY_SECONDS = 1.0


def listens() -> bool:
    """Whether words from other processes can come at all."""
    return not isinstance(get_channel_layer(), InMemoryChannelLayer)


async def listen(halt: Callable[[Iterable[str]], None]) -> None:
    layer: Any = get_channel_layer()
    while True:
        try:
            channel = await layer.new_channel()
            await layer.group_add(HOSTS_GROUP, channel)
            while True:
                message = await layer.receive(channel)
                if message["type"] == "halt":
                    halt(message["runs"])
        except asyncio.CancelledError:
            raise
        except Exception as error:
            logger.warning(
                "No word from the channel layer (%r); ended runs are noticed a second later.", error
            )
            await asyncio.sleep(RETRY_SECONDS)
