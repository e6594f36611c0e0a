"""The editor: texts of one version in, another draft out. Whoever saves second is told, and keeps what they typed."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from sales_app.skills import store
from sales_app.skills.admin.page import show, skill_for, version_of, writer
from sales_app.skills.comparing import FileChange, compare
from sales_app.skills.editing import as_bytes, editable
from sales_app.skills.errors import SkillError
from sales_app.skills.folders import check_name
from sales_app.skills.models import Skill, SkillVersion
from sales_app.skills.preview import preview
from sales_app.skills.text import FILE

TEMPLATE = """---
name: my-skill
description: What it makes, and when to use it.
argument-hint: "[account]"
metadata:
  clewline-produces: brief
  clewline-about: account
---
# What a good result looks like

## Outline

1. **First section** - `fact_kind`, at most 5. What belongs in it.
"""


class SkillForm(forms.Form):
    """``seen`` is the number of the newest version when the editor was opened."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    note = forms.CharField(
        max_length=500,
        required=False,
        label="Why",
        widget=UnfoldAdminTextInputWidget,
        help_text="Stays with the version.",
    )


class NewSkillForm(SkillForm):
    name = forms.CharField(
        max_length=64,
        widget=UnfoldAdminTextInputWidget,
        help_text="As people type it after the slash: lowercase letters, digits, hyphens.",
    )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        try:
            check_name(name)
        except SkillError as refused:
            raise forms.ValidationError(f"{refused.message} {refused.fix}", code=refused.code) from None
        if Skill.objects.filter(name=name).exists():
            raise forms.ValidationError(f"{name} is there already: open it and edit it.", code="skill_there")
        return name


class FileForm(forms.Form):
    path = forms.CharField(
        max_length=300,
        strip=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "reference/objections.md"}),
    )
    content = forms.CharField(
        required=False,
        strip=False,
        widget=UnfoldAdminTextareaWidget(attrs={"spellcheck": "false", "class": "skill-text"}),
    )
    remove = forms.BooleanField(required=False, widget=UnfoldBooleanWidget)


FilesFormSet = forms.formset_factory(FileForm, extra=1, max_num=500, absolute_max=501)


@dataclass(frozen=True, kw_only=True)
class _Typed:
    files: dict[str, bytes]
    changes: list[FileChange]


def new(admin: "ModelAdmin[Skill]", request: HttpRequest) -> HttpResponse:
    if not admin.has_add_permission(request):
        raise PermissionDenied
    form = NewSkillForm(request.POST or None, initial={"seen": 0})
    return _editor(admin, request, form, skill=None, base=None, original={}, shown={FILE: TEMPLATE})


def edit(admin: "ModelAdmin[Skill]", request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Another version, made from version ``number``."""
    skill = skill_for(admin, request, pk, writing=True)
    base = version_of(skill, number)
    newest = skill.versions.order_by("-number").values_list("number", flat=True)[0]
    form = SkillForm(request.POST or None, initial={"seen": newest})
    original = store.files_of(base)
    return _editor(admin, request, form, skill=skill, base=base, original=original, shown=editable(original))


def _editor(
    admin: "ModelAdmin[Skill]",
    request: HttpRequest,
    form: SkillForm,
    *,
    skill: Skill | None,
    base: SkillVersion | None,
    original: dict[str, bytes],
    shown: dict[str, str],
) -> HttpResponse:
    initial = [{"path": path, "content": text} for path, text in shown.items()]
    formset = FilesFormSet(request.POST or None, initial=initial, prefix="file")
    context: dict[str, Any] = {}
    typed: _Typed | None = None
    is_saving = request.method == "POST" and "preview" not in request.POST
    if request.method == "POST" and form.is_valid() & formset.is_valid():
        try:
            typed = _typed(formset, original, set(shown))
        except SkillError as refused:
            form.add_error(None, f"{refused.message} {refused.fix}")
        if typed is not None and is_saving and base is not None and not typed.changes:
            messages.info(request, "Nothing was changed, so no version was made.")
            return redirect("admin:skill-version", base.skill_id, base.number)
    name = skill.name if skill else form.data.get("name", "") or "my-skill"
    if typed is not None and is_saving:
        try:
            version = store.draft(
                name,
                typed.files,
                by=writer(request),
                note=form.cleaned_data["note"],
                origin=SkillVersion.Origin.EDITED,
                based_on=base,
                latest_seen=form.cleaned_data["seen"],
            )
        except SkillError as refused:
            form.add_error(None, f"{refused.message} {refused.fix}")
            if refused.code == "skill_stale":
                context |= _meanwhile(form, name, typed.files)
        else:
            messages.success(request, f"{version} is saved as a draft.")
            return redirect("admin:skill-version", version.skill_id, version.number)
    files = typed.files if typed else original or {FILE: TEMPLATE.encode()}
    return show(
        admin,
        request,
        "edit",
        f"Edit {name}" if skill else "New skill",
        status=422 if form.errors or formset.total_error_count() else 200,
        skill=skill,
        base=base,
        form=form,
        formset=formset,
        kept=sorted(set(original) - set(shown)),
        preview=preview(name, files),
        **{"changes": typed.changes if typed else [], **context},
    )


def _typed(formset: Any, original: dict[str, bytes], shown: set[str]) -> _Typed:
    """The folder as it was typed, with what no form can hold. Raises ``SkillError`` ``path_twice``."""
    files = {path: content for path, content in original.items() if path not in shown}
    for row, entry in enumerate(formset.cleaned_data):
        if not entry or entry.get("remove"):
            continue
        path = entry["path"]
        if path in files:
            raise SkillError("path_twice", f"There are two files {path}.", "Rename one of them.")
        # A renamed file is compared with what it was: its line ends stay.
        was = formset.forms[row].initial.get("path", path)
        files[path] = as_bytes(entry["content"], original.get(was if was in shown else path))
    return _Typed(files=files, changes=compare(original, files))


def _meanwhile(form: SkillForm, name: str, typed: dict[str, bytes]) -> dict[str, Any]:
    """What the other saved, against what is typed here. Saving again then stands on having seen it."""
    newest = SkillVersion.objects.filter(skill__name=name).order_by("-number").select_related("created_by")[0]
    form.data = {name: form.data.get(name) for name in form.data} | {"seen": str(newest.number)}
    return {"meanwhile": newest, "changes": compare(store.files_of(newest), typed)}
