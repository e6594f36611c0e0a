"""Evaluating, stopping, publishing anyway: each one call of the domain, its refusals as messages."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect

from sales_app.evals.evaluating import CAP, RUNS_MAX, begin, halt
from sales_app.evals.models import Evaluation
from sales_app.skills import store
from sales_app.skills.admin.page import writer
from sales_app.skills.errors import SkillError
from sales_app.skills.models import SkillVersion

CAP_MAX = Decimal(1000)


class StartForm(forms.Form):
    runs = forms.IntegerField(
        min_value=1,
        max_value=RUNS_MAX,
        initial=3,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), f"Run each case 1 to {RUNS_MAX} times."
        ),
    )
    cap = forms.DecimalField(
        min_value=Decimal("0.01"),
        max_value=CAP_MAX,
        decimal_places=2,
        initial=CAP,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value", "max_decimal_places"),
            f"Allow it $0.01 to ${CAP_MAX:,}.",
        ),
    )


def start(admin: "ModelAdmin[Evaluation]", request: HttpRequest, version: int) -> HttpResponse:
    found = _version(admin, request, version)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    form = StartForm(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
        return redirect("admin:skill-version", found.skill_id, found.number)
    try:
        made = begin(found, by=writer(request), runs=form.cleaned_data["runs"], cap=form.cleaned_data["cap"])
    except SkillError as refused:
        messages.error(request, f"{refused.message} {refused.fix}")
        return redirect("admin:skill-version", found.skill_id, found.number)
    return redirect("admin:sales_app_evaluation_change", made.pk)


def halted(admin: "ModelAdmin[Evaluation]", request: HttpRequest, pk: int) -> HttpResponse:
    if not admin.has_change_permission(request):
        raise PermissionDenied
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    halt(get_object_or_404(Evaluation, pk=pk), by=writer(request))
    return redirect("admin:sales_app_evaluation_change", pk)


def override(admin: "ModelAdmin[Evaluation]", request: HttpRequest, version: int) -> HttpResponse:
    """Whether they may is the domain's question: it asks for the role, not for a permission."""
    found = _version(admin, request, version)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        store.publish_anyway(found, by=writer(request), note=request.POST.get("note", "")[:300])
    except SkillError as refused:
        messages.error(request, f"{refused.message} {refused.fix}")
        return redirect("admin:skill-version", found.skill_id, found.number)
    messages.warning(request, f"Version {found.number} of {found.skill} is published against its evaluation.")
    return redirect("admin:sales_app_skill_change", found.skill_id)


def _version(admin: Any, request: HttpRequest, pk: int) -> SkillVersion:
    if not admin.has_change_permission(request):
        raise PermissionDenied
    return get_object_or_404(SkillVersion.objects.select_related("skill"), pk=pk)
