"""SQLite's writers take turns, in the order in which they asked."""

import threading
from time import sleep
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, connections, transaction

from config.sqlite.base import DatabaseWrapper, OperationalError, _turns
from config.sqlite.turns import Turns

pytestmark = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="about SQLite")


def until_waiting(turns: Turns, n: int) -> None:
    while len(turns._waiting) < n:
        sleep(0.001)


def test_turns_come_in_the_order_of_asking() -> None:
    turns, order = Turns(), list[int]()
    assert turns.take(0)

    def ask(number: int) -> None:
        assert turns.take(30)
        order.append(number)
        turns.pass_on()

    threads = []
    for number in range(20):
        threads.append(threading.Thread(target=ask, args=(number,)))
        threads[-1].start()
        until_waiting(turns, number + 1)
    turns.pass_on()
    for thread in threads:
        thread.join()
    assert order == list(range(20))


def test_who_gave_up_is_passed_over() -> None:
    turns = Turns()
    assert turns.take(0)
    assert not turns.take(0.01)
    turns.pass_on()
    assert turns.take(0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("single", [False, True])
def test_transactions_and_single_writes_wait_for_the_transaction_before_them(single: bool) -> None:
    assert isinstance(connections["default"], DatabaseWrapper)
    users: Any = get_user_model().objects
    seen: list[int] = []

    def write() -> None:
        with transaction.atomic() if not single else transaction.mark_for_rollback_on_error():
            users.filter(email="ann@example.com").update(first_name="Ann")
        seen.append(users.count())
        connection.close()

    with transaction.atomic():
        user = users.create_user(email="ann@example.com")
        turns = _turns[str(connection.settings_dict["NAME"])]
        thread = threading.Thread(target=write)
        thread.start()
        until_waiting(turns, 1)
        assert seen == []
    thread.join()
    user.refresh_from_db()
    assert (seen, user.first_name) == ([1], "Ann")
    assert not turns._taken


@pytest.mark.django_db(transaction=True)
def test_the_turn_ends_with_the_transaction_however_that_ends() -> None:
    users: Any = get_user_model().objects
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        users.create_user(email="ann@example.com")
        1 / 0  # noqa: B018
    assert not _turns[str(connection.settings_dict["NAME"])]._taken
    with transaction.atomic():
        connection.close()
    assert not _turns[str(connection.settings_dict["NAME"])]._taken


@pytest.mark.django_db(transaction=True)
def test_who_waits_too_long_is_told_as_by_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.01)
    problems: list[str] = []

    def write() -> None:
        try:
            with transaction.atomic():
                pass
        except OperationalError as problem:
            problems.append(str(problem))
        connection.close()

    with transaction.atomic():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert problems == ["database is locked"]
