"""The inbox: what waits for one, each with the way to its chat."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sales_app.inbox.notices import shown, unread_count
from sales_app.inbox.sorting import ASKING
from sales_app.people.models import User
from sales_app.people.page import people_page
from sessions_app.runs.models import Interrupt
from sessions_app.session.access import actor_of

PER_PAGE = 50


@require_safe
@people_page
def inbox(request: HttpRequest, user: User) -> HttpResponse:
    page = Paginator(shown(actor_of(user)).select_related("session"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    asks = {
        str(each.pk): each
        for each in Interrupt.objects.filter(pk__in=[each.cause for each in page if each.kind in ASKING])
    }
    rows = [(each, asks.get(each.cause)) for each in page]
    return render(request, "inbox/page.html", {"page": page, "rows": rows})


@require_safe
@people_page
def unread(request: HttpRequest, user: User) -> HttpResponse:
    """``{unread}``, for a page that was away for a while."""
    answer = JsonResponse({"unread": unread_count(actor_of(user))})
    answer["Cache-Control"] = "no-store"
    return answer
