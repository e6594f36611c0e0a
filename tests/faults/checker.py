"""After a fault: the log against the promises, and every client's history against the log."""

import json
from dataclasses import dataclass, field
from typing import Any

from sessions_app.session.fold import fold
from tests.faults.follower import Follower
from tests.faults.story import told
from tests.support.topology import Clewline

Json = dict[str, Any]
TERMINAL = {"RUN_FINISHED", "RUN_ERROR"}


def rows(clewline: Clewline, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """One query. ``?`` stands for a value on both databases."""
    connection = clewline.connect()
    try:
        if clewline.environment.get("CLEWLINE_DATABASE_URL"):
            statement = statement.replace("?", "%s")
        return list(connection.execute(statement, values).fetchall())
    finally:
        connection.close()


def open_work(clewline: Clewline) -> int:
    """Runs that have not ended and inputs that wait."""
    runs = rows(clewline, "SELECT count(*) FROM clewline_run WHERE status IN ('queued', 'running')")
    inputs = rows(clewline, "SELECT count(*) FROM clewline_input WHERE status = 'queued'")
    return int(runs[0][0]) + int(inputs[0][0])


def log_of(clewline: Clewline, session: str) -> list[Json]:
    """All records; the offsets are contiguous and end at the head (I1)."""
    uuid = session if clewline.environment.get("CLEWLINE_DATABASE_URL") else session.replace("-", "")
    stream, head = rows(
        clewline,
        "SELECT t.id, t.head FROM clewline_stream t JOIN clewline_session s ON s.stream_id = t.id WHERE s.id = ?",
        uuid,
    )[0]
    found = rows(clewline, "SELECT pos, body FROM clewline_record WHERE stream_id = ? ORDER BY pos", stream)
    assert [pos for pos, _ in found] == list(range(head))
    return [json.loads(bytes(body)) for _, body in found]


@dataclass
class Outcome:
    retries: int = 0
    heads: dict[str, int] = field(default_factory=dict)


def check(clewline: Clewline, sent: dict[str, list[tuple[str, str]]], followers: list[Follower]) -> Outcome:
    """``sent`` is what was said in each session, in order: (input id, text). Followers have reached the head."""
    outcome = Outcome()
    for session, inputs in sent.items():
        log = log_of(clewline, session)
        outcome.heads[session] = len(log)
        ids = [record["id"] for record in log]
        assert len(ids) == len(set(ids)), "a record was logged twice"

        accepted = [r["event"]["value"]["inputId"] for r in log if r["event"].get("name") == "input.accepted"]
        assert sorted(accepted) == sorted(input_id for input_id, _ in inputs), "I2"
        queued = [r["event"]["value"]["runId"] for r in log if r["event"].get("name") == "run.queued"]
        ended = [r["run"] for r in log if r["event"]["type"] in TERMINAL]
        assert sorted(ended) == sorted(queued) and len(queued) == len(inputs), "I3"
        outcome.retries += sum(r["event"].get("name") == "run.retrying" for r in log)

        view = fold(log)
        assert all(run["status"] == "finished" for run in view["runs"].values()), view["runs"]
        texts = dict(inputs)
        for run_id, run in view["runs"].items():
            said = [
                i
                for i in view["items"]
                if i["run"] == run_id and i["kind"] == "message" and i["role"] == "assistant"
            ]
            assert [(i["text"], i["status"]) for i in said] == [
                (t, "done") for t in told(texts[run["input"]])
            ]
            tools = [i for i in view["items"] if i["run"] == run_id and i["kind"] == "tool"]
            assert [(i["result"], i["status"]) for i in tools] == [(str(n), "done") for n in range(len(said))]
        _check_fencing(log)

        for follower in (f for f in followers if f.session == session):
            assert not follower.wrong, follower.wrong
            assert follower.records == log[follower.first :], (
                "I1: a client was shown something else than the log"
            )
            assert follower.fold.view() == view, "I8"
    return outcome


def _check_fencing(log: list[Json]) -> None:
    """I4: between a takeover and the first replacement, the run writes nothing that an old attempt could have."""
    open_messages: dict[str, set[str]] = {}
    dead: set[str] = set()
    for record in log:
        event, run = record["event"], record.get("run")
        kind = event["type"]
        if event.get("name") == "run.retrying":
            dead |= open_messages.pop(run or "", set())
        elif kind == "TEXT_MESSAGE_START" and run:
            open_messages.setdefault(run, set()).add(event["messageId"])
        elif kind == "TEXT_MESSAGE_END" and run:
            open_messages.get(run, set()).discard(event["messageId"])
        if kind in {"TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END"}:
            assert event["messageId"] not in dead, "I4: text of a superseded attempt"
