"""A skill's run: resolve, collect, compose, check, publish. Each phase is a step, so a takeover goes on behind the last one.

What is collected is private to the run (``StepResult.output``); people see which sources were read and how much was found.
Nothing that was composed is shown before it was checked.
"""

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sales_app.agent import context
from sales_app.agent.outside import tells
from sales_app.agent.skilled import definitions
from sales_app.agent.skilled.composing import CUT, Composing, Model
from sales_app.agent.skilled.definitions import Definition
from sales_app.agent.skilled.resolving import Question
from sales_app.agent.skilled.summary import summary_of
from sales_app.agent.skilled.tools import READ, USE, Use, read_use
from sales_app.agent.skilled.world import World
from sales_app.artifacts.errors import ArtifactError
from sales_app.claims.check import check
from sales_app.collect import Asking, Collector, collector_of
from sales_app.crm.errors import CrmError
from sales_app.database import in_database
from sales_app.documents import Block, Document, Section
from sales_app.documents.reading import read_document
from sales_app.facts import Fact, fact_from_json, numbered
from sales_app.skills.errors import SkillError
from sessions_app.runs.agents import Changed, ChangeRefused, Json, RunContext, StepResult, StepWriter, steered
from sessions_app.session.subjects import Subject

logger = logging.getLogger(__name__)

COMPOSINGS_MAX = 3  # with what people said meanwhile it is written again, so many times in all
COLLECT_SECONDS = 60.0
FACTS_MAX = 200  # of one collector, the first ranked
FILE_LINK = re.compile(r"\b((?:reference|references|assets)/[\w./-]+\.(?:md|txt|csv|json))\b")
FILES_MAX = 6
Hear = Callable[[RunContext, list[Json]], Awaitable[bool]]
RECORDS = {"account": "an account", "deal": "a deal", "contact": "a person", "meeting": "a call or meeting"}


class Skills:
    """The skills of one run. ``steps`` are the run's steps so far, to which each step taken here is added; ``hear`` adds what
    people said meanwhile, and says whether there was anything."""

    def __init__(
        self,
        ctx: RunContext,
        model: Model,
        steps: list[Json],
        subject: Subject | None,
        *,
        hear: Hear,
        world: World | None = None,
    ) -> None:
        self._ctx = ctx
        self._model = model
        self._steps = steps
        self._subject = subject
        self._hear = hear
        self._world = world or World()

    async def call(self, wanted: Json) -> Json:
        """Carry out one call of a skill tool. The output has ``say`` when the run can end with that."""
        if wanted["name"] == READ:
            return await self._read_file(wanted)
        begun = await self._step("tool", USE, lambda step: self._begin(step, wanted))
        if "plan" not in begun:
            return begun
        plan = begun["plan"]
        skill = await in_database(definitions.version_of, plan["version"])
        at = datetime.fromisoformat(plan["now"])
        facts, gaps = await self._collect(wanted["id"], skill, plan, at)
        draft = await self._compose(wanted["id"], skill, plan, facts, gaps)
        if not draft["draft"]:
            return await self._refused(wanted["id"])
        if draft["stop"] == "max_tokens":
            gaps = [*gaps, CUT]
        return await self._publish(wanted["id"], skill, plan, facts, gaps, draft["draft"], at)

    async def _step(self, kind: Any, name: str, body: Any) -> Json:
        output = await self._ctx.step(kind, name, body)
        self._steps.append({"kind": kind, "name": name, "output": output})
        return output

    # Resolve.

    async def _begin(self, step: StepWriter, wanted: Json) -> StepResult:
        use = read_use(wanted["input"])
        if isinstance(use, str):
            step.tool_call(wanted["id"], USE, wanted["input"] if isinstance(wanted["input"], dict) else {})
            return _failed(step, wanted["id"], "bad_arguments", use)
        shown = {"skill": use.skill, "about": use.about} if use.about else {"skill": use.skill}
        step.tool_call(wanted["id"], USE, shown)
        await step.flush()  # a run that was stopped starts nothing
        actor = self._ctx.run.requested_by
        plan = await in_database(_plan, self._world, actor, use, self._subject)
        if isinstance(plan, str):
            return _failed(step, wanted["id"], "unknown_skill", plan)
        if isinstance(plan, Question):
            step.tool_result(wanted["id"], "Asked back which one is meant" if plan.candidates else plan.text)
            value = {"error": {"code": plan.code, "message": plan.text, "candidates": plan.candidates}}
            output = _output(wanted["id"], value, failed=True)
            output |= {"untrusted": True} if tells(plan.candidates) else {}
            return StepResult(output={**output, "say": plan.markdown()})
        if "instructions" in plan:
            step.tool_result(wanted["id"], "Its instructions were read")
            output = {"call_id": wanted["id"], "content": plan["instructions"], "failed": False}
            return StepResult(output=output | _trust(plan["foreign"]))
        label = plan["target"].get("label", "")
        step.tool_result(wanted["id"], f"{plan['title']} for {label}" if label else plan["title"])
        return StepResult(output={"plan": plan})

    # Collect.

    async def _collect(
        self, call_id: str, skill: Definition, plan: Json, now: datetime
    ) -> tuple[list[Fact], list[str]]:
        about = await in_database(
            _asking, self._world, self._ctx.run.requested_by, plan["target"], plan["request"], now
        )
        found: list[Fact] = []
        gaps: list[str] = []
        collectors = _collectors(skill)
        for late in (False, True):
            batch: list[Fact] = []
            for each in collectors:
                if each.last is not late:
                    continue
                asking = replace(about, found=tuple(found)) if late else about
                body = _Collecting(call_id, each, asking, self._world)
                output = await self._step("tool", f"collect_{each.name}"[:128], body)
                batch += [fact_from_json(value) for value in output["facts"]]
                gaps += [output["gap"]] if output.get("gap") else []
            found += numbered(batch, start=len(found) + 1)
        return found, gaps

    # Compose.

    async def _compose(
        self, call_id: str, skill: Definition, plan: Json, facts: Sequence[Fact], gaps: Sequence[str]
    ) -> Json:
        files = await in_database(_files, skill)
        said = await self._listen()
        for number in range(COMPOSINGS_MAX):
            body = Composing(
                self._model,
                skill,
                call_id=f"{call_id}.write{number or ''}",
                facts=facts,
                gaps=gaps,
                files=files,
                label=plan["target"].get("label", ""),
                request=plan["request"],
                said=said,
            )
            output = await self._step("model", "compose", body)
            if number == COMPOSINGS_MAX - 1 or not output["draft"]:
                break
            more = await self._listen()
            if not more:
                break
            said = [*said, *more]
        return output

    async def _listen(self) -> list[str]:
        if not await self._hear(self._ctx, self._steps):
            return []
        asker = self._ctx.run.requested_by
        heard = steered(self._steps[-1]["output"])
        return [each.text if each.actor in {"", asker} else f"{each.name}: {each.text}" for each in heard]

    async def _refused(self, call_id: str) -> Json:
        said = "The model wrote nothing for this. Please ask again, or in another way."

        async def body(step: StepWriter) -> StepResult:
            output = _output(call_id, {"error": {"code": "nothing_written", "message": said}}, failed=True)
            return StepResult(output={**output, "say": said})

        return await self._step("tool", USE, body)

    # Check and publish.

    async def _publish(
        self,
        call_id: str,
        skill: Definition,
        plan: Json,
        facts: Sequence[Fact],
        gaps: Sequence[str],
        draft: str,
        now: datetime,
    ) -> Json:
        run = self._ctx.run
        title = f"{skill.title}: {plan['target']['label']}" if plan["target"].get("label") else skill.title
        document = document_of(
            draft, skill=skill, title=title, subtitle=plan["subtitle"], facts=facts, gaps=gaps
        )
        today = datetime.fromisoformat(plan["local"]).date()
        # A millisecond or more for each statement: other runs go on meanwhile.
        document = await asyncio.to_thread(check, document, today=today)

        def change() -> Changed:
            try:
                made = self._world.publish(
                    actor=run.requested_by,
                    run_id=run.id,
                    session_id=run.session_id,
                    key=f"{run.id}:{call_id}"[:120],
                    document=document,
                    skill=skill,
                    target=plan["target"],
                )
            except ArtifactError as problem:  # told to whoever asked; a run that fails says nothing of it
                refused = {"error": {"code": problem.code, "message": problem.message}}
                output = _output(call_id, refused, failed=True) | {"say": problem.message}
                raise ChangeRefused(problem.message, output) from problem
            summary = summary_of(document, url=made.url, gaps=gaps)
            value = {
                "published": {"title": document.title, "url": made.url, "version": made.number},
                "summary": "was shown to the user",
                "gaps": list(gaps),
                "unsupported_statements": made.unsupported,
            }
            # The summary quotes what was collected, so it is as trustworthy as that.
            output = _output(call_id, value, failed=False) | {"say": summary, "artifact": made.as_json()}
            return Changed(content=f"Published {document.title}", output=output, events=[made.event])

        args = {"title": document.title}
        name = "publish_artifact"
        output = await self._ctx.change(f"{call_id}.publish", name, args, change)
        self._steps.append({"kind": "tool", "name": name, "output": output})
        return output

    # Reference files.

    async def _read_file(self, wanted: Json) -> Json:
        async def body(step: StepWriter) -> StepResult:
            args = wanted["input"] if isinstance(wanted["input"], dict) else {}
            step.tool_call(wanted["id"], READ, args)
            await step.flush()
            found, foreign = await in_database(_file, self._world, args)
            if isinstance(found, str):
                refused = _failed(step, wanted["id"], "no_such_file", found, name=READ)
                return StepResult(output=refused.output | _trust(foreign))
            step.tool_result(wanted["id"], f"{found['path']}, {len(found['text']):,} characters")
            output = _output(wanted["id"], found, failed=False, name=READ)
            return StepResult(output=output | _trust(foreign))

        return await self._step("tool", READ, body)


@dataclass(frozen=True)
class _Collecting:
    """The body of a step. A system that is down, or a collector that fails, is a gap that is told; the others go on."""

    call_id: str
    collector: Collector
    asking: Asking
    world: World

    async def __call__(self, step: StepWriter) -> StepResult:
        each = self.collector
        call_id = f"{self.call_id}.{each.name}"
        step.tool_call(call_id, each.title, None)
        await step.flush()  # a run that was stopped reads nothing
        missing = self.world.missing(each, self.asking)
        if missing:
            needs = " and ".join(RECORDS.get(need, f"a {need}") for need in missing)
            step.tool_result(call_id, f"Left out: this needs {needs}")
            return StepResult(output={"facts": []})
        try:
            async with asyncio.timeout(COLLECT_SECONDS):
                facts = await self.world.collect(each, self.asking)
        except CrmError as problem:
            return self._gap(step, call_id, problem.message)
        except TimeoutError:
            return self._gap(step, call_id, f"It took longer than {COLLECT_SECONDS:.0f} seconds.")
        except Exception:
            logger.exception("The collector %s failed.", each.name)
            return self._gap(step, call_id, "This could not be read.")
        facts = sorted(facts, key=lambda fact: -fact.rank)[:FACTS_MAX] if len(facts) > FACTS_MAX else facts
        step.tool_result(call_id, _counted(facts))
        output: Json = {"facts": [_json(fact) for fact in facts]}
        if facts:  # those of our own records hold what was typed or imported there
            output["untrusted"] = True
        return StepResult(output=output)

    def _gap(self, step: StepWriter, call_id: str, why: str) -> StepResult:
        step.tool_result(call_id, why, error=True)
        return StepResult(output={"facts": [], "gap": f"{self.collector.title}: {why}"})


def document_of(
    draft: str, *, skill: Definition, title: str, subtitle: str, facts: Sequence[Fact], gaps: Sequence[str]
) -> Document:
    """The document with its gaps as notes. It keeps the facts that it cites; ``data`` is what collectors made for its page."""
    data = data_of(facts)
    # A skill that makes several kinds of things has a collector that chooses.
    read = read_document(
        draft,
        kind=str(data.get("kind") or skill.produces),
        title=str(data.get("title") or title)[:200],
        subtitle=subtitle,
        outline=skill.parts,
        facts=facts,
        data=data,
    )
    if "kind" in data:
        # Its outline has the parts of all kinds: those of the others are empty.
        told = (section for section in read.sections if any(block.kind != "note" for block in section.blocks))
        read = replace(read, sections=tuple(told))
    if gaps:
        notes = tuple(Block(kind="note", text=gap) for gap in gaps)
        read = replace(read, sections=(*read.sections, Section(title="Not read", blocks=notes)))
    cited = {name for section in read.sections for block in section.blocks for name in block.cites}
    return replace(read, facts=tuple(fact for fact in read.facts if fact.id in cited))


def data_of(facts: Sequence[Fact]) -> Json:
    """``values["data"]`` of the facts, put together: later ones add to or replace earlier ones."""
    data: Json = {}
    for fact in facts:
        more = fact.values.get("data")
        data |= more if isinstance(more, dict) else {}
    return data


def _json(fact: Fact) -> Json:
    value: Json = json.loads(json.dumps(fact.as_json(), default=str))
    return value


def _collectors(skill: Definition) -> list[Collector]:
    """In the order in which the outline first names a kind of theirs. A kind that nobody collects is left out."""
    kinds = [kind for part in skill.parts for kind in part.kinds]
    found = {each.name: each for kind in kinds if (each := collector_of(kind))}
    return list(found.values())


def _counted(facts: Sequence[Fact]) -> str:
    counts: dict[str, int] = {}
    for fact in facts:
        counts[fact.kind] = counts.get(fact.kind, 0) + 1
    said = ", ".join(f"{kind.replace('_', ' ')}: {count}" for kind, count in counts.items())
    return said[:1].upper() + said[1:] if said else "Nothing found"


def _plan(world: World, actor: str, use: Use, subject: Subject | None) -> Json | Question | str:
    """What to do, as JSON; a question back; or why there is nothing to do. Raises SignedOff."""
    user, now = world.person(actor), world.now()
    try:
        skill = world.published(use.skill)
    except SkillError as problem:
        return f"The skill {use.skill!r} cannot be read: {problem}"
    if skill is None:
        names = ", ".join(each.name for each in world.offered()) or "none"
        return f"There is no skill {use.skill!r}. There are: {names}."
    if not skill.parts:
        return {"instructions": _instructions(skill, use), "foreign": skill.foreign}
    target = world.resolve(user, skill, about=use.about, request=use.request, subject=subject, now=now)
    if isinstance(target, Question):
        return target
    local = Asking(user=user, now=now).local
    return {
        "skill": skill.name,
        "title": skill.title,
        "version": skill.version,
        "target": target.as_json(),
        "request": use.request,
        "now": now.isoformat(),
        "local": local.isoformat(),
        "subtitle": f"{local:%A} {local.day} {local:%B %Y}, for {user}",
    }


def _instructions(skill: Definition, use: Use) -> str:
    """A skill from elsewhere, which has no outline: the model works by its text, with its usual tools and rules."""
    names = [path for path in sorted(definitions.files_of(skill.version)) if path != "SKILL.md"]
    body = skill.body.strip().replace("</skill", "<\\/skill")
    files = f"\nFiles, which {READ} reads: {', '.join(names[:40])}" if names else ""
    asked = "\n".join(
        f"{label}: {text}" for label, text in (("About", use.about), ("Asked for", use.request)) if text
    )
    return f'<skill name="{skill.name}">\n{body}\n</skill>{files}\n{asked}'.strip()


def _asking(world: World, actor: str, target: Json, request: str, now: datetime) -> Asking:
    return world.asking(world.person(actor), target, request=request, now=now)


def _files(skill: Definition) -> dict[str, str]:
    """The reference files that the skill's text names."""
    named = list(dict.fromkeys(FILE_LINK.findall(skill.body)))[:FILES_MAX]
    found = definitions.files_of(skill.version) if named else {}
    return {path: found[path].decode(errors="replace") for path in named if path in found}


def _file(world: World, args: Json) -> tuple[Json | str, bool]:
    """The file, or why there is none; and whether the skill is from elsewhere."""
    name, path = args.get("skill"), args.get("path")
    if not isinstance(name, str) or not isinstance(path, str):
        return f"{READ} needs skill and path.", False
    skill = world.published(name)
    if skill is None:
        return f"There is no skill {name!r}.", False
    files = definitions.files_of(skill.version)
    if path not in files:
        return f"{name} has no file {path!r}. It has: {', '.join(sorted(files)[:40])}.", skill.foreign
    try:
        return {"path": path, "text": files[path].decode()[:24_000]}, skill.foreign
    except UnicodeDecodeError:
        return f"{path} is no text.", skill.foreign


def _trust(foreign: bool) -> Json:
    return {"untrusted": True} if foreign else {}


def _output(call_id: str, value: Any, *, failed: bool, name: str = USE) -> Json:
    return context.tool_output(call_id, name, value, failed=failed)


def _failed(step: StepWriter, call_id: str, code: str, message: str, *, name: str = USE) -> StepResult:
    step.tool_result(call_id, message, error=True)
    value = {"error": {"code": code, "message": message}}
    return StepResult(output=_output(call_id, value, failed=True, name=name))
