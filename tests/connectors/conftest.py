"""The whole demo company, loaded once for each module that asks for it, and committed: providers read in threads of their own."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from django.core.management import call_command

from sales_app.connectors import Item, base, provider_for
from sales_app.demo.load import load
from sales_app.people.models import User

TODAY = date(2026, 11, 24)  # a Tuesday


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        load(lambda line: None, today=TODAY)
    yield
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def demo(loaded: None, db: None) -> Callable[[str], User]:
    """``demo("dana")`` is Dana."""
    return lambda key: User.objects.get(email=f"{key}@clewline.example")


def read(user: User, category: str, operation: str, **arguments: Any) -> tuple[Item, ...]:
    """What the connected demo provider answers, without an event loop."""
    return provider_for(category).read(user, operation, arguments).items  # type: ignore[union-attr]


@pytest.fixture
def providers() -> Iterator[None]:
    """What a test registers is gone with it."""
    before = dict(base._providers)
    yield
    base._providers.clear()
    base._providers.update(before)
