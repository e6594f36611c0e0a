"""The control panel's view of sessions and runs: reading only. What happened is in the log and is not edited."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.admin import ModelAdmin, TabularInline

from sessions_app.admin.read_only import ReadOnly
from sessions_app.models import AgentKey, Input, Inspection, Participant, Run, Session, Step
from sessions_app.session.names import called, names_of


def with_names(rows: Any, field: str, *, session: str = "session") -> Any:
    """Each row with the name that the actor in ``field`` has in its session."""
    people = Participant.objects.filter(session=OuterRef(session), actor=OuterRef(field))
    return rows.annotate(actor_name=Subquery(people.values("name")[:1]))


def shown(row: Any, field: str) -> str:
    """The name; an actor that takes no part in the session stays what it is."""
    return str(row.actor_name or getattr(row, field))


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
    list_display = ("title", "agent", "owner", "live_runs", "last_ts", "archived_at", "inspector")
    list_filter = ("agent", "archived_at")
    search_fields = ("title", "subject_label", "participants__name")
    date_hierarchy = "last_ts"
    inlines = (ParticipantInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_names(super().get_queryset(request), "created_by", session="pk")

    @admin.display(description="Started by", ordering="created_by")
    def owner(self, session: Session) -> str:
        return shown(session, "created_by")

    @admin.display(description="Inspector")
    def inspector(self, session: Session) -> str:
        return format_html('<a href="{}">Open</a>', reverse("inspect-session", args=[session.pk]))


@admin.register(Run)
class RunAdmin(ReadOnly, ModelAdmin):
    """Without what was asked of it and what it made of it: those are read in the inspector, where each reading is recorded."""

    exclude = ("options", "result")
    list_display = (
        "id",
        "agent",
        "status",
        "attempt",
        "asker",
        "created_at",
        "ended_at",
        "error_code",
    )
    list_filter = ("status", "agent", "error_code")
    search_fields = ("id", "session__title", "requested_by")
    date_hierarchy = "created_at"
    inlines = (StepInline,)

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_names(super().get_queryset(request), "requested_by")

    @admin.display(description="Requested by", ordering="requested_by")
    def asker(self, run: Run) -> str:
        return shown(run, "requested_by")


@admin.register(Input)
class InputAdmin(ReadOnly, ModelAdmin):
    """Without the words: those are read in the inspector, where each reading is recorded."""

    exclude = ("text",)
    list_display = ("session", "who", "status", "created_at")
    list_filter = ("status",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_names(super().get_queryset(request), "actor")

    @admin.display(description="From", ordering="actor")
    def who(self, said: Input) -> str:
        return shown(said, "actor")


@admin.register(Inspection)
class InspectionAdmin(ReadOnly, ModelAdmin):
    list_display = ("session", "who", "at_offset", "created_at")
    search_fields = ("actor", "session__title")

    @admin.display(description="Read by", ordering="actor")
    def who(self, inspection: Inspection) -> str:
        return called(inspection.actor, names_of([inspection.actor]))


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
