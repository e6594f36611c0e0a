"""Evaluations in the control panel: RevOps and administrators run them, auditors read."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path
from unfold.admin import ModelAdmin

from sales_app.evals.admin import acting, looking
from sales_app.evals.models import Evaluation


@admin.register(Evaluation)
class EvaluationAdmin(ModelAdmin):
    list_display = ("version", "against", "status", "runs", "model", "requested_by", "created_at")
    list_filter = ("status",)
    list_select_related = ("version__skill", "against__skill", "requested_by")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # begun on a version's page

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # what allowed a version to be published stays

    def get_urls(self) -> list[URLPattern]:
        pages: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
            ("start/<int:version>/", acting.start, "evaluation-start"),
            ("override/<int:version>/", acting.override, "evaluation-override"),
            ("<int:pk>/change/", looking.evaluation, "sales_app_evaluation_change"),
            ("<int:pk>/progress/", looking.progress, "evaluation-progress"),
            ("<int:pk>/stop/", acting.halted, "evaluation-stop"),
            ("<int:pk>/trials/<int:trial>/", looking.trial, "evaluation-trial"),
        ]
        own = [
            path(route, self.admin_site.admin_view(partial(page, self)), name=name)
            for route, page, name in pages
        ]
        return [*own, *super().get_urls()]
