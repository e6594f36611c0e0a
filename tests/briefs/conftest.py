"""People in their zones, calls of theirs, the shipped skills, and nobody who executes what is started."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sales_app.crm.models import Account, Activity
from sales_app.people.models import User
from sales_app.skills.shipped import install_shipped
from sessions_app.runs import dispatch


def at(text: str) -> datetime:
    """An instant, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture(autouse=True)
def nobody_works() -> Iterator[None]:
    before = list(dispatch._wakers)
    dispatch.on_wake(lambda run_id, queue: None)
    yield
    dispatch._wakers[:] = before


@pytest.fixture
def skills(transactional_db: None) -> None:
    install_shipped()


@pytest.fixture
def rep(transactional_db: None) -> Callable[..., User]:
    def make(name: str = "ann", zone: str = "UTC", **values: Any) -> User:
        values.setdefault("date_joined", at("2026-01-01T00:00"))
        return User.objects.create_user(
            email=f"{name}@example.com", first_name=name.title(), time_zone=zone, **values
        )

    return make


@pytest.fixture
def call(transactional_db: None) -> Callable[..., Activity]:
    def make(owner: User, starts: str, account: str = "Acme", **values: Any) -> Activity:
        known = Account.objects.filter(name=account).first() if account else None
        found = known or (Account.objects.create(name=account, owner=owner) if account else None)
        begins = at(starts)
        return Activity.objects.create(
            kind="meeting",
            subject=f"Call with {account}",
            account=found,
            owner=owner,
            starts_at=begins,
            ends_at=begins + timedelta(minutes=30),
            **values,
        )

    return make
