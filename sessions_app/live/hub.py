"""Fan-out in one web process: one receiver on the channel layer, however many sockets and sessions there are.

The hub belongs to the server's event loop. What it hears is a hint; whatever it misses is found by the sweep.
"""

import asyncio
import logging
from typing import Any, Protocol

from channels.layers import get_channel_layer

from sessions_app.live import loop as loops
from sessions_app.live.doorbell import PEOPLE_GROUP, shard_group, shard_of
from sessions_app.live.frames import Frame, records_frame
from sessions_app.live.login import Login
from sessions_app.live.presence import PRESENCE_GROUP, Presence
from sessions_app.live.subscription import Subscription
from sessions_app.live.sweep import check_logins, sweep
from sessions_app.streams.notify import ring

logger = logging.getLogger(__name__)

JOIN_SECONDS = 1.0
RETRY_SECONDS = 0.5


class Connection(Protocol):
    """A socket or an event stream, for as long as it is open."""

    login: Login

    def tell_people(self, text: str) -> None:
        """An entry of the person's list of sessions changed."""

    def sign_out(self) -> None:
        """The login holds no longer: show nothing more, and close."""


class Hub:
    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.topics: dict[int, set[Subscription]] = {}
        self.people: dict[str, set[Connection]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._receiver: asyncio.Task[None] | None = None
        self._channel: str | None = None
        self._groups: set[str] = set()
        self._heard = self._asked = 0
        self.presence = Presence(self)
        if loops.server_loop() is None:  # served by a bare ASGI server, without ``manage.py serve``
            loops.set_server_loop(self.loop)
        self._start_receiver()
        self.spawn(sweep(self))
        self.spawn(self.presence.run())

    # Connections and subscriptions.

    def enter(self, connection: Connection) -> None:
        self.people.setdefault(connection.login.actor, set()).add(connection)

    def leave(self, connection: Connection) -> None:
        _discard(self.people, connection.login.actor, connection)

    async def join(self, subscription: Subscription) -> None:
        """From here on the subscription hears of what is committed. Read the log *after* this."""
        self.topics.setdefault(subscription.stream_id, set()).add(subscription)
        group = shard_group(shard_of(subscription.stream_id))
        if group not in self._groups:
            # Without a layer the sweep delivers; nobody waits for it.
            await asyncio.wait([self.spawn(self._join_group(group))], timeout=JOIN_SECONDS)

    def part(self, subscription: Subscription) -> None:
        self.presence.leave(subscription)
        _discard(self.topics, subscription.stream_id, subscription)

    def connections(self) -> list[Connection]:
        return [each for those in self.people.values() for each in those]

    def subscriptions(self) -> list[Subscription]:
        return [each for those in self.topics.values() for each in those]

    def spawn(self, work: Any) -> asyncio.Task[Any]:
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # The channel layer.

    @property
    def channel(self) -> str | None:
        """This process's name on the channel layer, None while it has none."""
        return self._channel

    def _start_receiver(self) -> None:
        if self._receiver is not None:
            self._receiver.cancel()
        self._receiver = self.loop.create_task(self._receive(), name="live-receiver")

    async def _receive(self) -> None:
        layer: Any = get_channel_layer()
        pause = RETRY_SECONDS
        while True:
            try:
                self._groups = set()
                self._channel = await layer.new_channel()
                await self._join_group(PEOPLE_GROUP)
                await self._join_group(PRESENCE_GROUP)
                for group in {shard_group(shard_of(stream_id)) for stream_id in self.topics}:
                    await self._join_group(group)
                for subscription in self.subscriptions():
                    subscription.fall_behind()  # nobody knows what was said meanwhile
                self.presence.rejoin()
                while True:
                    self.hear(await layer.receive(self._channel))
                    pause = RETRY_SECONDS
            except asyncio.CancelledError:
                raise
            except Exception as error:
                logger.warning("No word from the channel layer (%r); sweeps deliver until there is.", error)
                await asyncio.sleep(pause)
                pause = min(5.0, pause * 2)

    async def _join_group(self, group: str) -> None:
        layer: Any = get_channel_layer()
        channel = self._channel
        if channel is None:
            return  # the receiver, once it is there, joins the groups of all topics
        try:
            await layer.group_add(group, channel)
        except Exception as error:
            logger.warning("Could not join %s (%r); the sweep will see to it.", group, error)
        else:
            if channel == self._channel:
                self._groups.add(group)

    async def check_layer(self) -> None:
        """Called by each sweep: renew the memberships, and make sure that words still arrive here.

        A layer that was emptied or restarted raises nothing: it is just silent.
        """
        if self._asked != self._heard:
            logger.warning("The channel layer is silent; listening anew.")
            self._asked = self._heard
            self._start_receiver()
            return
        layer: Any = get_channel_layer()
        channel = self._channel
        if channel is None:
            return
        wanted = {PEOPLE_GROUP, PRESENCE_GROUP} | {
            shard_group(shard_of(stream_id)) for stream_id in self.topics
        }
        try:
            async with asyncio.timeout(JOIN_SECONDS):
                for group in self._groups - wanted:
                    self._groups.discard(group)
                    await layer.group_discard(group, channel)
                for group in wanted:
                    await self._join_group(group)
                self._asked += 1
                await layer.send(channel, {"type": "canary", "number": self._asked})
        except Exception as error:
            logger.warning("The channel layer does not take words (%r).", error)

    def hear(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "doorbell":
            for stream_id, start, end, access_changed, tail in message["entries"]:
                self.grew(stream_id, start, end, access_changed, tail)
                ring(stream_id)
        elif kind == "presence":
            self.presence.hear(message)
        elif kind == "canary":
            self._heard = message["number"]
        elif kind == "people":
            for actor in message["actors"]:
                for connection in tuple(self.people.get(actor, ())):
                    connection.tell_people(message["frame"])
        elif kind == "kick":
            some = [each for actor in message["actors"] for each in self.people.get(actor, ())]
            self.spawn(check_logins(some))

    def grew(self, stream_id: int, start: int, end: int, access_changed: bool, tail: bytes) -> None:
        those = self.topics.get(stream_id)
        if not those:
            return
        shown: Frame | None = None
        if tail and not access_changed:
            shown = records_frame(next(iter(those)).session_id, tail)
        for subscription in tuple(those):
            # Who lost access is found by reading: every read of the log asks for access after it.
            subscription.push(start, end, shown)


def _discard(index: dict[Any, set[Any]], key: Any, value: object) -> None:
    those = index.get(key)
    if those is not None:
        those.discard(value)
        if not those:
            del index[key]


_hub: Hub | None = None


def get_hub_of_process() -> Hub:
    """For inspection from outside its loop."""
    assert _hub is not None
    return _hub


def get_hub() -> Hub:
    """The hub of the running loop, which is the server's; made with the first connection."""
    global _hub
    if _hub is None or _hub.loop is not asyncio.get_running_loop():
        _hub = Hub()
    return _hub
