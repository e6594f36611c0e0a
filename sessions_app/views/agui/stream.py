"""The answer to a RunAgentInput: the run's projection as Server-Sent Events, until the run has ended."""

import time
from collections.abc import AsyncIterator, Iterable

import msgspec

from sessions_app.errors import SessionsError
from sessions_app.live.hub import get_hub
from sessions_app.live.login import Login, SignedOut
from sessions_app.live.tail import Tail
from sessions_app.runs.models import Run
from sessions_app.session.access import UnknownSession
from sessions_app.session.agui import Json, RunProjection
from sessions_app.session.events import run_error, run_finished, run_started
from sessions_app.session.reading import in_commander
from sessions_app.streams.threads import release_request_thread
from sessions_app.views.agui.attach import Attached, remember

# AG-UI's clients do not come back by themselves, so an answer ends early only when it is extremely long.
BYTES_MOST = 64 * 1024 * 1024
SECONDS_MOST = 3600.0
HEARTBEAT_SECONDS = 15.0
WITHDRAWN = "The message was withdrawn before anybody answered it."

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


async def follow(login: Login, attached: Attached, after: int) -> AsyncIterator[str]:
    """Only what follows from records at offset ``after`` or later is sent; an event's ``id`` is the next ``after``."""
    release_request_thread()
    if attached.over:
        for text in _nothing(attached):
            yield text
        return
    projection = RunProjection(
        attached.run_id, attached.view, known_as=attached.known_as, restate=attached.came_back and not after
    )
    tail = Tail(
        get_hub(),
        login,
        session_id=attached.session_id,
        stream_id=attached.stream_id,
        head=attached.head,
        start=attached.start,
    )
    ends = time.monotonic() + SECONDS_MOST
    sent = 0
    async with tail:
        while sent < BYTES_MOST and time.monotonic() < ends:
            shown = await tail.next(HEARTBEAT_SECONDS)
            if tail.code is not None:
                yield _text([_gone(tail.code)], None)
                return
            if shown is None:
                yield ": still here\n\n"
                continue
            frame = _decode(shown[1].text)
            if frame["t"] != "records":
                continue
            found: list[str] = []
            for offset, record in enumerate(frame["records"], frame["from"]):
                if not projection.run_id and await _takes_up(projection, attached, record):
                    found.append(_text([run_error(message=WITHDRAWN, code="not_waiting")], offset + 1))
                    projection.ended = True
                events = list(projection.feed(record, offset))
                if events and offset >= after:
                    found.append(_text(events, offset + 1))
            if found:
                text = "".join(found)
                sent += len(text)
                yield text
            if projection.ended:
                return


async def _takes_up(projection: RunProjection, attached: Attached, record: Json) -> bool:
    """Notice the run that answers the input that was waited for. Returns whether there will be none."""
    event = record["event"]
    if event["type"] != "CUSTOM" or event["value"].get("inputId") != attached.input_id:
        return False
    if event["name"] == "run.queued":
        projection.run_id = event["value"]["runId"]
        await in_commander(_remember, projection.run_id, attached.known_as)
    return bool(event["name"] == "input.withdrawn")


def _remember(run_id: str, client_run_id: str) -> None:
    remember(Run.objects.get(pk=run_id), client_run_id)


def _nothing(attached: Attached) -> list[str]:
    """An AG-UI run for what no run of ours answers."""
    session_id, run_id = attached.session_id, attached.known_as
    started = run_started(session_id=session_id, run_id=run_id)
    return [_text([started, run_finished(session_id=session_id, run_id=run_id, outcome=attached.over)], None)]


def _gone(code: str) -> Json:
    """The reader's access ended, not the run."""
    error: SessionsError = SignedOut() if code == SignedOut.code else UnknownSession()
    return run_error(message=str(error), code=code)


def _text(events: Iterable[Json], after: int | None) -> str:
    """Only the last event that follows from a record carries the id: who lost one of them gets all again."""
    texts = [f"data: {_encode(event).decode()}\n\n" for event in events]
    if after is not None:
        texts[-1] = f"id: {after}\n{texts[-1]}"
    return "".join(texts)
