"""The JSON API."""

import json
import uuid
from typing import Any

import pytest
from django.test import Client

from sessions_app.runs.agents import register_agent
from sessions_app.session import bucket
from sessions_app.session.models import Inspection, Session
from tests.live.conftest import Person, say

pytestmark = pytest.mark.django_db(transaction=True)


class Nobody:
    name = "nobody"
    title = "Nobody"

    async def run(self, ctx: Any) -> None:
        raise AssertionError("no worker runs here")


@pytest.fixture(autouse=True)
def agent() -> None:
    register_agent(Nobody())


def post(who: Person, path: str, body: Any) -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    return who.client.post(f"/api/sessions/{path}", text, content_type="application/json")


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_start_send_view_and_list(ann: Person) -> None:
    started = post(ann, "", {"agent": "nobody", "text": "Hello there", "id": "m1"})
    assert started.status_code == 201
    session = started.json()["session"]
    assert started.json()["input"]["inputId"] == "m1"
    again = post(ann, "", {"agent": "nobody", "text": "Hello there", "id": "m1"})
    assert again.json()["session"]["id"] == session["id"]
    assert again.json()["input"] == started.json()["input"]
    sent = post(ann, f"{session['id']}/inputs", {"id": "m2", "text": "And another"})
    assert sent.status_code == 200
    assert sent.json()["runId"] is None  # it waits behind the first
    assert post(ann, f"{session['id']}/inputs", {"id": "m2", "text": "And another"}).json() == sent.json()
    shown = ann.client.get(f"/api/sessions/{session['id']}/view").json()
    assert [each["id"] for each in shown["view"]["inputs"]][-1] == "m2"
    assert ann.client.get(f"/api/sessions/{session['id']}/view?at=1").json()["at"] == 1
    listed = ann.client.get("/api/sessions/?q=hello").json()["sessions"]
    assert [each["id"] for each in listed] == [session["id"]]
    assert listed[0]["title"] == "Hello there"


def test_rename_read_and_archive(ann: Person) -> None:
    session = ann.session()
    say(session, "x")
    assert post(ann, f"{session.pk}/rename", {"title": "  Better  "}).json()["session"]["title"] == "Better"
    assert post(ann, f"{session.pk}/read", {"at": 3}).status_code == 204
    assert post(ann, f"{session.pk}/archive", {"archived": True}).json()["session"]["archived"]
    assert ann.client.get("/api/sessions/").json()["sessions"] == []
    assert ann.client.get("/api/sessions/?archived=1").json()["sessions"][0]["readOffset"] == 3
    assert code(post(ann, f"{session.pk}/inputs", {"id": "m", "text": "hi"})) == (409, "session_archived")


@pytest.mark.parametrize("asked", ["foreign", "unknown", "nonsense"])
def test_what_is_not_yours_does_not_exist(ann: Person, bob: Person, asked: str) -> None:
    session = {"foreign": str(bob.session().pk), "unknown": str(uuid.uuid4()), "nonsense": "nonsense"}[asked]
    answers = [
        ann.client.get(f"/api/sessions/{session}/view"),
        post(ann, f"{session}/inputs", {"id": "m", "text": "hi"}),
        post(ann, f"{session}/read", {"at": 1}),
        post(ann, f"{session}/rename", {"title": "mine"}),
        post(ann, f"{session}/archive", {"archived": True}),
    ]
    assert {(a.status_code, a.content) for a in answers} == {
        (
            404,
            b'{"error": {"code": "unknown_session", "message": "There is no such session, or it is not yours. '
            b'Check the link.", "retry": false}}',
        )
    }


def test_refusals_are_json_with_a_code(ann: Person) -> None:
    session = ann.session()
    inputs = f"{session.pk}/inputs"
    assert code(post(ann, inputs, "{")) == (400, "bad_request")
    assert code(post(ann, inputs, "[" * 100_000)) == (400, "bad_request")
    refused = post(ann, inputs, {"id": "m"})
    assert code(refused) == (400, "bad_request")
    assert "text" in refused.json()["error"]["message"]
    assert code(post(ann, inputs, {"id": "m", "text": " "})) == (400, "text_empty")
    assert code(post(ann, inputs, {"id": "m", "text": "x" * 20_001})) == (400, "text_too_long")
    assert code(post(ann, inputs, {"id": "", "text": "x"})) == (400, "bad_request")
    assert code(post(ann, inputs, json.dumps({"id": "m", "text": "x" * 1_100_000}))) == (413, "too_large")
    assert code(post(ann, inputs, json.dumps({"id": "m", "text": "x" * 3_000_000}))) == (413, "too_large")
    assert code(ann.client.get(f"/api/sessions/{inputs}")) == (405, "method_not_allowed")
    assert code(ann.client.get(f"/api/sessions/{session.pk}/view?at=x")) == (400, "bad_request")
    assert code(post(ann, "", {"agent": "no such", "text": "x"}))[1] == "unknown_agent"
    assert code(Client().get("/api/sessions/")) == (401, "signed_out")


def test_a_character_that_the_store_refuses_is_not_called_a_busy_server(ann: Person) -> None:
    """PostgreSQL keeps no NUL. To repeat the request would not help, and a search for one finds nothing."""
    session = ann.session()
    for path, body in (
        (f"{session.pk}/inputs", {"id": "a\0b", "text": "hi"}),
        (f"{session.pk}/rename", {"title": "a\0b"}),
    ):
        answer = post(ann, path, body)
        assert answer.status_code == 200 or code(answer) == (400, "bad_request")
    assert ann.client.get("/api/sessions/?q=Talk%00").status_code == 200
    assert ann.client.get("/chat/?q=%00").status_code == 200


def test_a_refused_first_text_leaves_no_session(ann: Person) -> None:
    assert code(post(ann, "", {"agent": "nobody", "text": "x" * 20_001})) == (400, "text_too_long")
    assert not Session.objects.exists()


def test_cookie_logins_need_the_csrf_header(ann: Person) -> None:
    session = ann.session()
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann.user, "django.contrib.auth.backends.ModelBackend")
    path = f"/api/sessions/{session.pk}/rename"
    refused = client.post(path, '{"title":"x"}', content_type="application/json")
    assert code(refused) == (403, "csrf_failed")
    token = "a" * 32
    client.cookies["clewline_csrf"] = token
    taken = client.post(
        path, '{"title":"x"}', content_type="application/json", headers={"X-CSRFToken": token}
    )
    assert taken.status_code == 200


def test_inspecting_needs_the_permission_and_is_recorded(ann: Person, bob: Person) -> None:
    from django.contrib.auth.models import Permission  # noqa: PLC0415

    from sessions_app.session.access import UnknownSession, inspect  # noqa: PLC0415

    session = ann.session()
    with pytest.raises(UnknownSession):
        inspect(bob.user, str(session.pk))
    assert not Inspection.objects.exists()
    bob.user.user_permissions.add(Permission.objects.get(codename="inspect_session"))
    allowed = type(bob.user).objects.get(pk=bob.user.pk)
    assert inspect(allowed, str(session.pk), 1) == session
    assert Inspection.objects.get().actor == bob.actor


def test_a_flood_of_requests_is_refused_and_others_go_on(
    ann: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "RATE", 0.0)  # however slow this machine is
    session = ann.session()
    for _ in range(int(bucket.BURST)):
        assert ann.client.get(f"/api/sessions/{session.pk}/view").status_code == 200
    assert code(ann.client.get(f"/api/sessions/{session.pk}/view")) == (429, "rate_limited")
    assert bob.client.get("/api/sessions/").status_code == 200


def test_one_person_does_not_take_the_places_of_all_others(ann: Person, bob: Person, settings: Any) -> None:
    settings.CLEWLINE_RUNS_PER_PERSON = 2
    for _ in range(2):
        assert post(ann, "", {"agent": "nobody", "text": "Hello"}).status_code == 201
    before = Session.objects.count()
    assert code(post(ann, "", {"agent": "nobody", "text": "Hello"})) == (429, "too_many_runs")
    assert Session.objects.count() == before
    assert post(bob, "", {"agent": "nobody", "text": "Hello"}).status_code == 201


def test_what_nobody_foresaw_is_json_too(ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    session = ann.session()

    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("sessions_app.views.api.sessions.load_view_bytes", broken)
    assert code(ann.client.get(f"/api/sessions/{session.pk}/view")) == (503, "unavailable")
