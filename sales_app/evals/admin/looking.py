"""Pages that change nothing: an evaluation as it runs and what it says, and one trial with what came out."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from sales_app.documents import document_from_json
from sales_app.evals.cases import case_of, cases_of
from sales_app.evals.checking import words_of
from sales_app.evals.evaluating import spent
from sales_app.evals.models import Evaluation, Trial
from sales_app.evals.report import report_of
from sales_app.skills.models import Skill


def evaluation(admin: "ModelAdmin[Evaluation]", request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(admin, request, pk)
    trials = list(found.trials.order_by("case", "number", "arm").defer("document", "answer", "verdicts"))
    return _show(
        admin,
        request,
        "evaluation",
        f"Evaluation of {found.version}",
        found,
        report=report_of(found),
        cases=[
            {"case": case, "trials": [each for each in trials if each.case == case.id]}
            for case in cases_of(found)
        ],
        **_progress(found),
    )


def progress(admin: "ModelAdmin[Evaluation]", request: HttpRequest, pk: int) -> HttpResponse:
    """What the page asks for each second while it runs. At the end it is told to load itself again."""
    found = _found(admin, request, pk)
    response = TemplateResponse(
        request, "admin/evals/_progress.html", {"evaluation": found, **_progress(found)}
    )
    if found.status != Evaluation.Status.RUNNING:
        response.headers["HX-Refresh"] = "true"
    return response


def trial(admin: "ModelAdmin[Evaluation]", request: HttpRequest, pk: int, trial: int) -> HttpResponse:
    found = _found(admin, request, pk)
    row = get_object_or_404(found.trials.all(), pk=trial)
    document = document_from_json(row.document) if row.document else None
    sections = [
        {
            "title": section.title,
            "rows": [
                {
                    "text": words_of(block),
                    "flag": block.flag,
                    "why": block.why,
                    "cites": ", ".join(block.cites),
                }
                for block in section.blocks
            ],
        }
        for section in (document.sections if document else ())
    ]
    return _show(
        admin, request, "trial", str(row), found, trial=row, case=case_of(found, row.case), sections=sections
    )


def _found(admin: "ModelAdmin[Evaluation]", request: HttpRequest, pk: int) -> Evaluation:
    if not admin.has_view_permission(request):
        raise PermissionDenied
    rows = Evaluation.objects.select_related("version__skill", "against", "requested_by")
    return get_object_or_404(rows, pk=pk)


def _progress(found: Evaluation) -> dict[str, Any]:
    statuses = list(found.trials.values_list("status", flat=True))
    return {
        "done": statuses.count(Trial.Status.DONE),
        "total": len(statuses),
        "running": statuses.count(Trial.Status.RUNNING),
        "spent": spent(found),
    }


def _show(
    admin: "ModelAdmin[Evaluation]",
    request: HttpRequest,
    template: str,
    title: str,
    found: Evaluation,
    **context: Any,
) -> HttpResponse:
    return TemplateResponse(
        request,
        f"admin/evals/{template}.html",
        {
            **admin.admin_site.each_context(request),
            "title": title,
            "opts": Skill._meta,
            "evaluation": found,
            "version": found.version,
            "skill": found.version.skill,
            "may_write": admin.has_change_permission(request),
            **context,
        },
    )
