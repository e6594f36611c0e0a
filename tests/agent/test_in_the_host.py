"""The copilot in the real run host, over the real store: what is in the log when the model's stream breaks."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from sales_app.standin.control import Control, directive
from sales_app.standin.http import EventStream
from sessions_app.control.send import send_input
from sessions_app.control.stop import stop
from sessions_app.runs.host import RunHost
from sessions_app.runs.models import Run, Step
from sessions_app.session.models import Session
from sessions_app.session.snapshots import load_view
from sessions_app.streams.models import Record
from tests.control.world import wait_for

Json = dict[str, Any]


def items(session: Session) -> list[Json]:
    _, view = load_view(str(session.pk))
    return [item for item in view["items"] if item.get("role") != "user"]


def test_a_question_with_a_look_up(ask: Callable[[str], Run], session: Session) -> None:
    run = ask("Deals over 50k in negotiation")
    assert run.status == Run.Status.FINISHED
    tool, answer = items(session)
    assert (tool["kind"], tool["name"]) == ("tool", "find_deals")
    assert "1 deal" in str(tool) and "90000" not in str(tool)
    assert "$90,000" in answer["text"] and answer["status"] == "done"
    steps = list(Step.objects.filter(run=run).order_by("index"))
    assert [step.kind for step in steps] == ["model", "tool", "model"]
    assert {step.model for step in steps if step.kind == "model"} == {"clewline-stand-in"}
    assert all(step.cost == 0 and step.output_tokens for step in steps if step.kind == "model")


@pytest.mark.parametrize("how", [{"reset": True}, {"close": True}, {"error": "overloaded_error"}])
def test_what_broke_off_is_replaced_once(
    ask: Callable[[str], Run], session: Session, control: Control, how: Json
) -> None:
    control.queue.append(directive({"match": "what can you", "after": 6, **how}))
    assert ask("What can you do?").status == Run.Status.FINISHED
    rows = Record.objects.filter(stream_id=session.stream_id).order_by("pos").values_list("body", flat=True)
    events = [json.loads(bytes(body))["event"] for body in rows]
    begun = [e["messageId"] for e in events if e["type"] == "TEXT_MESSAGE_START" and e["role"] == "assistant"]
    replaced = [e["value"]["ids"] for e in events if e.get("name") == "items.superseded"]
    waits = [e["value"]["reason"] for e in events if e.get("name") == "run.waiting"]
    assert len(begun) == 2 and replaced == [begun[:1]]
    assert waits == ["model_busy" if "error" in how else "stream_broken"]
    (answer,) = items(session)
    assert answer["id"] == begun[1] and answer["status"] == "done"
    assert answer["text"].startswith("I am the stand-in model")


def test_a_refused_key_is_told(ask: Callable[[str], Run], session: Session, control: Control) -> None:
    control.queue.append(directive({"status": 401}))
    run = ask("Hello")
    assert (run.status, run.error_code) == (Run.Status.FAILED, "model_key_refused")
    # And the conversation goes on.
    assert ask("Hello").status == Run.Status.FINISHED


def test_a_chat_goes_on_over_many_turns(
    ask: Callable[[str], Run], session: Session, control: Control
) -> None:
    """Thinking, calls and results of all turns come back as the service wants them, out of the database."""
    for text in (
        "Who should I call?",
        "Tell me about Acme Freight",
        "its contacts",
        "and the open deals?",
        "thanks",
    ):
        run = ask(text)
        assert (run.status, run.error_code) == (Run.Status.FINISHED, ""), text
    assert not Step.objects.filter(run__session=session, output__has_key="bare").exists()
    request = control.last_request or {}
    kinds = [block["type"] for message in request["messages"] for block in message["content"]]
    assert kinds.count("thinking") >= 8
    assert kinds.count("tool_use") == kinds.count("tool_result") >= 7


def test_a_stop_closes_the_line_to_the_model_at_once(
    host: RunHost, session: Session, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the vendor's own client: nobody pays for an answer that nobody waits for."""
    closed = threading.Event()
    written: list[int] = []
    real = EventStream.send

    async def send(self: EventStream, event: bytes) -> None:
        try:
            await real(self, event)
        except ConnectionError:
            closed.set()
            raise
        written.append(1)

    monkeypatch.setattr(EventStream, "send", send)
    control.queue.append(directive({"filler": 3000, "speed": 100}))  # half a minute of talk
    sent = send_input(session_id=str(session.pk), actor=session.created_by, client_id="m", text="Talk")
    wait_for(lambda: any(item.get("text") for item in items(session)))
    stop(session_id=str(session.pk), actor=session.created_by, run_id=sent.run_id)
    assert closed.wait(5), "the stand-in talks on"
    assert len(written) < 1500
