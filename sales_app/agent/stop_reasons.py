"""What follows from the way in which a model call ended. One table for all that the service may say."""

from dataclasses import dataclass
from typing import Literal

from sales_app.agent.stream import Turn

Next = Literal["end", "tools", "go_on", "resend", "refused", "too_long", "broken", "cut", "silent"]

PARTS_MAX = 4
CONTINUE = (
    "[Your answer reached its length limit. Continue exactly where it stopped, without repeating anything.]"
)
CALL_AGAIN = (
    "[The arguments of your tool call did not arrive whole. Make the call again, with shorter arguments.]"
)
ANSWER = "[Write the answer for the user now.]"


@dataclass(frozen=True)
class Decision:
    """``say`` is what the model is told when it goes on."""

    next: Next
    say: str = ""


def decide(turn: Turn, *, parts: int, spoken: bool) -> Decision:
    """``parts`` counts the calls of this step so far, this one included; ``spoken``: its reader has text already."""
    reason = turn.stop_reason
    more = parts < PARTS_MAX
    if reason is None:
        return Decision("broken")
    if reason == "refusal":
        return Decision("refused")
    if reason == "model_context_window_exceeded":
        return Decision("too_long")
    if turn.calls():
        # Also after max_tokens: the calls that arrived whole are good.
        return Decision("tools")
    if turn.broken:
        return Decision("go_on", CALL_AGAIN) if more else Decision("cut")
    if reason == "max_tokens":
        return Decision("go_on", CONTINUE) if more else Decision("cut")
    if reason == "pause_turn":
        return (
            Decision("resend" if turn.content else "go_on", "" if turn.content else ANSWER)
            if more
            else Decision("cut")
        )
    if spoken or turn.says_something():
        # end_turn, stop_sequence, and whatever a later version of the service may end with.
        return Decision("end")
    return Decision("go_on", ANSWER) if more else Decision("silent")
