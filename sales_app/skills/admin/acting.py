"""Publishing, rolling back, retiring, importing: each one call of the domain, its refusals as messages."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminTextInputWidget

from sales_app.skills import store
from sales_app.skills.admin.page import show, skill_for, version_of, writer
from sales_app.skills.archives import MAX_ARCHIVE
from sales_app.skills.errors import SkillError
from sales_app.skills.importing import import_archive
from sales_app.skills.models import Skill

PUBLISH, ROLL_BACK, RETIRE = "publish", "roll_back", "retire"


class ActForm(forms.Form):
    """``number`` is the version meant; for rolling back the published one that was seen."""

    action = forms.ChoiceField(choices=[(name, name) for name in (PUBLISH, ROLL_BACK, RETIRE)])
    number = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    note = forms.CharField(
        max_length=500, error_messages={"required": "Say why: the note stays in the trail."}
    )


def act(admin: "ModelAdmin[Skill]", request: HttpRequest, pk: int) -> HttpResponse:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    skill = skill_for(admin, request, pk, writing=True)
    form = ActForm(request.POST)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
        return redirect("admin:sales_app_skill_change", pk)
    values = form.cleaned_data
    by, note = writer(request), values["note"]
    try:
        if values["action"] == ROLL_BACK:
            version = store.roll_back(skill, by=by, note=note, seen=values["number"])
            said = f"Version {version.number} of {skill.name} counts again."
        elif values["action"] == PUBLISH:
            version = store.publish(version_of(skill, values["number"]), by=by, note=note)
            said = f"Version {version.number} of {skill.name} is published."
        else:
            version = store.retire(version_of(skill, values["number"]), by=by, note=note)
            said = f"Version {version.number} of {skill.name} is retired."
    except SkillError as refused:
        messages.error(request, f"{refused.message} {refused.fix}")
    else:
        messages.success(request, said)
    return redirect("admin:sales_app_skill_change", pk)


class ImportForm(forms.Form):
    archive = forms.FileField(
        label="Zip archive",
        help_text="Of a skill's folder, of several, or of a Claude plug-in. Its scripts are kept and never run.",
        widget=UnfoldAdminFileFieldWidget,
    )
    note = forms.CharField(
        max_length=500,
        required=False,
        label="Why",
        widget=UnfoldAdminTextInputWidget,
        help_text="Stays in the trail.",
    )

    def clean_archive(self) -> Any:
        uploaded = self.cleaned_data["archive"]
        if uploaded.size > MAX_ARCHIVE:
            raise forms.ValidationError(
                f"At most {MAX_ARCHIVE // 1024**2} MiB are read: import its skills one by one.",
                code="archive_too_big",
            )
        return uploaded


def bring(admin: "ModelAdmin[Skill]", request: HttpRequest) -> HttpResponse:
    """The page with the upload, and what becomes of it: drafts, all or none."""
    if not admin.has_add_permission(request):
        raise PermissionDenied
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        uploaded = form.cleaned_data["archive"]
        called = uploaded.name.rpartition(".")[0] or uploaded.name
        try:
            made = import_archive(
                uploaded.read(), called=called, by=writer(request), note=form.cleaned_data["note"]
            )
        except SkillError as refused:
            form.add_error(
                "archive", forms.ValidationError(f"{refused.message} {refused.fix}", code=refused.code)
            )
        else:
            for version in made.drafts:
                messages.success(request, f"{version} is here as a draft.")
            for version in made.unchanged:
                messages.info(request, f"{version} was here already, with the same bytes.")
            only = [*made.drafts, *made.unchanged]
            if len(only) == 1:
                return redirect("admin:skill-version", only[0].skill_id, only[0].number)
            return redirect("admin:sales_app_skill_changelist")
    return show(admin, request, "import", "Import skills", status=422 if form.errors else 200, form=form)
