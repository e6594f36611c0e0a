"""The one change that a skill makes: an artifact version, and what belongs to it, in the transaction of its record."""

from dataclasses import dataclass

from sales_app.agent.skilled.definitions import Definition
from sales_app.agent.tools.registry import asker
from sales_app.artifacts.making import make_version
from sales_app.artifacts.models import Artifact
from sales_app.crm.access import accounts_for, deals_for
from sales_app.documents import Document
from sales_app.mail.drafts import make_drafts
from sales_app.people.models import User
from sales_app.skills.models import SkillVersion
from sessions_app.runs.agents import Json
from sessions_app.session import events
from sessions_app.session.events import Event


@dataclass(frozen=True, kw_only=True)
class Published:
    artifact: str
    number: int
    title: str
    kind: str
    url: str
    unsupported: int

    @property
    def event(self) -> Event:
        return events.artifact_published(
            artifact=self.artifact,
            version=self.number,
            title=self.title,
            kind=self.kind,
            url=self.url,
            unsupported=self.unsupported,
        )

    def as_json(self) -> Json:
        return dict(vars(self))


def publication(
    *, actor: str, run_id: str, session_id: str, key: str, document: Document, skill: Definition, target: Json
) -> Published:
    """Whoever calls holds the transaction; a second call with the same key makes nothing. Raises SignedOff."""
    owner = asker(actor)
    version = make_version(
        key=key,
        owner=owner,
        artifact=_same_again(owner, session_id, document, target),
        session_id=session_id,
        document=document,
        run_id=run_id,
        skill_version=SkillVersion.objects.get(pk=skill.version),
        account=accounts_for(owner).filter(pk=target["account"]).first() if "account" in target else None,
        deal=deals_for(owner).filter(pk=target["deal"]).first() if "deal" in target else None,
        created_by=owner,
    )
    make_drafts(owner, document, key)
    artifact = version.artifact
    return Published(
        artifact=str(artifact.pk),
        number=version.number,
        title=artifact.title,
        kind=artifact.kind,
        url=artifact.get_absolute_url(),
        unsupported=version.unsupported,
    )


def _same_again(owner: User, session_id: str, document: Document, target: Json) -> Artifact | None:
    """What was made here before of the same kind about the same record: it gets another version."""
    found = Artifact.objects.filter(
        owner=owner, session_id=session_id, kind=document.kind, title=document.title
    )
    return found.filter(account=target.get("account")).order_by("-created_at", "-pk").first()
