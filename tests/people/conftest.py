from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from config.celery import app
from sales_app.people import seen
from sales_app.people.models import User

PASSWORD = "a-good-password-1"

Person = Callable[..., User]
SignedIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def worker_at_once() -> Iterator[None]:
    """Tasks run where they are queued: there is no worker here."""
    was = app.conf.task_always_eager, app.conf.task_eager_propagates
    app.conf.task_always_eager = app.conf.task_eager_propagates = True
    yield
    app.conf.task_always_eager, app.conf.task_eager_propagates = was


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """Failed attempts are counted in the cache, and who was here by process: both outlive a test's database."""
    cache.clear()
    seen._written.clear()
    yield
    cache.clear()


@pytest.fixture
def person(db: None) -> Person:
    numbers = count(1)

    def make(role: str = User.Role.REP, **values: Any) -> User:
        values.setdefault("email", f"{role}{next(numbers)}@example.com")
        return User.objects.create_user(password=PASSWORD, role=role, **values)

    return make


@pytest.fixture
def signed_in() -> SignedIn:
    def make(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make
