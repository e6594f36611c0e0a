"""Team, profile, invitations: thin views."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from sales_app.people.access import can
from sales_app.people.activation import deactivate, reactivate
from sales_app.people.forms import AcceptForm, InviteForm, ProfileForm
from sales_app.people.invitations import InvitationError, accept, invite, open_invitation
from sales_app.people.models import Invitation, User


@login_required
@require_http_methods(["GET", "POST"])
def team(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)
    may_invite = can(user, "people.invite")
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            invite(
                by=user,
                link=lambda token: request.build_absolute_uri(reverse("people-accept", args=[token])),
                **form.cleaned_data,
            )
        except InvitationError as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, f"An invitation is on its way to {form.cleaned_data['email']}.")
            return redirect("people-team")
    people = User.objects.select_related("manager")
    if not may_invite:
        people = people.filter(is_active=True)
    role, text = request.GET.get("role", ""), request.GET.get("q", "").strip()
    if role:
        people = people.filter(role=role)
    for word in text.split()[:5]:
        people = (
            people.filter(first_name__icontains=word)
            | people.filter(last_name__icontains=word)
            | people.filter(email__icontains=word)
        )
    invited = Invitation.objects.filter(accepted_at=None) if may_invite else Invitation.objects.none()
    context = {
        "people": people,
        "form": form,
        "may_invite": may_invite,
        "invited": invited,
        "roles": User.Role.choices,
        "role": role,
        "text": text,
    }
    return render(request, "people/team.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def set_active(request: HttpRequest, user_id: int) -> HttpResponse:
    person = get_object_or_404(User, pk=user_id)
    assert isinstance(request.user, User)
    try:
        if request.POST.get("active") == "1":
            reactivate(person, by=request.user)
        else:
            deactivate(person, by=request.user)
    except InvitationError as problem:
        messages.error(request, str(problem))
    else:
        state = (
            "can sign in again" if request.POST.get("active") == "1" else "is signed out and cannot sign in"
        )
        messages.success(request, f"{person} {state}.")
    return redirect("people-team")


@login_required
@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Saved.")
        return redirect("people-profile")
    return render(request, "people/profile.html", {"form": form}, status=400 if form.errors else 200)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    try:
        invitation = open_invitation(token)
        form = AcceptForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            user = accept(token, **form.cleaned_data)
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            messages.success(request, "Welcome. Your time zone and working hours are in your profile.")
            return redirect("/")
    except InvitationError as problem:
        return render(request, "people/invitation_over.html", {"problem": str(problem)}, status=404)
    context = {"form": form, "invitation": invitation}
    return render(request, "people/accept.html", context, status=400 if form.errors else 200)
