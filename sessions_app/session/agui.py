"""AG-UI as a projection of one run.

The log as a whole is no AG-UI sequence: several runs may be active, and a takeover leaves text open. For one
run this makes a sequence that AG-UI's own client accepts: what a broken attempt left open is closed, and what
replaces it is announced by a MESSAGES_SNAPSHOT.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sessions_app.session.fold import Fold

Json = dict[str, Any]

_ENDS = {"RUN_FINISHED", "RUN_ERROR"}
_PASSED_CUSTOM = {"run.waiting", "run.retrying"}


class RunProjection:
    """Feed it the session's records from the run's start on, on top of the view before them."""

    def __init__(self, run_id: str, view: Json | None = None) -> None:
        self.run_id = run_id
        self.ended = False
        self._fold = Fold(view)
        self._messages: dict[str, None] = {}
        self._tools: dict[str, None] = {}
        self._steps: dict[str, None] = {}

    def feed(self, record: Json, offset: int) -> Iterator[Json]:
        """The AG-UI events that follow from one record; none for what is not of this run."""
        self._fold.apply(record, offset)
        if self.ended or record.get("run") != self.run_id:
            return
        event = record["event"]
        kind = event["type"]
        if kind == "CUSTOM":
            yield from self._custom(event)
        elif kind in _ENDS:
            yield from self._close()
            self.ended = True
            yield event
        elif self._tracked(kind, event):
            yield event

    def _custom(self, event: Json) -> Iterator[Json]:
        if event["name"] == "run.retrying":
            yield from self._close()
        if event["name"] == "items.superseded":
            yield {"type": "MESSAGES_SNAPSHOT", "messages": messages_of(self._fold.view())}
        elif event["name"] in _PASSED_CUSTOM:
            yield event

    def _tracked(self, kind: str, event: Json) -> bool:
        """Whether the event may be sent: what ends must have begun."""
        opened, key = {
            "TEXT_MESSAGE": (self._messages, "messageId"),
            "TOOL_CALL": (self._tools, "toolCallId"),
            "STEP": (self._steps, "stepName"),
        }.get(_family(kind), (None, ""))
        if opened is None or kind == "TOOL_CALL_RESULT":
            return True
        if kind.endswith(("_START", "_STARTED")):
            fresh = event[key] not in opened
            opened[event[key]] = None
            return fresh
        if event[key] not in opened:
            return False
        if kind.endswith(("_END", "_FINISHED")):
            del opened[event[key]]
        return True

    def _close(self) -> Iterator[Json]:
        for message_id in self._messages:
            yield {"type": "TEXT_MESSAGE_END", "messageId": message_id}
        for call_id in self._tools:
            yield {"type": "TOOL_CALL_END", "toolCallId": call_id}
        for name in self._steps:
            yield {"type": "STEP_FINISHED", "stepName": name}
        self._messages.clear()
        self._tools.clear()
        self._steps.clear()


def _family(kind: str) -> str:
    for family in ("TEXT_MESSAGE", "TOOL_CALL", "STEP"):
        if kind.startswith(family):
            return family
    return ""


def project(run_id: str, records: Iterable[Json]) -> list[Json]:
    """The run's AG-UI sequence from the session's records, the first of which has offset 0."""
    projection = RunProjection(run_id)
    return [event for offset, record in enumerate(records) for event in projection.feed(record, offset)]


def messages_of(view: Json) -> list[Json]:
    """The view's conversation as AG-UI messages."""
    messages: list[Json] = []
    for item in view["items"]:
        if item["kind"] == "message":
            messages.append({"id": item["id"], "role": item["role"], "content": item["text"]})
            continue
        if item["kind"] != "tool":
            continue
        call = {"name": item["name"], "arguments": item["args"] or "{}"}
        messages.append(
            {
                "id": f"{item['id']}.call",
                "role": "assistant",
                "toolCalls": [{"id": item["id"], "type": "function", "function": call}],
            }
        )
        if item["result"] is not None:
            messages.append(
                {
                    "id": f"{item['id']}.result",
                    "role": "tool",
                    "toolCallId": item["id"],
                    "content": item["result"],
                }
            )
    return messages
