"""What an answer costs, and what a chat is called."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from sales_app.agent.models import ModelPrice
from sales_app.agent.pricing import LIST_PRICES, cost_of, ensure_prices
from sessions_app.session.titles import LIMIT, title_for


def cost(model: str, *, fresh: int = 0, out: int = 0, read: int = 0, written: int = 0) -> str | None:
    return cost_of(
        model, input_tokens=fresh, output_tokens=out, cache_read_tokens=read, cache_write_tokens=written
    )


@pytest.mark.django_db
def test_list_prices_count_until_somebody_changes_them() -> None:
    assert cost("claude-sonnet-5-5", fresh=1_000_000) == "2.000000"
    assert ensure_prices() == len(LIST_PRICES)
    assert ensure_prices() == 0
    assert cost("claude-sonnet-5-5", fresh=1000, out=100, read=10_000, written=2000) == "0.010000"
    now = timezone.now()
    for price, valid_from in (("3", now - timedelta(days=1)), ("9", now + timedelta(days=1))):
        values = dict.fromkeys(["output", "cache_read", "cache_write"], Decimal(0))
        ModelPrice.objects.create(
            model="claude-sonnet-5-5", input=Decimal(price), valid_from=valid_from, **values
        )
    ModelPrice.objects.filter(model="claude-sonnet-5-5", input=2).update(valid_from=now - timedelta(days=9))
    assert cost("claude-sonnet-5-5", fresh=1_000_000) == "3.000000"


@pytest.mark.django_db
@pytest.mark.parametrize("stored", [True, False])
def test_a_long_prompt_may_cost_more(stored: bool) -> None:
    if stored:
        ensure_prices()
    assert cost("claude-haiku-5-5", fresh=100_000) == "0.010000"
    assert cost("claude-haiku-5-5", fresh=10, read=100_000) == "0.005005"


@pytest.mark.django_db
def test_the_stand_in_costs_nothing_and_an_unknown_model_nobody_knows() -> None:
    assert cost("clewline-stand-in", fresh=5000, out=5000) == "0.000000"
    assert cost("claude-next", fresh=5000) is None


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Which deals close this month?", "Which deals close this month"),
        ("hi! can you please show me the pipeline by stage?", "The pipeline by stage"),
        ("Hello", "Hello"),
        ("\n\n  tell me about Acme Freight, please  \n thanks", "Tell me about Acme Freight"),
        ("Good morning. Who should I call?", "Who should I call"),
        ("show me my open tasks", "My open tasks"),
        ("/morning-brief", "Morning brief"),
        ("/call-prep Acme Freight (account:12)", "Call prep: Acme Freight"),
        ("/ what", "/ what"),
        ("???", "???"),
        ("", ""),
    ],
)
def test_titles(text: str, title: str) -> None:
    assert title_for(text) == title


def test_a_long_title_is_cut_between_words() -> None:
    title = title_for("Please compare " + "all the accounts of the north " * 9)
    assert len(title) <= LIMIT and title.endswith("…") and title.startswith("Compare all the accounts")
    assert len(title_for("x" * 500)) == LIMIT


@given(st.text())
def test_any_text_has_a_title(text: str) -> None:
    title = title_for(text)
    assert len(title) <= LIMIT and title == title_for(text)
    assert bool(title) == bool(text.strip()) or not text.strip()
