"""Who gets what: every command, every frame and every route of the API, for everybody there can be.

The tables below are whole: a command, a frame or a route without an entry fails the tests.
"""

import json
from typing import Any, get_args

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from sessions_app.consumers.frames import ClientFrame
from sessions_app.control.commands import Command
from sessions_app.session.models import Session
from tests.control.scenes import HERE, PREPARE, ROLES, People, busy, new_session
from tests.control.world import in_thread, log_of
from tests.live.conftest import Served, Tab, open_tab

pytestmark = pytest.mark.django_db(transaction=True)
Json = dict[str, Any]

OK, NO, UNKNOWN = "ok", "not_allowed", "unknown_session"
MEMBERS = {"owner": OK, "author": OK, "member": OK, "observer": NO}
READERS = {"owner": OK, "author": OK, "member": OK, "observer": OK}
OWNER = {"owner": OK, "author": NO, "member": NO, "observer": NO}
OWN = {"owner": OK, "author": OK, "member": NO, "observer": NO}  # the owner's and the author's, or holder's
AWAY = {"removed": UNKNOWN, "stranger": UNKNOWN}

COMMANDS: dict[str, dict[str, str]] = {
    "send": MEMBERS,
    "stop": MEMBERS,
    "edit": {**OWN, "owner": NO},
    "withdraw": MEMBERS,
    "move": MEMBERS,
    "policy": MEMBERS,
    "decide": MEMBERS,
    "undo": MEMBERS,
    "revise": MEMBERS,
    "regenerate": MEMBERS,
    "branch": MEMBERS,
    "take": MEMBERS,
    "release": OWN,
    "invite": MEMBERS,
    "remove": OWNER,
    "read": READERS,
}
# What follows a session, and what concerns no session at all.
FRAMES: dict[str, dict[str, str] | None] = {
    "subscribe": READERS,
    "unsubscribe": None,
    "typing": None,  # of a session that one follows
    "ok": None,
    "ping": None,
}
# (route, method) -> body, who gets what, the status when it is had
ROUTES: dict[tuple[str, str], tuple[Json | None, dict[str, str] | None, int]] = {
    ("api/people/", "GET"): (None, None, 200),
    ("api/sessions/", "GET"): (None, None, 200),
    ("api/sessions/", "POST"): ({"agent": "nobody"}, None, 400),  # no such agent is installed
    ("api/sessions/<str:session_id>/commands", "POST"): ({"t": "stop"}, MEMBERS, 200),
    ("api/sessions/<str:session_id>/inputs", "POST"): ({"id": "n", "text": "Hello"}, MEMBERS, 200),
    ("api/sessions/<str:session_id>/events", "GET"): (None, READERS, 200),
    ("api/sessions/<str:session_id>/view", "GET"): (None, READERS, 200),
    ("api/sessions/<str:session_id>/read", "POST"): ({"at": 1}, READERS, 204),
    ("api/sessions/<str:session_id>/rename", "POST"): ({"title": "New"}, MEMBERS, 200),
    ("api/sessions/<str:session_id>/archive", "POST"): ({"archived": True}, MEMBERS, 200),
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def tags(union: Any) -> set[str]:
    return {each.__struct_config__.tag for each in get_args(union)}


def routes(patterns: Any = None, before: str = "") -> set[str]:
    """Every address under ``api/``."""
    found: set[str] = set()
    for each in get_resolver().url_patterns if patterns is None else patterns:
        path = before + str(each.pattern).removeprefix("^")
        if isinstance(each, URLResolver):
            found |= routes(each.url_patterns, path)
        elif isinstance(each, URLPattern) and path.startswith("api/"):
            found.add(path)
    return found


def test_the_tables_are_whole() -> None:
    assert set(COMMANDS) == set(PREPARE) == tags(Command)
    assert set(FRAMES) | set(COMMANDS) == tags(ClientFrame)
    assert {route for route, _ in ROUTES} == routes()
    for table in [
        *COMMANDS.values(),
        *filter(None, FRAMES.values()),
        *[t for _, t, _ in ROUTES.values() if t],
    ]:
        assert set(table) == set(HERE)


def outcome(answer: Any) -> str:
    """OK or the error's code."""
    if answer.status_code in {200, 201, 204}:
        return OK
    return str(json.loads(answer.content)["error"]["code"])


@pytest.mark.parametrize("tag", COMMANDS)
def test_commands_over_http(people: People, tag: str) -> None:
    for role, expected in (COMMANDS[tag] | AWAY).items():
        session, fields = PREPARE[tag](people)
        before = log_of(session)
        address = f"/api/sessions/{session.pk}/commands"
        answer = people[role].client.post(address, {"t": tag, **fields}, "application/json")
        assert (role, outcome(answer)) == (role, expected)
        assert {UNKNOWN: 404, NO: 403, OK: 200}[expected] == answer.status_code
        if expected != OK:
            assert log_of(session) == before
        elif tag != "read":
            assert len(log_of(session)) > len(before), f"{tag} did nothing"
    session, fields = PREPARE[tag](people)
    before = log_of(session)
    answer = Client().post(f"/api/sessions/{session.pk}/commands", {"t": tag, **fields}, "application/json")
    assert (outcome(answer), answer.status_code) == ("signed_out", 401)
    assert log_of(session) == before


async def does(tab: Tab, session: Session, tag: str, fields: Json) -> str:
    """OK or the error's code. What follows tells that a command without an answer is done."""
    await tab.send(t=tag, s=str(session.pk), ref="this", **fields)
    await tab.send(t="stop", s="nowhere", ref="next")
    outcome = OK
    while True:
        frame = await tab.receive()
        if frame.get("ref") == "next":
            return outcome
        if frame.get("ref") == "this" and frame["t"] == "error":
            outcome = frame["code"]


@pytest.mark.parametrize("role", ROLES)
async def test_frames_over_the_socket(server: Served, people: People, role: str) -> None:
    async with open_tab(server, people[role].cookie) as tab:
        await tab.until("welcome")
        tables = COMMANDS | {"subscribe": READERS}
        for tag, table in tables.items():
            session, fields = await in_thread(PREPARE.get(tag, lambda p: (new_session(p), {})), people)
            before = await in_thread(log_of, session)
            assert (tag, await does(tab, session, tag, fields)) == (tag, (table | AWAY)[role])
            if (table | AWAY)[role] != OK:
                assert await in_thread(log_of, session) == before
        shown = [f for f in tab.frames if f["t"] in {"records", "snapshot", "subscribed", "live"}]
        assert bool(shown) == (role in READERS)
        await tab.send(t="unsubscribe", s=str(session.pk))
        await tab.send(t="ok", n=0)
        await tab.send(t="ping")
        await tab.until("pong")


async def test_without_a_login_no_socket_opens(server: Served, people: People) -> None:
    async with open_tab(server, None) as tab:
        assert await tab.closed() == 4401
        assert {frame["t"] for frame in tab.frames} <= {"error", "bye"}


def ask(client: Client, route: str, method: str, session: Session, body: Json | None) -> Any:
    address = "/" + route.replace("<str:session_id>", str(session.pk))
    return client.generic(method, address, "" if body is None else json.dumps(body), "application/json")


@pytest.mark.parametrize(("route", "method"), ROUTES, ids=lambda each: each.removeprefix("api/sessions/"))
def test_routes(people: People, route: str, method: str) -> None:
    body, table, status = ROUTES[route, method]
    for role in ROLES:
        session = busy(people)
        before = log_of(session)
        answer = ask(people[role].client, route, method, session, body)
        expected = OK if table is None else (table | AWAY)[role]
        assert (role, answer.status_code) == (role, {OK: status, NO: 403, UNKNOWN: 404}[expected])
        if expected in {NO, UNKNOWN}:
            assert outcome(answer) == expected and log_of(session) == before
        if (route, method) == ("api/sessions/", "GET"):
            listed = {each["id"] for each in answer.json()["sessions"]}
            assert (str(session.pk) in listed) == (role in HERE)
    session = busy(people)
    answer = ask(Client(), route, method, session, body)
    assert (outcome(answer), answer.status_code) == ("signed_out", 401)


@pytest.mark.parametrize("route", sorted({route for route, _ in ROUTES}))
def test_other_methods_are_refused(people: People, route: str) -> None:
    session = busy(people)
    for method in METHODS:
        if (route, method) not in ROUTES:
            answer = ask(people["owner"].client, route, method, session, {})
            assert (method, outcome(answer), answer.status_code) == (method, "method_not_allowed", 405)


def test_a_form_of_another_site_does_nothing(people: People) -> None:
    session = busy(people)
    before = log_of(session)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = people["owner"].client.cookies
    for (route, method), (body, _, _) in ROUTES.items():
        if method == "POST":
            answer = ask(strict, route, method, session, body)
            assert (outcome(answer), answer.status_code) == ("csrf_failed", 403)
    assert log_of(session) == before
