"""The calendar: one week of somebody in the book, in the reader's own time zone."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from sales_app.crm.filters import people_of
from sales_app.crm.page import crm_page
from sales_app.crm.schedule import schedule_of
from sales_app.people.models import User


@require_safe
@crm_page()
def calendar(request: HttpRequest, user: User) -> HttpResponse:
    """``?day=2026-11-24`` shows the week around that day, ``?person=`` a colleague's."""
    today = timezone.localdate()
    monday = _monday(_day(request.GET.get("day", ""), today))
    people = people_of(user).filter(is_active=True)
    person = user
    if request.GET.get("person", "").isdecimal():
        person = get_object_or_404(people, pk=int(request.GET["person"][:18]))
    schedule = schedule_of(person, monday, 7, zone=user.time_zone)
    # A weekend without anything needs no room.
    days = [day for day in schedule.days if day.date.weekday() < 5 or day.events or day.tasks]
    context = {
        "days": days,
        "is_empty": not any(day.events or day.tasks for day in days),
        "today": today,
        "monday": monday,
        "sunday": monday + timedelta(days=6),
        "previous": monday - timedelta(weeks=1),
        "next": monday + timedelta(weeks=1),
        "this_week": _monday(today),
        "person": person,
        "people": people,
        "zone": schedule.zone.key,
    }
    return render(request, "crm/calendar.html", context)


def _day(written: str, otherwise: date) -> date:
    try:
        found = date.fromisoformat(written)
    except ValueError:
        return otherwise
    return found if 1970 <= found.year <= 2200 else otherwise


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
