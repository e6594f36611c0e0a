"""The judge's answer counts only as it was asked for, and only with words that are there."""

import json
from typing import Any

import pytest

from sales_app.evals.judge import NO_QUOTE, NOT_JUDGED, read_verdicts

TEXT = "Cleo Marsh is the CFO.\nShe waits for a quote."


def said(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"said": json.dumps({"verdicts": list(rows)})}


def row(
    id: int = 1, verdict: str = "pass", quote: str = "waits for a quote", why: str = "It is told."
) -> dict[str, Any]:
    return {"id": id, "verdict": verdict, "quote": quote, "why": why}


def test_what_was_judged() -> None:
    found = read_verdicts(said(row(2, "fail", ""), row(1), row(3, "unclear")), 3, TEXT)
    assert found is not None
    assert [each.passed for each in found] == [True, False, None]
    assert "waits for a quote" in found[0].why


def test_a_pass_needs_words_that_are_there() -> None:
    for quote in ("", "  ", "She has the quote"):
        (found,) = read_verdicts(said(row(quote=quote)), 1, TEXT) or []
        assert (found.passed, found.why) == (None, NO_QUOTE)
    (found,) = read_verdicts(said(row(quote="the **CFO**. She waits")), 1, TEXT) or []
    assert found.passed is True


@pytest.mark.parametrize(
    "output",
    [
        {"said": "It is fine."},
        {"said": "[]"},
        {"said": '{"verdicts": 3}'},
        said(row(), row()),
        said(row(2)),
        said(),
        said(row(verdict="passed")),
        said({"id": 1}),
    ],
    ids=range(8),
)
def test_what_is_not_in_the_form_is_no_verdict(output: dict[str, Any]) -> None:
    assert read_verdicts(output, 1, TEXT) is None


def test_a_fence_around_it_is_forgiven() -> None:
    fenced = {"said": f"```json\n{said(row())['said']}\n```"}
    assert [each.passed for each in read_verdicts(fenced, 1, TEXT) or []] == [True]


def test_the_stand_in_judges_nothing() -> None:
    found = read_verdicts({"said": "", "stand_in": True}, 2, TEXT) or []
    assert [(each.passed, each.why) for each in found] == [(None, NOT_JUDGED)] * 2
