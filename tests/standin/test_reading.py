"""Days, amounts and names as people write them; and no text that cannot be read at all."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sales_app.standin.mind import times
from sales_app.standin.mind.deciding import Answer, decide
from sales_app.standin.mind.reading import read
from tests.standin.test_questions import CASES, request_for

TODAY = date(2026, 11, 24)  # a Tuesday


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("today", "2026-11-24", "2026-11-24"),
        ("day after tomorrow", "2026-11-26", "2026-11-26"),
        ("this week", "2026-11-23", "2026-11-29"),
        ("next week", "2026-11-30", "2026-12-06"),
        ("last month", "2026-10-01", "2026-10-31"),
        ("this quarter", "2026-10-01", "2026-12-31"),
        ("next quarter", "2027-01-01", "2027-03-31"),
        ("last year", "2025-01-01", "2025-12-31"),
        ("in the next 10 days", "2026-11-24", "2026-12-04"),
        ("over the last two weeks", "2026-11-10", "2026-11-24"),
        ("in the past 3 months", "2026-08-24", "2026-11-24"),
        ("within a month", "2026-11-24", "2026-12-24"),
        ("by the end of the month", "2026-11-24", "2026-11-30"),
        ("before the end of next quarter", "2026-11-24", "2027-03-31"),
        ("in march", "2027-03-01", "2027-03-31"),
        ("in october", "2026-10-01", "2026-10-31"),
        ("in february 2026", "2026-02-01", "2026-02-28"),
        ("q1 2027", "2027-01-01", "2027-03-31"),
        ("on friday", "2026-11-27", "2026-11-27"),
        ("last monday", "2026-11-23", "2026-11-23"),
        ("on tuesday", "2026-11-24", "2026-11-24"),
        ("before 1 december", None, "2026-11-30"),
        ("since 2026-11-01", "2026-11-01", None),
        ("on december 3rd", "2026-12-03", "2026-12-03"),
        ("between 1 january and 15 january 2027", "2027-01-01", "2027-01-15"),
        ("in 2025", "2025-01-01", "2025-12-31"),
    ],
)
def test_days(text: str, first: str | None, last: str | None) -> None:
    found, _ = times.find(text, TODAY)
    assert found is not None
    assert (found.first and found.first.isoformat(), found.last and found.last.isoformat()) == (first, last)


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("deals over 50k", 50_000, None),
        ("deals above $1.5m", 1_500_000, None),
        ("deals of at least 20,000 dollars", 20_000, None),
        ("deals > 100000", 100_000, None),
        ("deals under €10.000", None, 10_000),
        ("deals up to 5 thousand", None, 5_000),
        ("deals between 20k and 60k", 20_000, 60_000),
        ("deals between 20 and 60k", 20_000, 60_000),
        ("quiet for more than 60 days", None, None),
        ("accounts with more than 500 employees", None, None),
    ],
)
def test_amounts(text: str, least: float | None, most: float | None) -> None:
    found = read(text, TODAY)
    assert (found.min_amount, found.max_amount) == (least, most)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Tell me about Acme Freight.", ("Acme Freight",)),
        ("tell me about acme freight", ("acme freight",)),
        ("Who works at Smith & Sons B.V. in Germany?", ("Smith & Sons B.V.",)),
        ("What's new at Acme Freight's?", ("Acme Freight",)),
        ('show "the big one"', ("the big one",)),
        ("Show me all deals in Germany closing in December", ()),
        ("my pipeline by stage", ()),
        ("deals of Van der Berg Logistics", ("Van der Berg Logistics",)),
        ("contacts at dunrow clinics", ("dunrow clinics",)),
    ],
)
def test_names(text: str, names: tuple[str, ...]) -> None:
    assert read(text, TODAY).names == names


texts = st.one_of(
    st.text(max_size=80),
    st.lists(st.sampled_from([word for case in CASES for word in case["ask"].split()]), max_size=12).map(
        " ".join
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(texts.filter(lambda text: bool(text.strip())), min_size=1, max_size=3))
def test_any_conversation_gets_an_answer_or_a_call(asked: list[str]) -> None:
    request = request_for(asked[0])
    for text in asked[1:]:
        request["messages"] += [
            {"role": "assistant", "content": "ok"},
            {"role": "user", "content": [{"type": "text", "text": text}]},
        ]
    decided = decide(request)
    if isinstance(decided, Answer):
        assert decided.text.strip()
    else:
        assert decided and all(call.name for call in decided)


@pytest.mark.parametrize("code", ["not_found", "unknown_value", "ambiguous", None])
def test_failing_look_ups_come_to_an_end(code: str | None) -> None:
    """``None``: everything is empty."""
    error = {"error": {"code": code, "message": "There are: Canada.", "candidates": []}}
    empty = {"items": [], "total": 0, "groups": [], "sums": [], "days": [], "truncated": False}
    for case in CASES:
        request = request_for(case["ask"])
        for turn in range(6):
            decided = decide(request)
            if isinstance(decided, Answer):
                assert decided.text.strip()
                break
            calls = [
                {"type": "tool_use", "id": f"{turn}.{at}", "name": call.name, "input": call.input}
                for at, call in enumerate(decided)
            ]
            results = [
                {
                    "type": "tool_result",
                    "tool_use_id": call["id"],
                    "content": json.dumps(error if code else empty),
                    "is_error": bool(code),
                }
                for call in calls
            ]
            request["messages"] += [
                {"role": "assistant", "content": calls},
                {"role": "user", "content": results},
            ]
        else:
            raise AssertionError(case["ask"])
