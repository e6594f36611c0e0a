"""What the copilot reads: with the asker's rights, bounded, and JSON-able."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from sales_app.crm import queries
from sales_app.crm.errors import Ambiguous, CrmError, NotFound, UnknownValue
from sales_app.crm.models import Account, Activity
from tests.crm.world import World, account, activity, contact, deal, person


def ids(answer: dict[str, Any]) -> list[int]:
    return [item["id"] for item in answer["items"]]


def test_every_answer_is_json(world: World) -> None:
    signed = deal(world.mine, stage="negotiation")
    contact(world.mine, last_contacted_at=timezone.now())
    activity(world.rep, account=world.mine, deal=signed, ends_at=datetime(2026, 1, 15, 11, tzinfo=UTC))
    activity(world.rep, "Task", kind=Activity.Kind.TASK, due=date(2026, 1, 16))
    answers = [
        queries.find_accounts(world.rep),
        queries.get_account(world.rep, world.mine.pk),
        queries.get_deal(world.rep, signed.pk),
        queries.find_contacts(world.rep),
        queries.find_deals(world.rep),
        queries.recent_activities(world.rep),
        queries.open_tasks(world.rep),
        queries.quiet_accounts(world.rep, status=None),
        queries.calendar(world.rep, "2026-01-15", "2026-01-16"),
        *(queries.deal_summary(world.rep, group_by=group) for group in queries.GROUPS),
    ]
    for answer in answers:
        assert json.loads(json.dumps(answer)) == answer


def test_records_carry_id_and_link(world: World) -> None:
    found = queries.find_accounts(world.rep)["items"][0]
    assert found["url"] == f"/accounts/{found['id']}/"
    assert found["arr"] == "5000.00"


ROW_READERS: list[Callable[[Any], dict[str, Any]]] = [
    queries.find_accounts,
    queries.find_deals,
    queries.find_contacts,
    queries.recent_activities,
    lambda user: queries.open_tasks(user, owner=None),
    lambda user: queries.quiet_accounts(user, status=None),
]


@pytest.mark.parametrize("read", ROW_READERS)
def test_no_reader_shows_a_strangers_rows(world: World, read: Callable[[Any], dict[str, Any]]) -> None:
    deal(world.strangers)
    contact(world.strangers)
    activity(world.stranger, account=world.strangers)
    activity(world.stranger, kind=Activity.Kind.TASK, account=world.strangers)
    Account.objects.filter(pk=world.mine.pk).delete()

    assert read(world.rep) == {**read(world.rep), "items": [], "total": 0, "truncated": False}
    assert read(world.revops)["total"] > 0


@pytest.mark.parametrize("ref", ["Velmont Solar", "velmont", "Velmant Solar"])
def test_a_strangers_account_is_not_found_by_any_name(world: World, ref: str) -> None:
    with pytest.raises(NotFound):
        queries.get_account(world.rep, ref)
    assert queries.get_account(world.stranger, ref)["name"] == "Velmont Solar"
    with pytest.raises(NotFound):
        queries.get_account(world.rep, world.strangers.pk)


def test_lists_are_bounded_and_say_so(world: World) -> None:
    for number in range(60):
        account(world.rep, f"Elmstone {number:02}")

    answer = queries.find_accounts(world.rep, text="elmstone", limit=1000)

    assert len(answer["items"]) == queries.MAX_LIMIT
    assert (answer["total"], answer["truncated"]) == (60, True)
    assert queries.find_accounts(world.rep, limit=0)["items"]  # at least one


def test_names_are_found_without_accents_and_case(world: World) -> None:
    made = account(world.rep, "Ökonomia Łódź S.à r.l.")

    assert ids(queries.find_accounts(world.rep, text="OKONOMIA")) == [made.pk]
    assert queries.get_account(world.rep, "ökonomia łódź s.à r.l.")["id"] == made.pk


def test_a_misspelt_name_is_found_and_a_vague_one_answers_candidates(world: World) -> None:
    account(world.rep, "Brixholm Freight")

    assert queries.get_account(world.rep, "Brixhulm Foods")["id"] == world.mine.pk
    candidates = queries.get_account(world.rep, "brixholm")["candidates"]
    assert {row["name"] for row in candidates} == {"Brixholm Foods", "Brixholm Freight"}
    with pytest.raises(Ambiguous) as problem:
        queries.find_deals(world.rep, account="brixholm")
    assert len(problem.value.as_dict()["error"]["candidates"]) == 2


def test_a_percent_sign_is_a_percent_sign(world: World) -> None:
    assert queries.find_accounts(world.rep, text="%")["total"] == 0
    assert queries.find_accounts(world.rep, text="_")["total"] == 0
    assert queries.find_accounts(world.rep, text="brix\0holm")["total"] == 1


def test_sums_are_exact_and_currencies_are_never_added_up(world: World) -> None:
    deal(world.mine, "One", amount=Decimal("0.10"), stage="proposal", probability=50)
    deal(world.mine, "Two", amount=Decimal("0.20"), stage="proposal", probability=50)
    deal(world.mine, "Three", amount=Decimal("7.00"), currency="EUR", stage="proposal")
    deal(world.mine, "Over", amount=Decimal("900.00"), stage="won")

    answer = queries.deal_summary(world.rep, group_by="stage")

    rows = {(row["group"], row["currency"]): row for row in answer["groups"]}
    assert rows["proposal", "USD"]["amount"] == "0.30"
    assert rows["proposal", "USD"]["weighted_amount"] == "0.15"
    assert rows["proposal", "EUR"]["amount"] == "7.00"
    assert ("won", "USD") not in rows
    assert answer["sums"] == [
        {"currency": "EUR", "count": 1, "amount": "7.00"},
        {"currency": "USD", "count": 2, "amount": "0.30"},
    ]


def test_stages_come_in_their_order_and_months_by_time(world: World) -> None:
    for stage, closes in (
        ("negotiation", date(2026, 1, 5)),
        ("discovery", date(2026, 3, 5)),
        ("proposal", None),
    ):
        deal(world.mine, stage, stage=stage, close_date=closes)

    stages = queries.deal_summary(world.rep, group_by="stage")["groups"]
    months = queries.deal_summary(world.rep, group_by="month")["groups"]

    assert [row["group"] for row in stages] == ["discovery", "proposal", "negotiation"]
    assert [row["group"] for row in months] == ["2026-01", "2026-03", "(none)"]


def test_deals_by_date_amount_and_owner(world: World) -> None:
    early = deal(world.mine, "Early", close_date=date(2026, 2, 1), amount=Decimal(10))
    late = deal(world.mine, "Late", close_date=date(2026, 2, 28), amount=Decimal(99), owner=world.colleague)

    assert ids(queries.find_deals(world.rep, close_from="2026-02-01", close_to="2026-02-27")) == [early.pk]
    assert ids(queries.find_deals(world.rep, min_amount="50")) == [late.pk]
    assert ids(queries.find_deals(world.rep, owner="me")) == [early.pk]
    assert ids(queries.find_deals(world.rep, owner="Hector Test")) == [late.pk]
    assert ids(queries.find_deals(world.rep, order_by="amount")) == [late.pk, early.pk]


MEANINGLESS: list[tuple[Callable[[Any], Any], str]] = [
    (lambda user: queries.find_accounts(user, segment="huge"), "smb, mid, enterprise"),
    (lambda user: queries.find_accounts(user, country="Atlantis"), "Germany"),
    (lambda user: queries.find_accounts(user, order_by="luck"), "employees"),
    (lambda user: queries.find_deals(user, stage="qualified"), "evaluation"),
    (lambda user: queries.find_deals(user, close_from="soon"), "2026-03-31"),
    (lambda user: queries.find_deals(user, min_amount="lots"), "50000"),
    (lambda user: queries.find_deals(user, min_amount="NaN"), "50000"),
    (lambda user: queries.find_deals(user, min_amount="1e999999"), "50000"),
    (lambda user: queries.calendar(user, "9999-12-31"), "2026-03-31"),
    (lambda user: queries.find_deals(user, owner="a\0b"), "Nobody"),
    (lambda user: queries.deal_summary(user, group_by="mood"), "stage"),
    (lambda user: queries.recent_activities(user, kind="fax"), "meeting"),
    (lambda user: queries.calendar(user, "2026-01-01", "2027-01-01"), "31"),
    (lambda user: queries.calendar(user, "2026-01-02", "2026-01-01"), "before"),
]


@pytest.mark.parametrize(("ask", "help_text"), MEANINGLESS)
def test_a_meaningless_argument_is_answered_with_what_would_do(
    world: World, ask: Callable[[Any], Any], help_text: str
) -> None:
    with pytest.raises((UnknownValue, NotFound)) as problem:
        ask(world.rep)
    assert help_text in problem.value.message
    assert problem.value.as_dict()["error"]["code"] in {"unknown_value", "not_found"}


def test_a_label_is_as_good_as_a_value(world: World) -> None:
    Account.objects.filter(pk=world.mine.pk).update(segment="mid", health="at_risk")

    assert queries.find_accounts(world.rep, segment="Mid-market")["total"] == 1
    assert queries.find_accounts(world.rep, health="At risk")["total"] == 1
    assert queries.find_accounts(world.rep, country="germany")["total"] == 1


def test_two_colleagues_of_one_name(world: World) -> None:
    person("hector2", "rep", first_name="Hector", last_name="Other")

    with pytest.raises(CrmError) as problem:
        queries.find_deals(world.rep, owner="hector")
    assert {row["email"] for row in problem.value.candidates} == {
        "hector@test.example",
        "hector2@test.example",
    }


def test_days_begin_in_the_askers_zone(world: World) -> None:
    """23:30 in Berlin on the 14th is 22:30 UTC; 00:30 on the 15th is still the 14th in UTC."""
    activity(world.stranger, "Before midnight", starts_at=datetime(2026, 1, 14, 22, 30, tzinfo=UTC))
    activity(world.stranger, "After midnight", starts_at=datetime(2026, 1, 14, 23, 30, tzinfo=UTC))

    answer = queries.calendar(world.stranger, "2026-01-15")
    recent = queries.recent_activities(world.stranger, since="2026-01-15")

    assert [event["subject"] for event in answer["days"][0]["events"]] == ["After midnight"]
    assert answer["days"][0]["events"][0]["local_time"] == "00:30"
    assert [row["subject"] for row in recent["items"]] == ["After midnight"]
    assert recent["items"][0]["starts_at"] == "2026-01-15T00:30+01:00"


def test_a_day_of_23_hours(world: World) -> None:
    """Berlin skips 02:00 to 03:00 on 29 March 2026."""
    activity(world.stranger, "Last", starts_at=datetime(2026, 3, 29, 21, 59, tzinfo=UTC))
    activity(world.stranger, "Next day", starts_at=datetime(2026, 3, 29, 22, 0, tzinfo=UTC))

    days = queries.calendar(world.stranger, "2026-03-29", "2026-03-30")["days"]

    assert [[event["subject"] for event in day["events"]] for day in days] == [["Last"], ["Next day"]]


def test_what_lies_ahead_is_no_recent_activity(world: World) -> None:
    activity(world.rep, "Tomorrow", starts_at=timezone.now() + timedelta(days=1), account=world.mine)

    assert queries.recent_activities(world.rep)["total"] == 0
    planned = queries.get_account(world.rep, world.mine.pk)["planned_activities"]
    assert [row["subject"] for row in planned["items"]] == ["Tomorrow"]


def test_long_notes_are_cut_and_say_so(world: World) -> None:
    activity(world.rep, body="x" * 5000)

    row = queries.recent_activities(world.rep)["items"][0]
    assert (len(row["body"]), row["body_truncated"]) == (1200, True)
