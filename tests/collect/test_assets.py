"""Which asset and why, what a customer may read in it, quotes within the policy, and a calculator that computes what it says."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from sales_app.artifacts.rendering.calculator import calculator_of
from sales_app.artifacts.rendering.outside import for_outside
from sales_app.artifacts.rendering.proposal import quote_of
from sales_app.collect import Asking
from sales_app.collect.asset_kind import choice, choose, named_kind
from sales_app.collect.heard import Hearing
from sales_app.collect.proposal import discount_in, months_in, names_plan, seats_in
from sales_app.collect.qualification import Records
from sales_app.collect.roi import results_of, sum_in
from sales_app.crm.models import Activity, Contact, Deal
from sales_app.database import in_database
from sales_app.documents import Block, Document, Section
from sales_app.facts import Fact
from sales_app.pricing.models import PriceVersion
from sales_app.pricing.shipped import install_shipped
from tests.agent.conftest import Book
from tests.collect.conftest import NOW, Systems, at, call
from tests.collect.world import collect, price_call, product_docs, rival_note, texts

Ask = Callable[..., Asking]


@pytest.mark.parametrize(
    ("request_text", "kind"),
    [
        ("make me an ROI calculator for Acme", "roi-calculator"),
        ("a one pager", "one-pager"),
        ("1-pager please", "one-pager"),
        ("landing page for them", "landing-page"),
        ("some slides", "deck"),
        ("draft a quote for 50 seats", "proposal"),
        ("a click demo of the approval workflow", "workflow-demo"),
        ("a deck and then a proposal", "deck"),
        ("something to send them", ""),
        ("for Decker Logistics", ""),
    ],
)
def test_the_kind_that_was_named(request_text: str, kind: str) -> None:
    assert named_kind(request_text) == kind


@pytest.mark.parametrize(
    ("stage", "attendees", "kind"),
    [
        ("prospecting", "", "landing-page"),
        ("discovery", "", "one-pager"),
        ("evaluation", "", "workflow-demo"),
        ("evaluation", "Eve Money", "roi-calculator"),
        ("evaluation", "A B, C D, E F", "deck"),
        ("proposal", "Eve Money", "proposal"),
        ("negotiation", "", "proposal"),
    ],
)
def test_the_kind_that_the_moment_needs(
    book: Book, asking: Ask, stage: str, attendees: str, kind: str
) -> None:
    Contact.objects.create(account=book.acme, name="Eve Money", role="economic_buyer")
    deal = Deal(pk=1, account=book.acme, name="Deal", stage=stage, amount=Decimal(1))
    meeting = Activity(pk=1, kind="call", subject="Call", starts_at=at(days=1), attendees=attendees)
    records = Records(deal=deal, contacts=list(Contact.objects.filter(account=book.acme)))
    found = choice(asking(account=book.acme, meeting=meeting), Hearing(said=()), records)
    assert (found.kind, found.named) == (kind, False) and found.why and found.sources


async def test_an_open_price_or_a_hold_comes_before_the_stage(
    book: Book, systems: Systems, asking: Ask
) -> None:
    systems.calls.items = [price_call(book.acme.pk)]
    found = await choose(asking(account=book.acme))  # the largest deal is in negotiation
    assert (
        found.kind == "roi-calculator"
        and "Why pay more?" in found.why
        and found.sources[0].category == "calls"
    )
    systems.calls.items.append(
        call(
            (5, "Cleo Marsh", "them", "We are on hold until the Q2 budget."),
            when=at(days=-1),
            account=book.acme.pk,
        )
    )
    held = await choose(asking(account=book.acme))
    assert held.kind == "one-pager" and "on hold until the Q2 budget" in held.why and "decide" not in held.why
    asked = await choose(asking(account=book.acme, arguments={"request": "a deck"}))
    assert asked.kind == "deck" and asked.named
    systems.calls.items = [price_call(book.acme.pk, days=-130)]
    assert (await choose(asking(account=book.acme))).kind == "proposal"  # that objection is old


async def test_a_customer_reads_nothing_that_is_ours(book: Book, systems: Systems, asking: Ask) -> None:
    def record() -> None:
        Deal.objects.filter(name="Acme Freight deal 1").update(competitor="Purchora")

    await in_database(record)
    systems.calls.items = [
        price_call(book.acme.pk, more=((290, "Cleo Marsh", "them", "Between us, our invoices are late and nobody wants to hear it."),
                (295, "Cleo Marsh", "them", "The single sign-on of Purchora is what we need here."),
                (300, "Cleo Marsh", "them", "They have no budget view, which is hard."), (310, "Cleo Marsh", "them", "I will send you the budgets that we need by Friday."))),
    ]  # fmt: skip
    systems.docs.items = [rival_note(), *product_docs()]
    found = await collect("asset_choice", asking(account=book.acme, arguments={"request": "one-pager"}))
    assert texts(found, "asset_problem") == [
        '"Nobody can approve anything on the phone without a network." (Cleo Marsh, Thursday 26 February)'
    ]
    public = " ".join(text for kind in found if kind not in {"asset_choice"} for text in texts(found, kind))
    for secret in ("Purchora", "etween us", "single sign-on", "18 percent", "negotiation", "50%"):
        assert secret not in public
    assert (
        "Days until an invoice is approved: 9.1 before, 2.3 after (median of 41 customers"
        in texts(found, "asset_proof")[0]
    )
    data = found["asset_choice"][0].values["data"]
    assert data["kind"] == "one-pager" and data["internal"] == ["Why this asset", "Not read"]


def test_what_is_for_us_is_not_for_outside() -> None:
    sections = (
        Section(title="Why this asset", blocks=(Block(kind="item", text="Because."),)),
        Section(title="What changes", blocks=(Block(kind="item", text="This."),)),
        Section(title="The offer", blocks=(Block(kind="note", text="Nothing found."),)),
        Section(title="Not read", blocks=(Block(kind="note", text="The mailbox could not be read."),)),
    )
    document = Document(kind="one-pager", title="x", sections=sections, data={"internal": ["Why this asset"]})
    assert [section.title for section in for_outside(document).sections] == ["What changes"]


def test_nor_is_it_under_another_title() -> None:
    facts = tuple(
        Fact(id=f"f{place}", kind=kind, text="x", sources=())
        for place, kind in enumerate(("asset_choice", "proposal_refused", "proposal_total"))
    )
    blocks = tuple(Block(kind="item", text=fact.kind, cites=(fact.id,)) for fact in facts)
    sections = (Section(title="Renamed", blocks=blocks[:2]), Section(title="The offer", blocks=blocks[1:]))
    document = Document(kind="proposal", title="x", sections=sections, facts=facts)
    (offer,) = for_outside(document).sections
    assert [block.text for block in offer.blocks] == ["proposal_total"]


async def test_a_workflow_demo_has_its_steps(book: Book, systems: Systems, asking: Ask) -> None:
    systems.docs.items = product_docs()
    found = await collect("asset_choice", asking(account=book.acme, arguments={"request": "workflow demo"}))
    steps = found["asset_choice"][0].values["data"]["workflow"]["steps"]
    assert {
        "title": "Offline",
        "text": "the phone keeps the decision and sends it when there is a network.",
    }.items() <= steps[1].items()
    assert len(found["workflow_step"]) == len(steps)


# Proposals.


@pytest.mark.parametrize(
    ("text", "seats", "months"),
    [
        ("120 seats for three years", 120, 36),
        ("1,475 users, 24 months", 1475, 24),
        ("a 2-year deal", 0, 24),
        ("12 more users", 12, 0),
        ("in 2026, 18%", 0, 0),
    ],
)
def test_numbers_in_a_request(text: str, seats: int, months: int) -> None:
    assert (seats_in(text), months_in(text)) == (seats, months)


@pytest.mark.parametrize(
    ("text", "discount"),
    [
        ("120 seats, three years, 8%", "8"),
        ("offer with 7.5 percent off", "7.5"),
        ("a proposal: they want to cut maverick spend by 30%", "0"),
        ("30% fewer late payments is their goal; give them 5%", "5"),
        ("they save about 40% of their time", "0"),
    ],
)
def test_what_they_want_to_save_is_no_discount(text: str, discount: str) -> None:
    assert discount_in(text) == Decimal(discount)


async def quoted(asking: Asking) -> tuple[dict[str, Any], Any]:
    await in_database(install_shipped)
    found = await collect("proposal_total", asking)
    data = next((fact.values["data"] for fact in found.get("proposal_total", [])), {})
    return found, quote_of(data.get("quote"))


async def test_a_proposal_within_the_policy_adds_up(book: Book, systems: Systems, asking: Ask) -> None:
    request = "proposal for 120 seats on Business, three years, 8%"
    found, shown = await quoted(asking(account=book.acme, arguments={"request": request}))
    assert shown is not None and shown.adds_up and shown.valid_until == NOW.date() + timedelta(days=30)
    # 100 x 14 x 36 + 20 x 13.30 x 36 = 59,976; less 5% = 56,977.20; less 8% = 52,419.02.
    assert shown.total == Decimal("52419.02")
    assert "proposal_refused" not in found
    assert texts(found, "proposal_total") == [
        "Total for 36 months and 120 seats: USD 52,419.02; USD 17,473.01 a year, USD 12.13 for a seat and month."
    ]
    source = found["proposal_total"][0].sources[0]
    assert source.label == "Price policy, version 1" and source.url == "/prices/"
    assert "may give" not in str(found["proposal_total"][0].values["data"]["quote"]["lines"])


async def test_above_the_limit_the_nearest_is_quoted_and_who_decides_is_told(
    book: Book, systems: Systems, asking: Ask
) -> None:
    found, shown = await quoted(
        asking(account=book.acme, arguments={"request": "offer, 120 seats, 18 percent"})
    )
    assert texts(found, "proposal_refused") == [
        "Not within the price policy: A discount of 18% is above the 10% that the role rep may give. Deal desk decides about it. Quoted instead: discount 10%."
    ]
    assert shown is not None and shown.adds_up
    boss = asking(book.boss, account=book.acme, arguments={"request": "offer, 120 seats, 15%"})
    assert "proposal_refused" not in (await collect("proposal_total", boss))


async def test_seats_come_from_what_was_said_or_nothing_is_quoted(
    book: Book, systems: Systems, asking: Ask
) -> None:
    about = asking(account=book.acme, arguments={"request": "a proposal"})
    found, shown = await quoted(about)
    assert shown is None and "nobody has said for how many users" in texts(found, "proposal_refused")[0]
    systems.calls.items = [price_call(book.acme.pk)]
    found, shown = await quoted(about)
    assert shown is not None and found["proposal_total"][0].values["seats"] == 120
    assert found["proposal_total"][0].values["seats_from"] == "said by Cleo Marsh on Thursday 26 February"
    assert "calls" in {source.category for source in found["proposal_total"][0].sources}


async def test_no_prices_in_force_means_no_offer(book: Book, systems: Systems, asking: Ask) -> None:
    assert not await in_database(PriceVersion.objects.exists)
    found = await collect(
        "proposal_total", asking(account=book.acme, arguments={"request": "proposal, 120 seats"})
    )
    assert (
        "proposal_total" not in found and "No price policy is in force" in texts(found, "proposal_refused")[0]
    )


def test_the_page_of_prices_is_for_those_who_sell(book: Book, client: Any) -> None:
    assert client.get("/prices/").status_code == 302
    client.force_login(book.ann, backend="django.contrib.auth.backends.ModelBackend")
    assert "No prices are in force today" in client.get("/prices/").content.decode()
    install_shipped()
    page = client.get("/prices/").content.decode()
    assert "Version 1" in page and "14.00" in page and "You may give up to 10% by yourself" in page


# The calculator.


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("It costs us about $40k a year.", (40_000, "USD")),
        ("We lose USD 1.2 million over the year.", (1_200_000, "USD")),
        ("Late fees of €30,000 mattered.", (30_000, "EUR")),
        ("GBP 1,250.50 in March", (1250, "GBP")),
        ("The worst was $300 more.", (300, "USD")),
        ("40 percent", None),
    ],
)
def test_sums_as_people_say_them(text: str, amount: tuple[int, str] | None) -> None:
    assert sum_in(text) == amount


async def test_the_calculator_computes_what_the_facts_say(book: Book, systems: Systems, asking: Ask) -> None:
    systems.calls.items = [price_call(book.acme.pk)]
    systems.docs.items = product_docs()
    await in_database(install_shipped)
    found = await collect("roi_result", asking(account=book.acme, arguments={"request": "roi calculator"}))
    data = next(fact.values["data"] for fact in found["roi_result"] if "data" in fact.values)
    calculator = calculator_of(data["calculator"])
    assert calculator is not None
    results = calculator.results()
    # 120 x 20 / 60 x 12 x 45 = 21,600; 40,300 x 76% = 30,628.
    assert results["saved_time"] == 21600 and results["avoided"] == pytest.approx(30628)
    assert results["net"] == pytest.approx(52228 - 90000) and results["payback"] == 20.7
    assert {fact.values["id"]: fact.values["value"] for fact in found["roi_result"]} == results
    assert texts(found, "roi_result")[2] == "Benefit a year: USD 52,228, with these inputs."
    inputs = {fact.values["id"]: fact for fact in found["roi_input"]}
    assert (
        inputs["yearly_cost"].text
        == "What the problem costs a year: USD 40,300 (confirmed by Cleo Marsh on Thursday 26 February)."
    )
    assert inputs["yearly_cost"].sources[0].quote == "It costs you about USD 40,300 in late fees."
    assert inputs["minutes_saved"].values["assumed"] and "an assumption" in inputs["minutes_saved"].text
    assert not inputs["users"].values["assumed"]


async def test_what_nobody_said_is_an_assumption(book: Book, systems: Systems, asking: Ask) -> None:
    await in_database(install_shipped)
    found = await collect("roi_result", asking(account=book.acme, arguments={"request": "roi calculator"}))
    inputs = {fact.values["id"]: fact.values for fact in found["roi_input"]}
    assert inputs["yearly_cost"]["value"] == 0 and inputs["yearly_cost"]["assumed"]
    assert inputs["users"]["assumed"] and inputs["share_avoided"]["assumed"]


def test_without_a_benefit_there_is_no_payback() -> None:
    values = {
        "users": 0.0,
        "minutes_saved": 0.0,
        "hourly_cost": 0.0,
        "yearly_cost": 0.0,
        "share_avoided": 0.0,
        "yearly_price": 100.0,
    }
    results = results_of(values)
    assert results["payback"] is None and results["net"] == -100 and results["return_rate"] == -100
    assert results_of({**values, "yearly_price": 0.0})["return_rate"] is None


@pytest.mark.parametrize(
    ("request_text", "named"),
    [
        ("120 seats on the Team plan", True),
        ("plan: team, 120 seats", True),
        ("120 seats, team, 12 months", True),
        ("for the finance team, 300 seats", False),
        ("a proposal for their team of 300 users", False),
    ],
)
def test_a_plan_is_named_and_not_met_by_chance(request_text: str, named: bool) -> None:
    assert names_plan(request_text, "Team") == named


def test_people_in_a_call_are_no_seats() -> None:
    assert seats_in("There are 4 people on this call. We need 80 licences.", people=False) == 80
    assert seats_in("a proposal for 40 people") == 40
