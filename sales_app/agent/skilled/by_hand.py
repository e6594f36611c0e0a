"""A message that begins with a slash: what it calls is decided without a model, and stands in the run like a model's call."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sales_app.agent.context import Exchange, text_block
from sales_app.agent.model_call import Frame
from sales_app.agent.skilled import slash
from sales_app.agent.skilled.definitions import Offered
from sales_app.agent.skilled.tools import USE
from sessions_app.runs.agents import Json, StepResult, StepWriter


@dataclass(frozen=True)
class Saying:
    """The body of a step that publishes ``text`` as the agent's own answer; nobody was asked for it.

    ``then`` is what the model reads behind it when it is to go on: a conversation that is sent never ends on its own words.
    """

    text: str
    model: str
    first: str
    frame: Frame | None = None
    then: str = ""

    async def __call__(self, step: StepWriter) -> StepResult:
        message = step.message()
        message.delta(self.text)
        message.end()
        turn = {"role": "assistant", "content": [text_block(self.text)]}
        more = [{"role": "user", "content": [text_block(self.then)]}] if self.then else []
        return StepResult(output=_turn([turn, *more], "end_turn", self.model, self.first, self.frame))


@dataclass(frozen=True)
class Calling:
    """The body of a step that calls a skill as a person wrote it."""

    call: Json
    frame: Frame
    first: str

    async def __call__(self, step: StepWriter) -> StepResult:
        turn = {"role": "assistant", "content": [self.call], "by_hand": True}
        return StepResult(output=_turn([turn], "tool_use", self.frame.model, self.first, self.frame))


def by_hand(
    exchange: Exchange, skills: Sequence[Offered], frame: Frame, first: str
) -> Saying | Calling | None:
    """None: the question is no command, so the model is asked."""
    if not exchange.said:
        return None
    found = slash.read(exchange.said[-1].text, skills)
    if found is None:
        return None
    if isinstance(found, slash.Told):
        return Saying(found.text, frame.model, first, frame)
    call = {
        "type": "tool_use",
        "id": f"slash_{exchange.run_id}",
        "name": USE,
        "input": {"skill": found.name, "arguments": {"request": found.rest}},
    }
    return Calling(call, frame, first)


def _turn(turns: list[Json], stop: str, model: str, first: str, frame: Frame | None) -> Json:
    output = {
        "messages": json.dumps(turns, ensure_ascii=False),
        "stop": stop,
        "model": model,
        "first": first,
    }
    return output | ({"frame": frame.as_json()} if frame else {})
