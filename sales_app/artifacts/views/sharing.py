"""Making and ending links, and the page behind one, for people without a login."""

from uuid import UUID

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from sales_app.artifacts.access import artifacts_for
from sales_app.artifacts.errors import ArtifactError
from sales_app.artifacts.models import ShareLink
from sales_app.artifacts.passes import content_url
from sales_app.artifacts.places import own_origin
from sales_app.artifacts.rendering import KINDS
from sales_app.artifacts.sharing import DAYS, opened, revoke, share
from sales_app.artifacts.unlisted import unlisted
from sales_app.artifacts.views.pages import chosen, context_of
from sales_app.crm.page import crm_page
from sales_app.people.models import User

# Openings of an address, right or wrong, in a minute: nobody guesses 192 bits, and nobody may try to.
OPENINGS_A_MINUTE = 60


@require_POST
@never_cache
@crm_page()
def make(request: HttpRequest, user: User, pk: UUID, number: int) -> HttpResponse:
    """The address is shown once, here: its secret is not kept. JSON for the panel, else the page."""
    version = chosen(user, pk, number)
    days = request.POST.get("days") or str(DAYS)
    wants_json = request.headers.get("Accept", "").startswith("application/json")
    try:
        link, secret = share(
            version,
            by=user,
            days=int(days) if days.isascii() and days.isdigit() and len(days) < 5 else 0,
            knowing=request.POST.get("knowing") == "1",
        )
    except ArtifactError as problem:
        if wants_json:
            return JsonResponse({"error": {"code": problem.code, "message": problem.message}}, status=400)
        context = context_of(request, user, version) | {"problem": problem}
        return render(request, "artifacts/artifact.html", context, status=400)
    address = own_origin(request) + reverse("shared", args=[secret])
    if wants_json:
        return JsonResponse({"url": address, "expires": link.expires_at.isoformat()})
    return render(
        request, "artifacts/artifact.html", context_of(request, user, version) | {"address": address}
    )


@require_POST
@crm_page()
def end(request: HttpRequest, user: User, link_id: int) -> HttpResponse:
    link = get_object_or_404(
        ShareLink.objects.filter(version__artifact__in=artifacts_for(user)).select_related(
            "version__artifact"
        ),
        pk=link_id,
    )
    try:
        revoke(link, by=user)
    except ArtifactError as problem:
        context = context_of(request, user, link.version) | {"problem": problem}
        return render(request, "artifacts/artifact.html", context, status=400)
    return redirect(f"{link.version.artifact.get_absolute_url()}?version={link.version.number}#links")


@require_safe
def shared(request: HttpRequest, secret: str) -> HttpResponse:
    """The same answer for what never was, is over, or was ended; nothing tells who is signed in."""
    if _is_too_much(request):
        return unlisted(render(request, "artifacts/shared_busy.html", status=429))
    link = opened(secret)
    if link is None:
        return unlisted(render(request, "artifacts/shared_gone.html", status=404))
    found = link.version.artifact
    context = {
        "title": found.title,
        "kind_name": KINDS.get(found.kind, ""),
        "frame": content_url(request, link.version, link=link),
        "print_frame": content_url(request, link.version, link=link, prints=True),
        "expires": link.expires_at,
    }
    return unlisted(render(request, "artifacts/shared.html", context))


def _is_too_much(request: HttpRequest) -> bool:
    address = get_adapter(request).get_client_ip(request)
    key = f"artifacts.shared:{address}:{timezone.now():%H%M}"
    if cache.add(key, 1, 90):
        return False
    try:
        return int(cache.incr(key)) > OPENINGS_A_MINUTE
    except ValueError:  # it ran out in between
        return False
