"""Quotes: never negative, never less for more seats, lines that add up, refusals that name what would be allowed."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sales_app.pricing import Policy, PolicyInvalid, PolicyRefused, Quote, quote, read_policy
from sales_app.pricing.quoting import nearest_quote, percents
from sales_app.pricing.shipped import shipped_terms

SHIPPED = read_policy(shipped_terms(), version=7)


def percent_strings(most: int) -> st.SearchStrategy[Decimal]:
    return st.integers(0, most * 100).map(lambda hundredths: Decimal(hundredths) / 100)


@st.composite
def policies(draw: Any) -> Policy:
    """Any policy that is read, however odd its numbers."""
    starts = sorted(draw(st.sets(st.integers(2, 400), max_size=4)))
    steps = sorted(draw(st.sets(percent_strings(100), min_size=len(starts), max_size=len(starts))))
    months = sorted(draw(st.sets(st.integers(1, 60), min_size=1, max_size=4)))
    price = Decimal(draw(st.integers(0, 100_000))) / 100
    return read_policy(
        {
            "currency": "USD",
            "plans": [{"name": "one", "title": "One", "prices": {"USD": str(price)}, "seats_min": 1}],
            "volume": [
                {"seats_from": start, "percent": str(step)} for start, step in zip(starts, steps, strict=True)
            ],
            "terms": [{"months": each, "percent": str(draw(percent_strings(100)))} for each in months],
            "limits": [{"roles": ["rep"], "percent": "100", "who": "the rep"}],
        }
    )


def priced(policy: Policy, seats: int, term: int, discount: Decimal) -> Quote:
    return quote(
        policy, policy.plans[0].name, seats, policy.terms[term % len(policy.terms)].months, discount, "rep"
    )


@given(policies(), st.integers(1, 600), st.integers(0, 3), percent_strings(100))
def test_lines_add_up_in_whole_cents_and_nothing_is_negative(
    policy: Policy, seats: int, term: int, discount: Decimal
) -> None:
    found = priced(policy, seats, term, discount)
    assert sum((line.amount for line in found.lines), Decimal(0)) == found.total
    assert 0 <= found.total <= found.list_total
    assert all(line.amount == round(line.amount, 2) for line in found.lines)
    assert sum(line.seats for line in found.lines) == seats
    assert all(line.amount <= 0 for line in found.lines if line.kind != "seats")
    assert found.as_json()["total"] == str(found.total)


@given(policies(), st.integers(1, 600), st.integers(1, 50), st.integers(0, 3), percent_strings(100))
def test_more_seats_never_cost_less(
    policy: Policy, seats: int, more: int, term: int, discount: Decimal
) -> None:
    assert priced(policy, seats + more, term, discount).total >= priced(policy, seats, term, discount).total


@given(policies(), st.integers(1, 600), st.integers(0, 3), percent_strings(100), percent_strings(100))
def test_a_larger_discount_never_costs_more(
    policy: Policy, seats: int, term: int, one: Decimal, other: Decimal
) -> None:
    small, large = sorted((one, other))
    assert priced(policy, seats, term, large).total <= priced(policy, seats, term, small).total


@given(
    st.sampled_from([plan.name for plan in SHIPPED.plans]),
    st.integers(-5, 20_000),
    st.integers(-5, 80),
    percent_strings(60),
    st.sampled_from(["rep", "manager", "revops", "auditor", ""]),
)
def test_a_refusal_names_what_is_allowed(
    plan: str, seats: int, term: int, discount: Decimal, role: str
) -> None:
    asked: dict[str, Any] = {
        "plan": plan,
        "seats": seats,
        "term_months": term,
        "discount": discount,
        "by_role": role,
    }
    try:
        found = quote(SHIPPED, **asked)
    except PolicyRefused as refused:
        assert refused.nearest and refused.message.endswith(".")
        found = nearest_quote(SHIPPED, refused, **asked)
    else:
        assume(False)
    assert found.discount <= SHIPPED.limit_of(role) and found.term_months in {12, 24, 36}


def test_every_line_is_explained() -> None:
    found = quote(SHIPPED, "Business", 600, 36, Decimal("7.5"), "rep")
    assert [(line.kind, line.amount) for line in found.lines] == [
        ("seats", Decimal("50400.00")),  # 100 x 14.00 x 36
        ("seats", Decimal("191520.00")),  # 400 x 13.30 x 36
        ("seats", Decimal("45360.00")),  # 100 x 12.60 x 36
        ("term", Decimal("-14364.00")),  # 5% of 287,280
        ("discount", Decimal("-20468.70")),  # 7.5% of 272,916
    ]
    assert found.total == Decimal("252447.30") and found.list_total == Decimal("302400.00")
    assert found.per_year == Decimal("84149.10") and found.policy_version == 7
    assert found.lines[1].why == "400 x USD 13.30 x 36 months, 5% below the list price of USD 14.00"
    assert found.lines[4].why == "7.5% of 272,916.00, given by the rep, who may give up to 10%"


def test_half_cents_are_rounded_up_line_by_line() -> None:
    policy = read_policy(shipped_terms() | {"terms": [{"months": 1, "percent": "0.75"}], "volume": []})
    found = quote(policy, "starter", 5, 1, Decimal("0.75"), "rep")
    # 0.375 of 50.00, then 0.37215 of what is left.
    assert [line.amount for line in found.lines] == [Decimal("50.00"), Decimal("-0.38"), Decimal("-0.37")]
    assert found.total == Decimal("49.25")


@pytest.mark.parametrize(
    ("asked", "code", "nearest"),
    [
        ({"plan": "gold"}, "plan_unknown", {}),
        ({"seats": 10}, "seats_below", {"seats": 25}),
        ({"seats": 1001}, "seats_above", {"plan": "enterprise"}),
        ({"seats": 0}, "seats_invalid", {"seats": 25}),
        ({"term_months": 18}, "term_unknown", {"term_months": 12}),
        ({"term_months": 48}, "term_unknown", {"term_months": 36}),
        ({"discount": Decimal(18)}, "discount_above", {"discount": Decimal(10)}),
        ({"discount": Decimal(-1)}, "discount_invalid", {"discount": Decimal(0)}),
        ({"discount": Decimal("NaN")}, "discount_invalid", {"discount": Decimal(0)}),
        ({"currency": "JPY"}, "currency_unknown", {"currency": "USD"}),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_is_refused(asked: dict[str, Any], code: str, nearest: dict[str, Any]) -> None:
    with pytest.raises(PolicyRefused) as refused:
        quote(SHIPPED, **{"plan": "business", "seats": 100, "term_months": 12, "by_role": "rep", **asked})
    assert (refused.value.code, refused.value.nearest) == (code, nearest)


def test_who_decides_about_more() -> None:
    for discount, who in (
        ("12", "the manager"),
        ("18", "deal desk"),
        ("30", "deal desk together with the head of sales"),
    ):
        with pytest.raises(PolicyRefused) as refused:
            quote(SHIPPED, "business", 100, 12, Decimal(discount), "rep")
        assert refused.value.who == who
    with pytest.raises(PolicyRefused, match="Nobody may give it"):
        quote(SHIPPED, "business", 100, 12, Decimal(41), "administrator")
    assert quote(SHIPPED, "business", 100, 12, Decimal(18), "revops").discount == 18


def test_everything_that_is_wrong_with_a_policy_is_said_at_once() -> None:
    value = shipped_terms()
    value["plans"][0]["prices"] = {"USD": 10.0}
    value["plans"][1]["name"] = "starter"
    value["volume"].reverse()
    value["limits"][0]["roles"] = ["boss"]
    value["terms"] = []
    with pytest.raises(PolicyInvalid) as invalid:
        read_policy(value)
    said = " ".join(invalid.value.problems)
    for words in (
        "USD is an amount in quotes",
        "stands there twice",
        "volume: seats_from has to rise",
        "roles are of",
        "terms: a list",
    ):
        assert words in said


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["currency", "plans", "volume", "terms", "limits", "percent", "prices", "roles", "name"]
                ),
                inner,
                max_size=5,
            )
        ),
    )
)
def test_nothing_else_is_raised_over_odd_json(value: Any) -> None:
    try:
        read_policy(value)
    except PolicyInvalid as invalid:
        assert invalid.problems


def test_what_is_not_understood_is_kept() -> None:
    assert read_policy(shipped_terms() | {"self_serve": {"up_to": 10000}}).extras == {
        "self_serve": {"up_to": 10000}
    }
    assert percents(Decimal("10.00")) == "10%"
