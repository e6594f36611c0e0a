"""What is a promise or a request, whose, and until when; and what is none."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales_app.collect.commitments import noted, sentences, spoken

SAID = date(2026, 11, 24)  # a Tuesday


@pytest.mark.parametrize(
    ("side", "text", "by", "asked", "due"),
    [
        ("us", "I'll send the pricing by Friday.", "us", False, "2026-11-27"),
        ("us", "I’ll send the pricing by Friday.", "us", False, "2026-11-27"),
        ("them", "We'll get back to you next week.", "them", False, "2026-12-04"),
        ("us", "Let me check with legal and come back to you tomorrow.", "us", False, "2026-11-25"),
        ("us", "You'll have the redlines by Thursday.", "us", False, "2026-11-26"),
        ("us", "I send you the security pack by Wednesday.", "us", False, "2026-11-25"),
        ("us", "I'll check if the connector covers it.", "us", False, None),
        ("us", "I can send it tomorrow.", "us", False, "2026-11-25"),
        ("them", "Can you send us the security pack by 1 December?", "us", True, "2026-12-01"),
        ("them", "Please confirm the start date.", "us", True, None),
        ("them", "When can we expect the revised quote?", "us", True, None),
        ("them", "We need the signed DPA from you.", "us", True, None),
        ("us", "Could you share the list of sites?", "them", True, None),
        ("us", "You bring it to Lars, and we talk on Monday.", "them", True, "2026-11-30"),
    ],
)
def test_a_commitment(side: str, text: str, by: str, asked: bool, due: str | None) -> None:
    (found,) = spoken(text, side=side, said_on=SAID)  # type: ignore[arg-type]
    assert (found.by, found.asked, found.text) == (by, asked, text)
    assert found.due == (date.fromisoformat(due) if due else None)


@pytest.mark.parametrize(
    "text",
    [
        "We will not match that price.",
        "I won't send it before Friday.",
        "I could send something next week.",
        "If the budget comes, I'll send the order on Monday.",
        "The project is on hold until Q2 budget; I will get back to you.",
        "We are paused, and I will call you in spring.",
        "I will send it once the budget is approved.",
        "I will follow up at some point.",
        "I'll be honest, it is too expensive.",
        "Let me ask you something.",
        "We will show that in a minute.",
        "We can send that.",
        "I sent the deck yesterday.",
        "Will we get the contract by Friday?",
        "Should I send it again?",
        "Please let me know if you have any questions.",
        "I don't need you to send anything.",
        "I send the report every month.",
        "Thanks for your time today.",
    ],
)
def test_no_commitment(text: str) -> None:
    assert spoken(text, side="us", said_on=SAID) == []
    assert spoken(text, side="them", said_on=SAID) == []


@pytest.mark.parametrize(
    ("text", "by", "asked", "who", "due"),
    [
        ("Promised a reference of similar size.", "us", False, "", None),
        ("I will call Cleo on Monday.", "us", False, "", "2026-11-30"),
        ("Cleo sends us the list of what they miss; first on it is SSO.", "them", False, "Cleo", None),
        ("Dan Poe will sign by Friday.", "them", False, "Dan Poe", "2026-11-27"),
        ("Asked Cleo Marsh for an introduction before the last day.", "them", True, "Cleo Marsh", None),
    ],
)
def test_in_a_note(text: str, by: str, asked: bool, who: str, due: str | None) -> None:
    (found,) = noted(text, said_on=SAID)
    assert (found.by, found.asked, found.who) == (by, asked, who)
    assert found.due == (date.fromisoformat(due) if due else None)


@pytest.mark.parametrize(
    "text",
    [
        "It will take four weeks.",
        "This is not a decision by Q1; they can only start once the budget is there.",
        "Earliest signature is Q2, no promise.",
        "We will not match; agreed to show the cost.",
        "Sent our standard pack; three questions go to our security people.",
        "Nobody will sign before January.",
    ],
)
def test_no_commitment_in_a_note(text: str) -> None:
    assert noted(text, said_on=SAID) == []


def test_the_span_points_at_the_sentence_and_quotes_and_signatures_are_not_read() -> None:
    text = "Hello,\n\nThanks. I'll send the pricing by Friday. Best\n> I'll call you today.\n-- \nI'll sign it now."
    (found,) = spoken(text, side="us", said_on=SAID)
    assert text[found.start : found.end] == found.text == "I'll send the pricing by Friday."


@given(st.text(max_size=300))
def test_whatever_is_written_every_sentence_stands_where_it_says(text: str) -> None:
    for start, sentence in sentences(text):
        assert text[start : start + len(sentence)] == sentence
    for found in [*spoken(text, side="us", said_on=SAID), *noted(text, said_on=SAID)]:
        assert text[found.start : found.end] == found.text
