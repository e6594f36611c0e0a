from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache

from sales_app.artifacts.making import make_version
from sales_app.artifacts.models import ArtifactVersion
from sales_app.people.models import User
from tests.artifacts import samples
from tests.people.conftest import signed_in

__all__ = ["signed_in"]

Person = Callable[..., User]
Made = Callable[..., ArtifactVersion]


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


@pytest.fixture
def person(db: None) -> Person:
    def make(name: str = "mia", role: str = User.Role.REP, **values: Any) -> User:
        return User.objects.create_user(
            f"{name}@example.com", "pw", first_name=name.title(), role=role, **values
        )

    return make


@pytest.fixture
def mia(person: Person) -> User:
    return person("mia")


@pytest.fixture
def made(mia: User) -> Made:
    """A version of Mia's, of the kind that is asked for."""

    def make(kind: str = "deck", **values: Any) -> ArtifactVersion:
        given = {
            "key": None,
            "owner": mia,
            "session_id": None,
            "document": samples.document(kind),
            "created_by": mia,
        }
        return make_version(**{**given, **values})

    return make
