"""Deals that runs of a version touched, beside those of the version before."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from sales_app.artifacts.models import Artifact, ArtifactVersion
from sales_app.crm.models import Account, Deal
from sales_app.encoding.models import TouchedDeal
from sales_app.encoding.outcomes import WITHIN, outcomes_of, progress_of
from sales_app.people.models import User
from sales_app.skills import store
from sales_app.skills.models import Skill, SkillVersion
from tests.encoding.conftest import TEXT

pytestmark = pytest.mark.django_db
NOW = timezone.now()
DAY = timedelta(days=1)


@pytest.fixture
def second(skill: Skill) -> SkillVersion:
    version = store.draft("call-prep", {"SKILL.md": TEXT + b"More.\n"}, by=None, note="", origin="encoded")
    store.publish(version, by=None, note="")
    skill.refresh_from_db()
    return version


def deal_in(stage: str, owner: User, *, account: Account | None = None) -> Deal:
    account = account or Account.objects.create(name="Acme", owner=owner)
    return Deal.objects.create(account=account, owner=owner, name="Deal", stage=stage)


def made(
    version: SkillVersion,
    owner: User,
    *,
    deal: Deal | None = None,
    account: Account | None = None,
    run: bool = True,
) -> None:
    artifact = Artifact.objects.create(kind="brief", title="Prep", owner=owner, deal=deal, account=account)
    ArtifactVersion.objects.create(
        artifact=artifact,
        number=1,
        document={},
        html="",
        skill_version=version,
        run_id=uuid.uuid4() if run else None,
    )


def moved(deal: Deal, stage: str, at: datetime) -> None:
    Deal.objects.filter(pk=deal.pk).update(stage=stage, stage_changed_at=at)


def test_what_a_run_touches(skill: Skill, dana: User) -> None:
    version = skill.published
    assert version is not None
    deal = deal_in("proposal", dana)
    made(version, dana, deal=deal)
    made(version, dana, deal=deal)
    lonely = deal_in("discovery", dana)
    made(version, dana, account=lonely.account)  # its account's only open deal
    pair = Account.objects.create(name="Two", owner=dana)
    deal_in("discovery", dana, account=pair)
    deal_in("discovery", dana, account=pair)
    made(version, dana, account=pair)  # nobody knows which
    made(version, dana, deal=deal_in("won", dana))  # over already
    made(version, dana, deal=deal_in("proposal", dana), run=False)  # made by hand
    made(version, dana)
    rows = TouchedDeal.objects.order_by("pk").values_list("deal", "stage")
    assert list(rows) == [(deal.pk, "proposal"), (lonely.pk, "discovery")]


@pytest.mark.parametrize(
    ("before", "after", "changed", "days", "expected"),
    [
        ("discovery", "proposal", 10, 40, "moved"),
        ("discovery", "won", 10, 12, "moved"),
        ("proposal", "discovery", 10, 40, "stayed"),
        ("proposal", "lost", 10, 12, "stayed"),
        ("proposal", "proposal", None, 40, "stayed"),
        ("proposal", "proposal", None, 10, "early"),
        ("proposal", "negotiation", 35, 40, "unknown"),
        ("proposal", "discovery", 5, 10, "early"),
    ],
)
def test_further_on_within_30_days(
    skill: Skill, dana: User, before: str, after: str, changed: int | None, days: int, expected: str
) -> None:
    assert skill.published is not None and WITHIN == 30 * DAY
    touched_at = NOW - days * DAY
    deal = deal_in(before, dana)
    moved(deal, after, touched_at - DAY if changed is None else touched_at + changed * DAY)
    touch = TouchedDeal.objects.create(version=skill.published, deal=deal, stage=before, at=touched_at)
    assert progress_of(TouchedDeal.objects.get(pk=touch.pk), NOW) == expected


def test_beside_the_version_before(skill: Skill, second: SkillVersion, dana: User) -> None:
    first = skill.versions.get(number=1)
    for version, stages in ((first, ("won", "lost", "lost", "proposal")), (second, ("won", "won", "lost"))):
        for stage in stages:
            deal = deal_in("proposal", dana)
            moved(deal, stage, NOW - 35 * DAY)
            TouchedDeal.objects.create(version=version, deal=deal, stage="proposal", at=NOW - 40 * DAY)
    shared = deal_in("won", dana)
    for version in (first, second):
        TouchedDeal.objects.create(version=version, deal=shared, stage="proposal", at=NOW - 40 * DAY)
    found = outcomes_of(skill, now=NOW)
    assert found is not None and found.older is not None
    assert (found.newer.number, found.newer.deals, found.newer.won, found.newer.closed) == (2, 3, 2, 3)
    assert (found.older.number, found.older.deals, found.older.won, found.older.closed) == (1, 4, 1, 3)
    assert found.both == 1 and found.is_small
    assert found.win_difference is not None and found.win_difference.value == pytest.approx(1 / 3)
    assert not found.win_difference.is_clear
    assert (found.newer.moved, found.newer.told, found.older.moved, found.older.told) == (2, 3, 1, 4)


def test_the_skill_s_page_shows_it(
    skill: Skill, second: SkillVersion, revops: User, dana: User, signed_in: Callable[[User], Client]
) -> None:
    deal = deal_in("proposal", dana)
    TouchedDeal.objects.create(version=second, deal=deal, stage="discovery", at=NOW - 40 * DAY)
    page = signed_in(revops).get(f"/admin/sales_app/skill/{skill.pk}/change/").content.decode()
    assert "Deals since" in page and "Small sample" in page and "none closed" in page
    assert f"/admin/sales_app/encoding/add/?skill={skill.pk}" in page
