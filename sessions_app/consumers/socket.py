"""The WebSocket of a tab: all its sessions over one connection."""

import asyncio
import logging
from collections import deque
from typing import Any

import msgspec
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth import get_user_model
from django.db import DataError
from django.db import Error as DatabaseError

from sessions_app.consumers import frames
from sessions_app.consumers.origin import is_own_page
from sessions_app.control.commands import Answer, Command, execute
from sessions_app.control.handover import heard, holds_control
from sessions_app.errors import SessionsError
from sessions_app.live.frames import Frame
from sessions_app.live.frames import frame as frame_of
from sessions_app.live.hub import Hub, get_hub
from sessions_app.live.login import Login, SignedOut, check_login, open_login, session_key_of
from sessions_app.live.subscription import Subscription
from sessions_app.live.window import WINDOW_BYTES, Window
from sessions_app.session.access import get_session_for
from sessions_app.session.bucket import Bucket
from sessions_app.session.reading import in_commander, in_reader

logger = logging.getLogger(__name__)

VERSION = 1
SUBSCRIPTIONS_MOST = 200
COMMANDS_WAITING = 64
COMMANDS_CHARS = 1024 * 1024
PEOPLE_WAITING = 1000
LAST_WORDS_SECONDS = 3.0

FRAME_TOO_LARGE, NOT_A_FRAME, SIGNED_OUT, WRONG_ORIGIN, TOO_MANY = 1009, 4400, 4401, 4403, 4429
CANNOT_BE_KEPT = (
    "A value in it cannot be stored: it is too long, or holds a character like NUL. Take that out."
)
UNAVAILABLE = "The server is busy just now. Repeat it; it will count once."


class SessionSocket(AsyncWebsocketConsumer):
    """Thin: decodes, calls one domain function, translates its errors. Idle, it holds no task of its own.

    Whatever goes out is counted (Window), so a client that reads slowly costs at most the window.
    """

    channel_layer_alias = ""  # no channel of its own: the hub has one for the whole process

    login: Login
    hub: Hub

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subscriptions: dict[str, Subscription] | None = None
        self.window = Window()
        self.bucket = Bucket()
        self.out: deque[str] | None = None
        self.writing: asyncio.Task[None] | None = None
        self.closing: int | None = None
        self.commands: deque[tuple[frames.ClientFrame, int]] | None = None  # None: nobody works
        self.command_chars = 0
        self.feeding = False
        self.woken = False
        self.small = 0  # bytes of frames that go out whatever the window says
        self.people_texts: dict[str, None] | None = None  # list entries that wait for room

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # Channels' own loop makes tasks and asks a thread to tidy connections for each message.
        self.base_send = send
        headers = scope["headers"]
        ours, key = is_own_page(headers), session_key_of(headers)
        headers.clear()  # an idle socket keeps nothing that it will not need
        if (await receive())["type"] != "websocket.connect":
            return
        try:
            if ours:
                await self._open(key)
            else:
                await self.accept()  # before that, a browser would not be told why
                self.say(t="bye", code="not_allowed", message="This page may not connect here.")
                self.shut(WRONG_ORIGIN)
            while self.closing is None:
                message = await receive()
                if message["type"] != "websocket.receive":
                    return
                self._received(message.get("text"))
            if self.writing is not None:  # the last words still go out, if they can
                await asyncio.wait([self.writing], timeout=LAST_WORDS_SECONDS)
        except StopConsumer:
            pass
        finally:
            self._leave()

    async def _open(self, key: str | None) -> None:
        try:
            login = await in_reader(open_login, key)
        except SignedOut as error:
            await self.accept()
            self.say(t="bye", code=error.code, message=str(error))
            self.shut(SIGNED_OUT)
            return
        except DatabaseError:
            logger.exception("A socket could not be opened.")
            await self.accept()
            self.say(t="bye", code="unavailable", message=UNAVAILABLE)
            self.shut(1013)
            return
        self.login = login
        await self.accept()
        self.hub = get_hub()
        self.hub.enter(self)
        self.say(t="welcome", v=VERSION, actor=login.actor, name=login.name, window=WINDOW_BYTES)

    def _leave(self) -> None:
        self.closing = self.closing or 1000
        if hasattr(self, "hub"):
            self.hub.leave(self)
            for subscription in (self.subscriptions or {}).values():
                subscription.over = True
                self.hub.part(subscription)
        if self.writing is not None:
            self.writing.cancel()
        self.subscriptions = self.commands = self.out = self.people_texts = None

    # What comes in. Nothing here waits, so that a flood is noticed while a command is at work.

    def _received(self, text: str | None) -> None:
        if text is None:
            self.refuse("bad_frame", "Frames are JSON text, not binary.", NOT_A_FRAME)
            return
        if len(text) > frames.FRAME_CHARS:
            message = f"A frame has at most {frames.FRAME_CHARS:,} characters; this one has {len(text):,}."
            self.refuse("too_large", message, FRAME_TOO_LARGE, ref=frames.ref_of(text))
            return
        try:
            received = frames.decode(text)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            self.refuse("bad_frame", str(error), NOT_A_FRAME, ref=frames.ref_of(text))
            return
        if isinstance(received, frames.Ok) and self.window.answered(received.n):
            self.small = 0
            self._room_made()
            return
        if not self.bucket.take():
            self.refuse("rate_limited", "Too many frames. Wait, then connect again.", TOO_MANY)
            return
        match received:
            case frames.Ping():
                self.say(t="pong")
            case frames.Unsubscribe():
                self._drop(received.s)
            case frames.Typing():
                self._typing(received, len(text))
            case frames.Ok():
                pass  # answered before, or never asked
            case _:
                self._queue(received, len(text))

    def _typing(self, typing: frames.Typing, chars: int) -> None:
        """Costs nothing but memory; once a minute it is worth a command, for whoever holds control."""
        subscription = (self.subscriptions or {}).get(typing.s)
        if subscription is not None and self.hub.presence.types(subscription, typing.on):
            self._queue(typing, chars)

    def _queue(self, command: frames.ClientFrame, chars: int) -> None:
        self.command_chars += chars
        if self.commands is None:
            self.commands = deque([(command, chars)])
            self.hub.spawn(self._work())
        elif len(self.commands) >= COMMANDS_WAITING or self.command_chars > COMMANDS_CHARS:
            self.refuse("rate_limited", "Too much at once. Wait, then connect again.", TOO_MANY)
        else:
            self.commands.append((command, chars))

    async def _work(self) -> None:
        """Commands of one socket, one after the other, in their order."""
        while self.commands and self.closing is None:
            command, chars = self.commands.popleft()
            self.command_chars -= chars
            try:
                await self._do(command)
            except SignedOut:
                self.sign_out()
            except SessionsError as error:
                self._refused(command, error.code, str(error), retry=error.retry)
            except DataError:  # repeating it would not help
                logger.warning("A command held what the database refuses.", exc_info=True)
                self._refused(command, "bad_request", CANNOT_BE_KEPT, retry=False)
            except DatabaseError:
                logger.exception("A command could not be carried out.")
                self._refused(command, "unavailable", UNAVAILABLE, retry=True)
            except Exception:
                logger.exception("A command failed.")
                self._refused(command, "unavailable", UNAVAILABLE, retry=True)
        self.commands = None
        self.command_chars = 0

    async def _do(self, command: frames.ClientFrame) -> None:
        if isinstance(command, frames.Subscribe):
            await self._subscribe(command)
        elif isinstance(command, frames.Typing):
            await in_commander(_heard, self.login, command.s)
        elif isinstance(command, Command):
            answer = await in_commander(_execute, self.login, command)
            if answer is not None:
                self.say(**answer, ref=getattr(command, "ref", None))

    def _refused(self, command: frames.ClientFrame, code: str, message: str, *, retry: bool) -> None:
        self.say(t="error", ref=getattr(command, "ref", None), code=code, message=message, retry=retry)

    # Subscriptions.

    async def _subscribe(self, command: frames.Subscribe) -> None:
        self._drop(command.s)
        if self.subscriptions is None:
            self.subscriptions = {}
        if len(self.subscriptions) >= SUBSCRIPTIONS_MOST:
            raise SessionsError(
                f"At most {SUBSCRIPTIONS_MOST} sessions can be followed at once.", code="bad_request"
            )
        stream_id, head = await in_reader(_find, self.login, command.s)
        if self.closing is not None:
            return
        subscription = Subscription(
            self, actor=self.login.actor, session_id=command.s, stream_id=stream_id, start=command.start
        )
        if command.start is not None and command.start > head:
            subscription.fresh = "reset"
        self.subscriptions[command.s] = subscription
        await self.hub.join(subscription)
        if subscription.over or self.closing is not None:
            self.hub.part(subscription)
            return
        self.say(t="subscribed", s=command.s, head=head, ref=command.ref)
        subscription.fall_behind()

    def _drop(self, session_id: str) -> None:
        subscription = (self.subscriptions or {}).pop(session_id, None)
        if subscription is not None:
            subscription.over = True
            self.hub.part(subscription)

    def offer(self, subscription: Subscription, frame: Frame, end: int) -> bool:
        if self.closing is not None or not self.window.fits(frame.size):
            return False
        self._put(frame.text, frame.size)
        return True

    def tell(self, subscription: Subscription, frame: Frame) -> None:
        self._small(frame)

    def show(self, subscription: Subscription, frame: Frame) -> bool:
        return self.offer(subscription, frame, subscription.at)

    def follows(self, subscription: Subscription) -> None:
        self.hub.presence.enter(subscription)

    def room(self) -> int:
        return self.window.room()

    def wake(self, subscription: Subscription) -> None:
        self.woken = True
        if not self.feeding and self.closing is None:
            self.feeding = True
            self.hub.spawn(self._feed())

    def ended(self, subscription: Subscription, code: str) -> None:
        self._drop(subscription.session_id)
        self.say(t="closed", s=subscription.session_id, code=code)

    def _room_made(self) -> None:
        while self.people_texts and self.window.fits(len(text := next(iter(self.people_texts)))):
            del self.people_texts[text]
            self._put(text, len(text.encode()))
        behind = False
        for subscription in (self.subscriptions or {}).values():
            if subscription.untold:
                self.hub.presence.enter(subscription)
            if subscription.behind and not behind:
                behind = True
                self.wake(subscription)

    async def _feed(self) -> None:
        """Continue from the log whoever is behind, in turns, while there is room."""
        try:
            progress = True
            while (progress or self.woken) and self.closing is None:
                progress = self.woken = False
                for subscription in list((self.subscriptions or {}).values()):
                    if subscription.behind and not subscription.over and self.window.fits(subscription.needs):
                        progress = await subscription.catch_up() or progress
        except DatabaseError as error:
            logger.warning("The log could not be read (%r); the next sweep tries again.", error)
        finally:
            self.feeding = False
        # Whoever still waits, waits for room: this mark's answer makes it.
        if any(each.behind for each in (self.subscriptions or {}).values()):
            self._mark(self.window.mark())

    # The hub's words.

    def tell_people(self, text: str) -> None:
        if self.closing is not None:
            return
        size = len(text.encode())
        if self.window.fits(size) and not self.people_texts:
            self._put(text, size)
            return
        if self.people_texts is None:
            self.people_texts = {}
        if len(self.people_texts) < PEOPLE_WAITING:
            self.people_texts[text] = None

    def sign_out(self) -> None:
        if self.closing is None:
            for session_id in list(self.subscriptions or ()):
                self._drop(session_id)
            if self.out:
                self.out.clear()
            self.say(t="bye", code=SignedOut.code, message=str(SignedOut()))
            self.shut(SIGNED_OUT)

    # What goes out.

    def refuse(self, code: str, message: str, close: int, *, ref: str | int | None = None) -> None:
        self.say(t="error", ref=ref, code=code, message=message[:500], retry=False)
        self.say(t="bye", code=code)
        self.shut(close)

    def say(self, **fields: object) -> None:
        self._small(frame_of(**fields))

    def _small(self, frame: Frame) -> None:
        """Answers go out always; their number is bounded by what the client may ask, and counted all the same."""
        self.small += frame.size
        if self.small > WINDOW_BYTES and self.closing is None:
            self._write_soon(
                frame_of(t="bye", code="rate_limited").text
            )  # it asks and asks and does not read
            self.shut(TOO_MANY)
            return
        self._put(frame.text, frame.size)

    def shut(self, code: int) -> None:
        self.closing = code
        self._write_soon()

    def _put(self, text: str, size: int) -> None:
        self._write_soon(text)
        self._mark(self.window.sent(size))

    def _mark(self, number: int | None) -> None:
        if number is not None:
            self._write_soon(f'{{"t":"mark","n":{number}}}')

    def _write_soon(self, *texts: str) -> None:
        if self.out is None:
            self.out = deque(texts)
            self.writing = asyncio.get_running_loop().create_task(self._write(self.out))
        else:
            self.out.extend(texts)

    async def _close(self, send: Any, code: int) -> None:
        try:
            await send({"type": "websocket.close", "code": code})
        except Exception:
            # Daphne lets an application say only 1000 and 4xxx; unclosed, the connection would stay for ever.
            await send({"type": "websocket.close", "code": code if code >= 4000 else NOT_A_FRAME})

    async def _write(self, out: deque[str]) -> None:
        try:
            send: Any = self.base_send
            while out:
                await send({"type": "websocket.send", "text": out.popleft()})
            if self.closing is not None:
                await self._close(send, self.closing)
        except Exception:
            logger.debug("A socket went away while it was written to.", exc_info=True)
        finally:
            self.out = self.writing = None


def _find(login: Login, session_id: str) -> tuple[int, int]:
    check_login(login)
    stream = get_session_for(login.actor, session_id).stream
    return stream.pk, stream.head


def _heard(login: Login, session_id: str) -> None:
    check_login(login)
    if holds_control(session_id, login.actor):
        heard(session_id, login.actor)


def _execute(login: Login, command: Command) -> Answer | None:
    check_login(login)
    return execute(login.actor, command, lambda: get_user_model()._default_manager.get(pk=login.user_id))
