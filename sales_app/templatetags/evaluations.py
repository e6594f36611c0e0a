"""What a version's page says of its evaluation."""

from typing import Any

from django import template

from sales_app.evals.errors import EvalError
from sales_app.evals.evaluating import CAP, RUNS_MAX, suite_for
from sales_app.evals.gate import last_of
from sales_app.evals.models import Evaluation
from sales_app.evals.report import report_of
from sales_app.people.access import is_administrator
from sales_app.skills.models import SkillVersion

register = template.Library()


@register.inclusion_tag("admin/evals/_version.html", takes_context=True)
def evaluation_of(context: Any, version: SkillVersion, against: list[str]) -> dict[str, Any]:
    """``against``: what speaks against publishing, which only an administrator may overrule."""
    request = context["request"]
    problem = ""
    count = 0
    try:
        count = sum(len(case.assertions) for case in suite_for(version).cases)
    except EvalError as found:
        problem = f"{found.message} {found.fix}"
    last = last_of(version)
    is_finished = last is not None and last.status == Evaluation.Status.FINISHED
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "version": version,
        "last": last,
        "report": report_of(last) if last is not None and is_finished else None,
        "problem": problem,
        "count": count,
        "may_write": context.get("may_write"),
        "may_override": bool(against) and is_administrator(request.user),
        "runs_max": RUNS_MAX,
        "cap": CAP,
    }
