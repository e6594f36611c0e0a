"""For the palette of the chat: the published skills, and names that fit behind one."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sales_app.agent.skilled import definitions
from sales_app.agent.skilled.completing import completions
from sales_app.agent.skilled.slash import one_line
from sales_app.people.access import can
from sales_app.people.models import User
from sales_app.skills.errors import SkillError

Json = dict[str, Any]

TEXT_MAX = 300
HELP: Json = {
    "name": "help",
    "title": "Help",
    "help": "Lists the skills, or says more about one",
    "hint": "[skill]",
    "about": [],
}


@never_cache
@require_safe
def skill_list(request: HttpRequest) -> JsonResponse:
    """``{"skills": [{name, title, help, hint, about}]}`` by name; ``help`` is one line, ``about`` what can be named."""
    if not isinstance(request.user, User):
        return _signed_out()
    return JsonResponse({"skills": [*definitions.palette(one_line), HELP]})


@never_cache
@require_safe
def skill_names(request: HttpRequest, name: str) -> JsonResponse:
    """``?text=`` is what stands behind the name: ``{"items": [{at, value, name, note}]}`` of the reader's own book."""
    user = request.user
    if not isinstance(user, User):
        return _signed_out()
    try:
        skill = definitions.published(name)
    except SkillError:
        skill = None
    if skill is None or not can(user, "crm.read"):
        return JsonResponse({"items": []})
    text = request.GET.get("text", "").replace("\0", " ")[:TEXT_MAX]
    found = completions(user, skill, text, timezone.now())
    return JsonResponse({"items": [each.as_json() for each in found]})


def _signed_out() -> JsonResponse:
    return JsonResponse({"error": {"code": "signed_out", "message": "You are signed out."}}, status=401)
