"""Starting what is due, each once, however many schedulers look and whenever one of them dies.

A delivery's row, its chat, its message and its run are one transaction. Whoever comes second runs into the row. A run
whose wake-up is lost is found by the workers as any other.
"""

import logging
import time
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from sales_app.briefs.due import Due, due
from sales_app.briefs.models import Delivery
from sales_app.budgets.checking import may_schedule
from sales_app.crm.subjects import account_subject
from sales_app.people.models import User
from sales_app.skills.store import published
from sessions_app.control.start import start_session
from sessions_app.errors import SessionsError
from sessions_app.session.access import actor_of

logger = logging.getLogger(__name__)

AT_ONCE = 200
SECONDS = 30.0
SKILLS = {Delivery.Kind.BRIEF: "morning-brief", Delivery.Kind.CALL_PREP: "call-prep"}


@dataclass(frozen=True, kw_only=True)
class Tick:
    """How many were started and left out; ``more``: it had to stop before it was through."""

    started: int
    skipped: int
    more: bool


def deliver_due(now: datetime, *, at_once: int = AT_ONCE, seconds: float = SECONDS) -> Tick:
    """One look at the clock. At most ``at_once`` deliveries, and none is begun after ``seconds``.

    Those that cannot be started take nobody's place; and where nothing else is found, the next minute is soon enough.
    """
    ready = {kind for kind, name in SKILLS.items() if published(name)}
    waiting = [each for each in due(now) if each.kind in ready]
    ends = time.monotonic() + seconds
    started = skipped = looked_at = failed = 0
    for each in waiting:
        if looked_at - failed >= at_once or time.monotonic() >= ends:
            break
        looked_at += 1
        try:
            made = deliver(each, now)
        except SessionsError as problem:  # too many at once, no agent: the next look tries again
            failed += 1
            logger.warning("%s of user %s is put off: %s", each.kind.label, each.user_id, problem)
        except Exception:
            failed += 1
            logger.exception("%s of user %s could not be started.", each.kind.label, each.user_id)
        else:
            started += made is not None and not made.skipped
            skipped += made is not None and bool(made.skipped)
    only_failed = failed > 0 and failed == looked_at
    return Tick(started=started, skipped=skipped, more=looked_at < len(waiting) and not only_failed)


def deliver(wanted: Due, now: datetime) -> Delivery | None:
    """None when somebody else was first. Raises SessionsError, and leaves nothing behind then."""
    user = User.objects.get(pk=wanted.user_id)
    row = Delivery(user=user, kind=wanted.kind, period=wanted.period, due_at=wanted.due_at)
    row.skipped = _why_not(wanted, user, now)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            if not row.skipped:
                row.session = start_session(
                    user,
                    title=wanted.title,
                    subject=account_subject(str(wanted.account_id), user) if wanted.account_id else None,
                    text=wanted.text,
                    client_id=f"{wanted.kind}:{wanted.period}",
                    scheduled=True,
                ).session
                row.save(update_fields=["session"])
    except IntegrityError:
        if Delivery.objects.filter(user=user, kind=wanted.kind, period=wanted.period).exists():
            return None
        raise
    return row


def _why_not(wanted: Due, user: User, now: datetime) -> str:
    if now >= wanted.until:
        return Delivery.Skipped.LATE
    if not may_schedule(actor_of(user), now):
        return Delivery.Skipped.BUDGET
    return ""
