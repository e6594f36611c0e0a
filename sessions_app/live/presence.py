"""Presence: who of a session is here now, on whatever device and web process, and who types. Never in the log.

Each process tells the others when the first connection of an actor to a session comes or the last one goes, and asks
them when it begins to follow a session. A process numbers its words: whoever misses one asks it for everything. Who was
silent for ``SILENT_SECONDS`` is taken for dead. All of it is a hint that may be late, so nothing durable depends on it.

Words on the channel layer, all in one group but for answers, which go to who asked:
    {from, seq, changes: [[session, actor, state]…], ask: [session…], channel, to}
    {from, seq, answers: [[session, [[actor, state]…]]…]}
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
import uuid
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from channels.layers import get_channel_layer

from sessions_app.live.room import GONE, HEARD_SECONDS, HERE, TYPING, Room

if TYPE_CHECKING:
    from sessions_app.live.hub import Hub
    from sessions_app.live.subscription import Subscription

logger = logging.getLogger(__name__)

PRESENCE_GROUP = "clewline.presence"
ROUND_SECONDS = 0.1  # changes within it are told together
BEAT_SECONDS = 20.0
SILENT_SECONDS = 50.0
SEND_SECONDS = 5.0
AT_ONCE = 500  # changes, questions or answers in one word
ASKED_MOST = 2000  # questions that wait for an answer

Message = dict[str, Any]
T = TypeVar("T")


class _Peer:
    """Another process: the number of its last word, and when it came."""

    __slots__ = ("heard", "seq")

    def __init__(self, seq: int, heard: float) -> None:
        self.seq = seq
        self.heard = heard


class Presence:
    """Belongs to the hub and its loop. One task for the process, none for a socket."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.process = uuid.uuid4().hex[:12]
        self.rooms: dict[str, Room] = {}
        self._peers: dict[str, _Peer] = {}
        self._typing: set[str] = set()  # sessions in which somebody is shown as typing
        self._untold: set[str] = set()  # sessions of which somebody here should be told
        self._changes: dict[tuple[str, str], int] = {}  # for the others: the newest state only
        self._asks: set[str] = set()  # sessions to ask everybody about
        self._missed: set[str] = set()  # processes of which a word was lost
        self._asked: deque[tuple[str, list[str], bool]] = deque(maxlen=ASKED_MOST)
        self._seq = 0
        self._beat_at = 0.0
        self._news = asyncio.Event()
        self._sending: asyncio.Task[None] | None = None

    # The people of this process.

    def enter(self, subscription: Subscription) -> None:
        """The subscription has everything now: it counts, and is told who else is here. Again changes nothing."""
        if subscription.over:
            return
        if not subscription.here:
            subscription.here = subscription.untold = True
            room = self.rooms.get(subscription.session_id)
            if room is None:
                room = self.rooms[subscription.session_id] = Room(
                    subscription.session_id, subscription.stream_id
                )
                self._asks.add(room.session_id)
            if room.enter(subscription.actor):
                self._changed(room, subscription.actor, HERE)
        if subscription.untold:
            self._untold.add(subscription.session_id)
            self._news.set()

    def leave(self, subscription: Subscription) -> None:
        if not subscription.here:
            return
        subscription.here = False
        room = self.rooms[subscription.session_id]
        if room.leave(subscription.actor):
            self._changed(room, subscription.actor, GONE)
            if not room.here:
                del self.rooms[room.session_id]
                self._typing.discard(room.session_id)
                self._asks.discard(room.session_id)

    def types(self, subscription: Subscription, on: bool) -> bool:
        """Returns whether it is time to note that the person was heard, which is once a minute."""
        if not subscription.here:
            return False
        now = time.monotonic()
        room = self.rooms[subscription.session_id]
        if room.types(subscription.actor, on, now):
            self._changed(room, subscription.actor, TYPING if on else HERE)
        if on:
            self._typing.add(room.session_id)
            typist = room.typist(subscription.actor)
            if now - typist.heard >= HEARD_SECONDS:
                typist.heard = now
                return True
        return False

    def _changed(self, room: Room, actor: str, state: int) -> None:
        self._changes[room.session_id, actor] = state
        self._untold.add(room.session_id)
        self._news.set()

    # The words of other processes.

    def hear(self, message: Message) -> None:
        sender, now = message["from"], time.monotonic()
        if sender == self.process:
            return
        if "answers" in message:
            self._answered(sender, message, now)
            return
        if sender:  # somebody who only asks has no name
            self._follow(sender, message["seq"], now)
            for session_id, actor, state in message.get("changes", ()):
                self._others_changed(sender, session_id, actor, state, now)
        if message.get("ask") and message.get("to") in (None, self.process):
            self._asked.append((message["channel"], message["ask"], "to" in message))
            self._news.set()

    def _follow(self, sender: str, seq: int, now: float) -> None:
        peer = self._peers.get(sender)
        if peer is None:
            peer = self._peers[sender] = _Peer(0, now)
        if seq != peer.seq + 1 and self.rooms:
            self._missed.add(sender)
            self._news.set()
        peer.seq, peer.heard = seq, now

    def _answered(self, sender: str, message: Message, now: float) -> None:
        peer = self._peers.setdefault(sender, _Peer(message["seq"], now))
        peer.heard = now
        for session_id, states in message["answers"]:
            room = self.rooms.get(session_id)
            if room is not None and room.forget(sender):
                self._untold.add(session_id)
            for actor, state in states:
                self._others_changed(sender, session_id, actor, state, now)
        self._news.set()

    def _others_changed(self, sender: str, session_id: str, actor: str, state: int, now: float) -> None:
        room = self.rooms.get(session_id)
        if room is None:
            return
        room.hear(sender, actor, state, now)
        if state == TYPING:
            self._typing.add(session_id)
        self._untold.add(session_id)
        self._news.set()

    def rejoin(self) -> None:
        """The channel is a new one: what was said meanwhile is lost."""
        self._asks.update(self.rooms)
        for peer in self._peers.values():
            peer.seq = -1
        self._news.set()

    # The task.

    async def run(self) -> None:
        """Runs as long as the loop does."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._idle_for()):
                    await self._news.wait()
            self._news.clear()
            try:
                self._expire(time.monotonic())
                self._tell()
                if self._has_words() and (self._sending is None or self._sending.done()):
                    self._sending = self.hub.spawn(self._send())
            except Exception:
                logger.exception("Presence stumbled; it goes on with the next change.")
            await asyncio.sleep(ROUND_SECONDS)

    def _idle_for(self) -> float | None:
        times = [until for room in self._typing_rooms() if (until := room.typing_until()) is not None]
        if self.rooms:
            times.append(self._beat_at)
        return max(0.0, min(times) - time.monotonic()) if times else None

    def _typing_rooms(self) -> list[Room]:
        return [room for session_id in self._typing if (room := self.rooms.get(session_id)) is not None]

    def _expire(self, now: float) -> None:
        for room in self._typing_rooms():
            until = room.typing_until()
            if until is not None and until <= now:
                for actor in room.end_typing(now):
                    self._changed(room, actor, HERE)
                self._untold.add(room.session_id)
                until = room.typing_until()
            if until is None:
                self._typing.discard(room.session_id)
        for process in [name for name, peer in self._peers.items() if now - peer.heard > SILENT_SECONDS]:
            del self._peers[process]
            self._missed.discard(process)
            self._untold.update(room.session_id for room in self.rooms.values() if room.forget(process))

    def _tell(self) -> None:
        """Show to those who follow what has changed, and to newcomers what there is.

        Who is behind is told when they have caught up: that asks whether they still take part.
        """
        untold, self._untold = self._untold, set()
        for session_id in untold:
            room = self.rooms.get(session_id)
            if room is None:
                continue
            frame = room.frame()
            changed = hash(frame.text) != room.told
            room.told = hash(frame.text)
            for each in tuple(self.hub.topics.get(room.stream_id, ())):
                if each.here and (changed or each.untold):
                    each.untold = each.behind or not each.sink.show(each, frame)

    def _is_due(self) -> bool:
        """Time to say that this process lives."""
        return bool(self.rooms) and time.monotonic() >= self._beat_at

    def _has_words(self) -> bool:
        asks = self.hub.channel is not None and (self._asks or self._missed)
        return self._is_due() or bool(self._changes or asks or self._asked)

    async def _send(self) -> None:
        asks, missed = self._asks, self._missed
        if self.hub.channel is not None:  # without one, nobody could answer
            self._asks, self._missed = set(), set()
        else:
            asks, missed = set(), set()
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._send_words(self._words(asks, missed))
                await self._send_answers()
        except Exception as error:
            # Changes that were lost leave a gap in the numbers, which makes the others ask. Questions are asked again.
            logger.debug("No word of presence goes out (%r).", error)
            self._asks |= asks
            self._missed |= missed
            return
        if self._has_words():
            self._news.set()

    def _words(self, asks: set[str], missed: set[str]) -> list[Message]:
        changes, self._changes = self._changes, {}
        words: list[Message] = [
            {"changes": [[session_id, actor, state] for (session_id, actor), state in some]}
            for some in _pieces(changes.items())
        ]
        words += [{"ask": some, "channel": self.hub.channel} for some in _pieces(asks)]
        words += [
            {"ask": some, "channel": self.hub.channel, "to": process}
            for process in missed
            for some in _pieces(self.rooms)
        ]
        return words or ([{}] if self._is_due() else [])

    async def _send_words(self, words: Sequence[Message]) -> None:
        layer: Any = get_channel_layer()
        for word in words:
            self._seq += 1
            self._beat_at = time.monotonic() + BEAT_SECONDS
            await layer.group_send(
                PRESENCE_GROUP, {"type": "presence", "from": self.process, "seq": self._seq, **word}
            )

    async def _send_answers(self) -> None:
        """After the changes, so that what was said before never overtakes what is answered."""
        layer: Any = get_channel_layer()
        while self._asked:
            channel, session_ids, whole = self._asked.popleft()
            rooms = [(session_id, self.rooms.get(session_id)) for session_id in session_ids[:AT_ONCE]]
            answers = [
                [session_id, room.states() if room else []] for session_id, room in rooms if room or whole
            ]
            if answers:
                await layer.send(
                    channel,
                    {"type": "presence", "from": self.process, "seq": self._seq, "answers": answers},
                )


def _pieces(items: Iterable[T]) -> Iterator[list[T]]:
    rest = list(items)
    for first in range(0, len(rest), AT_ONCE):
        yield rest[first : first + AT_ONCE]
