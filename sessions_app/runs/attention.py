"""What people should come and look at. Layers above say here whom they tell; called in the transaction that causes it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Kind(StrEnum):
    ANSWER = "answer"
    FAILURE = "failure"
    APPROVAL = "approval"
    QUESTION = "question"
    INVITATION = "invitation"


@dataclass(frozen=True, kw_only=True)
class Cause:
    """``id`` is that of the run or the interrupt, or names the invitation; ``offset`` is that of its record.

    ``who`` is whom it concerns: ``members`` (the owner too), ``owner``, or one actor.
    """

    kind: Kind
    id: str
    session_id: UUID
    offset: int
    who: str = "members"


_called: list[Callable[[Cause], None]] = []


def on_attention(call: Callable[[Cause], None]) -> None:
    _called[:] = [call]


def ask_for_attention(cause: Cause) -> None:
    for call in _called:
        call(cause)
