"""The world of a trial: the fixture book for records and connected systems, pinned versions for skills, the trial's row for results."""

import json
from datetime import datetime

from django.urls import reverse

from sales_app.agent.skilled import definitions
from sales_app.agent.skilled.definitions import Definition, Offered
from sales_app.agent.skilled.publishing import Published
from sales_app.agent.skilled.resolving import Question, Target
from sales_app.agent.skilled.world import World
from sales_app.claims.check import unsupported
from sales_app.collect import Asking, Collector
from sales_app.documents import Document
from sales_app.evals.book import Book
from sales_app.evals.models import Trial
from sales_app.facts import Fact
from sales_app.people.models import User
from sales_app.skills.errors import SkillError
from sessions_app.runs.agents import Json
from sessions_app.session.subjects import Subject

RECORD = "record"


class TrialWorld(World):
    """``name`` and ``version``: the skill that is evaluated and the id of the version which counts here. The other skills are
    offered as they are published, because a model has to choose among them."""

    def __init__(self, book: Book, *, prompt: str, name: str, version: int) -> None:
        self.book = book
        self._prompt = prompt
        self._name = name
        self._version = version

    def now(self) -> datetime:
        return self.book.now

    def person(self, actor: str) -> User:
        return self.book.person

    def offered(self) -> tuple[Offered, ...]:
        others = [each for each in definitions.offered() if each.name != self._name]
        try:
            own = definitions.version_of(self._version)
        except SkillError:
            return tuple(others)
        mine = Offered(name=own.name, description=own.description, hint=own.hint)
        return tuple(sorted([*others, mine], key=lambda each: each.name))

    def published(self, name: str) -> Definition | None:
        return definitions.version_of(self._version) if name == self._name else definitions.published(name)

    def resolve(
        self,
        user: User,
        skill: Definition,
        *,
        about: str,
        request: str,
        subject: Subject | None,
        now: datetime,
    ) -> Target | Question:
        return self.book.resolve(skill, about=about, request=request)

    def asking(self, user: User, target: Json, *, request: str, now: datetime) -> Asking:
        return Asking(user=user, now=now, arguments={"request": request, RECORD: self.book.record(target)})

    def missing(self, collector: Collector, asking: Asking) -> list[str]:
        return [] if asking.arguments[RECORD] else list(collector.needs)

    async def collect(self, collector: Collector, asking: Asking) -> list[Fact]:
        return self.book.collected(collector.name, asking.arguments[RECORD], self._prompt)

    def publish(
        self,
        *,
        actor: str,
        run_id: str,
        session_id: str,
        key: str,
        document: Document,
        skill: Definition,
        target: Json,
    ) -> Published:
        """Kept with the trial. No artifact, no drafts in a mailbox."""
        trial = Trial.objects.get(session_id=session_id)
        trial.document = json.loads(json.dumps(document.as_json(), default=str))
        trial.skill = skill.name
        trial.save(update_fields=["document", "skill"])
        return Published(
            artifact=run_id,
            number=1,
            title=document.title,
            kind=document.kind,
            url=reverse("admin:evaluation-trial", args=[trial.evaluation_id, trial.pk]),
            unsupported=unsupported(document),
        )
