"""Each version is typeset once for each audience; what takes long is made by a worker."""

import json
from typing import cast

from django.db import IntegrityError, transaction
from django.utils import timezone

from sales_app.artifacts.errors import NoPdf
from sales_app.artifacts.models import ArtifactPdf, ArtifactVersion
from sales_app.artifacts.pdf.typesetting import typeset
from sales_app.artifacts.rendering.page import Audience
from sales_app.documents import document_from_json

# A page of text is set in some 20 ms; from here on it is seconds.
HEAVY_CHARACTERS = 400_000


def pdf_of(version: ArtifactVersion, audience: Audience) -> bytes | None:
    """What was made before; None when nothing was. Raises NoPdf when it cannot be made."""
    found = ArtifactPdf.objects.filter(version=version, audience=audience).first()
    if found is not None and found.error:
        raise NoPdf(found.error)
    return bytes(found.content) if found else None


def is_heavy(version: ArtifactVersion) -> bool:
    return len(json.dumps(version.document)) > HEAVY_CHARACTERS


def make_pdf(version: ArtifactVersion, audience: Audience) -> bytes:
    """Made and kept. Two at once make the same; one is kept. Raises NoPdf, and remembers that."""
    made = pdf_of(version, audience)
    if made is not None:
        return made
    try:
        day = (version.created_at or timezone.now()).date()
        content, error = typeset(document_from_json(version.document), audience=audience, day=day), ""
    except NoPdf as problem:
        content, error = b"", problem.message
    try:
        with transaction.atomic():
            ArtifactPdf.objects.create(version=version, audience=audience, content=content, error=error[:300])
    except IntegrityError:
        return cast(bytes, pdf_of(version, audience))
    if error:
        raise NoPdf(error)
    return content
