"""A line whose numbers are not what was counted is refused, whoever wrote it."""

from datetime import date

import pytest

from sales_app.encoding.contrast import Row
from sales_app.encoding.facts import counts, fact_of
from sales_app.encoding.holding import problem
from sales_app.encoding.signals import SIGNALS
from sales_app.encoding.wording import held, plain
from sales_app.facts import Fact

TODAY = date(2026, 11, 24)


def fact(
    key: str = "cost_in_numbers", won: int = 12, won_of: int = 14, lost: int = 3, lost_of: int = 12
) -> Fact:
    return fact_of(
        Row(
            key=key, title="", won=won, won_of=won_of, lost=lost, lost_of=lost_of, difference=won / won_of - lost / lost_of,
            low=0.2, high=0.8, clear=True, reps=3, reps_of=5,
        ),
        [],
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Ask what the problem costs.",
        "Ask what the problem costs (in 12 of 14 won deals, in 3 of 12 lost ones).",
        "Ask what the problem costs: won 12 of 14, lost 3 of 12.",
        "Ask for the cost; it was heard in 86% of won deals and 25% of lost ones.",
        "In 3 of the 12 lost deals we asked what it costs, in 12 of 14 won.",
    ],
)
def test_what_was_counted_may_be_said(text: str) -> None:
    assert problem(text, fact(), today=TODAY) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Ask what the problem costs (in 13 of 14 won deals, in 3 of 12 lost ones).",
        "Ask what the problem costs (in 3 of 12 won deals, in 12 of 14 lost ones).",
        "Ask what the problem costs (in 12 of 12 won deals, in 3 of 14 lost ones).",
        "Ask what the problem costs: lost 12 of 14.",
        "Ask what the problem costs (12 of 14).",
        "Ask for the cost; it was heard in 90% of won deals.",
        "Ask for the cost; it was heard in 25% of won deals.",
        "Ask three times what the problem costs.",
        "Ask what the problem costs, as Dana Wu does.",
        "Ask what the problem costs before 3 March 2026.",
        "Ask what the problem costs, USD 40,000 at least.",
        "Ask 12 people what it costs.",
    ],
)
def test_what_was_not_counted_may_not(text: str) -> None:
    assert problem(text, fact(), today=TODAY) != ""


@pytest.mark.parametrize("key", [signal.key for signal in SIGNALS])
@pytest.mark.parametrize("turned", [False, True], ids=["won", "lost"])
def test_plain_words_hold_for_every_signal(key: str, turned: bool) -> None:
    one = fact(key, 2, 14, 9, 12) if turned else fact(key)
    assert problem(plain(one), one, today=TODAY) == ""
    assert counts(one) in plain(one)


def test_a_wrong_line_of_the_model_is_replaced_and_says_why() -> None:
    wrong = held("Ask what it costs (in 13 of 14 won deals, in 3 of 12 lost ones).", fact(), today=TODAY)
    assert wrong.text == plain(fact()) and "13" in wrong.refused
    bare = held("- Ask what it costs.", fact(), today=TODAY)
    assert (
        bare.text == "Ask what it costs (in 12 of 14 won deals, in 3 of 12 lost ones)." and not bare.refused
    )
    assert held("", fact(), today=TODAY).text == plain(fact())


def test_no_quote_supports_a_number() -> None:
    """A customer who says a number cannot get it into a skill."""
    from dataclasses import replace  # noqa: PLC0415

    from sales_app.facts import Source  # noqa: PLC0415

    quoted = replace(
        fact(),
        sources=(
            Source(
                category="calls",
                provider="p",
                ref="c",
                label="USD 40,000",
                url="/c",
                as_of="",
                quote="It is USD 40,000.",
            ),
        ),
    )
    assert problem("Ask what the problem costs, USD 40,000 at least.", quoted, today=TODAY) != ""
