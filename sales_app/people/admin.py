"""People in the control panel. Roles grant; the audit trail is only read."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from sales_app.people.access import can
from sales_app.people.audit import record
from sales_app.people.models import AuditEntry, Invitation, User


@admin.register(User)
class UserAdmin(ModelAdmin):
    list_display = ("email", "first_name", "last_name", "role", "manager", "time_zone", "is_active", "last_login")
    list_filter = ("role", "is_active", "manager")
    search_fields = ("email", "first_name", "last_name")
    fields = (
        "email",
        ("first_name", "last_name"),
        "title",
        "role",
        "manager",
        ("time_zone", "locale"),
        "working_hours",
        "is_active",
        "last_login",
    )
    readonly_fields = ("is_active", "last_login")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # people are invited from the team page

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # deactivated, so that what they own and wrote keeps its name

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody edits an administrator but an administrator."""
        if isinstance(obj, User) and obj.role == User.Role.ADMINISTRATOR and not _is_administrator(request.user):
            return False
        return super().has_change_permission(request, obj)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "role" and not _is_administrator(request.user):
            kwargs["choices"] = [choice for choice in User.Role.choices if choice[0] != User.Role.ADMINISTRATOR]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and form.changed_data and isinstance(request.user, User):
            changed = {name: str(form.cleaned_data.get(name)) for name in form.changed_data}
            record(request.user, "people.changed", obj.email, changed)


def _is_administrator(user: Any) -> bool:
    return isinstance(user, User) and (user.is_superuser or user.role == User.Role.ADMINISTRATOR)


class ReadOnly:
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Invitation)
class InvitationAdmin(ReadOnly, ModelAdmin):
    list_display = ("email", "role", "invited_by", "created_at", "expires_at", "accepted_at")
    exclude = ("token_hash",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can(request.user, "people.invite")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, ModelAdmin):
    list_display = ("created_at", "actor", "action", "target")
    list_filter = ("action",)
    search_fields = ("target", "actor__email")
    date_hierarchy = "created_at"
