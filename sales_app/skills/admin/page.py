"""What the pages share: who may see them, and their frame."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from sales_app.people.models import User
from sales_app.skills.models import Skill, SkillVersion


def skill_for(admin: "ModelAdmin[Skill]", request: HttpRequest, pk: int, *, writing: bool = False) -> Skill:
    """The skill, for somebody who may see it, or change it. Raises ``PermissionDenied`` and ``Http404``."""
    allowed = admin.has_change_permission(request) if writing else admin.has_view_permission(request)
    if not allowed:
        raise PermissionDenied
    return get_object_or_404(Skill.objects.select_related("published"), pk=pk)


def version_of(skill: Skill, number: int) -> SkillVersion:
    return get_object_or_404(skill.versions.select_related("skill", "based_on", "created_by"), number=number)


def writer(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def show(
    admin: "ModelAdmin[Skill]",
    request: HttpRequest,
    template: str,
    title: str,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    return TemplateResponse(
        request,
        f"admin/skills/{template}.html",
        {
            **admin.admin_site.each_context(request),
            "title": title,
            "opts": Skill._meta,
            "may_write": admin.has_change_permission(request),
            **context,
        },
        status=status,
    )
