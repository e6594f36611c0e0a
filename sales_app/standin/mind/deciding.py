"""From a request to what is done next: call tools, or answer."""

import re
from dataclasses import dataclass, field
from typing import Any

from sales_app.standin.mind import conversation as conversations
from sales_app.standin.mind import topics, unread
from sales_app.standin.mind.conversation import Conversation
from sales_app.standin.mind.recalling import recalled
from sales_app.standin.mind.steps import Answer, Call, Situation

__all__ = ["Answer", "Call", "decide"]

Json = dict[str, Any]


@dataclass
class Decision:
    calls: list[Call] = field(default_factory=list)
    text: str = ""


def decide(request: Json) -> "list[Call] | Answer":
    """The same request always gets the same decision."""
    conversation = conversations.read(request)
    decided = _decide(conversation)
    if isinstance(decided, Answer):
        return Answer(_remaining(decided.text, conversation.said_already))
    missing = [call.name for call in decided if call.name not in conversation.tools]
    if missing or request.get("tool_choice", {}).get("type") == "none":
        return Answer(f"I would need {', '.join(missing) or 'to look that up'}, which I may not use here.")
    return decided


def _decide(conversation: Conversation) -> "list[Call] | Answer":
    situation = Situation(conversation, recalled(conversation))
    decided = topics.answer(situation)
    left_out = unread.note(situation.reading)
    if isinstance(decided, Answer) and left_out and situation.done:
        return Answer(f"{left_out}\n\n{decided.text}")
    return decided


def _remaining(text: str, said: str) -> str:
    """The rest of an answer that was cut, or all of it when it would now be another."""
    if said and text.startswith(said) and text != said:
        return text[len(said) :]
    if said and text == said:
        return "That was all."
    return re.sub(r"\n{3,}", "\n\n", text)
