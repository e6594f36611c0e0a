"""People in the control panel. Roles grant; the audit trail is only read."""

from typing import Any, cast

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin

from sales_app.people.access import is_administrator
from sales_app.people.audit import record
from sales_app.people.logins import end_logins
from sales_app.people.models import AuditEntry, Invitation, User
from sessions_app.admin.read_only import ReadOnly


@admin.register(User)
class UserAdmin(ModelAdmin):
    """For looking and for putting names right. Role, manager and access are changed on the team page."""

    list_display = (
        "email",
        "first_name",
        "last_name",
        "role",
        "manager",
        "time_zone",
        "is_active",
        "last_seen_at",
        "team_page",
    )
    list_filter = ("role", "is_active", "manager")
    list_select_related = ("manager",)
    search_fields = ("email", "first_name", "last_name")
    fields = (
        "email",
        ("first_name", "last_name"),
        "title",
        ("time_zone", "locale"),
        "working_hours",
        "role",
        "manager",
        "is_active",
        "last_seen_at",
        "last_login",
        "team_page",
    )
    readonly_fields = ("role", "manager", "is_active", "last_seen_at", "last_login", "team_page")

    @admin.display(description="Role, manager, access")
    def team_page(self, user: User) -> str:
        return format_html('<a href="{}">Change</a>', reverse("people-person", args=[user.pk]))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # people are invited from the team page

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # deactivated, so that what they own and wrote keeps its name

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody edits an administrator but an administrator: a changed address takes over an account."""
        if is_administrator(obj) and not is_administrator(request.user):
            return False
        return bool(super().has_change_permission(request, obj))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not form.changed_data:
            return
        was = User.objects.values(*form.changed_data).get(pk=obj.pk)
        with transaction.atomic():
            obj.save(update_fields=form.changed_data)
            changed = {name: [str(was[name]), str(form.cleaned_data[name])] for name in form.changed_data}
            if "email" in changed:
                end_logins(obj)
            record(cast(User, request.user), "people.changed", obj.email, changed)


@admin.register(Invitation)
class InvitationAdmin(ReadOnly, ModelAdmin):
    """Sent and withdrawn from the team page."""

    list_display = ("email", "role", "invited_by", "created_at", "expires_at", "accepted_at")
    list_filter = ("role",)
    search_fields = ("email",)
    exclude = ("token_hash",)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly, ModelAdmin):
    list_display = ("created_at", "actor", "target", "words")
    list_select_related = ("actor",)
    list_filter = ("action",)
    search_fields = ("target", "actor__email")
    date_hierarchy = "created_at"
