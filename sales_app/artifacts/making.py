"""Making versions of artifacts, once for each key."""

from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from sales_app.artifacts.brand import in_voice, problems
from sales_app.artifacts.errors import OffBrand
from sales_app.artifacts.models import Artifact, ArtifactVersion
from sales_app.artifacts.rendering import Audience, render
from sales_app.claims import unsupported
from sales_app.crm.models import Account, Deal
from sales_app.documents import Document
from sales_app.people.models import User
from sales_app.skills.models import SkillVersion


def make_version(
    *,
    key: str | None,
    owner: User,
    session_id: UUID | str | None,
    document: Document,
    run_id: UUID | str | None = None,
    skill_version: SkillVersion | None = None,
    artifact: Artifact | None = None,
    account: Account | None = None,
    deal: Deal | None = None,
    created_by: User | None = None,
) -> ArtifactVersion:
    """The version of this key, made unless an earlier try has. A new artifact, or the next version of ``artifact``.

    Whoever calls holds the transaction. What a model wrote is put into the brand's voice first. Raises OffBrand for a page that
    would not keep to the brand kit all the same; nothing is made then.
    """
    if key is not None and (made := ArtifactVersion.objects.filter(key=key).first()) is not None:
        return made
    document = in_voice(document)
    html = page_of(document)
    if artifact is None:
        artifact = Artifact.objects.create(
            kind=document.kind,
            title=document.title[:200],
            owner=owner,
            session_id=_id(session_id),
            account=account,
            deal=deal,
        )
        number = 1
    else:
        Artifact.objects.select_for_update().get(pk=artifact.pk)
        number = 1 + (artifact.versions.aggregate(last=Max("number"))["last"] or 0)
    return ArtifactVersion.objects.create(
        artifact=artifact,
        number=number,
        document=document.as_json(),
        html=html,
        unsupported=unsupported(document),
        skill_version=skill_version,
        run_id=_id(run_id),
        key=key,
        created_by=created_by,
    )


def page_of(document: Document, *, audience: Audience = "inside") -> str:
    """The page, held against the brand kit. Raises OffBrand."""
    html = render(document, today=timezone.now().date(), audience=audience)
    if found := problems(html):
        raise OffBrand(found)
    return html


def _id(value: Any) -> UUID | None:
    return UUID(str(value)) if value else None
