"""Limits in the control panel, and what was used."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from sales_app.budgets.models import Budget, PersonBudget, Spending
from sessions_app.admin.read_only import ReadOnly


@admin.register(Budget)
class BudgetAdmin(ModelAdmin):
    list_display = ("__str__", "person_day", "person_month", "organisation_day", "organisation_month")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request) and not Budget.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(PersonBudget)
class PersonBudgetAdmin(ModelAdmin):
    list_display = ("user", "day", "month")
    autocomplete_fields = ("user",)
    list_select_related = ("user",)


@admin.register(Spending)
class SpendingAdmin(ReadOnly, ModelAdmin):
    list_display = ("actor", "day", "amount")
    date_hierarchy = "day"
    search_fields = ("actor",)
