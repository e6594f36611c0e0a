"""Who is on a call and what they care about, what must still be found out, what is known outside, what may go wrong."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sales_app.collect import (
    Asking,
    account_risks,
    attendees,
    competitors,
    heard,
    history,
    people_map,
    qualification,
)
from sales_app.crm.models import Activity, Contact, Deal
from sales_app.database import in_database
from tests.agent.conftest import Book
from tests.collect.conftest import NOW, Systems, at, call, mail
from tests.collect.world import collect, enrichment, price_call, product_docs, texts

Ask = Callable[..., Asking]


@pytest.fixture
def meeting(book: Book) -> Activity:
    """With Cleo, who is on record, and Max, who is not."""
    row = Activity.objects.create(
        kind="meeting", subject="Commercials", body="Goal: terms.", account=book.acme, owner=book.ann, location="Video call",
        starts_at=at(hours=2), ends_at=at(hours=2.5), attendees="Cleo Marsh, Max Muster, Ann Lee",
    )  # fmt: skip
    return Activity.objects.select_related("account", "deal", "contact").get(pk=row.pk)


async def test_who_is_on_it_with_their_own_words(
    book: Book, systems: Systems, asking: Ask, meeting: Activity
) -> None:
    systems.calls.items = [price_call(book.acme.pk)]
    found = await collect("attendee", asking(account=book.acme, meeting=meeting))
    assert texts(found, "meeting_about") == [
        '"Commercials", today at 11:00, 30 minutes, Video call: "Goal: terms."'
    ]
    cleo, stranger = found["attendee"]
    assert cleo.text.startswith('Cleo Marsh, CFO, champion: "') and "(Thursday 26 February)" in cleo.text
    assert [source.category for source in cleo.sources] == ["crm", "calls"]
    assert cleo.sources[1].quote == cleo.values["said"] and cleo.sources[1].untrusted
    assert stranger.text == "Max Muster, not on record; we have never spoken, as far as records tell."


async def test_without_a_meeting_those_with_a_role_may_be_on_it(
    book: Book, systems: Systems, asking: Ask
) -> None:
    def more() -> None:
        Contact.objects.create(account=book.acme, name="Uwe User", role="user")
        Contact.objects.create(account=book.acme, name="Eve Money", role="economic_buyer")
        Contact.objects.create(account=book.acme, name="No Role")

    await in_database(more)
    found = await collect("attendee", asking(account=book.acme))
    assert [fact.values["name"] for fact in found["attendee"]] == ["Eve Money", "Cleo Marsh", "Uwe User"]
    assert "meeting_about" not in found


async def test_a_care_needs_a_topic_and_a_need_and_the_newest_counts_most(
    book: Book, systems: Systems, asking: Ask
) -> None:
    systems.calls.items = [
        call(
            (5, "Cleo Marsh", "them", "Is it still raining over there where you are?"),
            (9, "Cleo Marsh", "them", "We need an audit log that the security people can read."),
            (12, "Ann Lee", "us", "You must not worry about security."),
            when=at(days=-2), account=book.acme.pk,
        ),
        call((7, "Cleo Marsh", "them", "We must have the security pack before anything else."), when=at(days=-200), account=book.acme.pk),
    ]  # fmt: skip
    found = await collect("care", asking(account=book.acme))
    assert [fact.values["said"] for fact in found["care"]] == [
        "We need an audit log that the security people can read."
    ]
    assert found["care"][0].text == (
        'On security, Cleo Marsh on Sunday 1 March in the call "Discovery" at 0:09: "We need an audit log that the security people can read."'
    )


async def test_what_they_raised_is_answered_by_a_sentence_of_ours(
    book: Book, systems: Systems, asking: Ask
) -> None:
    systems.calls.items = [price_call(book.acme.pk)]
    systems.docs.items = product_docs()
    found = await collect("care", asking(account=book.acme))
    position = next(fact for fact in found["positioning"] if fact.values["topic"] == "approvals")
    assert (
        position.values["answer"]
        == "Offline: the phone keeps the decision and sends it when there is a network."
    )
    assert [source.category for source in position.sources] == ["calls", "docs"]
    assert "price" not in {fact.values["topic"] for fact in found["positioning"]}


async def test_known_open_and_what_to_ask(book: Book, systems: Systems, asking: Ask) -> None:
    systems.calls.items = [price_call(book.acme.pk)]
    deal = await in_database(Deal.objects.select_related("account").get, name="Acme Freight deal 0")
    found = await collect("exit_criterion", asking(account=book.acme, deal=deal))
    # Proposal: budget, process, timeline, legal, metric.
    assert texts(found, "exit_criterion") == [
        "Open: whether the money is there.",
        "Open: how they decide and who signs.",
        "Open: by when it has to work.",
        "Open: what legal and security want.",
        'Met, what it costs them: "It costs you about USD 40,300 in late fees." (Ann Lee, confirmed by Cleo Marsh, Thursday 26 February).',
    ]
    assert [fact.values["key"] for fact in found["discovery_question"]][:4] == [
        "budget",
        "process",
        "timeline",
        "legal",
    ]
    assert texts(found, "great_outcome") == [
        "A great outcome (USD 12,500 in Proposal): a yes in principle to scope and price, and the list of who has to read it until when."
    ]
    known = {fact.values["key"] for fact in found["qualification_known"]}
    assert {"metric", "champion", "users"} <= known and "buyer" not in known


@pytest.mark.parametrize(
    ("key", "said", "is_known"),
    [
        ("timeline", "No fixed deadline yet.", False),
        ("timeline", "The deadline is the end of May.", True),
        ("budget", "The budget is with Eve, not confirmed.", False),
        ("budget", "The budget was approved on Monday.", True),
        ("budget", "Is the budget approved by now?", False),
        ("process", "Give me something to put in front of the board.", False),
        ("process", "I sign, with a second signature from finance.", True),
        ("metric", "The offer of USD 50,000 is on my desk.", False),
        ("metric", "We paid USD 30,000 in late fees last March.", True),
    ],
)
async def test_evidence_is_a_statement_that_nothing_denies(
    book: Book, systems: Systems, asking: Ask, key: str, said: str, is_known: bool
) -> None:
    systems.calls.items = [call((5, "Cleo Marsh", "them", said), when=at(days=-1), account=book.acme.pk)]
    hearing = await heard.heard(asking(account=book.acme))
    assert (qualification.evidence(qualification.BY_KEY[key], hearing.about()) is not None) is is_known


async def test_what_we_said_counts_only_when_they_confirm_it(
    book: Book, systems: Systems, asking: Ask
) -> None:
    recap = (5, "Ann Lee", "us", "To sum up, it costs you USD 9,000 a year.")
    for answer, confirmed in (("Right, that is it.", "Cleo Marsh"), ("Not really, it is less.", "")):
        systems.calls.items = [
            call(recap, (9, "Cleo Marsh", "them", answer), when=at(days=-1), account=book.acme.pk)
        ]
        hearing = await heard.heard(asking(account=book.acme))
        ours = [each for each in hearing.said if each.voice == "us"]
        assert [each.confirmed_by for each in ours] == [confirmed]
        assert any(each.voice == "us" for each in hearing.about()) is bool(confirmed)


async def test_notes_of_plans_and_other_accounts_are_not_heard(
    book: Book, systems: Systems, asking: Ask
) -> None:
    def notes() -> None:
        common = {"kind": "note", "subject": "x", "owner": book.ann}
        Activity.objects.create(
            **common, account=book.acme, body="They have a deadline in May.", starts_at=at(days=-1)
        )
        Activity.objects.create(
            **common, account=book.acme, body="Plan to ask for the deadline.", starts_at=at(days=1)
        )
        Activity.objects.create(
            **common, account=book.bolt, body="Bolt has a deadline in June.", starts_at=at(days=-1)
        )

    await in_database(notes)
    systems.calls.items = [
        call((5, "Dan Poe", "them", "We have a deadline in July."), when=at(days=-1), account=book.bolt.pk)
    ]
    hearing = await heard.heard(asking(account=book.acme))
    assert [each.text for each in hearing.said] == ["They have a deadline in May."]
    assert (hearing.calls, hearing.mails, hearing.notes) == (0, 0, 1)


async def test_an_old_need_gives_way_to_a_recent_one(book: Book, systems: Systems, asking: Ask) -> None:
    old = (7, "Cleo Marsh", "them", "We need 3 people of security to read it.")
    recent = (7, "Cleo Marsh", "them", "We need security to read it.")
    systems.calls.items = [
        call(old, when=at(days=-300), account=book.acme.pk),
        call(recent, when=at(days=-3), account=book.acme.pk),
    ]
    found = await collect("care", asking(account=book.acme))
    assert [fact.values["said"] for fact in found["care"]] == [recent[3]]


async def test_a_provider_that_answers_too_much_is_cut_to_the_account(
    book: Book, systems: Systems, asking: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(systems.calls, "_fits", lambda *_: True)
    systems.calls.items = [
        call((5, "Dan Poe", "them", "We have a deadline in July."), when=at(days=-1), account=book.bolt.pk),
        call((5, "Cleo Marsh", "them", "We have a deadline in May."), when=at(days=-1), account=book.acme.pk),
    ]
    hearing = await heard.heard(asking(account=book.acme))
    assert [each.speaker for each in hearing.said] == ["Cleo Marsh"]


async def test_a_system_that_is_down_is_a_gap_and_the_rest_is_told(
    book: Book, systems: Systems, asking: Ask
) -> None:
    systems.calls.down = True
    systems.email.items = [
        mail("We need the security pack by Friday, please.", when=at(days=-1), account=book.acme.pk)
    ]
    found = await collect("care", asking(account=book.acme))
    assert texts(found, "not_heard") == [
        "Recorded calls could not be read: The calls of the test does not answer."
    ]
    assert len(found["care"]) == 1


async def test_history_says_what_the_records_say(book: Book, systems: Systems, asking: Ask) -> None:
    def rows() -> None:
        Deal.objects.filter(account=book.acme).delete()
        common = {"account": book.acme, "owner": book.ann}
        Deal.objects.create(
            **common,
            name="Acme Freight: renewal",
            stage="proposal",
            amount=Decimal(9000),
            probability=60,
            close_date=NOW.date() - timedelta(days=1),
        )
        Deal.objects.create(
            **common,
            name="Pilot",
            stage="lost",
            amount=Decimal(500),
            lost_reason="Price",
            competitor="Purchora",
            close_date=NOW.date() - timedelta(days=90),
        )
        Activity.objects.create(
            kind="call",
            subject="Check-in",
            body="Usage is up. They praised support. " + "Long. " * 60,
            account=book.acme,
            owner=book.ann,
            starts_at=at(days=-3),
        )

    await in_database(rows)
    found = await collect("touch", asking(account=book.acme))
    assert texts(found, "account_state") == [
        "Acme Freight is on record as: customer, logistics, Mid-market, Germany, USD 48,000 a year, health at risk."
    ]
    assert texts(found, "open_deal") == [
        "Open deal renewal: USD 9,000; Proposal, 60%; was to close on Monday 2 March; no next step."
    ]
    assert texts(found, "closed_deal") == [
        "Lost on Wednesday 3 December 2025: Pilot, USD 500 (reason on record: Price; competitor: Purchora)."
    ]
    assert texts(found, "touch")[0].startswith(
        'Call on Saturday 28 February, "Check-in": Usage is up. They praised support. Long.'
    )
    assert len(texts(found, "touch")[0]) < 220


async def test_what_is_known_outside_has_its_day(book: Book, systems: Systems, asking: Ask) -> None:
    enrichment(book.acme.pk)
    found = await collect("news", asking(account=book.acme))
    assert texts(found, "company_profile") == [
        "Acme Freight: founded in 1980, based in Bremen, Germany, 988 people, shrank by 8% in a year, revenue USD 100 million (company data of Wednesday 11 February)."
    ]
    assert texts(found, "tools_in_use") == [
        "In use there, by company data of Wednesday 11 February: tools: Stellwerk Finance."
    ]
    assert texts(found, "news") == [
        "Acme Freight pauses hiring (Thursday 26 February, The Regional Ledger): No new posts until the next budget."
    ]
    assert all(fact.untrusted for facts in found.values() for fact in facts)


async def test_people_by_weight_with_the_later_of_record_and_recording(
    book: Book, systems: Systems, asking: Ask
) -> None:
    systems.calls.items = [price_call(book.acme.pk)]
    found = await collect("person", asking(account=book.acme))
    assert texts(found, "person") == ["Cleo Marsh: CFO, champion, last contact on Thursday 26 February."]
    assert [fact.values["role"] for fact in found["missing_role"]] == ["economic_buyer", "technical_buyer"]


async def test_risks_carry_their_evidence(book: Book, systems: Systems, asking: Ask) -> None:
    enrichment(book.acme.pk)
    systems.calls.items = [
        price_call(book.acme.pk),
        call(
            (5, "Cleo Marsh", "them", "It is on hold until the Q2 budget."),
            when=at(days=-1),
            account=book.acme.pk,
        ),
    ]
    found = await collect("risk", asking(account=book.acme))
    rules = {fact.values["rule"]: fact for fact in found["risk"]}
    assert {"health", "on_hold", "a_rival_is_cheaper", "shrinking", "news", "no_step"} <= set(rules)
    assert rules["on_hold"].text == (
        'On hold: Cleo Marsh on Monday 2 March in the call "Discovery" at 0:05: "It is on hold until the Q2 budget."'
    )
    assert "decide" not in " ".join(fact.text for fact in found["risk"])
    assert "quiet" not in rules  # they spoke yesterday


async def test_silence_is_a_risk_only_while_something_is_open(
    book: Book, systems: Systems, asking: Ask
) -> None:
    systems.calls.items = [price_call(book.acme.pk, days=-45)]
    found = await collect("risk", asking(account=book.acme))
    quiet = next(fact for fact in found["risk"] if fact.values["rule"] == "quiet")
    assert quiet.text == "Nothing was heard for 45 days, since Saturday 17 January, while USD 90,000 is open."
    await in_database(lambda: Deal.objects.filter(account=book.acme).update(stage="lost"))
    found = await collect("risk", asking(account=book.acme))
    assert "quiet" not in {fact.values["rule"] for fact in found["risk"]}


def test_no_more_queries_for_many_rows_than_for_few(book: Book, asking: Ask) -> None:
    about = asking(account=book.acme)
    nothing = heard.Hearing(said=())

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            attendees._people(about)
            history._facts(about)
            people_map._facts(about, {})
            qualification.records_of(about)
            account_risks._on_record(about, nothing)
            heard._notes(about)
            competitors._record_against(competitors.Rival(name="Purchora", note=None), about)
            competitors._chosen(about, [], [], competitors._deals(about))
        return len(found)

    few = queries()
    for number in range(30):
        Contact.objects.create(account=book.acme, name=f"Person {number}", role="user")
        Deal.objects.create(
            account=book.acme,
            owner=book.ann,
            name=f"Deal {number}",
            amount=1,
            stage="lost",
            competitor="Purchora",
        )
        Activity.objects.create(
            kind="note",
            subject="x",
            body="They said much.",
            account=book.acme,
            owner=book.ann,
            starts_at=at(days=-1),
        )
    assert queries() == few <= 12


async def test_a_colleagues_account_gives_away_nothing(book: Book, systems: Systems, asking: Ask) -> None:
    """Whoever asks about an account that they may not see gets what the account row says at most, no records of others."""
    found = await collect("touch", replace(asking(account=book.bolt)))
    assert "open_deal" not in found and "touch" not in found
    assert "person" not in await collect("person", asking(account=book.bolt))
