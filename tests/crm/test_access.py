"""Whose records somebody sees."""

import pytest
from django.db import connection

from sales_app.crm.access import accounts_for, activities_for, contacts_for, deals_for
from sessions_app.session.subjects import resolve
from tests.crm.world import World, activity, contact, deal


def names(rows) -> set[str]:
    return {str(row) for row in rows}


def test_a_rep_sees_the_own_book(world: World) -> None:
    assert names(accounts_for(world.rep)) == {"Brixholm Foods"}


def test_a_manager_sees_the_team(world: World) -> None:
    assert names(accounts_for(world.manager)) == {"Brixholm Foods", "Dorwick Logistics"}


@pytest.mark.parametrize("role", ["revops", "auditor"])
def test_some_roles_see_everything(world: World, role: str) -> None:
    assert len(accounts_for(getattr(world, role))) == 3


def test_whoever_works_a_deal_sees_its_account_and_all_of_it(world: World) -> None:
    deal(world.strangers, "Joint deal", owner=world.rep)
    contact(world.strangers, "Ulla Zeller")
    activity(world.stranger, "Their call", account=world.strangers)

    assert names(accounts_for(world.rep)) == {"Brixholm Foods", "Velmont Solar"}
    assert names(deals_for(world.rep)) == {"Joint deal"}
    assert names(contacts_for(world.rep)) == {"Ulla Zeller"}
    assert names(activities_for(world.rep)) == {"Their call"}


def test_nothing_of_a_strangers_account_is_seen(world: World) -> None:
    deal(world.strangers)
    contact(world.strangers)
    activity(world.stranger, account=world.strangers)
    activity(world.stranger, "Internal")

    assert not deals_for(world.rep).exists()
    assert not contacts_for(world.rep).exists()
    assert not activities_for(world.rep).exists()


def test_what_somebody_did_stays_visible_to_them(world: World) -> None:
    activity(world.rep, "My old call", account=world.strangers)

    assert names(activities_for(world.rep)) == {"My old call"}


def test_a_record_without_owner_is_seen_by_those_who_see_all(world: World) -> None:
    world.mine.owner = None
    world.mine.save()

    assert not accounts_for(world.rep).exists()
    assert not accounts_for(world.manager).filter(pk=world.mine.pk).exists()
    assert accounts_for(world.revops).filter(pk=world.mine.pk).exists()


@pytest.mark.parametrize("id", ["", "0", "-1", "²", "1.0", "1\0", "9" * 30, "9" * 5000])
@pytest.mark.parametrize("kind", ["account", "deal"])
def test_a_subject_that_nobody_can_mean_is_none(world: World, kind: str, id: str) -> None:
    assert resolve(kind, id, world.revops) is None


def test_what_somebody_may_not_see_is_no_subject_for_them(world: World) -> None:
    id = str(world.strangers.pk)
    assert resolve("account", id, world.rep) is None
    found = resolve("account", id, world.revops)
    assert found is not None
    assert found.label == world.strangers.name


@pytest.mark.skipif(connection.vendor != "sqlite", reason="reads the plan of SQLite")
def test_a_book_is_found_without_a_look_at_each_account(world: World) -> None:
    """An owner's deals, read again for each account, made a rep's board ten times slower."""
    for rows in (accounts_for(world.rep), contacts_for(world.rep), deals_for(world.rep)):
        assert "CORRELATED" not in rows.explain()
