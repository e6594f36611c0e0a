"""Who can be invited: the registry of people, searched with the rights of whoever asks."""

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse, JsonResponse

from sessions_app.session.directory import search_people
from sessions_app.views.api.answers import api_view

MOST = 20


@api_view("GET")
def people(request: HttpRequest) -> HttpResponse:
    """``?q=`` part of a name or address; without it, whoever is nearest. At most 20."""
    found = search_people(request.GET.get("q", "")[:200], request.user)[:MOST]
    return JsonResponse({"people": [asdict(person) for person in found]})
