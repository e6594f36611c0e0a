"""What was delivered to whom, and what was left out."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from sales_app.briefs.models import Delivery
from sessions_app.admin.read_only import ReadOnly


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, ModelAdmin):
    list_display = ("user", "kind", "period", "due_at", "created_at", "skipped")
    list_filter = ("kind", "skipped")
    search_fields = ("user__email", "period")
    list_select_related = ("user",)
