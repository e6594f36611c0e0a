"""Pages about artifacts: the list, one with its versions, two versions side by side, and the panel beside a chat."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Count, Max, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sales_app.artifacts.access import artifacts_for, may_share
from sales_app.artifacts.filters import ArtifactFilters
from sales_app.artifacts.models import Artifact, ArtifactVersion, ShareLink
from sales_app.artifacts.passes import content_url
from sales_app.artifacts.rendering import KINDS
from sales_app.artifacts.sharing import DAYS, DAYS_MAX, needs_care
from sales_app.crm.access import accounts_for, deals_for
from sales_app.crm.page import crm_page, render_list
from sales_app.documents import document_from_json
from sales_app.documents.writing import to_markdown
from sales_app.people.models import User
from sales_app.skills.comparing import compare

PER_PAGE = 50
SMALLINT = 2**31


@require_safe
@crm_page()
def artifact_list(request: HttpRequest, user: User) -> HttpResponse:
    filters = ArtifactFilters(request.GET, user=user)
    rows = filters.rows().annotate(last=Max("versions__number"), changed=Max("versions__created_at"))
    context = {
        "filters": filters,
        "order": filters.order,
        "kind": "artifacts",
        "kinds": KINDS,
        "is_first_run": not filters.is_narrowed and not artifacts_for(user).exists(),
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render_list(request, "artifacts/list.html", "artifacts/_list.html", context)


@require_safe
@never_cache
@crm_page()
def artifact(request: HttpRequest, user: User, pk: UUID) -> HttpResponse:
    version = chosen(user, pk, request.GET.get("version"))
    return render(request, "artifacts/artifact.html", context_of(request, user, version))


def context_of(request: HttpRequest, user: User, version: ArtifactVersion) -> dict[str, Any]:
    found = version.artifact
    account, deal = found.account_id, found.deal_id
    return {
        "artifact": found,
        "version": version,
        "versions": versions_of(found),
        "kind_name": KINDS.get(found.kind, found.kind),
        "frame": content_url(request, version),
        "print_frame": content_url(request, version, prints=True),
        "account": accounts_for(user).filter(pk=account).first() if account else None,
        "deal": deals_for(user).filter(pk=deal).first() if deal else None,
        "may_share": may_share(user, found),
        "care": needs_care(version),
        "links": links_of(found),
        "days": DAYS,
        "days_max": DAYS_MAX,
        "now": timezone.now(),
    }


@require_safe
@never_cache
@crm_page()
def panel(request: HttpRequest, user: User, pk: UUID) -> HttpResponse:
    """What the panel beside a chat needs, as JSON; its addresses are ours, but that of the frame, which may have its own origin."""
    version = chosen(user, pk, request.GET.get("version"))
    found = version.artifact
    place = {"pk": found.pk, "number": version.number}
    versions = [
        {"number": each.number, "at": each.created_at.isoformat(), "unsupported": each.unsupported}
        for each in versions_of(found)
    ]
    return JsonResponse(
        {
            "title": found.title,
            "kind": KINDS.get(found.kind, found.kind),
            "version": version.number,
            "versions": versions,
            "frame": content_url(request, version),
            "print": content_url(request, version, prints=True),
            "page": f"{found.get_absolute_url()}?version={version.number}",
            "download": reverse("artifact-download", kwargs=place),
            "pdf": reverse("artifact-pdf", kwargs=place),
            "share": reverse("artifact-share", kwargs=place) if may_share(user, found) else None,
            "care": needs_care(version),
            "days": DAYS,
        }
    )


@require_safe
@crm_page()
def comparison(request: HttpRequest, user: User, pk: UUID) -> HttpResponse:
    """``?before=1&after=2``; without them the last two."""
    after = chosen(user, pk, request.GET.get("after"))
    earlier = request.GET.get("before") or str(max(after.number - 1, 1))
    before = chosen(user, pk, earlier)
    context = {
        "artifact": after.artifact,
        "before": before,
        "after": after,
        "versions": versions_of(after.artifact),
        "changes": compare({"page": _text(before)}, {"page": _text(after)}),
    }
    return render(request, "artifacts/comparison.html", context)


def _text(version: ArtifactVersion) -> bytes:
    document = document_from_json(version.document)
    text = to_markdown(document, link=lambda source: "")
    return f"{document.title}\n{document.subtitle}\n\n{text}\n".encode()


def chosen(user: User, pk: UUID, number: str | int | None) -> ArtifactVersion:
    """The version, the last one when none is named. Raises Http404, alike for what is not there and what is not theirs."""
    found = get_object_or_404(artifacts_for(user).select_related("owner", "session"), pk=pk)
    # The page itself is for its frame, which asks by its own address.
    rows = found.versions.select_related("artifact__owner", "artifact__session").defer("html")
    if number in (None, ""):
        version = rows.first()
    elif str(number).isascii() and str(number).isdigit() and int(number or 0) < SMALLINT:
        version = rows.filter(number=int(number or 0)).first()
    else:
        version = None
    if version is None:
        raise Http404
    return version


def versions_of(found: Artifact) -> QuerySet[ArtifactVersion]:
    return found.versions.select_related("created_by", "skill_version__skill").defer("html", "document")


def links_of(found: Artifact) -> QuerySet[ShareLink]:
    rows = (
        ShareLink.objects.filter(version__artifact=found)
        .select_related("version", "created_by")
        .defer("html")
    )
    return rows.annotate(opened=Count("views"), last=Max("views__at")).order_by("-created_at", "-pk")
