"""Asked before each call of a model: may this person's runs use more?

What is asked for at the same instant is all let through: the sum is compared before a call and moved after it.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from sales_app.budgets.limits import Limit, budget, limits_of
from sales_app.people.models import User
from sessions_app.runs.agents import AgentError
from sessions_app.session.access import user_id_of

USED_UP = "budget_used_up"
SPANS = {"day": "today", "month": "this month"}


def check_budget(requested_by: str, scheduled: bool) -> None:
    """Raises AgentError ``budget_used_up``, which says when it renews and whom to ask."""
    for limit in limits_of(requested_by, timezone.now()):
        if limit.near if scheduled else limit.used_up:
            raise AgentError(_words(limit, requested_by, scheduled), code=USED_UP)


def may_schedule(actor: str, now: datetime) -> bool:
    """Whether a schedule may begin something: it stops at 80 %."""
    return not any(limit.near for limit in limits_of(actor, now))


def _words(limit: Limit, actor: str, scheduled: bool) -> str:
    whose = "Your budget" if limit.whose == "person" else "The organisation's budget"
    key = user_id_of(actor)
    user = User.objects.filter(pk=key).first() if key is not None else None
    zone = ZoneInfo(user.time_zone if user else "UTC")
    renews = limit.renews.astimezone(zone)
    used = f"${limit.used:.2f} of ${limit.most:.2f}"
    state = f"has {used} used, and the rest is kept for chats" if scheduled else f"is used up ({used})"
    return (
        f"{whose} for {SPANS[limit.span]} {state}. It renews on {renews.day} {renews:%B} at {renews:%H:%M} "
        f"({zone.key}). To use more before, ask {budget().ask}."
    )
