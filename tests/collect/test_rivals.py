"""The battle card: who is named where, dated cells, conceding, stale sources, objections with answers, and counts."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from sales_app.artifacts.rendering.battle_card import columns_of
from sales_app.collect import Asking
from sales_app.collect.competitors import edge, look
from sales_app.crm.models import Deal
from sales_app.database import in_database
from tests.agent.conftest import Book
from tests.collect.conftest import Systems, at, call, mail
from tests.collect.world import collect, price_call, product_docs, rival_note, texts

Ask = Callable[..., Asking]


@pytest.fixture
def field(book: Book, systems: Systems) -> Systems:
    systems.calls.items = [price_call(book.acme.pk)]
    systems.docs.items = [rival_note(), rival_note("Ledgerwick"), *product_docs()]
    return systems


async def test_a_rival_that_is_named_offers_its_card(book: Book, field: Systems, asking: Ask) -> None:
    sight = await look(asking(account=book.acme))
    found = [each for rival in sight.rivals for each in rival.named]
    assert [each.rival for each in found] == ["Purchora"]
    assert found[0].source.url.endswith(("#t20", "#t31"))
    facts = await collect("rival_named", asking(account=book.acme))
    action = facts["rival_named"][0].action
    assert action is not None and action.prompt == "/competitive-intel Acme Freight against Purchora"


async def test_a_matrix_of_dated_cells_with_what_they_raised_first(
    book: Book, field: Systems, asking: Ask
) -> None:
    facts = await collect("rival_named", asking(account=book.acme))
    data = next(fact.values["data"] for kind in facts.values() for fact in kind if "data" in fact.values)
    matrix = data["matrix"]
    assert columns_of(matrix) == ["Clewline", "Purchora"]
    assert [row["criterion"] for row in matrix["rows"]] == [
        "Approval on the phone, offline",
        "Quick start",
        "Single sign-on",
    ]
    first = matrix["rows"][0]
    assert first["asked"]["by"] == "Cleo Marsh" and first["asked"]["url"].endswith("#t95")
    assert [cell["text"] for cell in first["cells"]] == ["yes", "no"] and first["cells"][0][
        "verdict"
    ] == "ahead"
    assert first["cells"][1]["source"]["as_of"] == "2026-02-21" and not first["cells"][1]["source"]["stale"]
    assert texts(facts, "rival_matrix")[0] == (
        "Approval on the phone, offline: we yes, Purchora no (our notes, Saturday 21 February); raised by Cleo Marsh on Thursday 26 February."
    )


async def test_old_claims_are_marked_and_listed(book: Book, field: Systems, asking: Ask) -> None:
    facts = await collect("rival_named", asking(account=book.acme))
    fresh, old = facts["rival_claim"]
    assert not fresh.values["stale"] and old.values["stale"] and "older than 90 days" in old.text
    assert texts(facts, "stale_source") == [
        "Older than 90 days, to be checked before it is said of Purchora: Cheaper by 15%."
    ]
    # Ninety days are not older than ninety days.
    field.docs.items[0] = rival_note(old="2025-12-03")
    assert "stale_source" not in await collect("rival_named", asking(account=book.acme))
    field.docs.items[0] = rival_note(when=at(days=-120))
    facts = await collect("rival_named", asking(account=book.acme))
    assert (
        "the note itself" in texts(facts, "stale_source")[0]
        and "to be checked" in texts(facts, "rival_matrix")[0]
    )


async def test_what_they_said_with_the_minute_and_the_answer(book: Book, field: Systems, asking: Ask) -> None:
    facts = await collect("rival_named", asking(account=book.acme))
    assert texts(facts, "rival_said")[1] == (
        'Cleo Marsh on Thursday 26 February in the call "Commercials" at 0:31: '
        '"Why pay more? Purchora is 18 percent below yours, for the same 120 users."'
    )
    assert texts(facts, "landmine") == ["Ask which of the must-haves they saw running."]
    assert texts(facts, "keep_off") == ["Concede the quick start."]
    (objection,) = facts["objection"]
    assert objection.values["answer"] == "Ask which of the must-haves they saw running."
    assert [source.category for source in objection.sources] == ["calls", "docs"]


async def test_whom_one_asks_about_comes_before_the_record(book: Book, field: Systems, asking: Ask) -> None:
    def record() -> None:
        Deal.objects.filter(name="Acme Freight deal 1").update(competitor="Purchora")

    await in_database(record)
    facts = await collect(
        "rival_claim", asking(account=book.acme, arguments={"request": "how do we stand against Ledgerwick"})
    )
    assert {fact.values["rival"] for fact in facts["rival_claim"]} == {"Ledgerwick"}
    facts = await collect("rival_claim", asking(account=book.acme))
    assert {fact.values["rival"] for fact in facts["rival_claim"]} == {"Purchora"}


async def test_nobody_named_is_said_and_not_told_as_a_naming(
    book: Book, systems: Systems, asking: Ask
) -> None:
    systems.docs.items = [rival_note()]
    facts = await collect("rival_named", asking(account=book.acme))
    assert "rival_named" not in facts and texts(facts, "rival_usual")[0].startswith(
        "Nobody at Acme Freight has named a rival"
    )


async def test_counts_and_no_rate_of_a_few(book: Book, field: Systems, asking: Ask) -> None:
    def rows() -> None:
        common = {"account": book.acme, "owner": book.ann, "amount": Decimal(1), "competitor": "Purchora"}
        Deal.objects.create(**common, name="a", stage="won")
        Deal.objects.create(**common, name="b", stage="lost", lost_reason="Price")
        Deal.objects.create(**common, name="c", stage="lost", lost_reason="Price")
        Deal.objects.create(**{**common, "account": book.bolt, "owner": book.ben}, name="d", stage="won")

    await in_database(rows)
    facts = await collect("rival_record", asking(account=book.acme))
    assert texts(facts, "rival_record") == [
        "Against Purchora on record: 1 won, 2 lost (price 2), 0 open. Fewer than 10 ended: a sample too small for a rate."
    ]


async def test_without_our_documents_the_rest_is_told(book: Book, field: Systems, asking: Ask) -> None:
    def record() -> None:
        Deal.objects.filter(name="Acme Freight deal 1").update(competitor="Purchora")

    await in_database(record)
    field.docs.down = True
    facts = await collect("rival_named", asking(account=book.acme))
    assert texts(facts, "rivals_unread") == [
        "Our documents could not be read: The docs of the test does not answer."
    ]
    assert facts["rival_named"] and facts["rival_said"] and "rival_matrix" not in facts


@pytest.mark.parametrize(
    ("us", "them", "whose"),
    [("yes", "no", "us"), ("no", "strong", "them"), ("yes", "yes", "even"), ("two days", "one hour", "open"), ("included", "extra charge", "us"), ("basic", "strong", "them")],
)  # fmt: skip
def test_the_edge_of_a_cell(us: str, them: str, whose: str) -> None:
    assert edge(us, them) == whose


async def test_in_the_last_week_for_the_brief(book: Book, field: Systems, asking: Ask) -> None:
    field.email.items = [
        mail("Ledgerwick called us.", when=at(days=-1), account=book.acme.pk, title="News"),
        mail("Ledgerwick called us.", when=at(days=-1), account=book.bolt.pk, title="News"),
        mail("We are better than Ledgerwick.", when=at(days=-1), account=book.acme.pk, sent=True),
    ]
    field.calls.items.append(
        call((3, "Cleo Marsh", "them", "Purchora again."), when=at(days=-30), account=book.acme.pk)
    )
    facts = await collect("rival_lately", asking())
    assert {(fact.values["account"], fact.values["rival"]) for fact in facts["rival_lately"]} == {
        ("Acme Freight", "Ledgerwick"),
        ("Acme Freight", "Purchora"),
    }
    assert texts(facts, "rival_lately")[0].startswith(
        "Cleo Marsh of Acme Freight (deal of USD 90,000) named "
    )
