"""The commands as data, over HTTP and over the socket: what they answer, and each error with its code."""

import asyncio
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from sessions_app.control import answer as answers
from sessions_app.control.handover import take
from sessions_app.control.manage import archive
from sessions_app.control.send import send_input
from sessions_app.control.stop import stop
from sessions_app.control.waiting import set_policy, withdraw_input
from sessions_app.runs.agents import Ask
from sessions_app.runs.models import Run
from sessions_app.session.models import Session
from tests.control.scenes import (
    PREPARE,
    People,
    Prepared,
    answered,
    asking,
    busy,
    changed,
    held,
    new_session,
)
from tests.control.world import Worker, in_thread, log_of, view_of
from tests.live.conftest import Served, open_tab

pytestmark = pytest.mark.django_db(transaction=True)
Json = dict[str, Any]


# What was done


def effect_of(tag: str, people: People, after: Json) -> Any:
    """What the view shows of the command."""
    items = {i["id"]: i for i in after["items"]}
    inputs = {i["id"]: i for i in after["inputs"]}
    return {
        "send": lambda: items["new"]["text"] == "Hello",
        "stop": lambda: [r["status"] for r in after["runs"].values()] == ["cancelled", "queued"],
        "edit": lambda: inputs["a-id"]["text"] == "better",
        "withdraw": lambda: list(inputs) == ["b-id"],
        "move": lambda: list(inputs) == ["b-id", "a-id"],
        "policy": lambda: after["session"]["whileBusy"] == "steer",
        "decide": lambda: [i["status"] for i in after["items"] if i["kind"] == "interrupt"] == ["approved"],
        "undo": lambda: True,  # the call is not shown: nothing of it but its result was published
        "revise": lambda: items["new"]["text"] == "Hello",
        "regenerate": lambda: [r["input"] for r in after["runs"].values()] == ["first-id"] * 2,
        "branch": lambda: True,  # the last record says it
        "take": lambda: after["session"]["control"]["actor"] == people["author"].actor,
        "release": lambda: after["session"]["control"] is None,
        "invite": lambda: after["participants"][people["guest"].actor]["here"],
        "remove": lambda: not after["participants"][people["extra"].actor]["here"],
        "read": lambda: True,
    }[tag]()


def who(tag: str) -> str:
    return "owner" if tag == "remove" else "author"


@pytest.mark.parametrize("tag", PREPARE)
def test_over_http_each_says_how_far_the_log_reaches(people: People, tag: str) -> None:
    session, fields = PREPARE[tag](people)
    client = people[who(tag)].client
    answer = client.post(f"/api/sessions/{session.pk}/commands", {"t": tag, **fields}, "application/json")
    head, said = len(log_of(session)), answer.json()
    match tag:
        case "send":
            run = str(Run.objects.get(session=session).pk)
            assert said == {"inputId": "new", "offset": head - 5, "runId": run}
        case "read":
            assert said == {}
        case "revise" | "regenerate":
            (run,) = Run.objects.filter(session=session, status="queued")
            assert said == {"head": said["head"], "runId": str(run.pk)} and said["head"] <= head
        case "stop":
            (run,) = Run.objects.filter(session=session, status="cancelled")
            assert said == {"head": head, "runs": [str(run.pk)]}
        case _:
            assert said == {"head": head}
    assert effect_of(tag, people, view_of(session))
    assert answer["Cache-Control"] == "no-store"


async def test_over_the_socket_each_is_answered_and_seen(server: Served, people: People) -> None:
    for tag in PREPARE:
        session, fields = await in_thread(PREPARE[tag], people)
        async with open_tab(server, people[who(tag)].cookie) as tab:
            await tab.follow(session)
            await tab.send(t=tag, s=str(session.pk), ref=7, **fields)
            if tag != "read":
                answer = await tab.until("ack" if tag == "send" else "done", ref=7)
                await tab.reach(session, await in_thread(lambda s=session: len(log_of(s))))
                assert answer.get("head", 0) <= tab.next_of(session)
            assert effect_of(tag, people, await in_thread(view_of, session))


def test_sent_again_over_http_it_is_logged_once(people: People) -> None:
    session = busy(people)
    address = f"/api/sessions/{session.pk}/commands"
    body = {"t": "send", "id": "x", "text": "once", "mode": "queue"}
    first = people["member"].client.post(address, body, "application/json").json()
    head = len(log_of(session))
    assert people["member"].client.post(address, body, "application/json").json() == first
    assert first["runId"] is None and len(log_of(session)) == head


# What was refused: code, status, who, what is prepared, fields


def full(people: People) -> Session:
    session = busy(people)
    for n in range(48):
        send_input(session_id=str(session.pk), actor=people["owner"].actor, client_id=f"w{n}", text="w")
    return session


def rejecting(people: People) -> Session:
    session = busy(people)
    set_policy(session_id=str(session.pk), actor=people["owner"].actor, while_busy="reject")
    return session


def archived(people: People) -> Session:
    session = busy(people)
    archive(str(session.pk), people["owner"].actor, True)
    return session


def withdrawn(people: People) -> Session:
    session = busy(people)
    withdraw_input(session_id=str(session.pk), actor=people["owner"].actor, input_id="a-id")
    return session


def decision(session: Session, reply: Json, **other: str) -> Prepared:
    return session, {"replies": [reply | other]}


def decided(people: People) -> Prepared:
    session, reply = asking(people)
    denial = answers.Reply(id=reply["id"], decision="deny", hash=reply["hash"])
    answers.answer(session_id=str(session.pk), actor=people["owner"].actor, replies=[denial])
    return decision(session, reply)


def stopped(people: People) -> Prepared:
    session, reply = asking(people)
    stop(session_id=str(session.pk), actor=people["owner"].actor)
    return decision(session, reply)


def question(people: People) -> Session:
    session = new_session(people)
    run = send_input(session_id=str(session.pk), actor=people["owner"].actor, client_id="q", text="q").run_id
    Worker(run).ask(Ask(kind="question", call_id="q", title="Which?"))
    return session


def with_fields(make: Callable[[People], Session], **fields: Any) -> Callable[[People], Prepared]:
    return lambda people: (make(people), fields)


def held_by_owner(people: People) -> Prepared:
    session = new_session(people)
    take(session_id=str(session.pk), actor=people["owner"].actor)
    return session, {}


REFUSED: list[tuple[str, int, str, str, Callable[[People], Prepared]]] = [
    ("text_empty", 400, "member", "send", with_fields(busy, id="x", text=" ")),
    ("text_too_long", 400, "member", "send", with_fields(busy, id="x", text="x" * 20_001)),
    ("bad_request", 400, "member", "send", with_fields(busy, id="", text="x")),
    ("bad_request", 400, "member", "send", with_fields(busy, id="x" * 65, text="x")),
    ("bad_request", 400, "member", "send", with_fields(busy, id="x", text="x", mode="louder")),
    ("input_conflict", 409, "author", "send", with_fields(busy, id="a-id", text="other")),
    ("session_archived", 409, "member", "send", with_fields(archived, id="x", text="x")),
    ("queue_full", 409, "member", "send", with_fields(full, id="x", text="x")),
    ("busy", 409, "member", "send", with_fields(rejecting, id="x", text="x")),
    ("unknown_run", 404, "member", "stop", with_fields(busy, run="nonsense")),
    ("unknown_run", 404, "member", "stop", with_fields(busy, run=str(uuid.uuid4()))),
    ("unknown_input", 404, "member", "edit", with_fields(busy, id="z", text="x")),
    ("not_waiting", 409, "owner", "edit", with_fields(busy, id="first-id", text="x")),
    ("text_empty", 400, "author", "edit", with_fields(busy, id="a-id", text="")),
    ("not_waiting", 409, "author", "edit", with_fields(withdrawn, id="a-id", text="x")),
    ("unknown_input", 404, "member", "withdraw", with_fields(busy, id="z")),
    ("not_waiting", 409, "member", "withdraw", with_fields(busy, id="first-id")),
    ("unknown_input", 404, "member", "move", with_fields(busy, id="z", before=None)),
    ("not_waiting", 409, "member", "move", with_fields(busy, id="a-id", before="z")),
    ("not_waiting", 409, "member", "move", with_fields(busy, id="first-id")),
    ("bad_request", 400, "member", "policy", with_fields(busy, whileBusy="louder")),
    ("unknown_interrupt", 404, "member", "decide", lambda p: decision(*asking(p), id=str(uuid.uuid4()))),
    ("unknown_interrupt", 404, "member", "decide", lambda p: decision(*asking(p), id="x")),
    ("arguments_changed", 409, "member", "decide", lambda p: decision(*asking(p), hash="0" * 64)),
    ("bad_request", 400, "member", "decide", lambda p: decision(*asking(p), decision="nod")),
    ("expired", 409, "member", "decide", lambda p: decision(*asking(p, lasts=timedelta(0)))),
    ("not_allowed", 403, "member", "decide", lambda p: decision(*asking(p, who="owner"))),
    ("already_decided", 409, "member", "decide", decided),
    ("already_decided", 409, "member", "decide", stopped),
    ("nothing_to_undo", 409, "member", "undo", with_fields(changed, call="d")),
    ("unknown_run", 404, "member", "revise", with_fields(busy, run="nonsense", id="n", text="x")),
    ("text_empty", 400, "member", "revise", lambda p: answered(p, id="n", text="")),
    ("input_conflict", 409, "member", "revise", lambda p: answered(p, id="first-id", text="x")),
    ("unknown_run", 404, "member", "regenerate", with_fields(busy, run=str(uuid.uuid4()), id="n")),
    ("unknown_run", 404, "member", "branch", with_fields(busy, run="nonsense")),
    ("held_by_other", 409, "member", "take", with_fields(held)),
    ("held_by_other", 409, "author", "take", held_by_owner),
    ("not_allowed", 403, "member", "release", with_fields(held)),
    ("unknown_person", 404, "member", "invite", with_fields(new_session, actor="user:0")),
    ("bad_request", 400, "member", "invite", lambda p: (new_session(p), {"actor": p["guest"].actor, "role": "owner"})),
    ("owner_stays", 409, "owner", "remove", lambda p: (new_session(p), {"actor": p["owner"].actor})),
    ("owner_stays", 409, "owner", "invite", lambda p: (new_session(p), {"actor": p["owner"].actor})),
]  # fmt: skip
TRANSIENT = {"queue_full", "busy"}


@pytest.mark.parametrize(
    ("code", "status", "role", "tag", "prepare"),
    REFUSED,
    ids=[f"{r[3]}-{r[0]}-{n}" for n, r in enumerate(REFUSED)],
)
def test_errors_over_http(
    people: People, code: str, status: int, role: str, tag: str, prepare: Callable[[People], Prepared]
) -> None:
    session, fields = prepare(people)
    before = log_of(session)
    answer = people[role].client.post(
        f"/api/sessions/{session.pk}/commands", {"t": tag, **fields}, "application/json"
    )
    error = answer.json()["error"]
    assert (error["code"], answer.status_code, error["retry"]) == (code, status, code in TRANSIENT)
    assert error["message"] and log_of(session) == before
    if code == "already_decided" and "stopped" not in error["message"]:
        assert error["message"].startswith(people["owner"].name)


async def test_errors_over_the_socket(server: Served, people: People) -> None:
    for role in ("owner", "author", "member"):
        async with open_tab(server, people[role].cookie) as tab:
            for number, (code, _, who_asks, tag, prepare) in enumerate(REFUSED):
                if who_asks == role:
                    session, fields = await in_thread(prepare, people)
                    await tab.send(t=tag, s=str(session.pk), ref=number, **fields)
                    error = await tab.until("error", ref=number)
                    assert (number, error["code"], error["retry"]) == (number, code, code in TRANSIENT)


MALFORMED: list[tuple[str, Json]] = [
    ("a field is missing", {"t": "edit", "id": "a-id"}),
    ("another type", {"t": "move", "id": 7}),
    ("no answers", {"t": "decide", "replies": []}),
    ("too many answers", {"t": "decide", "replies": [{"id": "x", "decision": "deny", "hash": ""}] * 51}),
    ("no command", {}),
    ("an unknown command", {"t": "shout"}),
    ("below zero", {"t": "read", "at": -1}),
    ("a frame that only the socket knows", {"t": "subscribe"}),
]


@pytest.mark.parametrize("body", [m[1] for m in MALFORMED], ids=[m[0] for m in MALFORMED])
def test_malformed_bodies(people: People, body: Json) -> None:
    session = busy(people)
    before = log_of(session)
    answer = people["owner"].client.post(f"/api/sessions/{session.pk}/commands", body, "application/json")
    assert (answer.json()["error"]["code"], answer.status_code) == ("bad_request", 400)
    assert log_of(session) == before


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"null", b'"stop"', b"\xff"])
def test_bodies_that_are_not_an_object(people: People, raw: bytes) -> None:
    session = busy(people)
    answer = people["owner"].client.generic(
        "POST", f"/api/sessions/{session.pk}/commands", raw, content_type="application/json"
    )
    assert (answer.json()["error"]["code"], answer.status_code) == ("bad_request", 400)


def test_the_address_counts_not_the_body(people: People) -> None:
    """Who writes another session into the body does not reach it."""
    mine, other = busy(people), busy(people)
    before = log_of(other)
    body = {"t": "stop", "s": str(other.pk)}
    assert (
        people["owner"]
        .client.post(f"/api/sessions/{mine.pk}/commands", body, "application/json")
        .json()["runs"]
    )
    assert log_of(other) == before


def test_two_sockets_decide_and_the_second_is_told_by_name(server: Served, people: People) -> None:
    async def both(session: Session, reply: Json) -> list[Json]:
        async def one(role: str) -> Json:
            async with open_tab(server, people[role].cookie) as tab:
                await tab.send(t="decide", s=str(session.pk), replies=[reply], ref=1)
                while (frame := await tab.receive())["t"] not in {"done", "error"}:
                    pass
                return frame

        return await asyncio.gather(one("author"), one("member"))

    session, reply = asking(people)
    author, member = asyncio.run(both(session, reply))
    assert sorted([author["t"], member["t"]]) == ["done", "error"]
    lost, winner = (author, "member") if author["t"] == "error" else (member, "author")
    assert lost["code"] == "already_decided" and lost["message"].startswith(people[winner].name)
