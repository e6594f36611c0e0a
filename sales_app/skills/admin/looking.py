"""Pages that change nothing: a skill with its versions and trail, one version, two compared, and a version as a file."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import Http404, HttpRequest, HttpResponse

from sales_app.skills import exporting, store
from sales_app.skills.admin.page import show, skill_for, version_of
from sales_app.skills.comparing import compare, text_of
from sales_app.skills.folders import in_order
from sales_app.skills.gate import may_publish
from sales_app.skills.lifecycle import ALLOWED
from sales_app.skills.models import Skill, SkillChange, SkillVersion
from sales_app.skills.preview import preview

State = SkillVersion.State
MAX_SHOWN = 200_000  # characters of one file


def skill(admin: "ModelAdmin[Skill]", request: HttpRequest, pk: int) -> HttpResponse:
    found = skill_for(admin, request, pk)
    before = store.before_published(found)
    trail = SkillChange.objects.filter(version__skill=found).select_related("version", "by")
    return show(
        admin,
        request,
        "skill",
        found.name,
        skill=found,
        versions=list(found.versions.select_related("based_on", "created_by")),
        trail=trail[:100],
        before=before,
        roll_back_label=f"Roll back to version {before.number}" if before else "",
    )


def version(admin: "ModelAdmin[Skill]", request: HttpRequest, pk: int, number: int) -> HttpResponse:
    found = skill_for(admin, request, pk)
    chosen = version_of(found, number)
    files = store.files_of(chosen)
    following = ALLOWED[chosen.state]
    return show(
        admin,
        request,
        "version",
        f"{found.name} v{number}",
        skill=found,
        version=chosen,
        files=[_shown(path, files[path]) for path in in_order(files)],
        preview=preview(found.name, files),
        may_be_published=State.PUBLISHED in following,
        may_be_retired=State.RETIRED in following,
        against=may_publish(chosen) if State.PUBLISHED in following else [],
    )


def comparison(admin: "ModelAdmin[Skill]", request: HttpRequest, pk: int) -> HttpResponse:
    """``?from=1&to=3``; without them the published version and the newest."""
    found = skill_for(admin, request, pk)
    versions = list(found.versions.all())
    if not versions:
        raise Http404
    newest = versions[0].number
    former = found.published.number if found.published else versions[-1].number
    before = version_of(found, _number(request, "from", former))
    after = version_of(found, _number(request, "to", newest))
    return show(
        admin,
        request,
        "compare",
        f"{found.name}: v{before.number} and v{after.number}",
        skill=found,
        versions=versions,
        before=before,
        after=after,
        changes=compare(store.files_of(before), store.files_of(after)),
    )


def export(admin: "ModelAdmin[Skill]", request: HttpRequest, pk: int, number: int, form: str) -> HttpResponse:
    found = skill_for(admin, request, pk)
    files = store.files_of(version_of(found, number))
    if form not in {"native", "strict"}:
        raise Http404
    if form == "strict":
        files = exporting.strict(found.name, files)
    suffix = "-strict" if form == "strict" else ""
    return HttpResponse(
        exporting.archive(found.name, files),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{found.name}-v{number}{suffix}.zip"'},
    )


def _shown(path: str, content: bytes) -> dict[str, Any]:
    text = text_of(content)
    return {
        "path": path,
        "size": len(content),
        "text": text if text is None else text[:MAX_SHOWN],
        "is_cut": text is not None and len(text) > MAX_SHOWN,
    }


def _number(request: HttpRequest, name: str, default: int) -> int:
    given = request.GET.get(name, "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else default
