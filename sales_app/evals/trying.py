"""One trial as a run of its own: the copilot with the pinned version, or the model alone; then what code and judge say of it."""

import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction

from sales_app.agent.client import model_client
from sales_app.agent.copilot import Copilot
from sales_app.agent.limiter import limiter
from sales_app.agent.model_call import Frame
from sales_app.agent.models import AgentSettings, agent_settings
from sales_app.agent.prompts import context_note
from sales_app.agent.skilled import definitions
from sales_app.agent.skilled.composing import Composing, Model
from sales_app.agent.skilled.definitions import Definition
from sales_app.agent.skilled.resolving import Question
from sales_app.agent.skilled.running import document_of
from sales_app.agent.skilled.tools import USE
from sales_app.agent.skilled.world import World
from sales_app.agent.tools.registry import Tool
from sales_app.claims.check import check
from sales_app.database import in_database
from sales_app.documents import Document, document_from_json
from sales_app.documents.reading import read_document
from sales_app.evals import judge
from sales_app.evals.book import Book, is_book, read_book, recorded_book
from sales_app.evals.cases import case_of
from sales_app.evals.checking import Result, passes
from sales_app.evals.evaluating import AGENT, advance
from sales_app.evals.models import Trial
from sales_app.evals.suite import Case
from sales_app.evals.world import TrialWorld
from sales_app.facts import numbered
from sales_app.skills import store
from sessions_app.runs.agents import AgentError, Changed, Json, RunContext, StepResult, StepWriter
from sessions_app.session.subjects import Subject

ALONE = "Write what was asked for, from the facts, as a short document under headings of your own. There is no outline."
JUDGINGS_MAX = 2  # an answer that cannot be read is asked for once more


@dataclass(frozen=True)
class _Trial:
    """What the run needs of its row, in one go."""

    row: Trial
    case: Case
    skill: Definition
    book: Book
    world: TrialWorld
    options: AgentSettings


class Kept:
    """A run's context that keeps what its steps brought."""

    def __init__(self, ctx: RunContext) -> None:
        self._ctx = ctx
        self.steps: list[Json] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ctx, name)

    async def step(self, kind: Any, name: str, body: Callable[[StepWriter], Awaitable[StepResult]]) -> Json:
        output = await self._ctx.step(kind, name, body)
        self.steps.append({"kind": kind, "name": name, "output": output})
        return output


class Evaluating(Copilot):
    """The copilot in the world of a trial. It has no tools but skills, so there is nothing that it could do to anybody."""

    name = AGENT

    @property
    def title(self) -> str:
        return "Evaluation"

    def tools(self) -> list[Tool]:
        return []

    def subject(self, ctx: RunContext) -> Subject | None:
        return None

    async def world(self, ctx: RunContext) -> World:
        return (await in_database(_trial, ctx.run.session_id)).world

    async def run(self, ctx: RunContext) -> Json | None:
        trial = await in_database(_trial, ctx.run.session_id)
        kept = Kept(ctx)
        client = await model_client()
        frame = Frame(
            model=client.model(trial.options.model),
            effort=trial.options.effort,
            max_tokens=trial.options.max_tokens,
            note=context_note(trial.book.person, None, trial.book.now),
        )
        model = Model(client, limiter, frame)
        if trial.row.arm == Trial.Arm.WITHOUT:
            result, skill = await _alone(ctx, trial, model), ""
        else:
            await super().run(kept)
            result, skill = await in_database(_result, ctx.run.session_id, kept.steps)
        verdicts = await _judged(ctx, trial, model, result, skill)

        def change() -> Changed:
            _record(trial.row, result, verdicts)
            return Changed(content=_counted(verdicts), output={})

        await ctx.change(f"{ctx.run.id}.record"[:128], "record_trial", {}, change)
        return None


def _trial(session_id: str) -> _Trial:
    row = (
        Trial.objects.select_related("evaluation__version__skill", "evaluation__against__skill")
        .filter(session_id=session_id)
        .first()
    )
    if row is None:
        raise AgentError("The evaluation that this belongs to is gone.", code="no_trial")
    evaluation = row.evaluation
    version = evaluation.against if row.arm == Trial.Arm.PUBLISHED else evaluation.version
    if version is None:
        raise AgentError("The version that this was held against is gone.", code="no_trial")
    case = case_of(evaluation, row.case)
    book = book_of(case, store.files_of(evaluation.version))
    world = TrialWorld(book, prompt=case.prompt, name=version.skill.name, version=version.pk)
    return _Trial(
        row=row,
        case=case,
        skill=definitions.version_of(version.pk),
        book=book,
        world=world,
        options=agent_settings(),
    )


def book_of(case: Case, files: dict[str, bytes]) -> Book:
    """The case's own book, or the recorded one. Raises EvalError."""
    for path in case.files:
        if path in files and is_book(files[path]):
            return read_book(files[path], path)
    return recorded_book()


async def _alone(ctx: RunContext, trial: _Trial, model: Model) -> Result:
    """The same model, request and facts, none of the skill's words."""
    target = trial.book.resolve(trial.skill, about="", request=_bare(trial.case.prompt))
    if isinstance(target, Question):
        return Result(document=_said(target.markdown()), asked=True)
    plain = Definition(
        name="answer",
        description="",
        version=trial.skill.version,
        produces=trial.skill.produces,
        about=(),
        optional=True,
        parts=(),
        body=ALONE,
    )
    kinds = list(dict.fromkeys(kind for part in trial.skill.parts for kind in part.kinds))
    facts = numbered(trial.book.facts_of(kinds, trial.book.record(target.as_json()), trial.case.prompt))
    body = Composing(
        model,
        plain,
        call_id=f"{ctx.run.id}.write",
        facts=facts,
        gaps=(),
        files={},
        label=target.label,
        request=_bare(trial.case.prompt),
        said=(),
    )
    output = await ctx.step("model", "compose", body)
    document = document_of(output["draft"], skill=plain, title="Answer", subtitle="", facts=facts, gaps=())
    return Result(document=check(document, today=trial.book.now.date()))


def _bare(prompt: str) -> str:
    """A command without its name: "/call-prep Acme" asks for "call prep Acme"."""
    found = re.match(r"\s*/([a-z0-9-]+)\s*(.*)", prompt, re.DOTALL)
    return f"{found[1].replace('-', ' ')} {found[2]}".strip() if found else prompt


def _result(session_id: str, steps: Sequence[Json]) -> tuple[Result, str]:
    """What the run brought, and the skill that it used."""
    row = Trial.objects.get(session_id=session_id)
    if row.document is not None:
        return Result(document=document_from_json(row.document)), row.skill
    texts = [
        text
        for step in steps
        if step["kind"] == "model" and "messages" in step["output"]
        for text in judge.texts_in(step["output"])
    ]
    text = texts[-1] if texts else ""
    refused = [step["output"] for step in steps if step["name"] == USE and step["output"].get("say")]
    asked = bool(refused) or text.rstrip().endswith("?")
    return Result(document=_said(text), asked=asked), ""


def _said(text: str) -> Document:
    return read_document(text, kind="answer", title="Answer")


async def _judged(ctx: RunContext, trial: _Trial, model: Model, result: Result, skill: str) -> list[Json]:
    wrong = skill if skill not in {"", trial.skill.name} else ""
    by_code = [each for each in trial.case.assertions if each.check is not None]
    by_model = [each for each in trial.case.assertions if each.check is None]
    text = result.text
    judged = [judge.Verdict(passed=None, why=judge.UNREAD)] * len(by_model)
    if by_model and text.strip() and not wrong:
        criteria = [each.text for each in by_model]
        for number in range(JUDGINGS_MAX):
            call_id = f"{ctx.run.id}.judge{number or ''}"
            body = judge.Judging(model, trial.case, criteria, text, call_id=call_id)
            found = judge.read_verdicts(await ctx.step("model", "judge", body), len(criteria), text)
            if found is not None:
                judged = found
                break
    verdicts = []
    for each, verdict in [*((each, None) for each in by_code), *zip(by_model, judged, strict=True)]:
        if wrong:
            passed, why = False, f"The skill {wrong} was used instead."
        elif not text.strip():
            passed, why = False, "Nothing was written."
        elif each.check is not None:
            passed, why = passes(each.check, result)
        else:
            assert verdict is not None
            passed, why = verdict.passed, verdict.why  # type: ignore[assignment]
        by = "code" if each.check is not None or wrong or not text.strip() else "model"
        if passed is None:
            by = "nobody"
        verdicts.append(
            {"assertion": each.text, "must": each.must, "by": by, "passed": passed, "why": why[:400]}
        )
    order = {each.text: place for place, each in enumerate(trial.case.assertions)}
    return sorted(verdicts, key=lambda verdict: order[verdict["assertion"]])


def _record(row: Trial, result: Result, verdicts: list[Json]) -> None:
    """In the transaction of the run's record. What waits is begun after it, and again by the clock if we die before."""
    document = json.loads(json.dumps(result.document.as_json(), default=str))
    Trial.objects.filter(pk=row.pk).update(
        status=Trial.Status.DONE,
        document=document,
        answer=result.text[:20_000],
        asked=result.asked,
        verdicts=verdicts,
    )
    transaction.on_commit(partial(advance, row.evaluation_id), robust=True)


def _counted(verdicts: Sequence[Json]) -> str:
    passed = sum(verdict["passed"] is True for verdict in verdicts)
    return f"{passed} of {len(verdicts)} assertions hold"
