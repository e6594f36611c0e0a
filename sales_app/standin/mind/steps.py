"""What topics work with: the situation they are asked in, and what they return."""

from dataclasses import dataclass, replace
from typing import Any

from sales_app.standin.mind.conversation import Conversation, Done
from sales_app.standin.mind.reading import Reading

Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    name: str
    input: Json

    def __init__(self, name: str, input: Json | None = None, **args: Any) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(
            self, "input", input if input is not None else {k: v for k, v in args.items() if v is not None}
        )


@dataclass(frozen=True)
class Answer:
    text: str


@dataclass(frozen=True)
class Situation:
    """The conversation, and the newest question as it is meant after what was said before."""

    conversation: Conversation
    reading: Reading

    @property
    def done(self) -> list[Done]:
        return self.conversation.open.done

    def after(self, done: list[Done]) -> "Situation":
        """The same with other look-ups for this question."""
        exchange = replace(self.conversation.open, done=done)
        return replace(
            self, conversation=replace(self.conversation, exchanges=[*self.conversation.earlier, exchange])
        )

    def result_of(self, name: str) -> Done | None:
        """The latest call of a tool for this question."""
        return next((done for done in reversed(self.done) if done.name == name), None)
