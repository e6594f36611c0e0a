from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from sales_app.connectors import base
from sales_app.connectors.base import Item, Reading
from sales_app.crm.models import Account, Deal
from sales_app.people.models import User
from sales_app.skills import gate, store
from sales_app.skills.models import Skill
from sales_app.standin.control import Control
from tests.agent.conftest import control
from tests.connectors.conftest import demo, loaded
from tests.people.conftest import signed_in

__all__ = ["control", "demo", "loaded", "signed_in"]

TEXT = b"""---
name: call-prep
description: Prepares a call.
---
# Call prep

## Outline

1. **On the call** - `attendee`, at most 6. Who they are.
"""


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    """Gates and providers that a test registers are gone with it."""
    gates, providers = list(gate._gates), dict(base._providers)
    gate._gates.clear()
    yield
    gate._gates[:] = gates
    base._providers.clear()
    base._providers.update(providers)


@pytest.fixture
def skill(db: None) -> Skill:
    version = store.draft("call-prep", {"SKILL.md": TEXT}, by=None, note="", origin="shipped")
    store.publish(version, by=None, note="")
    return Skill.objects.select_related("published").get(name="call-prep")


@pytest.fixture
def revops(db: None) -> User:
    return User.objects.create_user("ravi@example.com", role="revops", first_name="Ravi", last_name="Ops")


@pytest.fixture
def dana(db: None) -> User:
    return User.objects.create_user("dana@example.com", role="rep", first_name="Dana", last_name="Wu")


class Recordings:
    """A provider of calls that a test fills. ``calls``: by id. ``asked`` are the ids that were read one by one."""

    name, title, category = "recordings", "Recordings", "calls"

    def __init__(self) -> None:
        self.calls: dict[str, Item] = {}
        self.asked: list[str] = []
        self.before: Callable[[str], None] = lambda id: None

    def add(self, deal: Deal, *said: str, days: int = 5, id: str = "") -> Item:
        """``said``: "us: …" or "them: …", ten seconds apart. ``days`` before the deal closed."""
        lines = [
            {
                "at": place * 10,
                "speaker": line.split(":")[0],
                "side": line.split(":")[0],
                "text": line.split(": ", 1)[1],
            }
            for place, line in enumerate(said)
        ]
        assert deal.close_date is not None
        day = timezone.now().replace(
            year=deal.close_date.year, month=deal.close_date.month, day=deal.close_date.day
        )
        id = id or f"c{len(self.calls) + 1}"
        item = Item(
            id=id, kind="call", at=day - timedelta(days=days), title=f"Call {id}", url=f"/sources/calls/{id}/",
            account=deal.account_id, untrusted=True, meta={"lines": lines, "deal_id": deal.pk, "deal": deal.name},
        )  # fmt: skip
        self.calls[id] = item
        return item

    async def call(self, user: User, operation: str, arguments: dict[str, Any]) -> Reading:
        if operation == "calls":
            items = tuple(self.calls.values())
        else:
            from sales_app.database import in_database  # noqa: PLC0415

            self.asked.append(arguments["id"])
            await in_database(self.before, arguments["id"])
            items = tuple(item for id, item in self.calls.items() if id == arguments["id"])
        return Reading(category="calls", provider=self.name, as_of=timezone.now(), items=items)


@pytest.fixture
def recordings(registered: None) -> Recordings:
    made = Recordings()
    base.register_provider(made)
    return made


@pytest.fixture
def deals(db: None, dana: User) -> Callable[..., list[Deal]]:
    """``deals("won", 6)`` of Dana's, closed today."""

    def make(stage: str, count: int, owner: User | None = None) -> list[Deal]:
        made = []
        for number in range(count):
            account = Account.objects.create(name=f"{stage} {number}", owner=owner or dana)
            made.append(
                Deal.objects.create(
                    account=account,
                    name=f"{stage} deal {number}",
                    owner=owner or dana,
                    stage=stage,
                    close_date=timezone.localdate(),
                )
            )
        return made

    return make


@pytest.fixture
def standin(control: Control) -> Control:
    return control
