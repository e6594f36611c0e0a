"""Who gets what beside the API: chat pages, the inspector, streams, AG-UI and the routes of agents over HTTP.

The table is whole: a route of the session layer without an entry, here or in ``test_access``, fails.
"""

import json
import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from sessions_app.runs.models import Run
from sessions_app.session.models import Session
from tests.control.scenes import HERE, ROLES, People, busy
from tests.control.world import log_of

pytestmark = pytest.mark.django_db(transaction=True)
Json = dict[str, Any]

AWAY = {"removed": 404, "stranger": 404}
PAGE = {**dict.fromkeys(HERE, 200), **AWAY, "signed_out": 302}
# An observer is led back with the reason, and nothing is done.
FORM = {**dict.fromkeys(HERE, 302), **AWAY, "signed_out": 302}
ANYBODY = {**dict.fromkeys(ROLES, 200), "signed_out": 302}
# The inspector is for whoever holds its permission, taking part or not.
INSPECTOR = {**dict.fromkeys(ROLES, 403), "signed_out": 302}
STREAM = {**dict.fromkeys(HERE, 200), **AWAY, "signed_out": 404}
# Who may go on with a thread is served a stream (tests/agui); here is who may not.
THREAD = {"observer": 403, "removed": 404, "stranger": 404, "signed_out": 401}
# Agents come with a key or a run's token; a person's login opens nothing.
KEYS = {**dict.fromkeys(ROLES, 401), "signed_out": 401}

# (route, method) -> what is sent, who gets which status
OTHERS: dict[tuple[str, str], tuple[Json | None, dict[str, int]]] = {
    ("chat/", "GET"): (None, ANYBODY),
    ("chat/search/", "GET"): (None, ANYBODY),
    ("chat/new/", "GET"): (None, ANYBODY),
    ("chat/<uuid:session_id>/", "GET"): (None, PAGE),
    ("chat/<uuid:session_id>/rename/", "POST"): ({"title": "New"}, FORM),
    ("chat/<uuid:session_id>/archive/", "POST"): ({}, FORM),
    ("inspect/", "GET"): (None, INSPECTOR),
    ("inspect/<uuid:session_id>/", "GET"): (None, INSPECTOR),
    ("inspect/<uuid:session_id>/steps/<int:step_id>/", "GET"): (None, INSPECTOR),
    ("streams/<path:path>", "GET"): (None, STREAM),
    ("streams/<path:path>", "HEAD"): (None, STREAM),
    ("agui/<str:agent>", "POST"): ({}, THREAD),
    ("agents/claim", "POST"): ({}, KEYS),
    ("agents/runs/<str:run_id>/events", "POST"): ({}, KEYS),
    ("agents/runs/<str:run_id>/renew", "POST"): ({}, KEYS),
    ("agents/runs/<str:run_id>/finish", "POST"): ({}, KEYS),
}
TOKEN = re.compile(rb"[A-Za-z0-9]{64}")  # against forged requests, another each time
OURS = ("chat/", "inspect/", "streams/", "agui/", "agents/")


def routes(patterns: Any = None, before: str = "") -> set[str]:
    found: set[str] = set()
    for each in get_resolver().url_patterns if patterns is None else patterns:
        path = before + str(each.pattern).removeprefix("^")
        if isinstance(each, URLResolver):
            found |= routes(each.url_patterns, path)
        elif isinstance(each, URLPattern) and path.startswith(OURS):
            found.add(path)
    return found


def test_the_table_is_whole() -> None:
    assert {route for route, _ in OTHERS} == routes()


def ask(client: Client, route: str, method: str, session: Session, sent: Json | None) -> Any:
    run = Run.objects.filter(session=session).first()
    address = "/" + (
        route.replace("<uuid:session_id>", str(session.pk))
        .replace("<path:path>", f"sessions/{session.pk}")
        .replace("<int:step_id>", "1")
        .replace("<str:run_id>", str(run.pk if run else uuid.uuid4()))
        .replace("<str:agent>", "nobody")
    )
    if route.startswith("agui/"):
        message = {"id": uuid.uuid4().hex, "role": "user", "content": "Hello"}
        sent = {
            "threadId": str(session.pk), "runId": uuid.uuid4().hex, "messages": [message], "tools": [], "context": [],
            "state": {}, "forwardedProps": {},
        }  # fmt: skip
    if method != "POST":
        return client.generic(method, address)
    if route.startswith("chat/"):
        return client.post(address, sent or {})
    return client.generic(method, address, json.dumps(sent), "application/json")


@pytest.mark.parametrize(("route", "method"), OTHERS, ids=str)
def test_routes(people: People, route: str, method: str) -> None:
    sent, table = OTHERS[route, method]
    found = {}
    for role in table:
        session = busy(people)
        before = log_of(session)
        client = Client() if role == "signed_out" else people[role].client
        answer = ask(client, route, method, session, sent)
        found[role] = answer.status_code
        if answer.status_code >= 400 or role in {"signed_out", "observer"}:
            assert log_of(session) == before, role
        if answer.status_code >= 400 or role == "signed_out":
            assert b"Talk" not in answer.content, role  # the session's title
    assert found == table


def test_what_is_not_theirs_looks_like_what_is_not_there(people: People) -> None:
    session = busy(people)
    for route in ("chat/<uuid:session_id>/", "streams/<path:path>"):
        theirs = ask(people["stranger"].client, route, "GET", session, None)
        nothing = ask(people["stranger"].client, route, "GET", Session(pk=uuid.uuid4()), None)
        assert theirs.status_code == nothing.status_code == 404
        assert TOKEN.sub(b"", theirs.content) == TOKEN.sub(b"", nothing.content)
