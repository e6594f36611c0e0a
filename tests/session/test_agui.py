"""The projection of a run, checked by AG-UI's own client and by AG-UI's own models."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ag_ui.core import Event
from pydantic import TypeAdapter

from sessions_app.session import events
from sessions_app.session.agui import RunProjection, project
from sessions_app.session.fold import fold
from tests.support import requirements

HERE = Path(__file__).parent
Json = dict[str, Any]


def record(event: Json, run: str | None = "r1") -> Json:
    made: Json = {"id": "x", "ts": 1, "actor": "agent:copilot", "v": 1, "event": event}
    if run:
        made["run"] = run
    return made


def opening() -> list[Json]:
    return [
        record(events.text_start(message_id="u1", role="user"), None),
        record(events.text_content(message_id="u1", delta="Hello"), None),
        record(events.text_end("u1"), None),
        record(events.run_queued(run_id="r1", agent="copilot", input_id="u1"), None),
        record(events.run_started(session_id="s1", run_id="r1")),
    ]


def tool_step(call_id: str = "t1") -> list[Json]:
    return [
        record(events.step_started(name="find_deals", kind="tool", index=0)),
        record(events.tool_start(call_id=call_id, name="find_deals")),
        record(events.tool_args(call_id=call_id, delta="{}")),
        record(events.tool_end(call_id)),
        record(events.tool_result(call_id=call_id, content="3 deals", error=False)),
        record(events.step_finished(name="find_deals", kind="tool", index=0)),
    ]


def text(message_id: str, *words: str, end: bool = True) -> list[Json]:
    made = [record(events.step_started(name="answer", kind="model", index=1))]
    made.append(record(events.text_start(message_id=message_id, role="assistant")))
    made += [record(events.text_content(message_id=message_id, delta=word)) for word in words]
    if end:
        made.append(record(events.text_end(message_id)))
        made.append(record(events.step_finished(name="answer", kind="model", index=1)))
    return made


def delegated(run: str, parent: str = "r1", agent: str = "researcher") -> Json:
    queued = events.run_queued(run_id=run, agent=agent, input_id=None, parent=parent, title=f"About {run}")
    return record(queued, None)


def of(run: str, records: list[Json]) -> list[Json]:
    """The same records, written by another run."""
    return [each | {"run": run} for each in records]


def began(run: str) -> list[Json]:
    return of(run, [record(events.run_started(session_id="s1", run_id=run))])


def ended(run: str, outcome: str = "success") -> list[Json]:
    result = {"text": "Fine."} if outcome == "success" else None
    return of(run, [record(events.run_finished(session_id="s1", run_id=run, outcome=outcome, result=result))])


def mixed(*those: list[Json]) -> list[Json]:
    """One record of each in turn."""
    return [each[at] for at in range(max(map(len, those))) for each in those if at < len(each)]


ASKING = tool_step()[:4]
ANSWERED = tool_step()[4:]

FINISH = [record(events.run_finished(session_id="s1", run_id="r1", usage=[{"model": "m", "inputTokens": 3}]))]
TAKEN_OVER = [record(events.run_retrying(run_id="r1", attempt=2))]
REPLACED = [record(events.items_superseded(run_id="r1", ids=["m1"]))]

SEQUENCES = {
    "text": opening() + text("m1", "Good ", "day") + FINISH,
    "tools": opening() + tool_step() + text("m1", "Three.") + FINISH,
    "takeover": opening() + tool_step() + text("m1", "Thr", end=False) + TAKEN_OVER
    + [record(events.step_started(name="answer", kind="model", index=1))] + REPLACED + text("m2", "Three.")[1:] + FINISH,
    "stopped": opening() + text("m1", "Thr", end=False)
    + [record(events.run_finished(session_id="s1", run_id="r1", outcome="cancelled"))],
    "failed": opening() + text("m1", "Thr", end=False) + [record(events.run_error(message="No.", code="x"))],
    "sub-agents": opening() + ASKING + [delegated("c1"), delegated("c2")] + mixed(began("c1"), began("c2"))
    + mixed(of("c1", tool_step("t2") + text("m1", "Good ", "day")), of("c2", text("m2", "Bad ", "day")))
    + ended("c2") + ended("c1") + ANSWERED + text("m3", "Both.") + FINISH,
    "sub-agent of a sub-agent": opening() + ASKING + [delegated("c1")] + began("c1") + of("c1", tool_step()[:1])
    + [delegated("c2", "c1")] + began("c2") + of("c2", text("m2", "Deep")) + ended("c2")
    + of("c1", tool_step()[-1:]) + ended("c1") + ANSWERED + FINISH,
    "sub-agent taken over": opening() + ASKING + [delegated("c1"), delegated("c2")] + began("c1") + began("c2")
    + of("c2", text("m2", "Bad ", end=False)) + of("c1", text("m1", "Thr", end=False))
    + of("c1", [record(events.run_retrying(run_id="c1", attempt=2))])
    + of("c1", [record(events.step_started(name="answer", kind="model", index=1))])
    + of("c1", [record(events.items_superseded(run_id="c1", ids=["m1"]))])
    + mixed(of("c1", text("m4", "Three.")[1:]), of("c2", text("m2", "day")[2:]))
    + ended("c1") + ended("c2") + ANSWERED + text("m3", "Both.") + FINISH,
    "sub-agents stopped and failed": opening() + ASKING + [delegated("c1"), delegated("c2"), delegated("c3")]
    + began("c1") + of("c1", text("m1", "Thr", end=False)) + ended("c1", "cancelled") + ended("c2", "cancelled")
    + of("c3", [record(events.run_error(message="No.", code="x"))]) + ANSWERED + FINISH,
    "asked": opening() + text("m1", "May I?")
    + [record(events.run_finished(session_id="s1", run_id="r1", outcome="interrupt", interrupts=[
        {"id": "i1", "reason": "tool_call", "message": "Send it", "toolCallId": "t1",
         "expiresAt": "2030-01-01T00:00:00+00:00", "metadata": {"hash": "h"}}]))],
    "stopped before it began": [*opening()[:4],
        record(events.run_finished(session_id="s1", run_id="r1", outcome="cancelled"))],
    "two at once": [
        each
        for pair in zip(
            opening() + text("m1", "one") + FINISH,
            [
                record({**each["event"], "runId": "r2"} if "runId" in each["event"] else each["event"], "r2")
                for each in opening() + text("m9", "two") + FINISH
            ],
            strict=True,
        )
        for each in pair
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", SEQUENCES)
def test_the_stock_client_accepts_the_projection(name: str) -> None:
    if not (HERE.parent / "js" / "node_modules" / "@ag-ui").exists():
        requirements.need("node")
        pytest.skip("npm packages of tests/js are not installed; make test installs them")
    projected = project("r1", SEQUENCES[name])
    assert projected[0]["type"] == "RUN_STARTED"
    assert projected[-1]["type"] in {"RUN_FINISHED", "RUN_ERROR"}
    done = subprocess.run(
        ["node", str(HERE / "verify_agui.mjs")],
        input=json.dumps({"events": projected}) + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == {"ok": True, "seen": len(projected)}


def test_the_raw_log_of_a_takeover_is_refused_by_the_client() -> None:
    """The verifier does look: without the projection the same records fail."""
    if not (HERE.parent / "js" / "node_modules" / "@ag-ui").exists():
        pytest.skip("npm packages of tests/js are not installed; make test installs them")
    raw = [each["event"] for each in SEQUENCES["takeover"] if each.get("run") == "r1"]
    done = subprocess.run(
        ["node", str(HERE / "verify_agui.mjs")],
        input=json.dumps({"events": raw}) + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["ok"] is False


@pytest.mark.parametrize("name", SEQUENCES)
def test_every_event_is_one_of_ag_ui(name: str) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(Event)
    for event in project("r1", SEQUENCES[name]):
        adapter.validate_python(event)
    for each in SEQUENCES[name]:
        adapter.validate_python(each["event"])


def test_what_a_takeover_replaced_is_gone_from_the_snapshot() -> None:
    projected = project("r1", SEQUENCES["takeover"])
    snapshots = [e for e in projected if e["type"] == "MESSAGES_SNAPSHOT"]
    assert len(snapshots) == 1
    assert [m["id"] for m in snapshots[0]["messages"]] == ["u1", "t1.call", "t1.result"]
    broken_off = projected.index({"type": "TEXT_MESSAGE_END", "messageId": "m1"})
    assert broken_off < projected.index(TAKEN_OVER[0]["event"]), "what broke off is closed when it is known"


def test_what_sub_agents_write_is_theirs() -> None:
    projected = project("r1", SEQUENCES["sub-agents"])
    started = [e for e in projected if e["type"] == "SUBAGENT_STARTED"]
    assert [(e["subagentRunId"], e["name"], e["description"], e["parentToolCallId"]) for e in started] == [
        ("c1", "researcher", "About c1", "t1"),
        ("c2", "researcher", "About c2", "t1"),
    ]
    said: dict[str | None, str] = {}
    for event in projected:
        if event["type"] == "TEXT_MESSAGE_CONTENT":
            owner = event.get("subagentRunId")
            said[owner] = said.get(owner, "") + event["delta"]
    assert said == {"c1": "Good day", "c2": "Bad day", None: "Both."}
    finished = [e for e in projected if e["type"] == "SUBAGENT_FINISHED"]
    assert [(e["subagentRunId"], e["result"]) for e in finished] == [
        ("c2", {"text": "Fine."}),
        ("c1", {"text": "Fine."}),
    ]


def test_a_snapshot_says_whose_messages_are_whose() -> None:
    (snapshot,) = [
        e for e in project("r1", SEQUENCES["sub-agent taken over"]) if e["type"] == "MESSAGES_SNAPSHOT"
    ]
    assert [(m["id"], m.get("subagentRunId")) for m in snapshot["messages"]] == [
        ("u1", None),
        ("t1.call", None),
        ("m2", "c2"),
    ]


def test_a_client_that_comes_back_is_told_what_was_before() -> None:
    before = fold(opening()[:4])
    projection = RunProjection("r1", before, known_as="theirs", restate=True)
    records = (opening() + text("m1", "Good ", "day") + FINISH)[4:]
    projected = [event for at, each in enumerate(records, 4) for event in projection.feed(each, at)]
    assert [(e["type"], e.get("runId")) for e in projected][:2] == [
        ("RUN_STARTED", "theirs"),
        ("MESSAGES_SNAPSHOT", None),
    ]
    assert [m["id"] for m in projected[1]["messages"]] == ["u1"]
    assert projected[-1]["runId"] == "theirs"


def asked(message_id: str, run: str, after: str | None) -> list[Json]:
    queued = events.run_queued(run_id=run, agent="copilot", input_id=message_id, after=after)
    return [
        record(events.text_start(message_id=message_id, role="user"), None),
        record(events.text_content(message_id=message_id, delta="Hello"), None),
        record(events.text_end(message_id), None),
        record(queued, None),
        *began(run),
    ]


def test_a_snapshot_tells_of_one_branch_only() -> None:
    said_otherwise = [
        *asked("u1", "r1", None), *of("r1", text("m1", "One")), delegated("c1"), *of("c1", text("m2", "Child")), *FINISH,
        *asked("u2", "r2", "r1"), *of("r2", text("m3", "Two")), *ended("r2"),
        *asked("u3", "r3", "r1"), *of("r3", text("m4", "Thr", end=False)),
        *of("r3", [record(events.run_retrying(run_id="r3", attempt=2))]),
        *of("r3", [record(events.items_superseded(run_id="r3", ids=["m4"]))]),
    ]  # fmt: skip
    (snapshot,) = [e for e in project("r3", said_otherwise) if e["type"] == "MESSAGES_SNAPSHOT"]
    assert [m["id"] for m in snapshot["messages"]] == ["u1", "m1", "m2", "u3"]
