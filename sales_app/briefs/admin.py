"""What was delivered to whom, and what was left out."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from sales_app.briefs.models import Delivery


@admin.register(Delivery)
class DeliveryAdmin(ModelAdmin):
    list_display = ("user", "kind", "period", "due_at", "created_at", "skipped")
    list_filter = ("kind", "skipped")
    search_fields = ("user__email", "period")
    list_select_related = ("user",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
