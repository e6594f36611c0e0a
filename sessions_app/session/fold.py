"""The fold: a pure function from records to the view. static/js/session/fold.js is its twin; both run the same cases.

The view's shape is in PROTOCOL.md. Unknown events and fields are ignored, so that an older process can read
what a newer one wrote.
"""

from collections.abc import Callable, Iterable
from typing import Any

Json = dict[str, Any]

VERSION = 2  # of the view's shape; snapshots of another are not read

_OPEN = ("streaming", "running", "stale")
_ENDED = ("finished", "cancelled", "interrupted", "failed")

# What a run writes when it neither waits nor retries any longer.
_AT_WORK = frozenset(
    {
        "TEXT_MESSAGE_START",
        "TEXT_MESSAGE_CONTENT",
        "TEXT_MESSAGE_END",
        "TOOL_CALL_START",
        "TOOL_CALL_ARGS",
        "TOOL_CALL_END",
        "TOOL_CALL_RESULT",
        "STEP_STARTED",
    }
)

# The fields without which an event says nothing, all texts unless _OTHERWISE says so: a record that lacks one is ignored.
_NEEDS: dict[str, tuple[str, ...]] = {
    "TEXT_MESSAGE_START": ("messageId",),
    "TEXT_MESSAGE_CONTENT": ("messageId", "delta"),
    "TEXT_MESSAGE_END": ("messageId",),
    "TOOL_CALL_START": ("toolCallId", "toolCallName"),
    "TOOL_CALL_ARGS": ("toolCallId", "delta"),
    "TOOL_CALL_RESULT": ("toolCallId", "content"),
    "RUN_STARTED": ("runId",),
    "RUN_FINISHED": ("runId",),
    "STEP_STARTED": ("stepName",),
    "session.created": ("sessionId",),
    "session.renamed": ("title",),
    "session.archived": ("archived",),
    "session.policy": ("whileBusy",),
    "branch.selected": ("runId",),
    "participant.joined": ("actor",),
    "participant.left": ("actor",),
    "input.accepted": ("inputId", "text"),
    "input.edited": ("inputId", "text"),
    "input.withdrawn": ("inputId",),
    "input.moved": ("inputId",),
    "steer.missed": ("inputId",),
    "run.queued": ("runId",),
    "run.retrying": ("runId",),
    "run.waiting": ("runId",),
    "run.stopped": ("runId",),
    "run.counted": ("runId", "usage"),
    "interrupt.opened": ("id", "kind", "title"),
    "interrupt.readdressed": ("id", "who"),
    "interrupt.closed": ("id", "status"),
    "effect.settled": ("callId", "status"),
    "effect.undone": ("callId",),
    "artifact.published": ("artifact", "version", "title", "url"),
    "items.superseded": ("ids",),
}
_OTHERWISE: dict[str, type] = {"archived": bool, "version": int, "ids": list, "usage": list}


def empty_view() -> Json:
    return {"v": VERSION, "session": None, "participants": {}, "items": [], "runs": {}, "inputs": []}


class Fold:
    """Folds records into a view. Open texts are kept in parts: appending to a long string would be quadratic."""

    def __init__(self, view: Json | None = None) -> None:
        self._view = empty_view() if view is None else view
        self._items: dict[str, Json] = {item["id"]: item for item in self._view["items"]}
        self._parts: dict[str, list[str]] = {}

    def view(self) -> Json:
        for item_id in list(self._parts):
            self._join(item_id)
        return self._view

    def apply(self, record: Json, offset: int) -> None:
        """Never raises: what is not understood changes nothing, so that no record makes a session unreadable."""
        event = record.get("event") or {}
        kind = event.get("type")
        known = _CONTENT
        if kind == "CUSTOM":
            kind, event, known = event.get("name"), event.get("value") or {}, _CUSTOM
        if not isinstance(kind, str) or kind not in known or not _is_whole(kind, event):
            return
        if kind in _AT_WORK and event.get("role") != "user":
            self._working(record)
        known[kind](self, record, event, offset)

    def _own(self, record: Json, item_id: str, kind: str) -> Json | None:
        """The item, if it is of this kind and whoever opened it wrote the record: nobody else adds to it."""
        item = self._items.get(item_id)
        if item is None or item["kind"] != kind:
            return None
        return item if (item["run"], item["actor"]) == (record.get("run"), record["actor"]) else None

    def _text_content(self, record: Json, event: Json, offset: int) -> None:
        item = self._own(record, event["messageId"], "message")
        if item is not None:
            self._append(item, event["delta"])

    def _append(self, item: Json, delta: str) -> None:
        parts = self._parts.get(item["id"])
        if parts is None:
            parts = self._parts[item["id"]] = [item["text" if item["kind"] == "message" else "args"] or ""]
        parts.append(delta)

    def _join(self, item_id: str) -> None:
        parts = self._parts.pop(item_id, None)
        item = self._items.get(item_id)
        if parts is not None and item is not None:
            item["text" if item["kind"] == "message" else "args"] = "".join(parts)

    def _run(self, run_id: str | None) -> Json | None:
        """The run, unless it is unknown or has ended: after its terminal event nothing changes a run."""
        run: Json | None = self._view["runs"].get(run_id)
        return None if run is None or run["status"] in _ENDED else run

    def _working(self, record: Json) -> None:
        """The record's run shows by writing it that it neither waits nor retries any longer."""
        run = self._run(record.get("run"))
        if run is not None and run["status"] in ("retrying", "waiting"):
            run["status"] = "running"
            run["waiting"] = None

    def _open_items(self, run_id: str | None) -> list[Json]:
        return [item for item in self._view["items"] if item["run"] == run_id and item["status"] in _OPEN]

    # What is asked, and what was changed.

    def _interrupt_opened(self, record: Json, value: Json, offset: int) -> None:
        self._add(
            {
                "kind": "interrupt",
                "id": value["id"],
                "ask": value["kind"],
                "call": value.get("callId"),
                "tool": value.get("tool"),
                "title": value["title"],
                "args": value.get("args"),
                "hash": value.get("hash"),
                "changes": value.get("changes") or [],
                "who": value.get("who"),
                "expires": value.get("expires"),
                "actor": record["actor"],
                "run": record.get("run"),
                "at": offset,
                "ts": record["ts"],
                "endTs": None,
                "by": None,
                "answer": None,
                "status": "open",
            }
        )

    def _interrupt_readdressed(self, record: Json, value: Json, offset: int) -> None:
        item = self._items.get(value["id"])
        if item and item["kind"] == "interrupt" and item["status"] == "open":
            item["who"] = value["who"]

    def _interrupt_closed(self, record: Json, value: Json, offset: int) -> None:
        item = self._items.get(value["id"])
        # What was approved may be stopped before it is done.
        may = ("open", "approved") if value["status"] == "stopped" else ("open",)
        if item and item["kind"] == "interrupt" and item["status"] in may:
            item.update(
                status=value["status"], by=record["actor"], answer=value.get("answer"), endTs=record["ts"]
            )

    def _effect_settled(self, record: Json, value: Json, offset: int) -> None:
        item = self._items.get(value["callId"])
        if item and item["kind"] == "tool":
            item["effect"] = value["status"]

    def _effect_undone(self, record: Json, value: Json, offset: int) -> None:
        item = self._items.get(value["callId"])
        if item and item["kind"] == "tool":
            item["effect"] = "undone"

    def _artifact_published(self, record: Json, value: Json, offset: int) -> None:
        self._add(
            {
                "kind": "artifact",
                "id": f"{value['artifact']}.{value['version']}",
                "artifact": value["artifact"],
                "version": value["version"],
                "title": value["title"],
                "artifact_kind": value.get("kind"),
                "url": value["url"],
                "unsupported": value.get("unsupported") or 0,
                "actor": record["actor"],
                "run": record.get("run"),
                "at": offset,
                "ts": record["ts"],
                "status": "done",
            }
        )

    # Session and people.

    def _session_created(self, record: Json, value: Json, offset: int) -> None:
        self._view["session"] = {
            "id": value["sessionId"],
            "title": value.get("title"),
            "agent": value.get("agent"),
            "subject": value.get("subject"),
            "archived": False,
            "whileBusy": "queue",
            "control": None,
            "branch": None,
            "createdTs": record["ts"],
        }

    def _session_renamed(self, record: Json, value: Json, offset: int) -> None:
        if self._view["session"]:
            self._view["session"]["title"] = value["title"]

    def _session_archived(self, record: Json, value: Json, offset: int) -> None:
        if self._view["session"]:
            self._view["session"]["archived"] = value["archived"]

    def _session_policy(self, record: Json, value: Json, offset: int) -> None:
        if self._view["session"]:
            self._view["session"]["whileBusy"] = value["whileBusy"]

    def _branch_selected(self, record: Json, value: Json, offset: int) -> None:
        if self._view["session"] and value["runId"] in self._view["runs"]:
            self._view["session"]["branch"] = value["runId"]

    def _control_taken(self, record: Json, value: Json, offset: int) -> None:
        if self._view["session"]:
            self._view["session"]["control"] = {"actor": record["actor"], "ts": record["ts"]}

    def _control_released(self, record: Json, value: Json, offset: int) -> None:
        if self._view["session"]:
            self._view["session"]["control"] = None

    def _joined(self, record: Json, value: Json, offset: int) -> None:
        self._view["participants"][value["actor"]] = {
            "name": value.get("name"),
            "role": value.get("role"),
            "here": True,
        }

    def _left(self, record: Json, value: Json, offset: int) -> None:
        person = self._view["participants"].get(value["actor"])
        if person:
            person["here"] = False

    # Inputs and runs.

    def _input_accepted(self, record: Json, value: Json, offset: int) -> None:
        known = value["inputId"] in self._items or any(
            i["id"] == value["inputId"] for i in self._view["inputs"]
        )
        if known:
            return
        self._view["inputs"].append(
            {
                "id": value["inputId"],
                "actor": record["actor"],
                "text": value["text"],
                "ts": record["ts"],
                "steer": value.get("steer"),
            }
        )

    def _input(self, input_id: str) -> Json | None:
        return next((waiting for waiting in self._view["inputs"] if waiting["id"] == input_id), None)

    def _input_edited(self, record: Json, value: Json, offset: int) -> None:
        waiting = self._input(value["inputId"])
        if waiting:
            waiting["text"] = value["text"]

    def _input_withdrawn(self, record: Json, value: Json, offset: int) -> None:
        waiting = self._input(value["inputId"])
        if waiting:
            self._view["inputs"].remove(waiting)

    def _input_moved(self, record: Json, value: Json, offset: int) -> None:
        inputs = self._view["inputs"]
        moved, before = self._input(value["inputId"]), self._input(value.get("before") or "")
        if moved and moved is not before:
            inputs.remove(moved)
            inputs.insert(inputs.index(before) if before else len(inputs), moved)

    def _steer_missed(self, record: Json, value: Json, offset: int) -> None:
        waiting = self._input(value["inputId"])
        if waiting:
            waiting["steer"] = None

    def _new_run(self, record: Json, run_id: str, agent: str | None, input_id: str | None) -> Json:
        run = self._view["runs"].setdefault(
            run_id,
            {
                "status": "queued",
                "agent": agent,
                "attempt": 0,
                "input": input_id,
                "ts": record["ts"],
                "endTs": None,
                "step": None,
                "error": None,
                "usage": None,
                "result": None,
                "waiting": None,
                "stopped": None,
                "after": None,
                "parent": None,
                "resumes": None,
                "title": None,
            },
        )
        return dict(run) if run["status"] in _ENDED else run

    def _run_queued(self, record: Json, value: Json, offset: int) -> None:
        if value["runId"] in self._view["runs"]:
            return
        run = self._new_run(record, value["runId"], value.get("agent"), value.get("inputId"))
        for name in ("after", "parent", "resumes", "title"):
            run[name] = value.get(name)
        if not run["parent"] and self._view["session"]:
            if "after" not in value:  # before there were branches
                run["after"] = self._view["session"]["branch"]
            self._view["session"]["branch"] = value["runId"]

    def _run_started(self, record: Json, event: Json, offset: int) -> None:
        actor = record["actor"]
        agent = actor.removeprefix("agent:") if actor.startswith("agent:") else None
        run = self._new_run(record, event["runId"], agent, None)
        run.update(status="running", attempt=1, waiting=None)

    def _run_retrying(self, record: Json, value: Json, offset: int) -> None:
        run = self._run(value["runId"])
        if run is None:
            return
        attempt = value.get("attempt", run["attempt"])
        run.update(status="retrying", attempt=attempt, step=None, waiting=None)
        for item in self._open_items(value["runId"]):
            item["status"] = "stale"

    def _run_stopped(self, record: Json, value: Json, offset: int) -> None:
        run = self._run(value["runId"])
        if run:
            run["stopped"] = {"by": record["actor"], "reason": value.get("reason")}

    def _run_counted(self, record: Json, value: Json, offset: int) -> None:
        """The one thing that is said of a run after its end."""
        run = self._view["runs"].get(value["runId"])
        if run:
            run["usage"] = value["usage"]

    def _run_waiting(self, record: Json, value: Json, offset: int) -> None:
        run = self._run(value["runId"])
        if run:
            run["status"] = "waiting"
            run["waiting"] = {name: value.get(name) for name in ("reason", "message", "until")}

    def _superseded(self, record: Json, value: Json, offset: int) -> None:
        gone = {each for each in value["ids"] if isinstance(each, str)}
        self._view["items"] = [item for item in self._view["items"] if item["id"] not in gone]
        for item_id in gone:
            self._items.pop(item_id, None)
            self._parts.pop(item_id, None)

    def _end_run(self, record: Json, run_id: str, status: str, event: Json) -> None:
        run = self._run(run_id)
        if run is None:
            return
        run.update(status=status, endTs=record["ts"], step=None, waiting=None)
        run["usage"] = event.get("usage")
        run["result"] = event.get("result")
        if status == "failed":
            run["error"] = {"code": event.get("code"), "message": event.get("message")}
        for item in self._open_items(run_id):
            item["status"] = "partial"

    def _run_finished(self, record: Json, event: Json, offset: int) -> None:
        outcome = (event.get("outcome") or {}).get("type", "success")
        status = {"cancelled": "cancelled", "interrupt": "interrupted"}.get(outcome, "finished")
        self._end_run(record, event["runId"], status, event)

    def _run_error(self, record: Json, event: Json, offset: int) -> None:
        self._end_run(record, event.get("runId") or record.get("run") or "", "failed", event)

    def _step_started(self, record: Json, event: Json, offset: int) -> None:
        run = self._run(record.get("run"))
        if run:
            run["step"] = event["stepName"]

    def _step_finished(self, record: Json, event: Json, offset: int) -> None:
        run = self._run(record.get("run"))
        if run:
            run["step"] = None

    # Messages and tool calls.

    def _add(self, item: Json) -> None:
        if item["id"] not in self._items:
            self._view["items"].append(item)
            self._items[item["id"]] = item

    def _text_start(self, record: Json, event: Json, offset: int) -> None:
        message_id = event["messageId"]
        if event.get("role") == "user":
            self._view["inputs"] = [
                waiting for waiting in self._view["inputs"] if waiting["id"] != message_id
            ]
        self._add(
            {
                "kind": "message",
                "id": message_id,
                "role": event.get("role") or "assistant",
                "actor": record["actor"],
                "run": record.get("run"),
                "at": offset,
                "ts": record["ts"],
                "text": "",
                "status": "streaming",
            }
        )

    def _text_end(self, record: Json, event: Json, offset: int) -> None:
        self._join(event["messageId"])
        item = self._own(record, event["messageId"], "message")
        if item and item["status"] == "streaming":
            item["status"] = "done"

    def _tool_start(self, record: Json, event: Json, offset: int) -> None:
        self._add(
            {
                "kind": "tool",
                "id": event["toolCallId"],
                "name": event["toolCallName"],
                "actor": record["actor"],
                "run": record.get("run"),
                "at": offset,
                "ts": record["ts"],
                "endTs": None,
                "args": None,
                "result": None,
                "error": False,
                "effect": None,
                "status": "running",
            }
        )

    def _tool_args(self, record: Json, event: Json, offset: int) -> None:
        item = self._own(record, event["toolCallId"], "tool")
        if item is not None:
            self._append(item, event["delta"])

    def _tool_end(self, record: Json, event: Json, offset: int) -> None:
        """The arguments are whole; the result is still to come."""

    def _tool_result(self, record: Json, event: Json, offset: int) -> None:
        item = self._own(record, event["toolCallId"], "tool")
        if item and item["status"] == "running":
            metadata = event.get("metadata") or {}
            failed = metadata.get("error") is True
            item["effect"] = metadata.get("effect") or item["effect"]
            item["result"] = event["content"]
            item["error"] = failed
            item["endTs"] = record["ts"]
            item["status"] = "failed" if failed else "done"


Handler = Callable[[Fold, Json, Json, int], None]

_CUSTOM: dict[str, Handler] = {
    "session.created": Fold._session_created,
    "session.renamed": Fold._session_renamed,
    "session.archived": Fold._session_archived,
    "participant.joined": Fold._joined,
    "participant.left": Fold._left,
    "session.policy": Fold._session_policy,
    "branch.selected": Fold._branch_selected,
    "control.taken": Fold._control_taken,
    "control.released": Fold._control_released,
    "input.accepted": Fold._input_accepted,
    "input.edited": Fold._input_edited,
    "input.withdrawn": Fold._input_withdrawn,
    "input.moved": Fold._input_moved,
    "steer.missed": Fold._steer_missed,
    "run.stopped": Fold._run_stopped,
    "run.counted": Fold._run_counted,
    "run.queued": Fold._run_queued,
    "run.retrying": Fold._run_retrying,
    "run.waiting": Fold._run_waiting,
    "interrupt.opened": Fold._interrupt_opened,
    "interrupt.readdressed": Fold._interrupt_readdressed,
    "interrupt.closed": Fold._interrupt_closed,
    "effect.settled": Fold._effect_settled,
    "effect.undone": Fold._effect_undone,
    "artifact.published": Fold._artifact_published,
    "items.superseded": Fold._superseded,
}

_CONTENT: dict[str, Handler] = {
    "RUN_STARTED": Fold._run_started,
    "RUN_FINISHED": Fold._run_finished,
    "RUN_ERROR": Fold._run_error,
    "STEP_STARTED": Fold._step_started,
    "STEP_FINISHED": Fold._step_finished,
    "TEXT_MESSAGE_START": Fold._text_start,
    "TEXT_MESSAGE_CONTENT": Fold._text_content,
    "TEXT_MESSAGE_END": Fold._text_end,
    "TOOL_CALL_START": Fold._tool_start,
    "TOOL_CALL_ARGS": Fold._tool_args,
    "TOOL_CALL_END": Fold._tool_end,
    "TOOL_CALL_RESULT": Fold._tool_result,
}


def _is_whole(kind: str, event: Json) -> bool:
    return all(isinstance(event.get(name), _OTHERWISE.get(name, str)) for name in _NEEDS.get(kind, ()))


def fold(records: Iterable[Json], view: Json | None = None, *, start: int = 0) -> Json:
    """The view after ``records``, the first of which has offset ``start``, on top of ``view``."""
    state = Fold(view)
    for offset, record in enumerate(records, start):
        state.apply(record, offset)
    return state.view()
