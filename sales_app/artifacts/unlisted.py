"""Answers whose address is a key: whoever has it may read, so nobody else is to learn it."""

from typing import TypeVar

from django.http import HttpResponse

Response = TypeVar("Response", bound=HttpResponse)


def unlisted(response: Response) -> Response:
    """Kept by no cache, found by no search, named to no other site, written into no log."""
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django's own mark: no line in the log
    return response
