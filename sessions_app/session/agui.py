"""AG-UI as a projection of one run.

The log as a whole is no AG-UI sequence: several runs may be active, and a takeover leaves text open. For one
run this makes a sequence that AG-UI's own client accepts: what a broken attempt left open is closed, and what
replaces it is announced by a MESSAGES_SNAPSHOT. The run's sub-agents are SUBAGENT_* events inside it, and what they
write carries their id.
"""

from collections.abc import Container, Iterable, Iterator
from decimal import Decimal
from typing import Any

from sessions_app.session.fold import Fold

Json = dict[str, Any]

_ENDS = {"RUN_FINISHED", "RUN_ERROR"}
_PASSED_CUSTOM = {"run.waiting", "run.retrying"}
STOPPED = "This was stopped."

# What an answer to an interrupt looks like, for clients that draw a form for it.
_ANSWERS: dict[str, Json] = {
    "tool_call": {
        "type": "object",
        "properties": {"approved": {"type": "boolean"}, "text": {"type": "string"}},
        "required": ["approved"],
    },
    "input_required": {
        "type": "object",
        "properties": {"text": {"type": "string", "minLength": 1}},
        "required": ["text"],
    },
}


class _Writer:
    """What one agent has open: the run itself, or a sub-agent, whose id its events carry."""

    def __init__(self, subagent: str | None = None) -> None:
        self.subagent = subagent
        self.calls: list[str] = []  # tool calls without a result, oldest first
        self._messages: dict[str, None] = {}
        self._tools: dict[str, None] = {}
        self._steps: dict[str, None] = {}

    def tagged(self, event: Json) -> Json:
        return event if self.subagent is None else event | {"subagentRunId": self.subagent}

    def admit(self, event: Json) -> bool:
        """Whether the event may be sent: what ends must have begun."""
        kind = event["type"]
        opened, key = {
            "TEXT_MESSAGE": (self._messages, "messageId"),
            "TOOL_CALL": (self._tools, "toolCallId"),
            "STEP": (self._steps, "stepName"),
        }.get(_family(kind), (None, ""))
        if kind == "TOOL_CALL_START":
            self.calls.append(event[key])
        if kind == "TOOL_CALL_RESULT" and event["toolCallId"] in self.calls:
            self.calls.remove(event["toolCallId"])
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

    def close(self) -> Iterator[Json]:
        for message_id in self._messages:
            yield self.tagged({"type": "TEXT_MESSAGE_END", "messageId": message_id})
        for call_id in self._tools:
            yield self.tagged({"type": "TOOL_CALL_END", "toolCallId": call_id})
        for name in self._steps:
            yield self.tagged({"type": "STEP_FINISHED", "stepName": name})
        self._messages.clear()
        self._tools.clear()
        self._steps.clear()
        self.calls.clear()


class RunProjection:
    """Feed it the session's records from the run's start on, on top of the view before them.

    ``known_as`` is the id that the client gave the run. With ``restate``, for a client that may hold a part of the run
    already, the conversation before the run stands behind its start.
    """

    def __init__(
        self, run_id: str, view: Json | None = None, *, known_as: str = "", restate: bool = False
    ) -> None:
        self.run_id = run_id
        self.ended = False
        self._known_as = known_as
        self._fold = Fold(view)
        self._restate = restate
        self._started = False
        self._main = _Writer()
        self._subagents: dict[str, _Writer] = {}
        self._used: list[Json] = []  # by sub-agents that have ended
        self._all: set[str] = set()  # every sub-agent there was, for the messages that they wrote

    def feed(self, record: Json, offset: int) -> Iterator[Json]:
        """The AG-UI events that follow from one record; none for what is not of this run."""
        self._fold.apply(record, offset)
        if self.ended:
            return
        event = record["event"]
        run = record.get("run")
        if event.get("name") == "run.queued":
            yield from self._delegated(event["value"])
        elif run == self.run_id:
            yield from self._of_run(event)
        elif run in self._subagents:
            yield from self._of_subagent(self._subagents[run], event)

    def _of_run(self, event: Json) -> Iterator[Json]:
        kind = event["type"]
        if kind == "RUN_STARTED":
            yield from self._start(event["threadId"])
        elif kind in _ENDS:
            if "threadId" in event:  # stopped before it began
                yield from self._start(event["threadId"])
            for writer in list(self._subagents.values()):
                yield from self._end_subagent(
                    writer, {"type": "RUN_FINISHED", "outcome": {"type": "cancelled"}}
                )
            yield from self._main.close()
            self.ended = True
            yield self._named(_with_forms(_counted(_summed(event, self._used))))
        else:
            yield from self._content(self._main, event)

    def _start(self, thread_id: str) -> Iterator[Json]:
        if self._started:
            return
        self._started = True
        yield self._named({"type": "RUN_STARTED", "threadId": thread_id, "runId": self.run_id})
        if self._restate:
            yield self._snapshot()

    def _named(self, event: Json) -> Json:
        return event | {"runId": self._known_as} if self._known_as and "runId" in event else event

    def _delegated(self, value: Json) -> Iterator[Json]:
        parent = value.get("parent")
        if parent is None or (parent != self.run_id and parent not in self._all):
            return
        run_id = value["runId"]
        asked_by = self._subagents.get(parent, self._main)
        started = {"type": "SUBAGENT_STARTED", "subagentRunId": run_id, "name": value["agent"]}
        if value.get("title"):
            started["description"] = value["title"]
        if parent in self._all:
            started["parentSubagentRunId"] = parent
        if asked_by.calls:
            started["parentToolCallId"] = asked_by.calls[-1]
        self._subagents[run_id] = _Writer(run_id)
        self._all.add(run_id)
        yield started

    def _snapshot(self) -> Json:
        items = on_branch(self._fold.view(), self.run_id)
        return {"type": "MESSAGES_SNAPSHOT", "messages": messages_of(items, self._all)}

    def _of_subagent(self, writer: _Writer, event: Json) -> Iterator[Json]:
        if event["type"] in _ENDS:
            yield from self._end_subagent(writer, event)
        elif event["type"] != "RUN_STARTED":
            yield from self._content(writer, event)

    def _end_subagent(self, writer: _Writer, event: Json) -> Iterator[Json]:
        yield from writer.close()
        self._used += event.get("usage") or []
        run_id = str(writer.subagent)
        del self._subagents[run_id]
        if event["type"] == "RUN_ERROR":
            yield {
                "type": "SUBAGENT_ERROR",
                "subagentRunId": run_id,
                "message": event["message"],
                "code": event["code"],
            }
        elif (event.get("outcome") or {"type": "success"})["type"] == "success":
            ended: Json = {
                "type": "SUBAGENT_FINISHED",
                "subagentRunId": run_id,
                "outcome": {"type": "success"},
            }
            yield ended if event.get("result") is None else ended | {"result": event["result"]}
        elif event["outcome"]["type"] == "interrupt":
            # Those it asked itself: what sub-agents of it ask is said of them.
            ids = [
                item["id"]
                for item in self._fold.view()["items"]
                if item["kind"] == "interrupt" and item["run"] == run_id
            ]
            outcome: Json = {"type": "suspended", **({"interruptIds": ids} if ids else {})}
            yield {"type": "SUBAGENT_FINISHED", "subagentRunId": run_id, "outcome": outcome}
        else:
            yield {
                "type": "SUBAGENT_ERROR",
                "subagentRunId": run_id,
                "message": STOPPED,
                "code": "cancelled",
            }

    def _content(self, writer: _Writer, event: Json) -> Iterator[Json]:
        if event["type"] == "CUSTOM":
            yield from self._custom(writer, event)
        elif writer.admit(event):
            yield writer.tagged(event)

    def _custom(self, writer: _Writer, event: Json) -> Iterator[Json]:
        if event["name"] == "run.retrying":
            yield from writer.close()
        if event["name"] == "items.superseded":
            yield self._snapshot()
        elif event["name"] in _PASSED_CUSTOM:
            yield writer.tagged(event)


def on_branch(view: Json, run_id: str) -> list[Json]:
    """The items that a reader of this run's branch sees: none of what was said or answered otherwise."""
    runs = view["runs"]
    path: dict[str, None] = {}
    at = run_id
    while at in runs and at not in path:
        path[at] = None
        at = runs[at].get("after") or ""
    others = {name for name, run in runs.items() if run.get("parent") is None and name not in path}
    others |= {name for name in runs if _root(runs, name) in others}
    unsaid = {runs[name]["input"] for name in others} - {runs[name]["input"] for name in path}
    return [
        item
        for item in view["items"]
        if item["run"] not in others and not (item["run"] is None and item["id"] in unsaid)
    ]


def _root(runs: Json, name: str) -> str:
    while parent := runs.get(name, {}).get("parent"):
        name = parent
    return name


def _summed(event: Json, more: list[Json]) -> Json:
    """A run of AG-UI is all that was done for it: its usage has that of its sub-agents in it."""
    if not more:
        return event
    totals: dict[str, Json] = {}
    for row in [*(event.get("usage") or []), *more]:
        total = totals.setdefault(row["model"], {"model": row["model"]})
        for name, value in row.items():
            if name == "cost":
                total[name] = f"{Decimal(total.get(name, 0)) + Decimal(value):f}"
            elif name != "model":
                total[name] = total.get(name, 0) + value
    return event | {"usage": list(totals.values())}


def _counted(event: Json) -> Json:
    """AG-UI counts cached tokens among the input, and knows no cost: that goes to the metadata, by model, in US dollars."""
    if not event.get("usage"):
        return event
    cost = {each["model"]: each["cost"] for each in event["usage"] if "cost" in each}
    usage = [
        {name: count for name, count in each.items() if name != "cost"}
        | {
            "inputTokens": sum(
                each.get(name, 0) for name in ("inputTokens", "cachedInputTokens", "cacheWriteInputTokens")
            )
        }
        for each in event["usage"]
    ]
    return event | {"usage": usage} | ({"metadata": {"cost": cost}} if cost else {})


def _with_forms(event: Json) -> Json:
    """Says of each question how it is answered."""
    interrupts = (event.get("outcome") or {}).get("interrupts")
    if not interrupts:
        return event
    asked = [each | {"responseSchema": _ANSWERS[each["reason"]]} for each in interrupts]
    return event | {"outcome": event["outcome"] | {"interrupts": asked}}


def _family(kind: str) -> str:
    for family in ("TEXT_MESSAGE", "TOOL_CALL", "STEP"):
        if kind.startswith(family):
            return family
    return ""


def project(run_id: str, records: Iterable[Json]) -> list[Json]:
    """The run's AG-UI sequence from the session's records, the first of which has offset 0."""
    projection = RunProjection(run_id)
    return [event for offset, record in enumerate(records) for event in projection.feed(record, offset)]


def messages_of(items: Iterable[Json], subagents: Container[str]) -> list[Json]:
    """A view's items as AG-UI messages. Those of ``subagents``, run ids, say whose they are."""
    messages: list[Json] = []
    for item in items:
        tag = {"subagentRunId": item["run"]} if item["run"] in subagents else {}
        if item["kind"] == "message":
            messages.append({"id": item["id"], "role": item["role"], "content": item["text"], **tag})
            continue
        if item["kind"] != "tool":
            continue
        call = {"name": item["name"], "arguments": item["args"] or "{}"}
        messages.append(
            {
                "id": f"{item['id']}.call",
                "role": "assistant",
                "toolCalls": [{"id": item["id"], "type": "function", "function": call}],
                **tag,
            }
        )
        if item["result"] is not None:
            messages.append(
                {
                    "id": f"{item['id']}.result",
                    "role": "tool",
                    "toolCallId": item["id"],
                    "content": item["result"],
                    **tag,
                }
            )
    return messages
