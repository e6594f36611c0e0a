"""The list pages, and what they show as CSV."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from sales_app.crm import queries
from sales_app.crm.export import csv_response
from sales_app.crm.filters import AccountFilters, ActivityFilters, ContactFilters, DealFilters, Filters
from sales_app.crm.models import Account, Activity, Contact, Deal, ImportBatch
from sales_app.crm.models.deal import CLOSED_STAGES, OPEN_STAGES, Stage
from sales_app.crm.page import crm_page, render_list
from sales_app.people.access import can
from sales_app.people.models import User

PER_PAGE = 50
CARDS_PER_STAGE = 20
Kind = ImportBatch.Kind


def _page(request: HttpRequest, filters: Filters[Any]) -> "Page[Any]":
    return Paginator(filters.rows(), PER_PAGE).get_page(request.GET.get("page"))


def _context(user: User, filters: Filters[Any], kind: str, model: Any) -> dict[str, Any]:
    return {
        "filters": filters,
        "order": filters.order,
        "kind": kind,
        # Nobody has any yet: the page then says how to begin, not that nothing was found.
        "is_first_run": not filters.is_narrowed and not model.objects.exists(),
        "may_import": can(user, "crm.import"),
        "may_export": can(user, "crm.export"),
        "may_write": can(user, "crm.write"),
    }


@require_safe
@crm_page()
def account_list(request: HttpRequest, user: User) -> HttpResponse:
    filters = AccountFilters(request.GET, user=user)
    context = {**_context(user, filters, Kind.ACCOUNTS, Account), "page": _page(request, filters)}
    return render_list(request, "crm/accounts.html", "crm/_accounts.html", context)


@require_safe
@crm_page()
def contact_list(request: HttpRequest, user: User) -> HttpResponse:
    filters = ContactFilters(request.GET, user=user)
    context = {**_context(user, filters, Kind.CONTACTS, Contact), "page": _page(request, filters)}
    return render_list(request, "crm/contacts.html", "crm/_contacts.html", context)


@require_safe
@crm_page()
def deal_list(request: HttpRequest, user: User) -> HttpResponse:
    filters = DealFilters(request.GET, user=user)
    context = {**_context(user, filters, Kind.DEALS, Deal), "sums": queries.currency_sums(filters.rows())}
    if request.GET.get("view") == "board":
        context["columns"] = _board(filters)
        context["count"] = sum(row["count"] for row in context["sums"])
        return render_list(request, "crm/deals.html", "crm/_board.html", context)
    context["page"] = _page(request, filters)
    return render_list(request, "crm/deals.html", "crm/_deals.html", context)


def _board(filters: DealFilters) -> list[dict[str, Any]]:
    """A column for each stage that the filter lets through: its sums and its first deals."""
    asked = filters.given("stage")
    if asked in Stage.values:
        stages: Sequence[Stage] = [Stage(asked)]
    else:
        stages = {"all": tuple(Stage), filters.CLOSED: CLOSED_STAGES}.get(asked or "", OPEN_STAGES)
    columns = []
    for stage in stages:
        rows = filters.rows().filter(stage=stage)
        sums = queries.currency_sums(rows)
        columns.append(
            {
                "stage": stage,
                "sums": sums,
                "count": sum(row["count"] for row in sums),
                "deals": rows[:CARDS_PER_STAGE],
            }
        )
    for column in columns:
        column["more"] = max(0, column["count"] - CARDS_PER_STAGE)
    return columns


@require_safe
@crm_page()
def activity_list(request: HttpRequest, user: User) -> HttpResponse:
    filters = ActivityFilters(request.GET, user=user)
    context = {**_context(user, filters, Kind.ACTIVITIES, Activity), "page": _page(request, filters)}
    return render_list(request, "crm/activities.html", "crm/_activities.html", context)


FILTERS: dict[str, type[Filters[Any]]] = {
    Kind.ACCOUNTS: AccountFilters,
    Kind.CONTACTS: ContactFilters,
    Kind.DEALS: DealFilters,
    Kind.ACTIVITIES: ActivityFilters,
}


@require_safe
@crm_page("crm.export")
def export(request: HttpRequest, user: User, kind: str) -> HttpResponse:
    filters = FILTERS[kind](request.GET, user=user)
    return csv_response(kind, filters.rows(), user)
