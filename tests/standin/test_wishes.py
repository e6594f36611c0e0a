"""What people ask to be done, in their words, and what the stand-in does about it."""

import json
from datetime import date
from typing import Any

import pytest

from sales_app.agent.tools.arguments import misfit
from sales_app.agent.tools.registry import find_tool
from sales_app.standin.mind.deciding import Answer, Call, decide
from sales_app.standin.mind.wishes import parse
from tests.standin.test_questions import CASES, request_for

Json = dict[str, Any]

TODAY = date(2026, 11, 24)  # a Tuesday
ANN = {"id": 3, "url": "/contacts/3/", "name": "Ann Lee", "email": "ann@acme.example", "account": "Acme"}
ANNE = {"id": 4, "url": "/contacts/4/", "name": "Ann Leeson", "email": "al@bolt.example", "account": "Bolt"}
RENEWAL = {"id": 7, "url": "/deals/7/", "name": "Acme renewal", "stage": "proposal", "amount": "5000.00"}
PILOT = {"id": 8, "url": "/deals/8/", "name": "Acme pilot", "stage": "discovery", "amount": "900.00"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("log a call with Ann Lee: she wants a quote", ("log", "Ann Lee", "call", "", "she wants a quote")),
        ("Please log a meeting at Acme about the renewal.", ("log", "Acme", "meeting", "", "the renewal")),
        ("log that I met Ann Lee and she agrees", ("log", "Ann Lee", "meeting", "", "she agrees")),
        ("Add a note to Acme Freight - prefers mail", ("log", "Acme Freight", "note", "", "prefers mail")),
        ("log a call", ("log", "", "call", "", "")),
        (
            "set the next step of the Acme renewal to send contract",
            ("set", "Acme renewal", "", "next_step", "send contract"),
        ),
        ("change the Acme deal's amount to $60k", ("set", "Acme", "", "amount", "60000")),
        (
            "set the close date of the Acme deal to the end of the month",
            ("set", "Acme", "", "close_date", "2026-11-30"),
        ),
        ("move the Acme deal to negotiation", ("set", "Acme", "", "stage", "negotiation")),
        ("move it to proposal", ("set", "", "", "stage", "proposal")),
        ("mark Acme Freight as at risk", ("set", "Acme Freight", "", "health", "at_risk")),
        ("update Ann Lee's phone number to +49 30 1234", ("set", "Ann Lee", "", "phone", "+49 30 1234")),
        ("assign the Acme deal to Ben Roy", ("set", "Acme", "", "owner", "Ben Roy")),
        (
            "e-mail Ann Lee that the quote is on its way",
            ("mail", "Ann Lee", "", "", "the quote is on its way"),
        ),
        ("send Ann Lee an email: hello", ("mail", "Ann Lee", "", "", "hello")),
        ("Can you write to x@y.example saying hello?", ("mail", "x@y.example", "", "", "hello")),
        ("mail Ann Lee about the quote", ("mail", "Ann Lee", "about", "", "the quote")),
    ],
)
def test_a_wish_is_read(text: str, expected: tuple[str, ...]) -> None:
    wish = parse(text, TODAY)
    assert wish is not None
    assert (wish.act, wish.who, wish.kind, wish.field, wish.text) == expected


@pytest.mark.parametrize("case", CASES, ids=[case["ask"] for case in CASES])
def test_a_question_is_no_wish(case: Json) -> None:
    assert parse(case["ask"], TODAY) is None


@pytest.mark.parametrize(
    "text",
    [
        "E-mail address of Ann Lee",
        "emails of Acme",
        "what did I log today",
        "move my meeting to friday",
        "tell me about Acme",
    ],
)
def test_neither_are_these(text: str) -> None:
    assert parse(text, TODAY) is None


class Talk:
    """A conversation with the stand-in: tools answer from ``rows``, calls that act from ``acts``."""

    def __init__(self, rows: dict[str, list[Json]], acts: dict[str, Json] | None = None) -> None:
        self.rows = rows
        self.acts = acts or {}
        self.request: Json = {}
        self.calls: list[Call] = []

    def say(self, text: str) -> str:
        if not self.request:
            self.request = request_for(text)
        else:
            self._add("user", [{"type": "text", "text": text}])
        for _ in range(8):
            decided = decide(self.request)
            if isinstance(decided, Answer):
                self._add("assistant", [{"type": "text", "text": decided.text}])
                return decided.text
            self.run(decided)
        raise AssertionError("no end")

    def run(self, decided: list[Call]) -> None:
        for call in decided:
            tool = find_tool(call.name)
            assert tool is not None and misfit(call.name, tool.schema, call.input) == "", call
        uses = [
            {"type": "tool_use", "id": f"t{len(self.calls) + at}", "name": call.name, "input": call.input}
            for at, call in enumerate(decided)
        ]
        self.calls += decided
        self._add("assistant", uses)
        self._add("user", [self._result(use) for use in uses])

    def _result(self, use: Json) -> Json:
        if use["name"] in self.rows:
            rows = self.rows[use["name"]]
            value: Json = {"items": rows, "total": len(rows), "truncated": False}
        else:
            value = self.acts.get(use["name"], {"items": [], "total": 0})
        result = {
            "type": "tool_result",
            "tool_use_id": use["id"],
            "content": f"<records>{json.dumps(value)}</records>",
        }
        return {**result, "is_error": True} if "error" in value else result

    def _add(self, role: str, blocks: list[Json]) -> None:
        self.request["messages"].append({"role": role, "content": blocks})

    @property
    def acted(self) -> list[tuple[str, Json]]:
        return [
            (call.name, call.input)
            for call in self.calls
            if call.name in {"log_activity", "update_field", "send_email"}
        ]


SENT = {"sent": {"id": 1, "url": "/mail/1/", "name": "The quote is on its way", "to": "ann@acme.example"}}
MOVED = {"changed": RENEWAL, "record": "deal", "fields": {"stage": ["proposal", "negotiation"]}}


def denied(said: str = "") -> Json:
    return {"error": {"code": "denied", "message": "declined"}, **({"said": said} if said else {})}


def test_a_mail_is_written_from_the_words() -> None:
    talk = Talk({"find_contacts": [ANN]}, {"send_email": SENT})
    assert "Sent to ann@acme.example" in talk.say("e-mail Ann Lee that the quote is on its way")
    ((_, mail),) = talk.acted
    assert mail["contact"] == 3 and mail["subject"] == "The quote is on its way"
    assert (
        mail["body"].startswith("Hello Ann,\n\nThe quote is on its way.\n")
        and "Dana Kettering" in mail["body"]
    )


def test_it_asks_back_which_one_is_meant() -> None:
    talk = Talk(
        {"find_contacts": [ANN, ANNE]},
        {"log_activity": {"logged": {"id": 1, "url": "/activities/1/", "name": "x", "kind": "call"}}},
    )
    # One is called exactly so.
    talk.say("log a call with Ann Lee: she wants a quote")
    assert talk.acted == [("log_activity", {"kind": "call", "subject": "She wants a quote", "contact": 3})]
    talk = Talk({"find_deals": [RENEWAL, PILOT]}, {"update_field": MOVED})
    asked = talk.say("move the Acme deal to negotiation")
    assert "Which one" in asked and "Acme pilot" in asked and not talk.acted
    assert "negotiation" in talk.say("the renewal")
    assert talk.acted == [
        ("update_field", {"record": "deal", "ref": 7, "field": "stage", "value": "negotiation"})
    ]


@pytest.mark.parametrize(("said", "ref"), [("2", 8), ("the first one", 7), ("Acme pilot", 8)])
def test_the_choice_may_be_said_in_several_ways(said: str, ref: int) -> None:
    talk = Talk({"find_deals": [RENEWAL, PILOT]}, {"update_field": MOVED})
    talk.say("set the next step of the Acme deal to call")
    talk.say(said)
    assert talk.acted[0][1]["ref"] == ref


def test_what_is_missing_is_asked_for() -> None:
    talk = Talk({"find_contacts": [ANN]}, {"send_email": SENT})
    assert "What shall I write" in talk.say("e-mail Ann Lee")
    talk.say("The quote is on its way")
    assert talk.acted[0][1]["subject"] == "The quote is on its way"
    assert "No" not in Talk({}).say("log a call") and "Whom" in Talk({}).say("log a call")


def test_nothing_is_guessed_when_nothing_fits() -> None:
    talk = Talk({"find_deals": [], "find_contacts": [], "find_accounts": []})
    assert "I find no deal" in talk.say("move the Acme deal to negotiation")
    assert 'no contact, account or deal called "Zed"' in talk.say("log a call with Zed: hello")
    assert "no email address" in Talk({"find_contacts": [{**ANN, "email": ""}]}).say("e-mail Ann Lee: hello")
    assert not talk.acted


def test_what_is_so_already_is_left() -> None:
    talk = Talk({"find_deals": [RENEWAL]})
    assert "is proposal already" in talk.say("move the Acme renewal to proposal")
    assert not talk.acted


def test_after_a_denial_it_does_not_try_again_and_takes_a_correction() -> None:
    talk = Talk({"find_contacts": [ANN]}, {"send_email": denied("wrong tone")})
    told = talk.say("e-mail Ann Lee that the quote is on its way")
    assert "declined" in told and "wrong tone" in told and len(talk.acted) == 1
    talk.acts["send_email"] = SENT
    talk.say("Say that it comes on Monday instead")
    assert "It comes on Monday." in talk.acted[1][1]["body"] and talk.acted[1][1]["contact"] == 3
    talk = Talk({"find_contacts": [ANN]}, {"send_email": denied()})
    talk.say("e-mail Ann Lee: hello")
    assert "I leave it" in talk.say("never mind") and len(talk.acted) == 1


@pytest.mark.parametrize(
    ("code", "says"),
    [("expired", "Nobody decided"), ("unknown", "Nobody knows"), ("invalid_value", "one of red")],
)
def test_errors_are_read(code: str, says: str) -> None:
    talk = Talk(
        {"find_deals": [RENEWAL]}, {"update_field": {"error": {"code": code, "message": "It is one of red."}}}
    )
    assert says in talk.say("move the Acme renewal to negotiation")
    assert len(talk.acted) == 1


def test_steering_in_the_middle_is_taken_into_account() -> None:
    """What is said behind the results of a turn changes what is done next."""
    talk = Talk({"find_contacts": [ANN]}, {"send_email": SENT})
    talk.request = request_for("e-mail Ann Lee that the quote is on its way")
    decided = decide(talk.request)
    assert not isinstance(decided, Answer)
    talk.run(decided)
    assert "I leave it" in talk.say("No, don't send it") and not talk.acted
    talk = Talk({"find_contacts": [ANN]}, {"send_email": SENT})
    talk.request = request_for("e-mail Ann Lee that the quote is on its way")
    decided = decide(talk.request)
    assert not isinstance(decided, Answer)
    talk.run(decided)
    talk.say("make it: the contract is ready")
    assert "The contract is ready." in talk.acted[0][1]["body"]


def test_it_means_what_was_spoken_of() -> None:
    talk = Talk({"find_deals": [RENEWAL]}, {"update_field": MOVED})
    talk.say("move the Acme renewal to negotiation")
    talk.say("set its next step to send contract")
    assert talk.acted[-1][1] == {"record": "deal", "ref": 7, "field": "next_step", "value": "send contract"}


def test_a_lost_deal_needs_its_reason() -> None:
    talk = Talk({"find_deals": [RENEWAL]}, {"update_field": MOVED})
    assert "Why was" in talk.say("mark the Acme renewal as lost") and not talk.acted
    talk.say("Because the budget was cut")
    assert [(call["field"], call["value"]) for _, call in talk.acted] == [
        ("lost_reason", "The budget was cut"),
        ("stage", "lost"),
    ]


def test_it_looks_among_the_closed_deals_when_no_open_one_fits() -> None:
    talk = Talk({"find_deals": []})
    talk.say("change the amount of the Acme deal to 45k")
    assert [call.input.get("open_only") for call in talk.calls] == [True, False]


@pytest.mark.parametrize(
    ("said", "end"),
    [
        ("did the quote arrive?", "Did the quote arrive?"),
        ("the quote is sent", "The quote is sent."),
    ],
)
def test_a_mail_ends_as_it_was_said(said: str, end: str) -> None:
    (call,) = decide(request_for(f"send x@y.example an email: {said}"))  # type: ignore[misc]
    assert call.input["body"].splitlines()[2] == end
