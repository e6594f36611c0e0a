"""Noting which version of a skill touched which deal, and in which stage the deal was: later nobody could tell."""

from typing import Any

from django.utils import timezone

from sales_app.artifacts.models import ArtifactVersion
from sales_app.crm.models import Deal
from sales_app.crm.models.deal import OPEN_STAGES
from sales_app.encoding.models import TouchedDeal


def note(sender: object, instance: ArtifactVersion, created: bool, **_: Any) -> None:
    """Receives ``post_save`` of artifact versions: in the transaction that makes one, so a touch is never half there."""
    if not created or instance.skill_version_id is None or instance.run_id is None:
        return
    deal = _deal_of(instance)
    if deal is None:
        return
    TouchedDeal.objects.get_or_create(
        version_id=instance.skill_version_id,
        deal=deal,
        defaults={"artifact_version": instance, "stage": deal.stage, "at": timezone.now()},
    )


def _deal_of(version: ArtifactVersion) -> Deal | None:
    """The deal that it is about; of an account, its only open one. None when it is closed, or not to be told."""
    artifact = version.artifact
    found = Deal.objects.filter(stage__in=OPEN_STAGES)
    if artifact.deal_id is not None:
        return found.filter(pk=artifact.deal_id).first()
    if artifact.account_id is None:
        return None
    open_deals = list(found.filter(account=artifact.account_id)[:2])
    return open_deals[0] if len(open_deals) == 1 else None
