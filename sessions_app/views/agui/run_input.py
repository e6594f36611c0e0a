"""AG-UI's RunAgentInput, as far as it is used here. The log knows the conversation: of the messages only the last counts."""

from typing import Annotated, Any, Literal

import msgspec

from sessions_app.runs.models import Interrupt
from sessions_app.session.access import canonical
from sessions_app.views.api.answers import BadRequest

Json = dict[str, Any]


class Resume(msgspec.Struct, rename="camel"):
    interrupt_id: str
    status: Literal["resolved", "cancelled"]
    payload: Any = None


class RunAgentInput(msgspec.Struct, rename="camel"):
    """State, tools, context and forwarded properties are not used: agents bring their own tools."""

    run_id: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    thread_id: Annotated[str, msgspec.Meta(max_length=64)] = ""
    messages: list[Json] = msgspec.field(default_factory=list)
    resume: list[Resume] | None = None

    def __post_init__(self) -> None:
        if self.thread_id:
            canonical(self.thread_id)


class Said(msgspec.Struct, frozen=True):
    """A user message: its id makes sending it again harmless."""

    id: str
    text: str


def last_said(messages: list[Json]) -> Said | None:
    """The last message if a user said it, else None. Raises BadRequest."""
    last = messages[-1] if messages else {}
    if last.get("role") != "user":
        return None
    if not isinstance(last.get("id"), str):
        raise BadRequest("A message needs an `id`, a string.")
    return Said(last["id"], _text_of(last.get("content")))


def _text_of(content: Any) -> str:
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else [content]
    texts = [
        part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None for part in parts
    ]
    if not all(isinstance(text, str) for text in texts):
        raise BadRequest("Only text can be sent here.")
    return "\n\n".join(str(text) for text in texts)


def decision_in(entry: Resume, asked: Interrupt) -> tuple[str, str]:
    """``(decision, text)`` for ``control.answer``. Raises BadRequest."""
    payload = entry.payload
    if entry.status == "cancelled":
        return "deny", ""
    if asked.kind == Interrupt.Kind.QUESTION:
        text = payload.get("text") if isinstance(payload, dict) else payload
        if not isinstance(text, str):
            raise BadRequest('A question is answered with {"text": "…"}.')
        return "answer", text
    approved = payload.get("approved") if isinstance(payload, dict) else payload
    text = payload.get("text", "") if isinstance(payload, dict) else ""
    if not isinstance(approved, bool) or not isinstance(text, str):
        raise BadRequest('An approval is answered with {"approved": true} or {"approved": false}.')
    return "approve" if approved else "deny", text


def hash_in(entry: Resume, asked: Interrupt) -> str:
    """The hash of what the client has seen. The question's id stands for its arguments, which never change."""
    seen = entry.payload.get("hash") if isinstance(entry.payload, dict) else None
    return asked.args_hash if seen is None else str(seen)
