"""Buttons that open a chat about a record with a skill called in it."""

from typing import Any

from django import template
from django.utils import timezone

from sales_app.agent.skilled import definitions
from sales_app.agent.skilled.resolving import UNDER_WAY
from sales_app.crm.models import Activity

register = template.Library()

# (skill, what stands on its button); what is not published is left out.
OFFERED = {
    "account": (
        ("call-prep", "Prep this call"),
        ("customer-follow-up", "Follow up"),
        ("competitive-intel", "Battle card"),
        ("create-asset", "Create an asset"),
    ),
    "meeting": (("call-prep", "Prep this call"), ("customer-follow-up", "Follow up")),
}
OFFERED["deal"] = OFFERED["account"]


@register.inclusion_tag("crm/_skills.html", takes_context=True)
def skill_buttons(context: dict[str, Any], kind: str, row: Any) -> dict[str, Any]:
    """``kind`` is account, deal or meeting. The chat is about the record, so that the skill needs no name of it."""
    published = _published(context)
    subject = f"{kind}:{row.pk}"
    named = ""
    if isinstance(row, Activity):
        subject = f"account:{row.account_id}"
        named = f" {row.account} (meeting:{row.pk})"
    offered = OFFERED[kind]
    if isinstance(row, Activity):
        # What is ahead is prepared, what was is followed up.
        offered = offered[:1] if row.starts_at > timezone.now() - UNDER_WAY else offered[1:]
    buttons = [{"label": label, "text": f"/{name}{named}"} for name, label in offered if name in published]
    return {
        "buttons": buttons,
        "subject": subject,
        "small": kind == "meeting",
        "about": str(row),
        "csrf_token": context.get("csrf_token"),
    }


def _published(context: dict[str, Any]) -> set[str]:
    """Once for a page: a week has many meetings."""
    request = context["request"]
    if not hasattr(request, "published_skills"):
        request.published_skills = {each["name"] for each in definitions.palette(str)}
    found: set[str] = request.published_skills
    return found
