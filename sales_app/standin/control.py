"""What the stand-in is told to do instead of answering well.

Directives wait in a queue; each request for an answer takes the first that fits it. ``POST /_control`` adds to it
(only where the server was started with controls), ``CLEWLINE_STANDIN_NEXT`` holds some from the start.
"""

from dataclasses import dataclass, field, fields
from typing import Any

Json = dict[str, Any]

STOP_REASONS = {
    "end_turn",
    "max_tokens",
    "stop_sequence",
    "pause_turn",
    "refusal",
    "model_context_window_exceeded",
}


class BadDirective(ValueError):
    """The directive does not say what can be done; the message lists what can."""


@dataclass(frozen=True, kw_only=True)
class Directive:
    """One deviation. ``after`` counts pieces of text; -1: when all of it is out.

    ``match`` limits it to requests whose newest question holds these words, ``times`` repeats it.
    """

    match: str = ""
    times: int = 1
    # Before the answer.
    delay: float = 0.0
    status: int | None = None
    kind: str | None = None
    message: str = ""
    retry_after: float | None = None
    # What is answered.
    text: str | None = None
    filler: int = 0
    tools: tuple[Json, ...] = ()
    # How it is said, and how it ends.
    speed: float | None = None
    after: int = -1
    stop: str | None = None
    reset: bool = False
    close: bool = False
    error: str | None = None
    silence: float = 0.0


NAMES = {each.name for each in fields(Directive)}


def directive(values: Any) -> Directive:
    """Raises BadDirective."""
    if not isinstance(values, dict) or not set(values) <= NAMES:
        raise BadDirective(f"A directive is an object with some of: {', '.join(sorted(NAMES))}.")
    values = dict(values)
    if values.get("stop") is not None and values["stop"] not in STOP_REASONS:
        raise BadDirective(f"stop is one of {', '.join(sorted(STOP_REASONS))}.")
    values["tools"] = tuple(values.get("tools") or ())
    return Directive(**values)


@dataclass
class Control:
    """The state of one server. ``speed``: tokens per second, 0 for no delay; ``pause``: seconds before an answer."""

    speed: float = 50.0
    pause: float = 0.25
    seed: int = 0
    context_window: int = 1_000_000
    queue: list[Directive] = field(default_factory=list)
    requests: int = 0
    last_request: Json | None = None

    def apply(self, values: Any) -> None:
        """``{"next": [...], "speed"?, "pause"?, "seed"?, "context_window"?, "clear"?}``. Raises BadDirective."""
        if not isinstance(values, dict):
            raise BadDirective("Send an object.")
        added = [directive(each) for each in values.get("next", [])]
        if values.get("clear"):
            self.queue.clear()
        self.queue += added
        for name, convert in (("speed", float), ("pause", float), ("seed", int), ("context_window", int)):
            if name in values:
                setattr(self, name, convert(values[name]))

    def take(self, question: str) -> Directive | None:
        """The directive for this request; its count goes down."""
        for at, found in enumerate(self.queue):
            if found.match.lower() in question.lower():
                if found.times > 1:
                    values = {each.name: getattr(found, each.name) for each in fields(found)}
                    self.queue[at] = Directive(**values | {"times": found.times - 1})
                else:
                    del self.queue[at]
                return found
        return None

    def state(self) -> Json:
        return {
            "requests": self.requests,
            "waiting": len(self.queue),
            "speed": self.speed,
            "pause": self.pause,
            "last": self.last_request,
        }
