"""Skills in the control panel: RevOps and administrators write, auditors read."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from unfold.admin import ModelAdmin
from unfold.decorators import action

from sales_app.skills.admin import acting, editor, looking
from sales_app.skills.models import Skill


@admin.register(Skill)
class SkillAdmin(ModelAdmin):
    """The list is Django's; a skill has pages of its own, because what is edited is a folder and what is saved a version."""

    list_display = ("name", "published_version", "description", "newest", "changed_at")
    list_display_links = ("name",)
    list_select_related = ("published",)
    search_fields = ("name", "published__description")
    actions_list = ("import_skills",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Skill]:
        found: QuerySet[Skill] = super().get_queryset(request)
        return found.annotate(newest_number=Max("versions__number"), newest_at=Max("versions__created_at"))

    @admin.display(description="Published", ordering="published__number")
    def published_version(self, skill: Skill) -> str:
        return f"v{skill.published.number}" if skill.published else "none"

    @admin.display(description="Description")
    def description(self, skill: Skill) -> str:
        text = skill.published.description if skill.published else ""
        return text if len(text) <= 100 else f"{text[:99]}…"

    @admin.display(description="Newest", ordering="newest_number")
    def newest(self, skill: Any) -> str:
        return f"v{skill.newest_number}" if skill.newest_number else ""

    @admin.display(description="Changed", ordering="newest_at")
    def changed_at(self, skill: Any) -> Any:
        return skill.newest_at

    @action(description="Import", url_path="import-skills", icon="upload", permissions=["add"])  # type: ignore[untyped-decorator]
    def import_skills(self, request: HttpRequest) -> HttpResponseBase:
        return redirect("admin:skill-import")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # retired, so that what was made with it keeps its name

    def get_urls(self) -> list[URLPattern]:
        pages: list[tuple[str, Callable[..., HttpResponseBase], str]] = [
            ("import/", acting.bring, "skill-import"),
            ("add/", editor.new, "sales_app_skill_add"),
            ("<int:pk>/change/", looking.skill, "sales_app_skill_change"),
            ("<int:pk>/versions/<int:number>/", looking.version, "skill-version"),
            ("<int:pk>/compare/", looking.comparison, "skill-compare"),
            ("<int:pk>/edit/<int:number>/", editor.edit, "skill-edit"),
            ("<int:pk>/act/", acting.act, "skill-act"),
            ("<int:pk>/versions/<int:number>/export/<str:form>/", looking.export, "skill-export"),
        ]
        own = [
            path(route, self.admin_site.admin_view(partial(page, self)), name=name)
            for route, page, name in pages
        ]
        return [*own, *super().get_urls()]
