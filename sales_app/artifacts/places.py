"""Where content is served. Knows no models, so that policies of pages can be made from it."""

from django.conf import settings
from django.http import HttpRequest

PREFIX = "/artifact-content/"


def own_origin(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


def content_source(request: HttpRequest) -> str:
    """Where content is, as a source for the policy of the page that embeds it: its frames lead nowhere else."""
    return f"{settings.CLEWLINE_ARTIFACT_ORIGIN or own_origin(request)}{PREFIX}"
