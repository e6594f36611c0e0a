"""What became of the deals that a version's runs touched, beside those of the version before.

No experiment: people choose for which deals they use a skill, and times change. Deals that both versions touched count for
neither. Without a history of stages a deal that moved again after the 30 days cannot be told, and is counted apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from sales_app.crm.models.deal import Stage
from sales_app.encoding.models import TouchedDeal
from sales_app.encoding.statistics import Difference, Interval, difference, is_small, wilson
from sales_app.skills import store
from sales_app.skills.models import Skill, SkillVersion

WITHIN = timedelta(days=30)
PLACE = {stage.value: place for place, stage in enumerate(Stage)}


@dataclass(frozen=True, kw_only=True)
class Side:
    """One version. ``closed`` = ``won`` + ``lost``. Of the deals touched at least 30 days ago: ``moved`` were further on within
    that time (won included), ``stayed`` were not, ``unknown`` moved again since. ``early`` are younger and have not moved."""

    number: int
    deals: int
    won: int
    lost: int
    moved: int
    stayed: int
    unknown: int
    early: int

    @property
    def closed(self) -> int:
        return self.won + self.lost

    @property
    def told(self) -> int:
        return self.moved + self.stayed

    @property
    def win_rate(self) -> float | None:
        return self.won / self.closed if self.closed else None

    @property
    def win_interval(self) -> Interval:
        return wilson(self.won, self.closed)


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """``both``: deals that both versions touched. The differences are the newer minus the older."""

    newer: Side
    older: Side | None
    both: int

    @property
    def sides(self) -> list[Side]:
        return [self.newer, *([self.older] if self.older else [])]

    @property
    def win_difference(self) -> Difference | None:
        if self.older is None or not self.older.closed or not self.newer.closed:
            return None
        return difference(self.newer.won, self.newer.closed, self.older.won, self.older.closed)

    @property
    def moved_difference(self) -> Difference | None:
        if self.older is None or not self.older.told or not self.newer.told:
            return None
        return difference(self.newer.moved, self.newer.told, self.older.moved, self.older.told)

    @property
    def is_small(self) -> bool:
        return is_small(self.newer.closed, self.older.closed if self.older else 0)


def outcomes_of(skill: Skill, *, now: datetime | None = None) -> Outcomes | None:
    """Of the published version against the one that was published before; None while nothing is published."""
    if skill.published is None:
        return None
    return compare_versions(skill.published, store.before_published(skill), now=now or timezone.now())


def compare_versions(newer: SkillVersion, older: SkillVersion | None, *, now: datetime) -> Outcomes:
    versions = [newer, *([older] if older else [])]
    touched = TouchedDeal.objects.filter(version__in=versions).select_related("deal")
    of: dict[int, list[TouchedDeal]] = {version.pk: [] for version in versions}
    for each in touched:
        of[each.version_id].append(each)
    both = set.intersection(*({each.deal_id for each in rows} for rows in of.values())) if older else set()
    sides = [
        _side(version.number, [each for each in of[version.pk] if each.deal_id not in both], now)
        for version in versions
    ]
    return Outcomes(newer=sides[0], older=sides[1] if older else None, both=len(both))


def _side(number: int, touched: Iterable[TouchedDeal], now: datetime) -> Side:
    rows = list(touched)
    stages = [each.deal.stage for each in rows]
    progress = [progress_of(each, now) for each in rows]
    return Side(
        number=number,
        deals=len(rows),
        won=stages.count(Stage.WON),
        lost=stages.count(Stage.LOST),
        moved=progress.count("moved"),
        stayed=progress.count("stayed"),
        unknown=progress.count("unknown"),
        early=progress.count("early"),
    )


def progress_of(touched: TouchedDeal, now: datetime) -> str:
    """moved, stayed, unknown or early, 30 days after it was touched."""
    deal, end = touched.deal, touched.at + WITHIN
    changed = deal.stage != touched.stage or deal.stage_changed_at > touched.at
    if deal.stage_changed_at <= end and changed:
        ahead = deal.stage != Stage.LOST and PLACE[deal.stage] > PLACE[touched.stage]
        if ahead:
            return "moved"
        return "stayed" if now >= end or deal.stage == Stage.LOST else "early"
    if changed:
        return "unknown"
    return "stayed" if now >= end else "early"
