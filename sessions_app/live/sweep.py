"""One loop for each web process: what the doorbell lost, logins that ended, access that was taken away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.conf import settings

from sessions_app.live.login import ended_logins
from sessions_app.session.access import UnknownSession, taking_part
from sessions_app.session.reading import in_reader
from sessions_app.streams.models import Stream

if TYPE_CHECKING:
    from sessions_app.live.hub import Connection, Hub

logger = logging.getLogger(__name__)

STREAMS_AT_ONCE = 500
IN_TRANSIT_SECONDS = 0.2


async def sweep(hub: Hub) -> None:
    """Runs as long as the loop does."""
    while True:
        await asyncio.sleep(settings.CLEWLINE_SWEEP_SECONDS)
        for step in (check_all_logins, check_access, check_layer, check_heads):
            try:
                await step(hub)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                logger.warning("A sweep of live connections failed (%r); the next one tries again.", error)


async def check_all_logins(hub: Hub) -> None:
    await check_logins(hub.connections())


async def check_layer(hub: Hub) -> None:
    await hub.check_layer()


async def check_logins(connections: Sequence[Connection]) -> None:
    """Close the connections whose login holds no longer."""
    by_login = {connection.login: connection for connection in connections}
    if by_login:
        for login in await in_reader(ended_logins, list(by_login)):
            by_login[login].sign_out()


async def check_access(hub: Hub) -> None:
    """End the subscriptions of those who no longer take part."""
    pairs = {(each.session_id, each.actor) for each in hub.subscriptions()}
    if not pairs:
        return
    good = await in_reader(taking_part, pairs)
    for subscription in hub.subscriptions():
        pair = (subscription.session_id, subscription.actor)
        if pair in pairs and pair not in good:
            subscription.end(UnknownSession.code)


async def check_heads(hub: Hub) -> None:
    """Send back to the log whoever is behind what was committed."""
    if not hub.topics:
        return
    heads = await in_reader(_heads, list(hub.topics))
    # What was committed a moment ago is still under way on the doorbell: that is no reason to read.
    await asyncio.sleep(IN_TRANSIT_SECONDS)
    for stream_id, head in heads.items():
        for subscription in tuple(hub.topics.get(stream_id, ())):
            # Who is behind already is woken as well: a read may have failed.
            if subscription.behind or subscription.at < head:
                subscription.head = max(subscription.head, head)
                subscription.fall_behind()


def _heads(stream_ids: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for first in range(0, len(stream_ids), STREAMS_AT_ONCE):
        some: Iterable[int] = stream_ids[first : first + STREAMS_AT_ONCE]
        found.update(Stream.objects.filter(pk__in=some).values_list("pk", "head"))
    return found
