"""The endpoint's own rules: whose threads, sent once, coming back, refusals in words."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from sessions_app.control.handover import take
from sessions_app.control.waiting import withdraw_input
from sessions_app.runs.host import RunHost
from sessions_app.runs.models import Input, Interrupt, Run
from sessions_app.session.models import Session
from sessions_app.session.participants import join, leave
from tests.agui.conftest import CSRF, Guide
from tests.live.conftest import Json, Person, Served
from tests.runs.test_host import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


class Endpoint:
    def __init__(self, url: str, headers: Callable[[Person], dict[str, str]]) -> None:
        self.url = url
        self.headers = headers
        self.client = httpx.Client(trust_env=False, timeout=20)

    def body(self, thread: str, text: str, **more: Any) -> Json:
        message = {"id": more.pop("id", uuid.uuid4().hex), "role": "user", "content": text}
        return {
            "threadId": thread,
            "runId": uuid.uuid4().hex,
            "messages": [message],
            "tools": [],
            "context": [],
            "state": {},
            "forwardedProps": {},
            **more,
        }

    def post(self, who: Person | None, body: Any, agent: str = "guide", **headers: str) -> httpx.Response:
        sent = {**(self.headers(who) if who else {}), **{k.replace("_", "-"): v for k, v in headers.items()}}
        return self.client.post(f"{self.url}/agui/{agent}", json=body, headers=sent)

    def open(self, who: Person, body: Any) -> Any:
        return self.client.stream("POST", f"{self.url}/agui/guide", json=body, headers=self.headers(who))


@pytest.fixture
def agui(server: Served, host: RunHost, headers: Any) -> Iterator[Endpoint]:
    made = Endpoint(server.url, headers)
    yield made
    made.client.close()


def events(response: httpx.Response) -> list[tuple[int | None, Json]]:
    """``(id, event)`` of a whole answer."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    found: list[tuple[int | None, Json]] = []
    for part in response.text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in part.splitlines() if not line.startswith(":"))
        if "data" in lines:
            found.append((int(lines["id"]) if "id" in lines else None, json.loads(lines["data"])))
    return found


def types(response: httpx.Response) -> list[str]:
    return [event["type"] for _, event in events(response)]


def text_of(response: httpx.Response) -> str:
    return "".join(event["delta"] for _, event in events(response) if event["type"] == "TEXT_MESSAGE_CONTENT")


def refusal(response: httpx.Response) -> tuple[int, str]:
    error = response.json()["error"]
    assert error["message"]
    return response.status_code, error["code"]


def new() -> str:
    return str(uuid.uuid4())


def test_a_thread_that_the_client_made_up_becomes_a_session(agui: Endpoint, ann: Person) -> None:
    thread = new()
    assert text_of(agui.post(ann, agui.body(thread, "Text"))) == "Good morning."
    assert str(Session.objects.get().pk) == thread
    made = agui.post(ann, agui.body("", "Text"))
    session_id = events(made)[0][1]["threadId"]
    assert session_id != thread
    assert text_of(agui.post(ann, agui.body(session_id, "Text"))) == "Good morning."
    assert Session.objects.count() == 2


def test_sent_twice_is_one_run(agui: Endpoint, ann: Person, guide: Guide) -> None:
    body = agui.body(new(), "Text")
    first, again = agui.post(ann, body), agui.post(ann, body)
    assert text_of(first) == text_of(again) == "Good morning."
    assert types(again)[:2] == ["RUN_STARTED", "MESSAGES_SNAPSHOT"]
    # Another id for the run, as a client gives that repeats its message, is answered under that id.
    third = agui.post(ann, {**body, "runId": "another"})
    assert events(third)[0][1]["runId"] == events(third)[-1][1]["runId"] == "another"
    assert len(guide.began) == Input.objects.count() == 1


def test_sent_twice_at_once_is_one_run(agui: Endpoint, ann: Person, guide: Guide) -> None:
    body = agui.body(new(), "Text")
    together = threading.Barrier(4)

    def one(_: int) -> str:
        together.wait(10)
        return text_of(agui.post(ann, body))

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(one, range(4))) == {"Good morning."}
    assert len(guide.began) == Session.objects.count() == Input.objects.count() == 1


def test_last_event_id_leaves_out_what_the_client_has(agui: Endpoint, ann: Person) -> None:
    body = agui.body(new(), "Tools")
    whole = events(agui.post(ann, body))
    for place, (number, _) in enumerate(whole):
        if number is not None:
            rest = events(agui.post(ann, body, Last_Event_ID=str(number)))
            assert rest == whole[place + 1 :]
    assert refusal(agui.post(ann, body, Last_Event_ID="100000")) == (400, "bad_request")
    assert refusal(agui.post(ann, body, Last_Event_ID="x")) == (400, "bad_request")


def test_going_away_stops_nothing(agui: Endpoint, ann: Person, guide: Guide) -> None:
    body = agui.body(new(), "Slow")
    with agui.open(ann, body) as response:
        for line in response.iter_lines():
            if "TEXT_MESSAGE_CONTENT" in line:
                break
    assert Run.objects.get().status == "running"
    guide.let_go.set()
    assert text_of(agui.post(ann, body)) == "Thinking done."
    assert len(guide.began) == 1


def test_what_waits_is_answered_when_it_is_its_turn(agui: Endpoint, ann: Person, guide: Guide) -> None:
    thread = new()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(agui.post, ann, agui.body(thread, "Slow"))
        wait_for(lambda: len(guide.began) == 1)
        Session.objects.update(while_busy="steer")  # even so: each POST gets a run
        body = agui.body(thread, "Text")
        second = pool.submit(agui.post, ann, body)
        wait_for(lambda: Input.objects.count() == 2)
        guide.let_go.set()
        assert text_of(first.result(20)) == "Thinking done."
        answered = second.result(20)
    assert text_of(answered) == "Good morning."
    assert events(answered)[0][1]["runId"] == body["runId"]
    assert Run.objects.order_by("input_offset").last().options["agui"] == body["runId"]  # type: ignore[union-attr]


def test_what_is_withdrawn_is_told(agui: Endpoint, ann: Person, guide: Guide) -> None:
    thread = new()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(agui.post, ann, agui.body(thread, "Slow"))
        wait_for(lambda: len(guide.began) == 1)
        body = agui.body(thread, "Text", id="second")
        second = pool.submit(agui.post, ann, body)
        wait_for(lambda: Input.objects.count() == 2)
        withdraw_input(session_id=thread, actor=ann.actor, input_id="second")
        assert [event["code"] for _, event in events(second.result(20))] == ["not_waiting"]
        guide.let_go.set()
        assert text_of(first.result(20)) == "Thinking done."
    assert refusal(agui.post(ann, body)) == (409, "not_waiting")


def test_nobody_answers_while_a_person_holds_control(agui: Endpoint, ann: Person, guide: Guide) -> None:
    thread = new()
    agui.post(ann, agui.body(thread, "Text"))
    take(session_id=thread, actor=ann.actor)
    assert types(agui.post(ann, agui.body(thread, "Text"))) == ["RUN_STARTED", "RUN_FINISHED"]
    assert len(guide.began) == 1


def test_a_thread_is_for_those_who_take_part(agui: Endpoint, ann: Person, bob: Person) -> None:
    thread = new()
    agui.post(ann, agui.body(thread, "Text"))
    assert refusal(agui.post(bob, agui.body(thread, "Text"))) == (404, "unknown_session")
    join(thread, actor=bob.actor, name="Bob", role="observer", by=ann.actor)
    assert refusal(agui.post(bob, agui.body(thread, "Text"))) == (403, "not_allowed")
    assert Input.objects.count() == 1


def test_who_loses_access_sees_nothing_more(agui: Endpoint, ann: Person, bob: Person, guide: Guide) -> None:
    thread = new()
    agui.post(ann, agui.body(thread, "Text"))
    join(thread, actor=bob.actor, name="Bob", role="member", by=ann.actor)
    with ThreadPoolExecutor(1) as pool:
        watching = pool.submit(agui.post, bob, agui.body(thread, "Slow"))
        wait_for(lambda: len(guide.began) == 2)
        leave(thread, actor=bob.actor, reason="removed", by=ann.actor)
        answered = watching.result(20)
    last = events(answered)[-1][1]
    assert (last["type"], last["code"]) == ("RUN_ERROR", "unknown_session")
    assert " done." not in answered.text
    assert Run.objects.order_by("input_offset").last().status == "running"  # type: ignore[union-attr]


def test_answers_are_given_once_and_by_who_may(agui: Endpoint, ann: Person) -> None:
    thread = new()
    asked = events(agui.post(ann, agui.body(thread, "Approval")))[-1][1]["outcome"]["interrupts"]
    (question,) = asked
    entry = {"interruptId": question["id"], "status": "resolved", "payload": {"approved": True}}
    resume = {"threadId": thread, "runId": "resumed", "messages": [], "resume": [entry]}
    wrong = {**entry, "payload": {"approved": True, "hash": "other"}}
    unclear = {**entry, "payload": {"approved": "yes"}}
    unknown = {**entry, "interruptId": new()}
    for bad, status, code in [
        (wrong, 409, "arguments_changed"),
        (unclear, 400, "bad_request"),
        (unknown, 404, "unknown_interrupt"),
    ]:
        assert refusal(agui.post(ann, {**resume, "resume": [bad]})) == (status, code)
    assert Interrupt.objects.get().status == "open"
    for _ in range(2):
        assert text_of(agui.post(ann, resume)) == "approved"
    later = {**resume, "runId": "later", "resume": [{**entry, "payload": {"approved": False}}]}
    assert refusal(agui.post(ann, later)) == (409, "already_decided")
    assert Run.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "agent", "status", "code"),
    [
        ({"threadId": "mine"}, "guide", 404, "unknown_session"),
        ({"messages": []}, "guide", 400, "bad_request"),
        ({"messages": [{"id": "m", "role": "assistant", "content": "x"}]}, "guide", 400, "bad_request"),
        ({"messages": [{"role": "user", "content": "x"}]}, "guide", 400, "bad_request"),
        ({"messages": [{"id": "m", "role": "user", "content": " "}]}, "guide", 400, "text_empty"),
        (
            {"messages": [{"id": "m", "role": "user", "content": [{"type": "image"}]}]},
            "guide",
            400,
            "bad_request",
        ),
        ({"runId": ""}, "guide", 400, "bad_request"),
        ({"resume": [{"interruptId": "x"}]}, "guide", 400, "bad_request"),
        ({}, "nobody-knows", 400, "unknown_agent"),
    ],
)
def test_refusals(agui: Endpoint, ann: Person, change: Json, agent: str, status: int, code: str) -> None:
    assert refusal(agui.post(ann, agui.body(new(), "Text") | change, agent)) == (status, code)
    assert Session.objects.count() == 0


def test_content_in_parts(agui: Endpoint, ann: Person) -> None:
    parts = [{"type": "text", "text": "Text"}, {"type": "text", "text": "more"}]
    body = agui.body(new(), "")
    body["messages"][0]["content"] = parts
    assert text_of(agui.post(ann, body)) == "Good morning."
    assert Input.objects.get().text == "Text\n\nmore"


def test_needs_the_login_and_the_token(agui: Endpoint, ann: Person) -> None:
    body = agui.body(new(), "Text")
    assert refusal(agui.post(None, body)) == (401, "signed_out")
    bare = agui.client.post(
        f"{agui.url}/agui/guide", json=body, headers={"Cookie": f"{ann.cookie}; clewline_csrf={CSRF}"}
    )
    assert refusal(bare) == (403, "csrf_failed")
    assert refusal(agui.client.get(f"{agui.url}/agui/guide")) == (405, "method_not_allowed")


def test_another_agents_thread(agui: Endpoint, ann: Person) -> None:
    thread = new()
    agui.post(ann, agui.body(thread, "Text"))
    assert refusal(agui.post(ann, agui.body(thread, "Text"), "helper")) == (400, "bad_request")
