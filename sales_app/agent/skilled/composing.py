"""The model's part: one answer that nobody sees yet. What it publishes of its text is swallowed."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sales_app.agent.client import ModelClient
from sales_app.agent.context import Rendering
from sales_app.agent.limiter import Limiter
from sales_app.agent.model_call import Frame, ModelCall
from sales_app.agent.prefix import Head
from sales_app.agent.skilled import prompt
from sales_app.agent.skilled.definitions import Definition
from sales_app.facts import Fact
from sessions_app.runs.agents import Json, StepResult, StepWriter, Usage

CUT = "The text became too long and was cut at the end."


@dataclass(frozen=True)
class Model:
    """Whom a run asks, fixed by its frame."""

    client: ModelClient
    limiter: Limiter
    frame: Frame


class _Unsaid:
    """A message that is written to nobody."""

    id = ""

    def delta(self, text: str) -> None:
        return None

    def end(self) -> None:
        return None


class Silent:
    """A step that waits and is stopped like any other, and publishes no text."""

    def __init__(self, step: StepWriter) -> None:
        self._step = step

    def message(self) -> _Unsaid:
        return _Unsaid()

    def tool_call(self, call_id: str, name: str, args: Json | None) -> None:
        return None

    def tool_result(self, call_id: str, content: str, *, error: bool = False) -> None:
        return None

    def waiting(self, reason: str, message: str, *, seconds: float) -> None:
        self._step.waiting(reason, message, seconds=seconds)

    def counts(self, used: Callable[[], Usage | None]) -> None:
        self._step.counts(used)

    async def ready(self) -> None:
        await self._step.ready()

    async def flush(self) -> None:
        await self._step.flush()


class Composing:
    """The body of a model step. ``output`` is ``{"draft": Markdown, "stop", "model"}``; a retried body goes on from what it learnt."""

    def __init__(
        self,
        model: Model,
        skill: Definition,
        *,
        call_id: str,
        facts: Sequence[Fact],
        gaps: Sequence[str],
        files: dict[str, str],
        label: str,
        request: str,
        said: Sequence[str],
    ) -> None:
        self._call_id = call_id
        self._head = Head(model.frame.model, prompt.system_of(skill), ())
        self._budget = prompt.FACTS_CHARACTERS
        self._given: dict[str, Any] = {
            "note": model.frame.note,
            "skill": skill,
            "facts": facts,
            "gaps": gaps,
            "files": files,
            "label": label,
            "request": request,
            "said": said,
        }
        self._title = f"Write the {skill.title.lower()}"
        self._call = ModelCall(
            model.client,
            model.limiter,
            self._head,
            model.frame,
            first="",
            render=self._render,
            shorten=self._shorten,
            opening=False,
            last=False,
        )

    async def __call__(self, step: StepWriter) -> StepResult:
        step.tool_call(self._call_id, self._title, None)
        await step.flush()  # a run that was stopped asks no model
        result = await self._call(Silent(step))
        draft = _text_of(result.output)
        stop = result.output["stop"]
        step.tool_result(self._call_id, _count(draft) if draft else "No text came", error=not draft)
        # Without "messages": what was composed is no turn of the conversation.
        output = {"draft": draft, "stop": stop, "model": result.output["model"]}
        return StepResult(output=output, usage=result.usage)

    def _render(self, _first: str, _bare: bool) -> Rendering:
        rendering = Rendering(self._head)
        rendering.add("user", prompt.content_of(**self._given, budget=self._budget))
        return rendering

    def _shorten(self) -> str:
        self._budget //= 4
        return ""


def _text_of(output: Json) -> str:
    turns = json.loads(output["messages"])
    said = [
        "\n\n".join(block["text"] for block in turn["content"] if block["type"] == "text")
        for turn in turns
        if turn["role"] == "assistant"
    ]
    return "".join(said).strip()


def _count(draft: str) -> str:
    words = len(draft.split())
    return f"{words:,} word{'s' if words != 1 else ''}"
