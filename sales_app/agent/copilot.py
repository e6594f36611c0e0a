"""The copilot: model step, tool steps, model step … until the model has answered, or has to ask before it acts."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sales_app.agent import context, turn
from sales_app.agent.client import model_client
from sales_app.agent.context import Exchange, Rendering
from sales_app.agent.limiter import limiter
from sales_app.agent.model_call import Frame, ModelCall
from sales_app.agent.models import AgentSettings, agent_settings
from sales_app.agent.outside import tells
from sales_app.agent.prefix import Head
from sales_app.agent.prompts import SYSTEM, context_note
from sales_app.agent.skilled.by_hand import Saying, by_hand
from sales_app.agent.skilled.composing import Model
from sales_app.agent.skilled.definitions import Offered
from sales_app.agent.skilled.running import Skills
from sales_app.agent.skilled.tools import skill_tools
from sales_app.agent.skilled.world import World
from sales_app.agent.status import is_stand_in
from sales_app.agent.tools import tools
from sales_app.agent.tools.registry import Tool
from sales_app.crm.access import deals_for
from sales_app.crm.models.deal import OPEN_STAGES
from sales_app.database import in_database
from sales_app.people.models import User
from sessions_app.runs.agents import Json, RunContext, StepResult, StepWriter, TranscriptItem
from sessions_app.session.subjects import Subject

# Answers of the model in one run. At the last one it may call no more tools.
ROUNDS_MAX = 24
REST = "[This was shown to the user. Answer what is left, and do not repeat it.]"
FOREIGN = 3  # where it says so of a frame's skill

Body = Callable[[StepWriter], Awaitable[StepResult]]


class Copilot:
    name = "copilot"
    system = SYSTEM
    has_skills = True

    @property
    def title(self) -> str:
        return "Copilot (stand-in model)" if is_stand_in() else "Copilot"

    def examples(self, subject: object | None) -> list[str]:
        """Questions to begin with, on a new chat's page."""
        if subject is not None:
            return [
                "What happened here lately?",
                "Who are the people here?",
                "Prepare me for a call about it",
            ]
        return [
            "What does my pipeline look like by stage?",
            "Which deals close this month?",
            "Which customers have I not talked to for a while?",
            "What is on my calendar this week?",
        ]

    def examples_of(self, user: object) -> list[str]:
        """One question about several accounts, with the names of those whose open deals are worth most."""
        if not isinstance(user, User):
            return []
        own = deals_for(user).filter(owner=user, stage__in=OPEN_STAGES).order_by("-amount", "pk")
        names = list(dict.fromkeys(own.values_list("account__name", flat=True)[:10]))[:3]
        return (
            [f"Research {', '.join(names[:-1])} and {names[-1]}: what happened lately?"]
            if len(names) == 3
            else []
        )

    def tools(self) -> list[Tool]:
        return tools()

    def subject(self, ctx: RunContext) -> Subject | None:
        return ctx.run.subject

    async def world(self, ctx: RunContext) -> World:
        return World()

    async def prepare(self) -> None:
        await model_client()

    async def run(self, ctx: RunContext) -> Json | None:
        client = await model_client()
        transcript = await ctx.transcript()
        world = await self.world(ctx)
        known = await in_database(_known, world, ctx.run.requested_by, transcript, has_skills=self.has_skills)
        before = ctx.run.resumes.run_id if ctx.run.resumes else None
        found = context.exchanges(
            transcript, run_id=ctx.run.origin or ctx.run.id, agent=self.name, resumes=before
        )
        frame = Frame(
            skills=[
                [each.name, each.description, each.hint, *(["foreign"] * each.foreign)]
                for each in known.skills
            ],
            model=client.model(known.options.model),
            effort=known.options.effort,
            max_tokens=known.options.max_tokens,
            # A run that is resumed was asked on its day, and its thinking is bound to that.
            note=found[-1].note or context_note(known.user, self.subject(ctx), known.now),
        )
        first = context.first_kept(found, budget=known.options.context_tokens)
        steps: list[Json] = list(found[-1].steps)
        await turn.go_on(ctx, steps)
        for number in range(ROUNDS_MAX):
            await turn.listen(ctx, steps)
            found[-1].note, found[-1].steps = frame.note, steps
            skills = [
                Offered(name=name, description=text, hint=hint) for name, text, hint, *_ in frame.skills
            ]
            at_hand = [*self.tools(), *skill_tools(skills)]
            head = Head(frame.model, self.system, tuple(tool.definition() for tool in at_hand))
            conversation = _Conversation(head, found, known.names, known.options.context_tokens)
            call: Body = ModelCall(
                client,
                limiter,
                head,
                frame,
                first=first,
                render=conversation.render,
                shorten=conversation.shorten,
                opening=number == 0,
                last=number == ROUNDS_MAX - 1,
            )
            if number == 0 and self.has_skills and not steps:
                call = by_hand(found[-1], skills, frame, first) or call
            output = await ctx.step("model", "answer", call)
            steps.append({"kind": "model", "name": "answer", "output": output})
            # A run that is taken over goes on as it was begun, whatever has been configured since.
            if "frame" in output:
                frame = Frame(**output["frame"])
            first = output["first"]
            calls = _calls(output)
            if not calls and not await turn.listen(ctx, steps):
                return {"model": output["model"], "stop": output["stop"]}
            # Of what a clock asked for, nothing happens that nobody has seen.
            tainted = (
                ctx.run.scheduled
                or self._stands_beside_outsiders(ctx, frame)
                or context.reads_untrusted(found, asker=ctx.run.requested_by)
            )
            model = Model(client, limiter, frame)
            at_work = Skills(ctx, model, steps, self.subject(ctx), hear=turn.listen, world=world)
            said = await turn.carry_out(ctx, calls, steps, at_hand, at_work, tainted=tainted)
            if said:
                rest = "" if len(said) == len(calls) else REST
                saying = Saying("\n\n".join(said), frame.model, first, then=rest)
                output = await ctx.step("model", "answer", saying)
                steps.append({"kind": "model", "name": "answer", "output": output})
                if not rest and not await turn.listen(ctx, steps):
                    return {"model": output["model"], "stop": output["stop"]}
        raise AssertionError("the last round calls no tools")

    def _stands_beside_outsiders(self, ctx: RunContext, frame: Frame) -> bool:
        """Of what is sent with every request: descriptions of imported skills, and the name of the record."""
        subject = self.subject(ctx)
        return any(len(each) > FOREIGN for each in frame.skills) or (
            subject is not None and tells(subject.label)
        )


class _Conversation:
    """What a model step needs of the run's past: its messages, and where to begin when it is too long."""

    def __init__(self, head: Head, found: list[Exchange], names: dict[str, str], budget: int) -> None:
        self._head = head
        self._found = found
        self._names = names
        self._budget = budget

    def render(self, first: str, bare: bool) -> Rendering:
        return context.render(self._head, self._found, first=first, names=self._names, bare=bare)

    def shorten(self) -> str:
        return context.first_kept(self._found, budget=self._budget, shorter=True)


def _calls(output: Json) -> list[Json]:
    turns: list[Json] = json.loads(output["messages"])
    if not turns or turns[-1]["role"] != "assistant":
        return []
    return [block for block in turns[-1]["content"] if block["type"] == "tool_use"]


@dataclass(frozen=True)
class _Known:
    options: AgentSettings
    user: User
    now: datetime
    names: dict[str, str]
    skills: tuple[Offered, ...]


def _known(world: World, actor: str, transcript: list[TranscriptItem], *, has_skills: bool) -> _Known:
    """What the run needs of the database, in one go. Raises SignedOff."""
    actors = {item.actor for item in transcript if item.kind == "user" and item.actor.startswith("user:")}
    people: Any = User.objects.in_bulk([int(each.removeprefix("user:")) for each in actors])
    return _Known(
        agent_settings(),
        world.person(actor),
        world.now(),
        {f"user:{pk}": str(user) for pk, user in people.items()},
        world.offered() if has_skills else (),
    )
