"""What comes by itself and how somebody hears of news: their own page, and their devices."""

import json
import re
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sales_app.briefs.due import SELLERS
from sales_app.briefs.models import Schedule
from sales_app.briefs.when import LATEST_BRIEF
from sales_app.budgets.spending import own_limits
from sales_app.inbox.models import Device
from sales_app.inbox.push import devices, keys
from sales_app.inbox.wishes import LABELS, wish, wishes_of
from sales_app.people.models import User
from sales_app.people.page import people_page
from sessions_app.errors import SessionsError
from sessions_app.session.access import actor_of

WORKER = Path(settings.BASE_DIR, "static", "js", "push_worker.js")
BODY_MAX = 8192
BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


class ScheduleForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Schedule
        fields = ("brief", "brief_at", "call_prep", "lead_minutes")
        widgets = {"brief_at": forms.TimeInput(attrs={"type": "time", "max": "11:00"}, format="%H:%M")}

    def clean_brief_at(self) -> Any:
        at = self.cleaned_data["brief_at"]
        if at > LATEST_BRIEF:
            raise forms.ValidationError("A morning brief comes by 11:00. Choose an earlier time.")
        return at


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@people_page
def notices(request: HttpRequest, user: User) -> HttpResponse:
    form = ScheduleForm(
        request.POST or None, instance=Schedule.objects.filter(user=user).first() or Schedule(user=user)
    )
    if request.method == "POST" and form.is_valid():
        form.save()
        for kind in LABELS:
            wish(user, kind, mail=f"mail_{kind}" in request.POST, push=f"push_{kind}" in request.POST)
        messages.success(request, "Saved.")
        return redirect("people-profile-notices")
    known = Device.objects.filter(user=user).order_by("-created_at", "-pk")
    context = {
        "form": form,
        "has_schedule": user.role in SELLERS,
        "wishes": [(LABELS[kind], each) for kind, each in wishes_of(user).items()],
        "devices": known,
        "hashes": " ".join(each.endpoint_hash for each in known),
        "push_key": keys.public_key() if keys.is_on() else "",
        "limits": own_limits(actor_of(user)),
    }
    return render(request, "inbox/notices.html", context, status=400 if form.errors else 200)


@require_POST
@people_page
def subscribe(request: HttpRequest, user: User) -> HttpResponse:
    """Body: the browser's subscription as JSON. ``{id, label}``, or ``{error: {code, message}}``."""
    try:
        body = json.loads(request.body) if len(request.body) <= BODY_MAX else None
    except ValueError:
        body = None
    try:
        device = devices.subscribe(user, body, label_of(request.headers.get("User-Agent", "")))
    except SessionsError as problem:
        return JsonResponse(problem.as_json(), status=problem.status)
    return JsonResponse({"id": device.pk, "label": device.label})


@require_POST
@people_page
def forget(request: HttpRequest, user: User, device_id: int) -> HttpResponse:
    if devices.forget(user, pk=device_id):
        messages.success(request, "That device gets no notices any longer.")
    return redirect("people-profile-notices")


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, from the root, so that it may open every page."""
    answer = HttpResponse(WORKER.read_bytes(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    answer["Service-Worker-Allowed"] = "/"
    return answer


def label_of(agent: str) -> str:
    """What people call a browser on a device: "Firefox on Linux"."""
    browser = next((name for sign, name in BROWSERS if sign in agent), "Browser")
    system = next((name for sign, name in SYSTEMS if re.search(rf"\b{sign}", agent)), "")
    return f"{browser} on {system}" if system else browser
