"""AG-UI's own client, unmodified, against a real server: text, tools, sub-agents, approval, stop, and coming back."""

import json
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sessions_app.runs.host import RunHost
from sessions_app.runs.models import Input, Run
from sessions_app.session.models import Session
from tests.agui.conftest import Guide
from tests.live.conftest import Json, Person, Served
from tests.support import requirements

HERE = Path(__file__).parent

pytestmark = pytest.mark.django_db(transaction=True)

Client = Callable[..., Json]


@pytest.fixture
def client(server: Served, host: RunHost, ann: Person, headers: Any) -> Client:
    """``client(turn, …, thread=)``: what the client saw of these turns."""
    node = requirements.need("node")

    def run(*turns: Json, thread: str = "", paused: Callable[[], object] = lambda: None) -> Json:
        order = {
            "url": f"{server.url}/agui/guide",
            "headers": headers(ann),
            "threadId": thread or str(uuid.uuid4()),
            "turns": turns,
        }
        with subprocess.Popen(
            [str(node), str(HERE / "run_agent.mjs")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdin and process.stdout and process.stderr
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
            while (line := process.stdout.readline()) == "paused\n":
                paused()
                process.stdin.write("\n")
                process.stdin.flush()
            warned = process.stderr.read()
        assert line, warned
        assert not warned, "the client left something out that it does not know"
        seen: Json = json.loads(line)
        return seen

    return run


def say(text: str, **more: Any) -> Json:
    return {"say": {"id": uuid.uuid4().hex, "text": text}, **more}


def fine(seen: Json) -> None:
    assert [turn["error"] for turn in seen["turns"]] == [None] * len(seen["turns"])


def said(seen: Json) -> list[tuple[str, str]]:
    """What the client's own reducer made of the events: ``(role, content)`` of messages with text."""
    return [(m["role"], m["content"]) for m in seen["messages"] if m.get("content")]


def types(turn: Json) -> list[str]:
    return [event["type"] for event in turn["events"]]


def test_text(client: Client, ann: Person) -> None:
    thread = str(uuid.uuid4())
    seen = client(say("Text", runId="mine-1"), say("Text again", runId="mine-2"), thread=thread)
    fine(seen)
    assert said(seen) == [
        ("user", "Text"),
        ("assistant", "Good morning."),
        ("user", "Text again"),
        ("assistant", "Good morning."),
    ]
    first = seen["turns"][0]["events"]
    assert (first[0]["runId"], first[0]["threadId"]) == ("mine-1", thread)
    assert (first[-1]["runId"], first[-1]["outcome"]) == ("mine-1", {"type": "success"})
    assert seen["turns"][0]["result"] == {"did": "Text"}
    (used,) = first[-1]["usage"]
    assert (used["inputTokens"], used["cacheWriteInputTokens"], used["outputTokens"]) == (15, 3, 2)
    assert first[-1]["metadata"] == {"cost": {"m": "0.000100"}}
    session = Session.objects.get(pk=thread)
    assert (session.created_by, session.agent, session.title) == (ann.actor, "guide", "Text")
    assert [run.options["agui"] for run in Run.objects.order_by("input_offset")] == ["mine-1", "mine-2"]


def test_tools(client: Client) -> None:
    seen = client(say("Tools"))
    fine(seen)
    assert said(seen) == [("user", "Tools"), ("tool", "3 deals"), ("assistant", "Three.")]
    (call,) = [call for m in seen["messages"] for call in m.get("toolCalls", ())]
    assert call["function"] == {"name": "look", "arguments": '{"at":"deals"}'}


def test_sub_agents(client: Client) -> None:
    seen = client(say("Team Acme fail"))
    fine(seen)
    events = seen["turns"][0]["events"]
    started = {e["description"]: e for e in events if e["type"] == "SUBAGENT_STARTED"}
    assert set(started) == {"About Acme", "About fail"}
    assert {e["parentToolCallId"] for e in started.values()} == {"team-call"}
    acme, failed = (started[name]["subagentRunId"] for name in ("About Acme", "About fail"))
    ends = {e["subagentRunId"]: e for e in events if e["type"] in {"SUBAGENT_FINISHED", "SUBAGENT_ERROR"}}
    assert ends[acme]["result"] == {"of": "Acme"}
    assert ends[failed]["message"] == "There is no such account."
    assert {
        m["content"] for m in seen["messages"] if m.get("subagentRunId") == acme and m.get("content")
    } == {
        "3 deals",
        "Looked at Acme",
    }
    assert said(seen)[-1] == ("assistant", "Looked at Acme | There is no such account.")
    assert types(seen["turns"][0])[-1] == "RUN_FINISHED"


def test_a_takeover(client: Client) -> None:
    seen = client(say("Breaks"))
    fine(seen)
    assert said(seen) == [("user", "Breaks"), ("assistant", "It is done.")], "what broke off is gone"
    names = [e["name"] for e in seen["turns"][0]["events"] if e["type"] == "CUSTOM"]
    assert names == ["run.retrying"]


def test_a_takeover_of_a_sub_agent(client: Client) -> None:
    seen = client(say("Team Acme breaks"))
    fine(seen)
    texts = [m["content"] for m in seen["messages"] if m["role"] == "assistant" and m.get("content")]
    assert sorted(texts) == ["Looked again.", "Looked at Acme", "Looked at Acme | Looked again."]
    (again,) = [m for m in seen["messages"] if m.get("content") == "Looked again."]
    (retrying,) = [e for e in seen["turns"][0]["events"] if e["type"] == "CUSTOM"]
    assert again["subagentRunId"] == retrying["subagentRunId"]


@pytest.mark.parametrize(
    ("ask", "turn", "answer"),
    [
        ("Approval", {"resume": {"approved": True}}, "approved"),
        ("Approval", {"resume": {"approved": False, "text": "Too early"}}, "denied Too early"),
        ("Approval", {"drop": True}, "denied"),
        ("Question", {"resume": {"text": "The red one"}}, "answered The red one"),
    ],
)
def test_asking_and_going_on(client: Client, ask: str, turn: Json, answer: str) -> None:
    seen = client(say(ask), turn)
    fine(seen)
    (asked,) = seen["turns"][1]["asked"]
    assert asked["reason"] == ("tool_call" if ask == "Approval" else "input_required")
    assert asked["responseSchema"]["type"] == "object"
    assert said(seen)[-1] == ("assistant", answer)
    assert seen["pending"] == []
    before, after = Run.objects.order_by("input_offset")
    assert (after.resumes_id, after.status) == (before.pk, "finished")
    assert before.options["agui"] != after.options["agui"]


def test_a_question_that_is_dropped_ends_there(client: Client) -> None:
    seen = client(say("Question"), {"drop": True}, say("Text"))
    fine(seen)
    assert seen["turns"][1]["events"][-1]["outcome"] == {"type": "cancelled"}
    assert said(seen)[-1] == ("assistant", "Good morning.")


def test_a_message_does_not_wait_behind_a_question(client: Client) -> None:
    """A client that does not know of the question is told of it, and nothing is sent."""
    thread = str(uuid.uuid4())
    fine(client(say("Approval"), thread=thread))
    seen = client(say("Text"), thread=thread)
    assert "busy" in seen["turns"][0]["error"]
    assert Input.objects.count() == 1


def test_stop(client: Client, server: Served) -> None:
    thread = str(uuid.uuid4())
    stop = {
        "type": "TEXT_MESSAGE_CONTENT",
        "url": f"{server.url}/api/sessions/{thread}/commands",
        "body": {"t": "stop"},
    }
    seen = client(say("Slow", postAt=stop), say("Text"), thread=thread)
    fine(seen)
    assert seen["turns"][0]["events"][-1]["outcome"] == {"type": "cancelled"}
    assert said(seen) == [
        ("user", "Slow"),
        ("assistant", "Thinking"),
        ("user", "Text"),
        ("assistant", "Good morning."),
    ]


def test_a_failure(client: Client) -> None:
    seen = client(say("Fail"))
    last = seen["turns"][0]["events"][-1]
    assert (last["type"], last["code"], last["message"]) == (
        "RUN_ERROR",
        "bad_key",
        "The model refused the key.",
    )


def test_who_goes_away_stops_nothing_and_comes_back_to_the_same_run(client: Client, guide: Guide) -> None:
    first = say("Slow", runId="mine", abortAt="TEXT_MESSAGE_CONTENT")
    seen = client(first, {"runId": "mine", "pause": True}, paused=guide.let_go.set)
    fine(seen)
    assert "RUN_FINISHED" not in types(seen["turns"][0])
    assert said(seen) == [("user", "Slow"), ("assistant", "Thinking done.")], "nothing is lost or doubled"
    assert len(guide.began) == Run.objects.count() == 1
