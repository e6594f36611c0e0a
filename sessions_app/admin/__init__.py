"""The control panel's view of sessions and runs: reading only. What happened is in the log and is not edited."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.admin import ModelAdmin, TabularInline

from sessions_app.admin.read_only import ReadOnly
from sessions_app.models import AgentKey, Input, Inspection, Participant, Run, Session, Step


class ParticipantInline(ReadOnly, TabularInline):
    model = Participant
    fields = ("name", "actor", "role", "joined_at", "left_at", "read_offset")
    extra = 0


class StepInline(ReadOnly, TabularInline):
    model = Step
    fields = (
        "index",
        "kind",
        "name",
        "attempt",
        "model",
        "input_tokens",
        "output_tokens",
        "cost",
        "ended_at",
    )
    extra = 0


@admin.register(Session)
class SessionAdmin(ReadOnly, ModelAdmin):
    list_display = ("title", "agent", "created_by", "live_runs", "last_ts", "archived_at", "inspector")
    list_filter = ("agent", "archived_at")
    search_fields = ("title", "subject_label", "participants__name")
    date_hierarchy = "last_ts"
    inlines = (ParticipantInline,)

    @admin.display(description="Inspector")
    def inspector(self, session: Session) -> str:
        return format_html('<a href="{}">Open</a>', reverse("inspect-session", args=[session.pk]))


@admin.register(Run)
class RunAdmin(ReadOnly, ModelAdmin):
    list_display = (
        "id",
        "agent",
        "status",
        "attempt",
        "requested_by",
        "created_at",
        "ended_at",
        "error_code",
    )
    list_filter = ("status", "agent", "error_code")
    search_fields = ("id", "session__title", "requested_by")
    date_hierarchy = "created_at"
    inlines = (StepInline,)


@admin.register(Input)
class InputAdmin(ReadOnly, ModelAdmin):
    """Without the words: those are read in the inspector, where each reading is recorded."""

    exclude = ("text",)
    list_display = ("session", "actor", "status", "created_at")
    list_filter = ("status",)


@admin.register(Inspection)
class InspectionAdmin(ReadOnly, ModelAdmin):
    list_display = ("session", "actor", "at_offset", "created_at")
    search_fields = ("actor", "session__title")


@admin.register(AgentKey)
class AgentKeyAdmin(ReadOnly, ModelAdmin):
    """Keys are made by ``manage.py agent_key``, which shows each once; here they are revoked."""

    list_display = ("name", "agent", "created_at", "revoked_at")
    actions = ("revoke",)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("sessions_app.change_agentkey"))

    @admin.action(description="Revoke the selected keys", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        queryset.filter(revoked_at=None).update(revoked_at=timezone.now())
