"""Asking who is here from outside the hub: from a worker, a command, a request's thread."""

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Any

from channels.layers import get_channel_layer

from sessions_app.live.loop import publisher_loop
from sessions_app.live.presence import AT_ONCE, PRESENCE_GROUP

logger = logging.getLogger(__name__)

WAIT_SECONDS = 1.0
SLACK_SECONDS = 5.0


def who_is_here(session_ids: Sequence[str], *, wait: float = WAIT_SECONDS) -> dict[str, set[str]]:
    """The actors that follow each of these sessions now, in whatever web process. Blocks for ``wait`` seconds.

    Nobody knows how many processes will answer, so it always waits that long. Empty when nobody can be asked: it is a
    hint. Not for the event loop.
    """
    loop = publisher_loop()
    if loop is None or loop.is_closed() or not session_ids:
        return {}
    asking = asyncio.run_coroutine_threadsafe(_ask(list(session_ids), wait), loop)
    try:
        return asking.result(wait + SLACK_SECONDS)
    except Exception as error:
        asking.cancel()
        logger.warning("Nobody could be asked who is here (%r).", error)
        return {}


async def _ask(session_ids: list[str], wait: float) -> dict[str, set[str]]:
    layer: Any = get_channel_layer()
    channel = await layer.new_channel()
    found: dict[str, set[str]] = {}
    ends = time.monotonic() + wait
    for first in range(0, len(session_ids), AT_ONCE):
        await layer.group_send(
            PRESENCE_GROUP,
            {
                "type": "presence",
                "from": "",
                "ask": session_ids[first : first + AT_ONCE],
                "channel": channel,
            },
        )
    while True:
        try:
            # A receive that is cancelled gives the channel up, so this one is not waited for in pieces.
            async with asyncio.timeout(max(0.0, ends - time.monotonic())):
                answer = await layer.receive(channel)
        except TimeoutError:
            return found
        for session_id, states in answer["answers"]:
            found.setdefault(session_id, set()).update(actor for actor, _ in states)
