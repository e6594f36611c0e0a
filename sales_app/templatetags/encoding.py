from django import template

from sales_app.encoding.outcomes import Outcomes, outcomes_of
from sales_app.skills.models import Skill

register = template.Library()


@register.filter
def percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


@register.filter
def points(share: float) -> str:
    """A difference of shares, in percentage points."""
    return f"{share * 100:+.0f} points".replace("-", "−")


@register.simple_tag
def outcomes(skill: Skill) -> Outcomes | None:
    return outcomes_of(skill)
