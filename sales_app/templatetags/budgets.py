"""What one has used today, beside the chats."""

from typing import Any

from django import template

from sales_app.budgets.spending import own_limits
from sessions_app.session.access import actor_of

register = template.Library()


@register.inclusion_tag("budgets/_today.html", takes_context=True)
def used_today(context: Any) -> dict[str, Any]:
    """Nothing is shown to those who have used nothing and have no limit."""
    user = context["request"].user
    limits = own_limits(actor_of(user)) if user.is_authenticated else []
    today = next((each for each in limits if each.span == "day"), None)
    shown = today is not None and (today.used or today.most is not None)
    return {"today": today if shown else None, "near": any(each.near for each in limits)}
