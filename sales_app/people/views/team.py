"""Who is here: the list, one person, and what RevOps may change about them."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sales_app.people import changes
from sales_app.people.access import can, is_administrator
from sales_app.people.errors import PeopleError
from sales_app.people.forms import DAY_NAMES, InviteForm, PlaceForm
from sales_app.people.invitations import invite, withdraw
from sales_app.people.models import AuditEntry, Invitation, User
from sales_app.people.page import people_page

PER_PAGE = 50


@require_safe
@people_page
def team(request: HttpRequest, user: User) -> HttpResponse:
    manages = can(user, "people.invite")
    role = request.GET.get("role", "")
    text = request.GET.get("q", "").replace("\0", "").strip()  # PostgreSQL refuses the character
    state = request.GET.get("state", "active") if manages else "active"
    people = User.objects.select_related("manager")
    if state in {"active", "deactivated"}:
        people = people.filter(is_active=state == "active")
    if role:
        people = people.filter(role=role) if role in User.Role.values else people.none()
    for word in text.split()[:5]:
        people = people.filter(
            Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(email__icontains=word)
        )
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "page": Paginator(people, PER_PAGE).get_page(request.GET.get("page")),
        "query": query.urlencode(),
        "manages": manages,
        "invited": Invitation.objects.filter(accepted_at=None).select_related("invited_by")
        if manages
        else [],
        "now": timezone.now(),
        "roles": User.Role.choices,
        "role": role,
        "state": state,
        "text": text,
    }
    return render(request, "people/team.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@people_page
def invitation(request: HttpRequest, user: User) -> HttpResponse:
    """The form that invites; an answer 403 for whoever may not."""
    if not can(user, "people.invite"):
        return _refused(request, PeopleError("not_allowed", "Your role cannot invite people. Ask RevOps."))
    form = InviteForm(request.POST or None, by=user)
    if request.method == "POST" and form.is_valid():

        def link(token: str) -> str:
            return request.build_absolute_uri(reverse("people-accept", args=[token]))

        try:
            made, address = invite(by=user, link=link, now=timezone.now(), **form.cleaned_data)
        except PeopleError as problem:
            form.add_error(None, problem.message)
        else:
            if settings.CLEWLINE_SMTP_URL:
                messages.success(request, f"An invitation is on its way to {made.email}.")
            else:
                # Without a mail server the message is a file that the invited person will not find.
                messages.success(
                    request, f"There is no mail server yet. Give {made.email} this link: {address}"
                )
            return redirect("people-team")
    return render(request, "people/invite.html", {"form": form}, status=400 if form.errors else 200)


@require_POST
@people_page
def withdrawal(request: HttpRequest, user: User, invitation_id: int) -> HttpResponse:
    try:
        email = withdraw(invitation_id, by=user)
    except PeopleError as problem:
        return _refused(request, problem)
    if email:
        messages.success(request, f"The invitation to {email} does not work any longer.")
    else:
        messages.info(request, "That invitation was accepted or withdrawn before.")
    return redirect("people-team")


@require_http_methods(["GET", "HEAD", "POST"])
@people_page
def person(request: HttpRequest, user: User, user_id: int) -> HttpResponse:
    manages = can(user, "people.invite")
    shown = User.objects.all() if manages else User.objects.filter(is_active=True)
    found = get_object_or_404(shown.select_related("manager"), pk=user_id)
    may_change = manages and (is_administrator(user) or not is_administrator(found))
    form = PlaceForm(request.POST or None, by=user, of=found) if may_change else None
    if request.method == "POST":
        if form is None:
            return _refused(request, PeopleError("not_allowed", "Your role cannot do that. Ask RevOps."))
        if form.is_valid():
            try:
                changes.change_place(found, by=user, **form.cleaned_data)
            except PeopleError as problem:
                form.add_error(None, problem.message)
            else:
                messages.success(request, "Saved.")
                return redirect("people-person", found.pk)
    hours = found.working_hours or {}
    context = {
        "person": found,
        "form": form,
        "may_change": may_change,
        "reports": found.reports.filter(is_active=True),
        "hours": [(name, hours[day]) for day, name in DAY_NAMES.items() if day in hours],
        "local": timezone.now(),
        "trail": AuditEntry.objects.filter(target=found.email).select_related("actor")[:20]
        if manages
        else [],
    }
    return render(request, "people/person.html", context, status=400 if form and form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@people_page
def access(request: HttpRequest, user: User, user_id: int) -> HttpResponse:
    """The question before somebody's access ends or returns, and the answer."""
    if not can(user, "people.deactivate"):
        return _refused(request, PeopleError("not_allowed", "Your role cannot do that. Ask RevOps."))
    found = get_object_or_404(User, pk=user_id)
    if request.method != "POST":
        return render(request, "people/access.html", {"person": found, "reports": found.reports.count()})
    active = request.POST.get("active") == "1"
    try:
        (changes.reactivate if active else changes.deactivate)(found, by=user)
    except PeopleError as problem:
        messages.error(request, problem.message)
    else:
        done = "can sign in again" if active else "is signed out and cannot sign in any longer"
        messages.success(request, f"{found} {done}.")
    return redirect("people-person", found.pk)


def _refused(request: HttpRequest, problem: PeopleError) -> HttpResponse:
    return render(request, "people/refused.html", {"problem": problem}, status=403)
