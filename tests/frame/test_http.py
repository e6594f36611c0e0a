"""What the frame adds to every answer, and what it refuses."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from config.asgi import application
from config.limits import BodyLimit
from config.logs import JsonFormatter, TextFormatter

LIMIT = 1000


def policy(client: Client, path: str) -> dict[str, str]:
    header = client.get(path, headers={"host": "localhost"}).headers["Content-Security-Policy"]
    return dict(part.strip().partition(" ")[::2] for part in header.split(";"))


@pytest.mark.django_db
def test_policy_is_strict(client: Client) -> None:
    found = policy(client, "/accounts/login/")
    assert found["default-src"] == "'none'"
    assert found["script-src"] == found["style-src"] == found["connect-src"] == "'self'"
    assert found["frame-ancestors"] == found["base-uri"] == "'none'"


@pytest.mark.django_db
def test_policy_is_relaxed_under_the_admin_only(client: Client) -> None:
    assert "'unsafe-eval'" in policy(client, "/admin/login/")["script-src"]
    assert "'unsafe-eval'" not in policy(client, "/administrators/")["script-src"]


@pytest.mark.django_db
def test_the_admin_has_no_door_of_its_own(client: Client) -> None:
    answer = client.post("/admin/login/?next=/admin/", {"username": "a", "password": "b"})
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("/accounts/login/")


@pytest.mark.django_db
def test_nobody_signs_up(client: Client) -> None:
    body = {"email": "eve@example.com", "password1": "a long password 1", "password2": "a long password 1"}
    client.post("/accounts/signup/", body)
    assert not get_user_model().objects.exists()


async def call(
    app: Any, *, path: str = "/", headers: list[Any] | None = None, bodies: list[bytes]
) -> list[Any]:
    """The messages that ``app`` sends for one request whose body comes in pieces."""
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": headers or [], "scheme": "http", "server": ("localhost", 80), "client": ("127.0.0.1", 1),
        "http_version": "1.1", "asgi": {"version": "3.0"}, "root_path": "",
    }  # fmt: skip
    pieces: Iterator[bytes] = iter(bodies)
    left = len(bodies)
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        nonlocal left
        left -= 1
        return {"type": "http.request", "body": next(pieces), "more_body": left > 0}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


async def read_all(scope: Any, receive: Any, send: Any) -> None:
    size = 0
    while True:
        message = await receive()
        size += len(message["body"])
        if not message["more_body"]:
            break
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})


@pytest.mark.parametrize(
    ("bodies", "headers", "status"),
    [
        ([b"x" * LIMIT], [], 200),
        ([b"x" * 500] * 2, [], 200),
        ([b"x" * 500] * 2 + [b"x"], [], 413),
        ([b""], [(b"content-length", b"1001")], 413),
        ([b"x" * LIMIT], [(b"content-length", b"1000")], 200),
        ([b"x"], [(b"content-length", b"many")], 200),
    ],
)
async def test_long_bodies_are_refused(bodies: list[bytes], headers: list[Any], status: int) -> None:
    sent = await call(BodyLimit(read_all, limit=LIMIT), headers=headers, bodies=bodies)
    assert sent[0]["status"] == status
    if status == 413:
        assert json.loads(sent[1]["body"])["error"]["code"] == "too_large"


async def test_long_bodies_are_refused_by_the_whole_application() -> None:
    headers = [(b"host", b"localhost"), (b"content-length", str(settings.CLEWLINE_BODY_LIMIT + 1).encode())]
    sent = await call(application, headers=headers, bodies=[b""])
    assert sent[0]["status"] == 413


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("key sk-ant-api03-abcdefghijk", "abcdefghijk"),
        ("Authorization: Bearer abc.def-ghi", "abc.def-ghi"),
        ("connecting to postgresql://clewline:hunter2@db/clewline", "hunter2"),
        ('{"password": "hunter2"}', "hunter2"),
        ("api_key=hunter2&x=1", "hunter2"),
        ("Cookie: a=1; clewline_session=hunter2", "hunter2"),
    ],
)
@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()], ids=["text", "json"])
def test_logs_hold_no_secrets(formatter: logging.Formatter, text: str, hidden: str) -> None:
    record = logging.LogRecord("clewline", logging.INFO, "f.py", 1, "said %s", (text,), None)
    line = formatter.format(record)
    assert hidden not in line
    assert "[removed]" in line


def test_json_logs_carry_what_was_passed() -> None:
    record = logging.LogRecord("clewline", logging.INFO, "f.py", 1, "run %s ended", ("r1",), None)
    record.run_id = "r1"
    line = json.loads(JsonFormatter().format(record))
    assert (line["message"], line["run_id"], line["level"]) == ("run r1 ended", "r1", "INFO")
