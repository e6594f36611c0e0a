"""Pipeline review and forecast note: exact sums by currency, changes from the records, rates with their counts."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sales_app.collect import Asking, deal_changes, deals_at_risk, forecast, pipeline, tasks_due, win_history
from sales_app.collect.forecast import quarter_of
from sales_app.crm.editing import save_edit
from sales_app.crm.models import Account, Activity, Deal
from sales_app.facts import Fact
from sales_app.people.models import AuditEntry, User
from tests.agent.conftest import Book
from tests.collect.conftest import NOW

Ask = Callable[..., Asking]
TODAY = NOW.date()


def texts(facts: list[Fact], kind: str) -> list[str]:
    return [fact.text for fact in facts if fact.kind == kind]


@pytest.fixture
def deals(book: Book) -> Callable[..., Deal]:
    """An empty pipeline, and a way to put deals in."""
    Deal.objects.all().delete()

    def make(name: str, amount: int, stage: str = "proposal", owner: User | None = None, **more: Any) -> Deal:
        values: dict[str, Any] = {
            "account": book.acme, "probability": 50, "close_date": TODAY + timedelta(days=10), "next_step": "Call",
            "created_at": NOW - timedelta(days=60), "stage_changed_at": NOW - timedelta(days=9), **more,
        }  # fmt: skip
        return Deal.objects.create(
            name=name, amount=Decimal(amount), stage=stage, owner=owner or book.ann, **values
        )

    return make


def test_sums_by_stage_in_each_currency(book: Book, deals: Callable[..., Deal], asking: Ask) -> None:
    deals("One", 10000, "negotiation", probability=80)
    deals("Two", 5000)
    deals("Three", 700, currency="EUR")
    deals("Over", 99999, "won")
    facts = pipeline._facts(asking())
    assert texts(facts, "pipeline_total") == [
        "The open pipeline is 3 deals worth USD 15,000 and EUR 700, weighted by probability USD 10,500 and EUR 350."
    ]
    assert texts(facts, "stage_total") == [
        "Negotiation holds 1 deal worth USD 10,000.",
        "Proposal holds 2 deals worth USD 5,000 and EUR 700.",
    ]
    assert texts(facts, "rep_total") == []


def test_a_manager_sees_reps_and_a_rep_only_the_own_deals(
    book: Book, deals: Callable[..., Deal], asking: Ask
) -> None:
    deals("Ann's", 4000)
    deals("Ben's", 6000, owner=book.ben, account=book.bolt)
    deals("Ben's at Acme", 1, owner=book.ben)
    assert texts(pipeline._facts(asking(book.boss)), "rep_total") == [
        "Ben Roy has 2 open deals worth USD 6,001, weighted USD 3,000.",
        "Ann Lee has 1 open deal worth USD 4,000, weighted USD 2,000.",
    ]
    assert "1 deal worth USD 4,000" in texts(pipeline._facts(asking()), "pipeline_total")[0]
    assert "USD 4,001" in texts(pipeline._facts(asking(account=book.acme)), "pipeline_total")[0]
    assert "no open deal" in texts(pipeline._facts(asking(account=book.bolt)), "pipeline_total")[0]


def test_concentration_is_told_from_five_deals_on(
    book: Book, deals: Callable[..., Deal], asking: Ask
) -> None:
    other = Account.objects.create(name="Other", owner=book.ann)
    deals("Whale", 70000)
    for number in range(3):
        deals(f"Fish {number}", 10000, account=other)
    assert texts(pipeline._facts(asking()), "pipeline_concentration") == []
    deals("Fish 3", 10000, account=other)
    assert texts(pipeline._facts(asking()), "pipeline_concentration") == [
        "The three largest deals, Whale, Fish 0 and Fish 1, hold 81% of the open USD 110,000.",
        "Acme Freight alone holds 63% of the open USD 110,000.",
        "Other alone holds 36% of the open USD 110,000.",
    ]


def edit(deal: Deal, by: User, **values: Any) -> None:
    for name, value in values.items():
        setattr(deal, name, value)
    save_edit(deal, version=deal.version, fields=list(values), by=by)
    deal.refresh_from_db()
    AuditEntry.objects.filter(action="crm.changed").update(created_at=NOW - timedelta(days=1))


def test_what_changed_is_read_from_the_records(book: Book, deals: Callable[..., Deal], asking: Ask) -> None:
    renewal = deals("Renewal", 10000)
    edit(renewal, book.ann, amount=Decimal(12000), close_date=TODAY + timedelta(days=20))
    edit(renewal, book.ann, amount=Decimal(8000))
    there_and_back = deals("Back", 500)
    edit(there_and_back, book.ann, probability=60)
    edit(there_and_back, book.ann, probability=50)
    deals("Fresh", 300, created_at=NOW - timedelta(days=2))
    deals("Moved", 200, "lost", stage_changed_at=NOW - timedelta(days=2), lost_reason="Price")
    edit(deals("Ben's", 100, owner=book.ben, account=book.bolt), book.ben, amount=Decimal(1))
    facts = deal_changes._facts(asking())
    assert texts(facts, "deal_change_total") == [
        "Records show 4 changes in 3 deals since Tuesday 24 February."
    ]
    assert sorted(texts(facts, "deal_change")) == sorted(
        [
            "Renewal (Acme Freight, USD 8,000, Proposal) shrank from USD 10,000 to USD 8,000 since Tuesday 24 February.",
            "Renewal (Acme Freight, USD 8,000, Proposal) slipped by 10 days, from Friday 13 March to Monday 23 March "
            "since Tuesday 24 February.",
            "Fresh (Acme Freight, USD 300, Proposal) is new since Sunday 1 March.",
            "Moved (Acme Freight, USD 200) was lost on Sunday 1 March: Price.",
        ]
    )


def test_a_week_without_changes_says_so(book: Book, deals: Callable[..., Deal], asking: Ask) -> None:
    deals("Still", 100)
    assert texts(deal_changes._facts(asking()), "deal_change_total") == [
        "Records show no change in stage, amount, close date or probability since Tuesday 24 February."
    ]


@pytest.mark.parametrize(
    ("today", "last"),
    [
        ("2026-01-01", "2026-03-31"),
        ("2026-06-30", "2026-06-30"),
        ("2026-08-15", "2026-09-30"),
        ("2026-12-31", "2026-12-31"),
    ],
)
def test_quarters(today: str, last: str) -> None:
    first, end = quarter_of(date.fromisoformat(today))
    assert first <= date.fromisoformat(today) <= end == date.fromisoformat(last)


def test_commit_best_case_and_pipeline(book: Book, deals: Callable[..., Deal], asking: Ask) -> None:
    deals("Sure", 1000, "negotiation", probability=75)
    deals("Early but sure", 10, "discovery", probability=90)
    deals("Likely", 200, probability=74)
    deals("Maybe", 3000, probability=39)
    deals("Next quarter", 50000, "negotiation", probability=90, close_date=date(2026, 4, 1))
    deals("Won", 600, "won", close_date=TODAY)
    deals("Won before its day", 100, "won", close_date=TODAY + timedelta(days=9))
    deals("Won, of the next quarter", 90, "won", close_date=date(2026, 4, 1))
    assert texts(forecast._facts(asking()), "forecast_total") == [
        "Won in Q1 2026 so far: 2 deals, worth USD 700.",
        "Commit for Q1 2026, to close by Tuesday 31 March: 1 deal, worth USD 1,000.",
        "Best case for Q1 2026, to close by Tuesday 31 March: 2 deals, worth USD 210.",
        "Pipeline for Q1 2026, to close by Tuesday 31 March: 1 deal, worth USD 3,000.",
    ]
    assert [text.split(" (")[0] for text in texts(forecast._facts(asking()), "forecast_deal")] == [
        "Sure",
        "Likely",
        "Early but sure",
    ]


def test_gaps_of_what_is_counted_on(book: Book, deals: Callable[..., Deal], asking: Ask) -> None:
    clean = deals("Clean", 100, "negotiation", probability=80)
    Activity.objects.create(kind="note", subject="Spoke", deal=clean, starts_at=NOW - timedelta(days=21))
    bare = deals("Bare", 900, probability=50, close_date=TODAY - timedelta(days=1), next_step=" ")
    Activity.objects.create(kind="note", subject="Spoke", deal=bare, starts_at=NOW - timedelta(days=22))
    deals("Undated", 50, probability=50, close_date=None)
    deals("Pipeline", 5, probability=10, next_step="")
    facts = forecast._facts(asking())
    assert texts(facts, "hygiene_total") == [
        "2 of the 3 deals in commit and best case have a gap in the records, worth USD 950."
    ]
    assert texts(facts, "hygiene_gap") == [
        "Bare (Acme Freight, USD 900, Proposal) is counted as best case with a close date that passed on Monday 2 March, "
        "no next step and a last note 22 days old.",
        "Undated (Acme Freight, USD 50, Proposal) is counted as best case with no close date and no note at all.",
    ]


def test_on_hold_in_the_last_note_is_a_gap_whatever_the_stage_says(
    book: Book, deals: Callable[..., Deal], asking: Ask
) -> None:
    held = deals("Held", 900, "negotiation", probability=80)
    note = {"kind": "call", "subject": "Call", "deal": held}
    Activity.objects.create(**note, body="Hello. On hold until Q2 budget.", starts_at=NOW - timedelta(days=2))
    facts = forecast._facts(asking())
    assert texts(facts, "hygiene_gap") == [
        "Held (Acme Freight, USD 900, Negotiation) is counted as commit with a last note of Sunday 1 March that says "
        '"On hold until Q2 budget".'
    ]
    for hours, body in enumerate(("The budget is there.", "It is no longer on hold.", "The freeze is over.")):
        Activity.objects.create(**note, body=body, starts_at=NOW - timedelta(hours=9 - hours))
        assert texts(forecast._facts(asking()), "hygiene_gap") == []


def ended(make: Callable[..., Deal], won: int, lost: int, **more: Any) -> list[Deal]:
    past = TODAY - timedelta(days=30)
    return [
        make(f"{stage} {number}", 100, stage, close_date=past, **more)
        for stage, count in (("won", won), ("lost", lost))
        for number in range(count)
    ]


def test_a_rate_has_its_counts_and_a_small_sample_says_so(
    book: Book, deals: Callable[..., Deal], asking: Ask
) -> None:
    ended(deals, 3, 1)
    deals("Old", 100, "won", close_date=TODAY - timedelta(days=400))
    deals("Sure", 1000, "negotiation", probability=80)
    facts = win_history._facts(asking())
    assert texts(facts, "win_rate") == [
        "The win rate of the last 365 days is 75%: 3 won, 1 lost; with 4 deals that is a small sample."
    ]
    assert texts(facts, "forecast_check") == [
        "Commit of USD 1,000 is USD 800 by its own probabilities and USD 750 at the past win rate of 75% "
        "(small sample of 4 ended deals)."
    ]
    ended(deals, 6, 2)
    assert texts(win_history._facts(asking()), "win_rate") == [
        "The win rate of the last 365 days is 75%: 9 won, 3 lost."
    ]


def test_two_ended_deals_give_no_rate(book: Book, deals: Callable[..., Deal], asking: Ask) -> None:
    ended(deals, 1, 1)
    deals("Sure", 1000, "negotiation", probability=80)
    assert win_history._facts(asking()) == []


def test_rates_by_rep_and_by_recorded_stage(book: Book, deals: Callable[..., Deal], asking: Ask) -> None:
    for number in range(4):
        deal = deals(f"Staged {number}", 100, "evaluation")
        edit(deal, book.ann, stage="won" if number else "lost", close_date=TODAY - timedelta(days=5))
    ended(deals, 1, 2, owner=book.ben, account=book.bolt)
    assert texts(win_history._facts(asking(book.boss)), "win_rate") == [
        "The win rate of the last 365 days is 57%: 4 won, 3 lost; with 7 deals that is a small sample.",
        "The win rate of Ann Lee is 75%: 3 won, 1 lost; with 4 deals that is a small sample.",
        "The win rate of Ben Roy is 33%: 1 won, 2 lost; with 3 deals that is a small sample.",
        "The win rate of deals recorded in Evaluation is 75%: 3 won, 1 lost; with 4 deals that is a small sample.",
    ]


@pytest.mark.parametrize("module", [pipeline, deals_at_risk, deal_changes, forecast, win_history, tasks_due])
def test_no_more_queries_for_many_deals_than_for_few(
    book: Book, deals: Callable[..., Deal], asking: Ask, module: Any
) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            module._facts(asking(book.boss))
        return len(queries)

    def add(number: int) -> None:
        account = Account.objects.create(name=f"Account {number}", owner=book.ann)
        deal = deals(f"Open {number}", 100 + number, "negotiation", probability=80, account=account)
        deals(f"Ended {number}", 100, "won", account=account, owner=book.ben, close_date=TODAY)
        deals(f"Slipped {number}", 10, account=account, close_date=TODAY - timedelta(days=3), next_step="")
        edit(deal, book.ann, amount=Decimal(7))
        Activity.objects.create(
            kind="task", subject=f"Task {number}", owner=book.boss, due=TODAY, account=account
        )

    add(0)
    few = counted()
    for number in range(1, 20):
        add(number)
    assert counted() == few <= 10
