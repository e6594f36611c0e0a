"""An agent in another process that speaks only HTTP: the layer knows nothing of models."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from sessions_app.runs.models import AgentKey, Input, Run
from sessions_app.runs.remote import create_key
from sessions_app.session.models import Session
from sessions_app.session.search import sessions_of
from sessions_app.session.sessions import create_session
from sessions_app.session.snapshots import load_view
from tests.runs.test_host import all_ended, check_promises, log_of, send, texts, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

ECHO = Path(__file__).resolve().parent.parent.parent / "docs" / "examples" / "echo_agent.py"


@pytest.fixture
def session(db: None) -> Session:
    return create_session(actor="user:1", name="Ann", agent="echo")


@pytest.fixture
def echo(live_server: Any, db: None) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, str(ECHO), live_server.url],
        env={**os.environ, "CLEWLINE_AGENT_KEY": create_key(agent="echo", name="test")},
    )
    yield process
    process.kill()
    process.wait()


def post(url: str, token: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    answer = Client().post(
        url, json.dumps(body), content_type="application/json", headers={"Authorization": f"Bearer {token}"}
    )
    return answer.status_code, json.loads(answer.content or b"{}")


def claim(key: str) -> dict[str, Any]:
    status, body = post("/agents/claim", key, {"agent": "echo"})
    assert status == 200, body
    return body


def start_text(message: str) -> list[dict[str, Any]]:
    return [
        {"type": "TEXT_MESSAGE_START", "messageId": message},
        {"type": "TEXT_MESSAGE_CONTENT", "messageId": message, "delta": "half"},
    ]


def test_the_example_agent_answers(echo: subprocess.Popen[bytes], session: Session) -> None:
    send(session, "one two three")
    send(session, "and four")
    wait_for(all_ended(session, 2), 30)
    assert [text for text, _ in texts(session)] == ["one two three ", "and four "]
    assert Run.objects.filter(result={"words": 3}).count() == 1
    check_promises(session, 2)


def test_a_batch_that_is_sent_twice_is_logged_once(session: Session) -> None:
    key = create_key(agent="echo", name="test")
    send(session, "hello")
    run = claim(key)
    url = f"/agents/runs/{run['run']}"
    batch = {"seq": 0, "events": start_text("m1")}
    assert post(f"{url}/events", run["token"], batch) == post(f"{url}/events", run["token"], batch)
    assert post(f"{url}/events", run["token"], {"seq": 2, "events": []})[1]["error"]["code"] == "sequence_gap"
    assert post(f"{url}/finish", run["token"], {})[0] == 200
    assert post(f"{url}/finish", run["token"], {})[0] == 200
    status, body = post(f"{url}/events", run["token"], {"seq": 1, "events": []})
    assert (status, body["error"]["code"]) == (409, "run_over")
    assert texts(session) == [("half", "partial")]
    check_promises(session, 1)


def test_a_superseded_agent_is_refused(session: Session) -> None:
    key = create_key(agent="echo", name="test")
    send(session, "hello")
    first = claim(key)
    url = f"/agents/runs/{first['run']}"
    post(f"{url}/events", first["token"], {"seq": 0, "events": start_text("m1")})
    Run.objects.update(lease_until="2020-01-01T00:00:00Z")
    second = claim(key)
    assert (first["epoch"], second["epoch"]) == (1, 2)
    before = len(log_of(session))
    status, body = post(f"{url}/events", first["token"], {"seq": 1, "events": start_text("m2")})
    assert (status, body["error"]["code"]) == (409, "stale_epoch")
    assert len(log_of(session)) == before
    post(f"{url}/events", second["token"], {"seq": 0, "events": start_text("m3")})
    post(f"{url}/finish", second["token"], {})
    assert texts(session) == [("half", "partial")]
    check_promises(session, 1)


@pytest.mark.parametrize(
    "event",
    [
        {"type": "CUSTOM", "name": "participant.joined", "value": {}},
        {"type": "RUN_FINISHED", "threadId": "x", "runId": "y"},
        {"type": "TEXT_MESSAGE_CONTENT", "messageId": 7, "delta": "x"},
        {"type": "TEXT_MESSAGE_START", "messageId": "x" * 65},
        {"type": ["TEXT_MESSAGE_START"]},
        "text",
    ],
)
def test_only_content_of_an_agent_enters_the_log(session: Session, event: object) -> None:
    send(session, "hello")
    run = claim(create_key(agent="echo", name="test"))
    before = len(log_of(session))
    status, body = post(f"/agents/runs/{run['run']}/events", run["token"], {"seq": 0, "events": [event]})
    assert (status, body["error"]["code"]) == (400, "bad_request")
    assert len(log_of(session)) == before


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "bad_request"),
        (b"[]", 400, "bad_request"),
        (b"[" * 100_000, 400, "bad_request"),
        (b'{"seq":0,"events":[{"type":"TEXT_MESSAGE_START","messageId":"\\ud800"}]}', 400, "bad_request"),
        (b'{"seq":1e99,"events":[]}', 400, "bad_request"),
        (b'{"seq":0,"events":[' + b" " * 1_100_000 + b"]}", 413, "too_large"),
        (b'{"seq":0,"events":[' + b" " * 3_000_000 + b"]}", 413, "too_large"),
    ],
)
def test_a_body_that_cannot_be_understood_is_refused_in_words(
    session: Session, body: bytes, status: int, code: str
) -> None:
    send(session, "hello")
    run = claim(create_key(agent="echo", name="test"))
    url, key = f"/agents/runs/{run['run']}/events", {"Authorization": f"Bearer {run['token']}"}
    before = len(log_of(session))
    refused = Client().post(url, body, content_type="application/json", headers=key)
    assert (refused.status_code, refused.json()["error"]["code"]) == (status, code)
    assert len(log_of(session)) == before
    assert Client().get(url, headers=key).json()["error"]["code"] == "method_not_allowed"


def test_characters_that_no_database_keeps_are_left_out(session: Session) -> None:
    send(session, "hello")
    run = claim(create_key(agent="echo", name="test"))
    url = f"/agents/runs/{run['run']}"
    content = {"type": "TEXT_MESSAGE_CONTENT", "messageId": "m1", "delta": "ha\0lf"}
    events = [
        {"type": "TEXT_MESSAGE_START", "messageId": "m1"},
        content,
        {"type": "TEXT_MESSAGE_END", "messageId": "m1"},
    ]
    assert post(f"{url}/events", run["token"], {"seq": 0, "events": events})[0] == 200
    error = {"code": "o\0dd", "message": "It was\0 odd."}
    assert post(f"{url}/finish", run["token"], {"error": error})[0] == 200
    assert texts(session) == [("half", "done")]
    assert Run.objects.get().error_code == "odd"
    assert list(sessions_of("user:1", query="half")) == [session]
    check_promises(session, 1)


def test_wrong_keys_and_foreign_tokens_are_refused(session: Session) -> None:
    assert post("/agents/claim", "clw_wrong", {"agent": "echo"})[0] == 401
    key = create_key(agent="echo", name="test")
    send(session, "hello")
    run = claim(key)
    other = "00000000-0000-0000-0000-000000000000"
    assert post(f"/agents/runs/{other}/renew", run["token"], {})[0] == 401
    assert post(f"/agents/runs/{run['run']}/renew", key, {})[0] == 401


def test_a_revoked_key_ends_its_runs_too(session: Session) -> None:
    key = create_key(agent="echo", name="test")
    send(session, "hello")
    run = claim(key)
    url = f"/agents/runs/{run['run']}"
    assert post(f"{url}/renew", run["token"], {})[0] == 200
    AgentKey.objects.update(revoked_at=timezone.now())
    for path, body in (("renew", {}), ("events", {"seq": 0, "events": []}), ("finish", {})):
        assert post(f"{url}/{path}", run["token"], body)[0] == 401


def test_what_a_broken_attempt_left_stays_until_something_replaces_it(session: Session) -> None:
    key = create_key(agent="echo", name="test")
    send(session, "hello")
    first = claim(key)
    url = f"/agents/runs/{first['run']}"
    assert post(f"{url}/events", first["token"], {"seq": 0, "events": start_text("m1")})[0] == 200
    Run.objects.update(lease_until="2020-01-01T00:00:00Z")
    second = claim(key)
    step = [{"type": "STEP_STARTED", "stepName": "think"}]
    for seq, events in enumerate([[], step]):
        post(f"{url}/events", second["token"], {"seq": seq, "events": events})
        assert [text for text, _ in texts(session)] == ["half"]
    post(f"{url}/events", second["token"], {"seq": 2, "events": start_text("m2")})
    post(f"{url}/finish", second["token"], {})
    assert [text for text, _ in texts(session)] == ["half"]
    names = [record["event"].get("name") for record in log_of(session)]
    assert names.count("items.superseded") == 1


def test_an_agent_opens_nothing_under_the_id_of_another(session: Session) -> None:
    key = create_key(agent="echo", name="test")
    send(session, "hello")
    said = Input.objects.get().client_id
    run = claim(key)
    url = f"/agents/runs/{run['run']}/events"
    for kind, field in (("TEXT_MESSAGE_START", "messageId"), ("TOOL_CALL_START", "toolCallId")):
        event = {"type": kind, field: said, "toolCallName": "look"}
        status, body = post(url, run["token"], {"seq": 0, "events": [event]})
        assert (status, body["error"]["code"]) == (400, "bad_request")
    assert post(url, run["token"], {"seq": 0, "events": start_text("mine")})[0] == 200


def test_an_agent_adds_to_no_message_but_its_own(session: Session) -> None:
    key = create_key(agent="echo", name="test")
    send(session, "I pay 10")
    run = claim(key)
    said = Input.objects.get().client_id
    forged = [
        {"type": "TEXT_MESSAGE_CONTENT", "messageId": said, "delta": "00 and sign"},
        {"type": "TOOL_CALL_ARGS", "toolCallId": said, "delta": "{}"},
    ]
    post(f"/agents/runs/{run['run']}/events", run["token"], {"seq": 0, "events": forged})
    (item,) = load_view(str(session.pk))[1]["items"]
    assert (item["id"], item["text"]) == (said, "I pay 10")
