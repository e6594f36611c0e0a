"""Prices in the control panel: a save makes a draft; publishing and rolling back take a note. Auditors read."""

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from sales_app.people.models import User
from sales_app.pricing import store
from sales_app.pricing.models import PriceChange, PriceVersion
from sales_app.pricing.policy import PolicyInvalid, read_policy
from sales_app.pricing.store import PricingError

LEAVE, PUBLISH, ROLL_BACK = "leave", "publish", "roll_back"
Json = dict[str, Any]


class DraftForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable at run time
    """``latest_seen``: two editors are told of each other."""

    terms = forms.CharField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 36, "class": "font-mono", "spellcheck": "false"}),
        help_text="JSON. Prices are per seat and month; amounts and percents stand in quotes.",
    )
    latest_seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    class Meta:
        model = PriceVersion
        fields = ("terms", "effective_from", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        latest = PriceVersion.objects.order_by("-number").first()
        counts = store.published() or latest
        self.fields["latest_seen"].initial = latest.number if latest else 0
        self.fields["effective_from"].initial = timezone.localdate()
        if counts is not None:
            self.fields["terms"].initial = json.dumps(counts.terms, indent=2, ensure_ascii=False)

    def clean_terms(self) -> Json:
        try:
            value: Json = json.loads(self.cleaned_data["terms"])
        except ValueError as wrong:
            raise forms.ValidationError(f"This is no JSON: {wrong}.", code="no_json") from wrong
        try:
            read_policy(value)
        except PolicyInvalid as invalid:
            raise forms.ValidationError(
                [forms.ValidationError(each, code=invalid.code) for each in invalid.problems]
            ) from invalid
        return value

    def clean(self) -> Json:
        values: Json = super().clean() or {}
        latest = PriceVersion.objects.order_by("-number").first()
        if "latest_seen" in values and values["latest_seen"] != (latest.number if latest else 0):
            self.add_error(
                None,
                forms.ValidationError(
                    f"{latest} was saved meanwhile. Compare it with yours: copy your text, and begin a new draft.",
                    code="prices_stale",
                ),
            )
        return values


class ActForm(forms.ModelForm):  # type: ignore[type-arg]
    act = forms.ChoiceField(
        label="What to do",
        choices=[
            (LEAVE, "Leave as it is"),
            (PUBLISH, "Publish this version"),
            (ROLL_BACK, "Roll back to the version before"),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    why = forms.CharField(label="Why", max_length=500, required=False, widget=UnfoldAdminTextInputWidget)
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    class Meta:
        model = PriceVersion
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        counts = store.published()
        self.fields["seen"].initial = counts.number if counts else 0

    def clean(self) -> Json:
        values: Json = super().clean() or {}
        if values.get("act") != LEAVE and not str(values.get("why") or "").strip():
            self.add_error("why", "Say why: the note stays in the trail.")
        return values


class TrailInline(TabularInline):
    model = PriceChange
    fields = readonly_fields = ("action", "by", "note", "at")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(PriceVersion)
class PriceVersionAdmin(ModelAdmin):
    list_display = ("__str__", "state", "effective_from", "note", "created_by", "created_at")
    list_filter = ("state",)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if not change:
            return super().get_form(request, obj, change=change, form=DraftForm, **kwargs)
        if self.has_change_permission(request, obj):
            return super().get_form(request, obj, change=change, form=ActForm, **kwargs)
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("note", "effective_from", "terms", "latest_seen")
        act = ("act", "why", "seen") if self.has_change_permission(request, obj) else ()
        return ("number", "state", "effective_from", "note", "created_by", "created_at", "as_text", *act)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (
            ()
            if obj is None
            else ("number", "state", "effective_from", "note", "created_by", "created_at", "as_text")
        )

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return [TrailInline] if obj is not None else []

    @admin.display(description="Terms")
    def as_text(self, version: PriceVersion) -> str:
        return json.dumps(version.terms, indent=2, ensure_ascii=False)

    def save_model(self, request: HttpRequest, obj: PriceVersion, form: Any, change: bool) -> None:
        by = request.user if isinstance(request.user, User) else None
        values = form.cleaned_data
        try:
            if not change:
                made = store.draft(
                    values["terms"],
                    by=by,
                    note=values["note"],
                    effective_from=values["effective_from"],
                    latest_seen=values["latest_seen"],
                )
                obj.pk, obj.number = made.pk, made.number
                obj._state.adding = False
            elif values["act"] == PUBLISH:
                store.publish(obj, by=by, note=values["why"], seen=values["seen"])
            elif values["act"] == ROLL_BACK:
                back = store.roll_back(by=by, note=values["why"], seen=values["seen"])
                messages.success(request, f"{back} counts again.")
        except PricingError as refused:
            messages.error(request, refused.message)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # what was quoted from it has to stay explainable
