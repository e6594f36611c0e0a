"""Versions of the policy: drafted, published, rolled back. Whoever changes something holds the trail's newest state.

The database allows one published version, whoever writes; of two who publish at once the second is refused.
"""

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from sales_app.people.models import User
from sales_app.pricing.models import PriceChange, PriceVersion
from sales_app.pricing.policy import Policy, read_policy

State = PriceVersion.State
Action = PriceChange.Action


class PricingError(Exception):
    """``code`` is stable: prices_state, prices_moved, prices_nothing_before, prices_stale, prices_note."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def published() -> PriceVersion | None:
    """The published version, whether or not its day has come."""
    return PriceVersion.objects.select_related("replaces").filter(state=State.PUBLISHED).first()


def in_force(today: date) -> PriceVersion | None:
    """The version that counts on this day: the published one, or before its day the one that it replaces."""
    version = published()
    seen: set[int] = set()
    while version is not None and version.effective_from > today and version.pk not in seen:
        seen.add(version.pk)
        version = version.replaces
    return version if version is not None and version.effective_from <= today else None


def policy_on(today: date) -> Policy | None:
    version = in_force(today)
    return read_policy(version.terms, version=version.number) if version else None


def draft(
    terms: Any, *, by: User | None, note: str, effective_from: date, latest_seen: int | None = None
) -> PriceVersion:
    """Another version. ``latest_seen`` is the newest number that the writer knew of; another one since is ``prices_stale``.

    Raises PolicyInvalid, PricingError.
    """
    read_policy(terms)
    note = _note(note)
    try:
        with transaction.atomic():
            latest = PriceVersion.objects.aggregate(last=Max("number"))["last"] or 0
            if latest_seen is not None and latest != latest_seen:
                raise PricingError(
                    "prices_stale",
                    f"Version {latest} was saved meanwhile. Compare it with yours, then save again.",
                )
            version = PriceVersion.objects.create(
                number=latest + 1, terms=terms, effective_from=effective_from, note=note, created_by=by
            )
            PriceChange.objects.create(version=version, action=Action.CREATED, by=by, note=note)
    except IntegrityError as collided:
        raise PricingError(
            "prices_stale", "Somebody saved a version at the same moment. Save again."
        ) from collided
    return version


def publish(version: PriceVersion, *, by: User | None, note: str, seen: int | None = None) -> PriceVersion:
    """It counts from its day on; the one before retires. ``seen`` is the number of the published version that the asker saw,
    0 for none: with another one since it is ``prices_moved``."""
    return _publish(version, by=by, note=_note(note), action=Action.PUBLISHED, seen=seen)


def before_published() -> PriceVersion | None:
    """What rolling back would bring."""
    version = published()
    return version.replaces if version else None


def roll_back(*, by: User | None, note: str, seen: int | None = None) -> PriceVersion:
    """Publishes the version again that counted before the present one."""
    target = before_published()
    if target is None:
        raise PricingError(
            "prices_nothing_before",
            "No other version was published before this one. Publish the one that you want instead.",
        )
    return _publish(target, by=by, note=_note(note), action=Action.ROLLED_BACK, seen=seen)


def _publish(
    version: PriceVersion, *, by: User | None, note: str, action: str, seen: int | None
) -> PriceVersion:
    try:
        with transaction.atomic():
            before = PriceVersion.objects.select_for_update().filter(state=State.PUBLISHED).first()
            if seen is not None and (before.number if before else 0) != seen:
                raise PricingError(
                    "prices_moved", "Another version was published meanwhile. Look at the list again."
                )
            if before is not None and before.pk == version.pk:
                raise PricingError("prices_state", f"{version} is published already.")
            if before is not None:
                PriceVersion.objects.filter(pk=before.pk, state=State.PUBLISHED).update(state=State.RETIRED)
            changes: dict[str, Any] = {"state": State.PUBLISHED}
            # A version that counted before keeps what it replaced: rolling back twice goes two steps back.
            if action == Action.PUBLISHED:
                changes["replaces"] = before
            PriceVersion.objects.filter(pk=version.pk).update(**changes)
            PriceChange.objects.create(version=version, action=action, by=by, note=note)
    except IntegrityError as collided:
        raise PricingError("prices_moved", "Another version was published at the same moment.") from collided
    version.refresh_from_db()
    return version


def _note(note: str) -> str:
    if not note.strip():
        raise PricingError("prices_note", "Say why: the note stays in the trail.")
    return note.strip()[:500]
