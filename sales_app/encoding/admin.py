"""Encodings in the control panel: begun from a skill, watched, decided line by line, made into a draft."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminTextInputWidget

from sales_app.crm.models import Account
from sales_app.encoding import comparing, deciding
from sales_app.encoding.choosing import Criteria, criteria_from_json, deals_of
from sales_app.encoding.contrast import contrast_from_json
from sales_app.encoding.errors import EncodingError
from sales_app.encoding.models import Encoding, ProposedLine
from sales_app.encoding.statistics import FEW, LEAST
from sales_app.encoding.wording import cost_of
from sales_app.people.models import User
from sales_app.skills.admin.page import writer
from sales_app.skills.errors import SkillError
from sales_app.skills.models import Skill

YEAR = timedelta(days=365)
LOOK = {"class": "skill-input"}  # the theme's lists have an icon that is too pale to see
Page = Callable[..., HttpResponseBase]


class BeginForm(forms.Form):
    skill = forms.ModelChoiceField(Skill.objects.all(), widget=forms.Select(attrs=LOOK))
    since = forms.DateField(label="Deals closed from", widget=UnfoldAdminDateWidget)
    until = forms.DateField(label="to", widget=UnfoldAdminDateWidget)
    segment = forms.ChoiceField(
        required=False, choices=[("", "All"), *Account.Segment.choices], widget=forms.Select(attrs=LOOK)
    )
    reps = forms.ModelMultipleChoiceField(
        User.objects.filter(deals__isnull=False).distinct(),
        required=False,
        label="Deals of",
        help_text="Nobody chosen: everybody.",
        widget=forms.SelectMultiple(attrs=LOOK),
    )

    def criteria(self) -> Criteria:
        values = self.cleaned_data
        return Criteria(
            since=values["since"],
            until=values["until"],
            segment=values["segment"],
            reps=tuple(person.pk for person in values["reps"]),
        )


class DecisionForm(forms.Form):
    """``seen`` is the line's revision that whoever decides had before them."""

    line = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    seen = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    action = forms.ChoiceField(choices=[(name, name) for name in deciding.AFTER])
    text = forms.CharField(required=False, max_length=1000)


class DraftForm(forms.Form):
    note = forms.CharField(max_length=500, required=False, label="Why", widget=UnfoldAdminTextInputWidget)


@admin.register(Encoding)
class EncodingAdmin(ModelAdmin):
    """What somebody told in an interview is not here before they handed it in."""

    list_display = ("skill", "kind", "state", "asked_by", "draft", "created_at")
    list_filter = ("kind", "state")
    list_select_related = ("skill", "asked_by", "draft", "draft__skill")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Encoding]:
        found: QuerySet[Encoding] = super().get_queryset(request)
        return found.filter(private=False)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        pages: list[tuple[str, Page, str]] = [
            ("add/", begin, "sales_app_encoding_add"),
            ("<int:pk>/change/", look, "sales_app_encoding_change"),
            ("<int:pk>/decide/", decide, "encoding-decide"),
            ("<int:pk>/draft/", draft, "encoding-draft"),
            ("<int:pk>/again/", again, "encoding-again"),
        ]
        own = [
            path(route, self.admin_site.admin_view(partial(page, self)), name=name)
            for route, page, name in pages
        ]
        return [*own, *super().get_urls()]


def begin(model: EncodingAdmin, request: HttpRequest) -> HttpResponseBase:
    """``?skill=3`` chooses the skill."""
    if not model.has_add_permission(request):
        raise PermissionDenied
    today = timezone.localdate()
    initial = {"skill": request.GET.get("skill"), "since": today - YEAR, "until": today}
    form = BeginForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            encoding = comparing.begin(
                form.cleaned_data["skill"], by=writer(request), criteria=form.criteria()
            )
        except EncodingError as refused:
            form.add_error(None, f"{refused.message} {refused.fix}")
        else:
            return redirect("admin:sales_app_encoding_change", encoding.pk)
    return _show(model, request, "begin", "Learn from calls", form=form, status=422 if form.errors else 200)


def look(model: EncodingAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """While it is at work, htmx asks again for the part that changes."""
    encoding = _encoding(model, request, pk)
    read, of = comparing.progress(encoding)
    asks_again = "HX-Request" in request.headers
    if asks_again and encoding.is_working:
        return _show(model, request, "_progress", str(encoding), encoding=encoding, read=read, of=of)
    lines = list(encoding.lines.select_related("decided_by"))
    found = contrast_from_json(encoding.contrast) if encoding.contrast else None
    response = _show(
        model,
        request,
        "encoding",
        str(encoding),
        encoding=encoding,
        read=read,
        of=of,
        lines=lines,
        undecided=sum(line.state == ProposedLine.State.OPEN for line in lines),
        taken=sum(line.state in deciding.TAKEN for line in lines),
        found=found,
        by_chance=f"{found.by_chance():.1f}" if found else "",
        least=LEAST,
        few=FEW,
        cost=cost_of(encoding.usage),
        deals=deals_of(encoding.asked_by, criteria_from_json(encoding.criteria)).count()
        if encoding.kind == Encoding.Kind.CALLS
        else 0,
        reps=User.objects.filter(pk__in=encoding.criteria.get("reps", [])),
        draft_form=DraftForm(),
        may_write=model.has_change_permission(request),
    )
    if asks_again:
        response["HX-Refresh"] = "true"  # it is done: the whole page has something to say
    return response


def decide(model: EncodingAdmin, request: HttpRequest, pk: int) -> HttpResponseBase:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    encoding = _encoding(model, request, pk, writing=True)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, "This decision could not be read. Load the page again.")
        return redirect("admin:sales_app_encoding_change", pk)
    values = form.cleaned_data
    line = get_object_or_404(encoding.lines.select_related("encoding"), pk=values["line"])
    try:
        deciding.decide(line, values["action"], by=writer(request), seen=values["seen"], text=values["text"])
    except EncodingError as refused:
        messages.error(request, f"{refused.message} {refused.fix}")
    address = redirect("admin:sales_app_encoding_change", pk)
    address["Location"] += f"#line-{line.pk}"
    return address


def draft(model: EncodingAdmin, request: HttpRequest, pk: int) -> HttpResponseBase:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    encoding = _encoding(model, request, pk, writing=True)
    form = DraftForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else ""
    try:
        version = deciding.make_draft(encoding, by=writer(request), note=note)
    except (EncodingError, SkillError) as refused:
        messages.error(request, f"{refused.message} {refused.fix}")
        return redirect("admin:sales_app_encoding_change", pk)
    messages.success(request, f"{version} is a draft. It is published once its evaluations pass.")
    return redirect("admin:skill-version", version.skill_id, version.number)


def again(model: EncodingAdmin, request: HttpRequest, pk: int) -> HttpResponseBase:
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    comparing.again(_encoding(model, request, pk, writing=True))
    return redirect("admin:sales_app_encoding_change", pk)


def _encoding(model: EncodingAdmin, request: HttpRequest, pk: int, *, writing: bool = False) -> Encoding:
    allowed = model.has_change_permission(request) if writing else model.has_view_permission(request)
    if not allowed:
        raise PermissionDenied
    found = model.get_queryset(request).select_related("skill", "based_on__skill", "asked_by", "draft__skill")
    return get_object_or_404(found, pk=pk)


def _show(
    model: EncodingAdmin,
    request: HttpRequest,
    template: str,
    title: str,
    *,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    return TemplateResponse(
        request,
        f"admin/encoding/{template}.html",
        {**model.admin_site.each_context(request), "title": title, "opts": Encoding._meta, **context},
        status=status,
    )
