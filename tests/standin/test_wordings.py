"""What people say in other words than the tool's: done, refused, or answered with what was left out of it."""

from typing import Any

import pytest

from sales_app.agent.copilot import Copilot
from tests.standin.test_questions import CASES
from tests.standin.test_wishes import ANN, RENEWAL, SENT, Talk

Json = dict[str, Any]

DEAL = {**RENEWAL, "close_date": "2026-12-01", "account": "Acme", "account_id": 1, "currency": "USD"}
ACCOUNT = {
    "id": 1, "url": "/accounts/1/", "name": "Acme", "account": "Acme", "account_id": 1, "status": "customer",
    "segment": "mid", "industry": "Logistics", "country": "Germany", "arr": "48000", "last_activity": "2026-10-01",
}  # fmt: skip
ROWS: dict[str, list[Json]] = {
    "find_contacts": [ANN],
    "find_deals": [DEAL],
    "find_accounts": [ACCOUNT],
    "quiet_accounts": [ACCOUNT],
}
DONE = {
    "send_email": SENT,
    "update_field": {
        "changed": DEAL,
        "record": "deal",
        "fields": {"close_date": ["2026-12-01", "2026-12-15"]},
    },
    "log_activity": {"logged": {"id": 1, "url": "/activities/1/", "name": "x", "kind": "task"}},
    "get_account": ACCOUNT,
    "get_deal": DEAL,
    "calendar": {"days": [{"day": "2026-11-24", "events": [], "tasks_due": []}]},
    "deal_summary": {"group_by": "country", "groups": [], "sums": []},
}
LEFT_OUT = "into account"
NOT_KNOWN = "know no such condition"


def talk(found: bool = True) -> Talk:
    return Talk(ROWS if found else {}, DONE)


def close_date(day: str) -> Json:
    return {"record": "deal", "ref": 7, "field": "close_date", "value": day}


@pytest.mark.parametrize(
    ("asked", "act", "args"),
    [
        ("Move the close date of the Acme renewal to next Friday", "update_field", close_date("2026-11-27")),
        ("Move the close date of Acme renewal to 15 December", "update_field", close_date("2026-12-15")),
        ("push the closing date of the Acme deal to the end of the quarter", "update_field", close_date("2026-12-31")),
        ("Postpone the Acme deal to December", "update_field", close_date("2026-12-31")),
        ("Reschedule the close date of the Acme renewal to 2027-01-15", "update_field", close_date("2027-01-15")),
        ("Please change the Acme renewal's close date to March 1st", "update_field", close_date("2027-03-01")),
        ("Could you delay the Acme deal to 2027-02-01?", "update_field", close_date("2027-02-01")),
        ("Increase the amount of the Acme renewal to $60k", "update_field", {"field": "amount", "value": "60000"}),
        ("Move the Acme deal to negotiation", "update_field", {"field": "stage", "value": "negotiation"}),
        ("Write a follow-up email to Ann Lee about the quote", "send_email", {"contact": 3, "subject": "The quote"}),
        ("Write a follow-up e-mail to Ann Lee about the quote", "send_email", {"contact": 3, "subject": "The quote"}),
        ("Draft a short email to Ann Lee saying the contract is ready", "send_email", {"subject": "The contract is ready"}),
        ("Send a thank-you message to Ann Lee: it was good to meet you", "send_email", {"subject": "It was good to meet you"}),
        ("Send a follow-up to Ann Lee about the demo", "send_email", {"subject": "The demo"}),
        ("Send Ann Lee a follow-up email about the demo", "send_email", {"subject": "The demo"}),
    ],
)  # fmt: skip
def test_it_is_done(asked: str, act: str, args: Json) -> None:
    said = talk()
    said.say(asked)
    ((name, given),) = said.acted
    assert name == act and {key: given.get(key) for key in args} == args, given


@pytest.mark.parametrize(
    "asked",
    [
        "Write a follow-up email to Ann Lee",
        "Send Ann Lee a follow-up email",
        "Please write a friendly reminder to Ann Lee",
        "Email Ann Lee",
    ],
)
def test_what_a_letter_shall_say_is_asked_for(asked: str) -> None:
    said = talk()
    assert "What shall I write" in said.say(asked) and not said.acted
    said.say("The quote is on its way")
    assert said.acted[0][1]["body"].startswith("Hello Ann,\n\nThe quote is on its way.")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("Delete the Acme renewal", "cannot delete"),
        ("Please delete Ann Lee.", "cannot delete"),
        ("can you remove the deal Acme pilot?", "cannot delete"),
        ("Erase all notes", "cannot delete"),
        ("clear the next step of the Acme renewal", "cannot delete"),
        ("Merge Acme and Acme Freight", "cannot merge"),
        ("Create a new account called Zed", "cannot create"),
        ("add a contact to Acme", "cannot create"),
        ("Schedule a meeting with Ann Lee tomorrow", "cannot plan, move or cancel meetings"),
        ("Move my meeting to Friday", "cannot plan, move or cancel meetings"),
        ("Cancel my call with Acme", "cannot plan, move or cancel meetings"),
        ("Call Ann Lee", "cannot place calls"),
        ("Export my deals", "cannot export"),
        ("Undo that", "cannot take back"),
        ("Increase the amount of the Acme deal by 10k", "could not read what shall be done"),
        ("Move the close date of the Acme deal a bit", "could not read what shall be done"),
        ("What's the weather in Berlin?", "You can ask about"),
        ("Will it be raining tomorrow?", "You can ask about"),
        ("Tell me a joke", "You can ask about"),
        ("Who is the president of France?", "You can ask about"),
        ("What is the capital of Spain?", "You can ask about"),
        ("What is 2+2?", "You can ask about"),
        ("What time is it?", "You can ask about"),
    ],
)
def test_what_it_cannot_do_it_says_and_looks_nothing_up(asked: str, says: str) -> None:
    said = talk()
    assert says in said.say(asked) and not said.calls


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ("Show me urgent deals", '"urgent"'),
        ("Which renewal deals close this month?", '"renewal"'),
        ("hot prospects in Germany", '"hot"'),
        ("Contacts in Germany", '"Germany"'),
        ("Champions in logistics", '"logistics"'),
        ("emails from customers in Germany", '"Germany"'),
        ("customers in Germany and France", '"France"'),
        ("enterprise and SMB accounts", '"SMB"'),
        ("Tasks over 50k", '"over 50,000"'),
        ("newest prospects this week", '"this week"'),
        ("Show strategic deals in the alpine region", '"strategic" and "alpine"'),
    ],
)
def test_what_was_not_used_is_said(asked: str, word: str) -> None:
    said = talk().say(asked)
    assert said.startswith(f"I did not take {word} {LEFT_OUT}"), said


@pytest.mark.parametrize(
    ("asked", "tool", "args"),
    [
        ("Which strategic accounts are in Germany?", "find_accounts", {"country": "Germany"}),
        ("strategic deals over 50k", "find_deals", {"min_amount": 50_000.0, "open_only": True}),
        ("my purple deals", "find_deals", {"owner": "me", "open_only": True}),
    ],
)
def test_a_word_that_is_no_name_either_is_said_and_the_rest_is_looked_up(
    asked: str, tool: str, args: Json
) -> None:
    said = talk(found=False)
    told = said.say(asked)
    assert NOT_KNOWN in told and (said.calls[-1].name, said.calls[-1].input) == (tool, args)
    assert len(said.calls) == 2
    # Somebody may be called so.
    assert NOT_KNOWN not in talk().say(asked)


@pytest.mark.parametrize("found", [True, False])
def test_no_false_alarm(found: bool) -> None:
    asked = [case["ask"] for case in CASES] + [
        *Copilot().examples(None),
        "Open deals in Germany",
        "Share of deals by segment",
        "Log of my calls",
        "Update me on Acme Freight",
        "Where is Acme Freight located?",
        "Show me everything about Acme Freight",
        "quick summary of Acme Freight, please",
        "Plan for my day",
        "Send me my open tasks",
        "Notes that mention discount",
        "open accounts of mine",
        "top ten opportunities",
    ]
    told = {text: talk(found).say(text) for text in asked}
    alarms = {
        text for text, said in told.items() if LEFT_OUT in said or NOT_KNOWN in said or "cannot" in said
    }
    # True: of two industries one was looked up.
    assert alarms == {"SMB accounts in retail or hospitality"}


def test_no_false_alarm_in_what_follows() -> None:
    said = talk()
    for text in (
        "Which deals close this month?",
        "only over 50k",
        "the first one",
        "and its contacts?",
        "What about Acme?",
        "log a call with Ann Lee: she is annoyed by the purple invoices",
    ):
        assert LEFT_OUT not in said.say(text), text
