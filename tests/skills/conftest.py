from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sales_app.people.models import User
from sales_app.skills import gate, store
from sales_app.skills.models import SkillVersion
from tests.people.conftest import signed_in

__all__ = ["signed_in"]

Drafted = Callable[..., SkillVersion]


def folder(name: str = "call-prep", body: str = "Body.\n", **more: bytes) -> dict[str, bytes]:
    text = f"---\nname: {name}\ndescription: Prepares a call.\n---\n{body}"
    return {"SKILL.md": text.encode(), **more}


@pytest.fixture(autouse=True)
def registered_gates() -> Iterator[None]:
    """What a test registers is gone with it; what the product registers has no say here."""
    before = list(gate._gates)
    gate._gates.clear()
    yield
    gate._gates[:] = before


@pytest.fixture
def revops(db: None) -> User:
    return User.objects.create_user(
        email="ravi@example.com", password=None, role=User.Role.REVOPS, first_name="Ravi", last_name="Ops"
    )


@pytest.fixture
def drafted(revops: User) -> Drafted:
    """Another draft of ``call-prep`` with this body."""

    def make(body: str = "Body.\n", name: str = "call-prep", **values: Any) -> SkillVersion:
        values = {
            "by": revops,
            "note": f"Wrote {body.strip()}",
            "origin": SkillVersion.Origin.EDITED,
            **values,
        }
        return store.draft(name, folder(name, body), **values)

    return make
