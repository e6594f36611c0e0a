"""The copilot's settings and prices in the control panel."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from sales_app.agent.models import AgentSettings, ModelPrice


@admin.register(AgentSettings)
class AgentSettingsAdmin(ModelAdmin):
    list_display = ("model", "effort", "max_tokens", "context_tokens")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request) and not AgentSettings.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ModelPrice)
class ModelPriceAdmin(ModelAdmin):
    list_display = ("model", "prompt_above", "input", "output", "cache_read", "cache_write", "valid_from")
    list_filter = ("model",)
