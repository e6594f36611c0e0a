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


def session_policy(while_busy: str) -> Event:
    return custom("session.policy", {"whileBusy": while_busy})


def input_accepted(*, input_id: str, text: str, steer: str | None = None) -> Event:
    """``steer`` is the run that the input is meant for, while it works."""
    value = {"inputId": input_id, "text": text}
    return custom("input.accepted", value | ({"steer": steer} if steer else {}))


def input_edited(*, input_id: str, text: str) -> Event:
    return custom("input.edited", {"inputId": input_id, "text": text})


def input_withdrawn(input_id: str) -> Event:
    return custom("input.withdrawn", {"inputId": input_id})


def input_moved(*, input_id: str, before: str | None) -> Event:
    """``before`` is the waiting input that it now stands in front of; None is the end."""
    return custom("input.moved", {"inputId": input_id, "before": before})


def steer_missed(*, input_id: str, run_id: str) -> Event:
    """The run ended without looking again: the input waits for its own turn."""
    return custom("steer.missed", {"inputId": input_id, "runId": run_id})


def control_taken() -> Event:
    """The record's actor holds control: agents are silent until it is given back."""
    return custom("control.taken", {})


def control_released(reason: str) -> Event:
    """``released`` by a person, ``silent``: the holder said nothing for too long, or ``left``."""
    return custom("control.released", {"reason": reason})


def run_stopped(*, run_id: str, reason: str) -> Event:
    """The receipt; the record's actor stopped it. The terminal event follows in the same commit."""
    return custom("run.stopped", {"runId": run_id, "reason": reason})


def run_counted(*, run_id: str, usage: list[Event]) -> Event:
    """What a run that was stopped in a model call has used after all: it replaces what its terminal event said."""
    return custom("run.counted", {"runId": run_id, "usage": usage})


def run_queued(
    *,
    run_id: str,
    agent: str,
    input_id: str | None,
    after: str | None = None,
    parent: str | None = None,
    resumes: str | None = None,
    title: str | None = None,
) -> Event:
    """``after``: the run that it follows; None begins the conversation. ``parent``: the run whose sub-agent this is,
    ``title`` what it does. ``resumes``: the run whose questions were answered."""
    value = {"runId": run_id, "agent": agent, "inputId": input_id, "after": after}
    more = {"parent": parent, "resumes": resumes, "title": title}
    return custom("run.queued", value | {name: each for name, each in more.items() if each})


def run_retrying(*, run_id: str, attempt: int) -> Event:
    return custom("run.retrying", {"runId": run_id, "attempt": attempt})


def run_waiting(*, run_id: str, reason: str, message: str, until: int) -> Event:
    return custom("run.waiting", {"runId": run_id, "reason": reason, "message": message, "until": until})


def branch_selected(run_id: str) -> Event:
    """Everybody sees the branch that ends with this run."""
    return custom("branch.selected", {"runId": run_id})


def interrupt_opened(
    *,
    id: str,
    kind: str,
    call_id: str,
    tool: str,
    title: str,
    args: Any,
    args_hash: str,
    changes: list[Event],
    who: str,
    expires: int,
) -> Event:
    """``args`` exactly as they would be used; ``changes`` [{label, before, after}] for people; ``expires`` in ms."""
    value = {"id": id, "kind": kind, "callId": call_id, "tool": tool, "title": title, "args": args}
    return custom(
        "interrupt.opened", value | {"hash": args_hash, "changes": changes, "who": who, "expires": expires}
    )


def interrupt_readdressed(*, id: str, who: str) -> Event:
    """Whom it asked can no longer answer: ``who`` may from now on."""
    return custom("interrupt.readdressed", {"id": id, "who": who})


def interrupt_closed(*, id: str, status: str, answer: str = "") -> Event:
    """approved, denied or answered by the record's actor, or expired, or stopped."""
    return custom("interrupt.closed", {"id": id, "status": status} | ({"answer": answer} if answer else {}))


def effect_settled(*, call_id: str, status: str) -> Event:
    """What became of an external effect: done, failed or unknown. May come after the run was stopped."""
    return custom("effect.settled", {"callId": call_id, "status": status})


def effect_undone(call_id: str) -> Event:
    return custom("effect.undone", {"callId": call_id})


def artifact_published(
    *, artifact: str, version: int, title: str, kind: str, url: str, unsupported: int
) -> Event:
    """A version of something that opens beside the chat. ``unsupported`` counts statements that no source supports."""
    value = {"artifact": artifact, "version": version, "title": title, "kind": kind, "url": url}
    return custom("artifact.published", value | {"unsupported": unsupported})


def items_superseded(*, run_id: str, ids: list[str]) -> Event:
    return custom("items.superseded", {"runId": run_id, "ids": ids})


def run_started(*, session_id: str, run_id: str) -> Event:
    return {"type": "RUN_STARTED", "threadId": session_id, "runId": run_id}


def run_finished(
    *,
    session_id: str,
    run_id: str,
    outcome: str = "success",
    interrupts: list[Event] | None = None,
    result: Any = None,
    usage: list[Event] | None = None,
) -> Event:
    event: Event = {
        "type": "RUN_FINISHED",
        "threadId": session_id,
        "runId": run_id,
        "outcome": {"type": outcome},
    }
    if interrupts:
        event["outcome"]["interrupts"] = interrupts
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


def tool_result(*, call_id: str, content: str, error: bool, effect: str = "") -> Event:
    """``effect`` is set for calls that change something: ``done``, ``undoable`` or ``unknown``."""
    event: Event = {
        "type": "TOOL_CALL_RESULT",
        "messageId": f"{call_id}.result",
        "toolCallId": call_id,
        "content": content,
        "role": "tool",
    }
    metadata = ({"error": True} if error else {}) | ({"effect": effect} if effect else {})
    if metadata:
        event["metadata"] = metadata
    return event
