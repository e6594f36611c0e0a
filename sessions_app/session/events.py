"""The vocabulary: one constructor for each event. Content events have AG-UI 1.0 names and shapes.

PROTOCOL.md is the reader's description of the same table.
"""

from typing import Any

Event = dict[str, Any]

SYSTEM = "system"


def custom(name: str, value: Event) -> Event:
    return {"type": "CUSTOM", "name": name, "value": value}


def session_created(*, session_id: str, title: str, agent: str, subject: Event | None) -> Event:
    return custom(
        "session.created", {"sessionId": session_id, "title": title, "agent": agent, "subject": subject}
    )


def session_renamed(title: str) -> Event:
    return custom("session.renamed", {"title": title})


def session_archived(archived: bool) -> Event:
    return custom("session.archived", {"archived": archived})


def participant_joined(*, actor: str, name: str, role: str) -> Event:
    return custom("participant.joined", {"actor": actor, "name": name, "role": role})


def participant_left(*, actor: str, reason: str) -> Event:
    return custom("participant.left", {"actor": actor, "reason": reason})


def input_accepted(*, input_id: str, text: str) -> Event:
    return custom("input.accepted", {"inputId": input_id, "text": text})


def run_queued(*, run_id: str, agent: str, input_id: str) -> Event:
    return custom("run.queued", {"runId": run_id, "agent": agent, "inputId": input_id})


def run_retrying(*, run_id: str, attempt: int) -> Event:
    return custom("run.retrying", {"runId": run_id, "attempt": attempt})


def run_waiting(*, run_id: str, reason: str, message: str, until: int) -> Event:
    return custom("run.waiting", {"runId": run_id, "reason": reason, "message": message, "until": until})


def items_superseded(*, run_id: str, ids: list[str]) -> Event:
    return custom("items.superseded", {"runId": run_id, "ids": ids})


def run_started(*, session_id: str, run_id: str) -> Event:
    return {"type": "RUN_STARTED", "threadId": session_id, "runId": run_id}


def run_finished(
    *,
    session_id: str,
    run_id: str,
    outcome: str = "success",
    result: Any = None,
    usage: list[Event] | None = None,
) -> Event:
    event: Event = {
        "type": "RUN_FINISHED",
        "threadId": session_id,
        "runId": run_id,
        "outcome": {"type": outcome},
    }
    if result is not None:
        event["result"] = result
    if usage:
        event["usage"] = usage
    return event


def run_error(*, message: str, code: str, usage: list[Event] | None = None) -> Event:
    event: Event = {"type": "RUN_ERROR", "message": message, "code": code}
    if usage:
        event["usage"] = usage
    return event


def step_started(*, name: str, kind: str, index: int) -> Event:
    return {"type": "STEP_STARTED", "stepName": name, "metadata": {"kind": kind, "index": index}}


def step_finished(*, name: str, kind: str, index: int) -> Event:
    return {"type": "STEP_FINISHED", "stepName": name, "metadata": {"kind": kind, "index": index}}


def text_start(*, message_id: str, role: str) -> Event:
    return {"type": "TEXT_MESSAGE_START", "messageId": message_id, "role": role}


def text_content(*, message_id: str, delta: str) -> Event:
    return {"type": "TEXT_MESSAGE_CONTENT", "messageId": message_id, "delta": delta}


def text_end(message_id: str) -> Event:
    return {"type": "TEXT_MESSAGE_END", "messageId": message_id}


def tool_start(*, call_id: str, name: str) -> Event:
    return {"type": "TOOL_CALL_START", "toolCallId": call_id, "toolCallName": name}


def tool_args(*, call_id: str, delta: str) -> Event:
    return {"type": "TOOL_CALL_ARGS", "toolCallId": call_id, "delta": delta}


def tool_end(call_id: str) -> Event:
    return {"type": "TOOL_CALL_END", "toolCallId": call_id}


def tool_result(*, call_id: str, content: str, error: bool) -> Event:
    event: Event = {
        "type": "TOOL_CALL_RESULT",
        "messageId": f"{call_id}.result",
        "toolCallId": call_id,
        "content": content,
        "role": "tool",
    }
    if error:
        event["metadata"] = {"error": True}
    return event
