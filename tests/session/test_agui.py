"""The projection of a run, checked by AG-UI's own client and by AG-UI's own models."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ag_ui.core import Event
from pydantic import TypeAdapter

from sessions_app.session import events
from sessions_app.session.agui import project
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


def tool_step() -> list[Json]:
    return [
        record(events.step_started(name="find_deals", kind="tool", index=0)),
        record(events.tool_start(call_id="t1", name="find_deals")),
        record(events.tool_args(call_id="t1", delta="{}")),
        record(events.tool_end("t1")),
        record(events.tool_result(call_id="t1", content="3 deals", error=False)),
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
    snapshots = [e for e in project("r1", SEQUENCES["takeover"]) if e["type"] == "MESSAGES_SNAPSHOT"]
    assert len(snapshots) == 1
    assert [m["id"] for m in snapshots[0]["messages"]] == ["u1", "t1.call", "t1.result"]
