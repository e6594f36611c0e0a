"""What a skill's run stands on: who asks, the skills that count, their records, and where a result goes.

There is one for people. Evaluations have another, in which nothing of anybody's is read or written.
"""

from datetime import datetime

from django.utils import timezone

from sales_app.agent.skilled import definitions, resolving
from sales_app.agent.skilled.definitions import Definition, Offered
from sales_app.agent.skilled.publishing import Published, publication
from sales_app.agent.skilled.resolving import Question, Target
from sales_app.agent.tools.registry import asker
from sales_app.collect import Asking, Collector
from sales_app.documents import Document
from sales_app.facts import Fact
from sales_app.people.models import User
from sessions_app.runs.agents import Json
from sessions_app.session.subjects import Subject


class World:
    """Everything but ``collect`` is called in a database thread."""

    def now(self) -> datetime:
        return timezone.now()

    def person(self, actor: str) -> User:
        """Raises SignedOff."""
        return asker(actor)

    def offered(self) -> tuple[Offered, ...]:
        return definitions.offered()

    def published(self, name: str) -> Definition | None:
        """Raises SkillError when its text cannot be read."""
        return definitions.published(name)

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
        return resolving.resolve(user, skill, about=about, request=request, subject=subject, now=now)

    def asking(self, user: User, target: Json, *, request: str, now: datetime) -> Asking:
        return resolving.asking(user, target, request=request, now=now)

    def missing(self, collector: Collector, asking: Asking) -> list[str]:
        """The kinds of record that it needs and that there are none of here."""
        return [need for need in collector.needs if getattr(asking, need, None) is None]

    async def collect(self, collector: Collector, asking: Asking) -> list[Fact]:
        """Raises CrmError for a system that is down."""
        return await collector.collect(asking)

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
        """Whoever calls holds the transaction; a second call with the same key makes nothing. Raises SignedOff."""
        return publication(
            actor=actor,
            run_id=run_id,
            session_id=session_id,
            key=key,
            document=document,
            skill=skill,
            target=target,
        )
