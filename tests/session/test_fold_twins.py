"""Whatever a log holds, both folds make the same view of it, and neither gives up.

People choose ids of messages and agents those of calls, so the ids here are few and used for everything.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sessions_app.session.fold import fold

Json = dict[str, Any]

IDS = st.sampled_from(["a", "b", "r1", "constructor", "__proto__"])
RUNS = st.sampled_from(["r1", "r2", "constructor"])  # we make these
ACTORS = st.sampled_from(["user:1", "user:2", "agent:x", "system"])
JUNK = st.sampled_from([None, 0, 1.5, [], {}, ["a"], [[]], {"a": 1}])
TEXT = st.sampled_from(["", "x", "µ🙂"])
GONE = object()


def field(good: st.SearchStrategy[Any], *, needed: bool = True) -> st.SearchStrategy[Any]:
    """Mostly what belongs there; of a field that is needed sometimes anything else, of another sometimes nothing."""
    return st.one_of(good, good, good, good, JUNK if needed else st.none(), st.just(GONE))


def event(
    kind: str, needed: Json, more: Json | None = None, *, custom: bool = False
) -> st.SearchStrategy[Json]:
    fields = {name: field(each) for name, each in needed.items()}
    fields |= {name: field(each, needed=False) for name, each in (more or {}).items()}

    def made(values: Json) -> Json:
        present = {name: value for name, value in values.items() if value is not GONE}
        return {"type": "CUSTOM", "name": kind, "value": present} if custom else {"type": kind, **present}

    return st.fixed_dictionaries(fields).map(made)


def ours(name: str, needed: Json, more: Json | None = None) -> st.SearchStrategy[Json]:
    return event(name, needed, more, custom=True)


STATUS = st.sampled_from(["approved", "denied", "stopped", "expired"])
EVENTS = st.one_of(
    event("TEXT_MESSAGE_START", {"messageId": IDS}, {"role": st.sampled_from(["user", "assistant"])}),
    event("TEXT_MESSAGE_CONTENT", {"messageId": IDS, "delta": TEXT}),
    event("TEXT_MESSAGE_END", {"messageId": IDS}),
    event("TOOL_CALL_START", {"toolCallId": IDS, "toolCallName": TEXT}),
    event("TOOL_CALL_ARGS", {"toolCallId": IDS, "delta": TEXT}),
    event("TOOL_CALL_END", {"toolCallId": IDS}),
    event(
        "TOOL_CALL_RESULT",
        {"toolCallId": IDS, "content": TEXT},
        {"metadata": st.sampled_from([{"error": True}, {"effect": "done"}, {}])},
    ),
    event("RUN_STARTED", {"runId": RUNS}),
    event("RUN_FINISHED", {"runId": RUNS}, {"outcome": st.sampled_from([{"type": "cancelled"}, {"type": "interrupt"}, {}])}),
    event("RUN_ERROR", {}, {"runId": RUNS, "message": TEXT, "code": TEXT}),
    event("STEP_STARTED", {"stepName": TEXT}),
    event("STEP_FINISHED", {"stepName": TEXT}),
    event("NOBODY_KNOWS", {"messageId": IDS}),
    ours("session.created", {"sessionId": IDS}, {"title": TEXT, "agent": TEXT}),
    ours("session.renamed", {"title": TEXT}),
    ours("session.archived", {"archived": st.booleans()}),
    ours("session.policy", {"whileBusy": TEXT}),
    ours("branch.selected", {"runId": RUNS}),
    ours("control.taken", {}),
    ours("control.released", {}),
    ours("participant.joined", {"actor": ACTORS}, {"name": TEXT, "role": TEXT}),
    ours("participant.left", {"actor": ACTORS}),
    ours("input.accepted", {"inputId": IDS, "text": TEXT}, {"steer": RUNS}),
    ours("input.edited", {"inputId": IDS, "text": TEXT}),
    ours("input.withdrawn", {"inputId": IDS}),
    ours("input.moved", {"inputId": IDS}, {"before": IDS}),
    ours("steer.missed", {"inputId": IDS}),
    ours("run.queued", {"runId": RUNS}, {"agent": TEXT, "inputId": IDS, "after": RUNS, "parent": RUNS, "resumes": RUNS}),
    ours("run.retrying", {"runId": RUNS}, {"attempt": st.integers(1, 3)}),
    ours("run.waiting", {"runId": RUNS}, {"reason": TEXT, "message": TEXT, "until": st.integers(0, 9)}),
    ours("run.counted", {"runId": RUNS, "usage": st.lists(st.just({"model": "m"}), max_size=1)}),
    ours("run.stopped", {"runId": RUNS}, {"reason": TEXT}),
    ours("interrupt.opened", {"id": IDS, "kind": TEXT, "title": TEXT}, {"args": st.just({"a": 1}), "who": TEXT}),
    ours("interrupt.closed", {"id": IDS, "status": STATUS}, {"answer": TEXT}),
    ours("interrupt.readdressed", {"id": IDS, "who": TEXT}),
    ours("effect.settled", {"callId": IDS, "status": TEXT}),
    ours("effect.undone", {"callId": IDS}),
    ours("artifact.published", {"artifact": IDS, "version": st.integers(1, 2), "title": TEXT, "url": TEXT}),
    ours("items.superseded", {"ids": st.lists(IDS, max_size=2)}),
    ours("nobody.knows", {"id": IDS}),
)  # fmt: skip


@st.composite
def records(draw: st.DrawFn) -> Json:
    record: Json = {"id": "e", "ts": draw(st.integers(0, 9)), "v": 1, "event": draw(EVENTS)}
    record["actor"] = draw(ACTORS)
    run = draw(st.sampled_from([None, "r1", "r2"]))
    return record | ({"run": run} if run else {})


def begun(*more: Json) -> list[Json]:
    """An agent has written a message, called a tool and asked; somebody else writes what follows."""
    theirs = [
        {"type": "CUSTOM", "name": "run.queued", "value": {"runId": "r1", "agent": "x"}},
        {"type": "TEXT_MESSAGE_START", "messageId": "a", "role": "assistant"},
        {"type": "TOOL_CALL_START", "toolCallId": "b", "toolCallName": "look"},
        {
            "type": "CUSTOM",
            "name": "interrupt.opened",
            "value": {"id": "q", "kind": "approval", "title": "?", "args": {}},
        },
    ]
    said = {"id": "e", "ts": 1, "v": 1}
    return [{**said, "actor": "agent:x", "run": "r1", "event": each} for each in theirs] + [
        {**said, "actor": "user:2", "event": each} for each in more
    ]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Calls the browser's fold."""
    script = Path(__file__).parent / "fold_twin.mjs"
    with subprocess.Popen(
        ["node", str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as node:
        assert node.stdin and node.stdout
        read, write = node.stdout, node.stdin

        def view(log: list[Json]) -> Json:
            write.write(json.dumps(log) + "\n")
            write.flush()
            made: Json = json.loads(read.readline())
            return made

        yield view
        node.stdin.close()


@given(log=st.lists(records(), max_size=30))
@example(log=begun({"type": "TEXT_MESSAGE_CONTENT", "messageId": "q", "delta": "x"}))
@example(log=begun({"type": "TEXT_MESSAGE_CONTENT", "messageId": "b", "delta": "x"}))
@example(log=begun({"type": "TOOL_CALL_ARGS", "toolCallId": "q", "delta": "x"}))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_both_folds_make_the_same_of_any_log(browser: Any, log: list[Json]) -> None:
    assert fold(json.loads(json.dumps(log))) == browser(log)


@pytest.mark.parametrize("kind", ["message", "tool", "interrupt"])
@pytest.mark.parametrize(
    "wrote", ["TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END", "TOOL_CALL_ARGS", "TOOL_CALL_RESULT"]
)
def test_nobody_adds_to_what_another_wrote(wrote: str, kind: str) -> None:
    target = {"message": "a", "tool": "b", "interrupt": "q"}[kind]
    theirs = {
        "type": wrote,
        "messageId": target,
        "toolCallId": target,
        "delta": "forged",
        "content": "forged",
    }
    assert fold(begun(theirs)) == fold(begun())
