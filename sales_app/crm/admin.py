"""The CRM in the control panel: every record, with filters; imports to look at."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import RangeDateFilter, RangeNumericFilter

from sales_app.crm.editing import changes, note
from sales_app.crm.export import csv_response
from sales_app.crm.models import Account, Activity, Contact, Deal, ImportBatch
from sales_app.people.access import can
from sales_app.people.models import User
from sessions_app.admin.read_only import ReadOnly

Kind = ImportBatch.Kind


class RecordAdmin(ModelAdmin):
    """Lists as CSV, and edits that count: somebody with an open form is told (``crm.editing``)."""

    kind: str
    actions = ("export_as_csv",)
    list_filter_submit = True
    show_full_result_count = False
    readonly_fields: tuple[str, ...] = ("created_at", "version")

    def get_actions(self, request: HttpRequest) -> Any:
        found = super().get_actions(request)
        if not can(request.user, "crm.export"):
            found.pop("export_as_csv", None)
        return found

    @admin.action(description="Export as CSV")
    def export_as_csv(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        assert isinstance(request.user, User)
        return csv_response(self.kind, queryset, request.user)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = type(obj)._default_manager.get(pk=obj.pk) if change else None
        if change:
            obj.version = F("version") + 1
        super().save_model(request, obj, form, change)
        obj.refresh_from_db(fields=["version"])
        if before is None:
            note(_who(request), "created", obj)
        elif changed := changes(before, obj, form.changed_data):
            note(_who(request), "changed", obj, changed)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """People and deals that are edited on the page of their account."""
        super().save_formset(request, form, formset, change)
        for made in formset.new_objects:
            note(_who(request), "created", made)
        for edited, names in formset.changed_objects:
            note(_who(request), "changed", edited, {"fields": ", ".join(names)})
        for gone in formset.deleted_objects:
            note(_who(request), "deleted", gone)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        note(_who(request), "deleted", obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with transaction.atomic():
            for row in queryset:
                note(_who(request), "deleted", row)
            super().delete_queryset(request, queryset)


def _who(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


class ContactInline(TabularInline):
    model = Contact
    fields = ("name", "title", "role", "email")
    extra = 0
    show_change_link = True
    tab = True


class DealInline(TabularInline):
    model = Deal
    fields = ("name", "stage", "amount", "currency", "close_date")
    extra = 0
    show_change_link = True
    tab = True


@admin.register(Account)
class AccountAdmin(RecordAdmin):
    kind = Kind.ACCOUNTS
    list_display = ("name", "status", "segment", "industry", "country", "arr", "currency", "health", "owner")
    list_filter = (
        "status",
        "segment",
        "health",
        "region",
        "industry",
        ("arr", RangeNumericFilter),
        ("owner", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("owner",)
    search_fields = ("name", "name_key", "domain", "external_id")
    autocomplete_fields = ("owner",)
    inlines = (ContactInline, DealInline)


@admin.register(Contact)
class ContactAdmin(RecordAdmin):
    kind = Kind.CONTACTS
    list_display = ("name", "title", "account", "role", "email", "last_contacted_at")
    list_filter = ("role", ("last_contacted_at", RangeDateFilter))
    list_select_related = ("account",)
    search_fields = ("name", "name_key", "email", "account__name", "external_id")
    autocomplete_fields = ("account",)


@admin.register(Deal)
class DealAdmin(RecordAdmin):
    kind = Kind.DEALS
    list_display = ("name", "account", "stage", "amount", "currency", "close_date", "probability", "owner")
    list_filter = (
        "stage",
        "competitor",
        ("close_date", RangeDateFilter),
        ("amount", RangeNumericFilter),
        ("owner", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("account", "owner")
    search_fields = ("name", "name_key", "account__name", "external_id")
    autocomplete_fields = ("account", "owner")
    readonly_fields = (*RecordAdmin.readonly_fields, "stage_changed_at")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if "stage" in form.changed_data:
            obj.stage_changed_at = timezone.now()
        super().save_model(request, obj, form, change)


@admin.register(Activity)
class ActivityAdmin(RecordAdmin):
    kind = Kind.ACTIVITIES
    list_display = ("subject", "kind", "account", "owner", "starts_at", "due", "done")
    list_filter = (
        "kind",
        "done",
        ("starts_at", RangeDateFilter),
        ("owner", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("account", "owner")
    search_fields = ("subject", "account__name", "external_id")
    autocomplete_fields = ("account", "contact", "deal", "owner")


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnly, ModelAdmin):
    """What was brought in, by whom. Imports are made at /import/."""

    list_display = (
        "file_name",
        "kind",
        "state",
        "rows_read",
        "to_create",
        "to_update",
        "error_count",
        "created_by",
        "created_at",
    )
    list_filter = ("kind", "state", ("created_at", RangeDateFilter))
    list_filter_submit = True
    list_select_related = ("created_by",)
    search_fields = ("file_name",)
