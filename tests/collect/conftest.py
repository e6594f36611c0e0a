"""A small book of deals, and other systems whose content each test puts in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sales_app.collect import Asking
from sales_app.connectors import ConnectorDown, Item, Reading, base, register_provider
from sales_app.people.models import User
from tests.agent.conftest import Book, book  # noqa: F401  the fixture

# A Tuesday. Ann's zone is UTC and she works Monday to Friday.
NOW = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


def at(days: float = 0, hours: float = 0) -> datetime:
    return NOW + timedelta(days=days, hours=hours)


@dataclass
class System:
    """A provider that answers with ``items`` whatever is asked, as far as account and time fit, or is down."""

    category: str
    items: list[Item] = field(default_factory=list)
    down: bool = False
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"test_{self.category}"

    title = "Test system"

    async def call(self, user: User, operation: str, arguments: dict[str, Any]) -> Reading:
        self.asked.append((operation, arguments))
        if self.down:
            raise ConnectorDown(f"The {self.category} of the test does not answer.")
        found = [item for item in self.items if self._fits(item, operation, arguments)]
        return Reading(category=self.category, provider=self.name, as_of=NOW, items=tuple(found))

    def _fits(self, item: Item, operation: str, arguments: dict[str, Any]) -> bool:
        if self.category == "email" and (operation == "drafts") != (item.kind == "draft"):
            return False
        if "since" in arguments and item.at < datetime.fromisoformat(arguments["since"]):
            return False
        if "kind" in arguments and item.kind != arguments["kind"]:
            return False
        if "start" in arguments and not (
            datetime.fromisoformat(arguments["start"]) <= item.at < datetime.fromisoformat(arguments["end"])
        ):
            return False
        return "account" not in arguments or str(item.account) == arguments["account"]


@dataclass
class Systems:
    calendar: System
    email: System
    calls: System
    chat: System
    docs: System


@pytest.fixture
def systems() -> Iterator[Systems]:
    before = dict(base._providers)
    made = Systems(*(System(name) for name in ("calendar", "email", "calls", "chat", "docs")))
    for system in vars(made).values():
        register_provider(system)
    yield made
    base._providers.clear()
    base._providers.update(before)


@pytest.fixture
def asking(book: Book) -> Callable[..., Asking]:  # noqa: F811
    """``asking()`` is Ann's question at NOW."""

    def ask(user: User | None = None, **more: Any) -> Asking:
        return Asking(user=user or book.ann, **{"now": NOW, **more})

    return ask


_numbers = iter(range(1, 10**9))


def mail(
    text: str,
    *,
    when: datetime,
    account: int | None = None,
    sent: bool = False,
    title: str = "The quote",
    **meta: Any,
) -> Item:
    number = next(_numbers)
    them, us = ("Cleo Marsh", "cleo@acme.example"), ("Ann Lee", "ann@example.com")
    sender, to = (us, them) if sent else (them, us)
    return Item(
        id=str(number),
        kind="mail",
        at=when,
        title=title,
        text=text,
        people=(sender[0], to[0]),
        account=account,
        url=f"/mail/{number}/",
        untrusted=not sent,
        meta={
            "direction": "sent" if sent else "received",
            "from_address": sender[1],
            "to_address": to[1],
            "message_id": f"<{number}@acme.example>",
            **({} if sent else {"bulk": False, "answered_at": "", "draft_id": None}),
            **meta,
        },
    )


def call(*lines: tuple[int, str, str, str], when: datetime, account: int, title: str = "Discovery") -> Item:
    number = next(_numbers)
    return Item(
        id=f"c{number}",
        kind="call",
        at=when,
        title=title,
        account=account,
        url=f"/sources/calls/c{number}/",
        untrusted=True,
        meta={
            "lines": [
                {"at": second, "speaker": who, "side": side, "text": text}
                for second, who, side, text in lines
            ],
            "speakers": [{"name": "Ann Lee", "side": "us"}, {"name": "Cleo Marsh", "side": "them"}],
        },
    )
