"""From a request to what is done next: call tools, or answer."""

import re
from dataclasses import dataclass, field
from typing import Any

from sales_app.standin.mind import composing, interviewing, lining, skills, topics, unread
from sales_app.standin.mind import conversation as conversations
from sales_app.standin.mind.conversation import Conversation
from sales_app.standin.mind.following import wish_in
from sales_app.standin.mind.recalling import recalled
from sales_app.standin.mind.steps import Answer, Call, Situation
from sales_app.standin.mind.topic import topic_of
from sales_app.standin.mind.topics.research import research_in

__all__ = ["Answer", "Call", "decide"]

Json = dict[str, Any]


@dataclass
class Decision:
    calls: list[Call] = field(default_factory=list)
    text: str = ""


def decide(request: Json) -> "list[Call] | Answer":
    """The same request always gets the same decision."""
    if composing.is_request(request):
        return Answer(composing.compose(request))
    if lining.is_request(request):
        return Answer(lining.line_up(request))
    if interviewing.is_request(request):
        return Answer(interviewing.next_question(request))
    conversation = conversations.read(request)
    decided = _decide(conversation, skills.skills_of(request))
    if isinstance(decided, Answer):
        return Answer(_remaining(decided.text, conversation.said_already))
    missing = [call.name for call in decided if call.name not in conversation.tools]
    if missing or request.get("tool_choice", {}).get("type") == "none":
        return Answer(f"I would need {', '.join(missing) or 'to look that up'}, which I may not use here.")
    return decided


def _decide(conversation: Conversation, offered: dict[str, str]) -> "list[Call] | Answer":
    situation = Situation(conversation, recalled(conversation))
    told = is_told_what_to_do(conversation)
    if not told:
        used = skills.about_skills(situation, offered, conversation.aside)
        if used is not None:
            return used
    decided = topics.answer(situation)
    if not isinstance(decided, Answer) or not situation.done or told:
        return decided
    return _once_more(situation) or _saying_what_is_left_out(situation, decided)


def _saying_what_is_left_out(situation: Situation, decided: Answer) -> Answer:
    left_out = unread.note(situation)
    return Answer(f"{left_out}\n\n{decided.text}") if left_out else decided


def _once_more(situation: Situation) -> "list[Call] | Answer | None":
    """Without the one word before what is listed, once nothing was found that is called so."""
    done = situation.done
    # The look-ups up to the first answer were for the question as it stands, the others for the shorter one.
    first = next(
        part
        for part in (situation.after(done[:count]) for count in range(len(done) + 1))
        if isinstance(topics.answer(part), Answer)
    )
    shorter = unread.without_qualifier(first)
    if shorter is None or topic_of(shorter.reading) != topic_of(situation.reading):
        return None
    decided = topics.answer(shorter.after(done[len(first.done) :]))
    if isinstance(decided, Answer):
        return Answer(f"{unread.qualifier_note(situation.reading.names[0])}\n\n{decided.text}")
    return decided


def is_told_what_to_do(conversation: Conversation) -> bool:
    """Then its words are taken as they are."""
    return wish_in(conversation) is not None or research_in(conversation.open.question) is not None


def _remaining(text: str, said: str) -> str:
    """The rest of an answer that was cut, or all of it when it would now be another."""
    if said and text.startswith(said) and text != said:
        return text[len(said) :]
    if said and text == said:
        return "That was all."
    return re.sub(r"\n{3,}", "\n\n", text)
