"""A version as a file: the page itself, or as PDF. ``?for=customers`` leaves out what is only ours."""

import re
import unicodedata
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from sales_app.artifacts import tasks
from sales_app.artifacts.content import policy
from sales_app.artifacts.errors import NoPdf
from sales_app.artifacts.making import page_of
from sales_app.artifacts.models import ArtifactVersion
from sales_app.artifacts.pdf import is_heavy, make_pdf, pdf_of
from sales_app.artifacts.rendering import Audience
from sales_app.artifacts.views.pages import chosen
from sales_app.crm.page import crm_page
from sales_app.documents import document_from_json
from sales_app.people.models import User
from sales_app.people.tasks import soon


@require_safe
@never_cache
@crm_page()
def download(request: HttpRequest, user: User, pk: UUID, number: int) -> HttpResponse:
    version = chosen(user, pk, number)
    audience = _audience(request)
    html = (
        version.html
        if audience == "inside"
        else page_of(document_from_json(version.document), audience=audience)
    )
    # In a file there is no site around a link. The sequence stands only in attributes that the renderer wrote.
    html = html.replace('href="/', f'href="{settings.CLEWLINE_SITE_URL}/')
    response = HttpResponse(html, headers=_headers(version, audience, "html", attachment=True))
    response["Content-Security-Policy"] = policy(by="'none'")
    return response


@require_safe
@never_cache
@crm_page()
def pdf(request: HttpRequest, user: User, pk: UUID, number: int) -> HttpResponse:
    """Made now when that is quick; what takes long is made by a worker while a page waits."""
    version = chosen(user, pk, number)
    audience = _audience(request)
    try:
        made = pdf_of(version, audience)
        if made is None and is_heavy(version):
            if "waits" not in request.GET:
                soon(tasks.typeset, version_id=version.pk, audience=audience)
            made = pdf_of(version, audience)
            if made is None:
                context = {"artifact": version.artifact, "version": version, "again": _again(request)}
                return render(request, "artifacts/waiting.html", context, status=202)
        made = make_pdf(version, audience) if made is None else made
    except NoPdf as problem:
        context = {"artifact": version.artifact, "version": version, "problem": problem}
        return render(request, "artifacts/waiting.html", context, status=503)
    headers = _headers(version, audience, "pdf", attachment=False)
    return HttpResponse(made, content_type="application/pdf", headers=headers)


def _audience(request: HttpRequest) -> Audience:
    return "outside" if request.GET.get("for") == "customers" else "inside"


def _again(request: HttpRequest) -> str:
    query = request.GET.copy()
    query["waits"] = "1"
    return f"{request.path}?{query.urlencode()}"


def _headers(
    version: ArtifactVersion, audience: Audience, ending: str, *, attachment: bool
) -> dict[str, str]:
    name = filename(version, audience, ending)
    disposition = content_disposition_header(attachment, name) or "attachment"
    return {
        "Content-Disposition": disposition,
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }


def filename(version: ArtifactVersion, audience: Audience, ending: str) -> str:
    """``call-prep-acme-v2.pdf``; whatever a title holds, it stays a plain name."""
    folded = unicodedata.normalize("NFKD", version.artifact.title).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:80] or version.artifact.kind
    return f"{name}-v{version.number}{'' if audience == 'inside' else '-for-customers'}.{ending}"
