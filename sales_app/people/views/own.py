"""One's own account: the profile, and the way in by invitation."""

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from sales_app.people.errors import PeopleError
from sales_app.people.forms import AcceptForm, ProfileForm
from sales_app.people.invitations import accept, open_invitation
from sales_app.people.models import User
from sales_app.people.page import people_page


@require_http_methods(["GET", "HEAD", "POST"])
@people_page
def profile(request: HttpRequest, user: User) -> HttpResponse:
    # A row of its own: a refused form leaves its values on the instance, and the navigation shows ``user``.
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=user.pk))
    if request.method == "POST" and form.is_valid():
        # Only what the form has: in the meantime somebody may have changed the role or ended the access.
        form.save(commit=False).save(update_fields=[*form.Meta.fields, "working_hours"])
        messages.success(request, "Saved.")
        return redirect("people-profile")
    return render(request, "people/profile.html", {"form": form}, status=400 if form.errors else 200)


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    now = timezone.now()
    try:
        invitation = open_invitation(token, now=now)
        form = AcceptForm(request.POST or None, invitation=invitation)
        if request.method == "POST" and form.is_valid():
            user = accept(token, now=now, **form.cleaned_data)
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            messages.success(request, "Welcome. Your working hours are in your profile, under your name.")
            return redirect("/")
    except PeopleError as problem:
        return render(request, "people/invitation_over.html", {"problem": problem.message}, status=404)
    context = {"form": form, "invitation": invitation}
    return render(request, "people/accept.html", context, status=400 if form.errors else 200)
