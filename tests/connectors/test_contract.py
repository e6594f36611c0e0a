"""Every demo provider answers each operation, in the shape that collectors rely on."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from sales_app.connectors import CATEGORIES, provider_for
from sales_app.connectors.base import Item, Reading
from sales_app.crm.models import Account, Activity
from sales_app.mail.models import Mail
from sales_app.people.models import User
from tests.connectors.contract import Example, keeps_the_contract

Examples = Mapping[str, Sequence[Example]]


@pytest.fixture
def katja(demo: Callable[[str], User]) -> User:
    return demo("katja")


@pytest.fixture
def examples(katja: User) -> dict[str, Examples]:
    pelwick = str(Account.objects.get(external_id="demo:account:14").pk)
    about = {"account": str(_account_of_call("call-01").pk)}
    meeting = Activity.objects.filter(owner=katja, kind="meeting").exclude(account=None).first()
    mail = Mail.objects.filter(owner=katja, direction="received").exclude(account=None).first()
    assert meeting and mail
    message = provider_for("chat").read(katja, "messages", {}).items[0].id  # type: ignore[union-attr]
    nobody = {"account": "999999999"}
    return {
        "crm": {
            "account": [(about, True), (nobody, False), ({"account": "x"}, False)],
            "deals": [(about, True), (nobody, False)],
            "contacts": [(about, True), (nobody, False)],
            "activities": [(about, True), ({**about, "since": "2020-01-01"}, True), (nobody, False)],
        },
        "calendar": {
            "events": [
                ({"start": "2026-11-24", "end": "2026-11-25"}, True),
                ({"start": "2026-11-23T00:00:00+01:00", "end": "2026-12-05T00:00:00+01:00"}, True),
                ({"account": str(meeting.account_id)}, True),
                ({"start": "2020-01-01", "end": "2020-01-02"}, False),
                (nobody, False),
            ],
            "event": [({"id": str(meeting.pk)}, True), ({"id": "999999999"}, False), ({"id": "-1"}, False)],
        },
        "email": {
            "messages": [({}, True), ({"direction": "sent"}, True), ({"account": str(mail.account_id)}, True), (nobody, False)],
            "message": [({"id": str(mail.pk)}, True), ({"id": "no"}, False)],
            "drafts": [({}, False)],
        },
        "calls": {
            "calls": [({}, True), (about, True), ({**about, "since": "2026-11-01"}, True), (nobody, False)],
            "call": [({"id": "call-01"}, True), ({"id": "call-99"}, False)],
        },
        "chat": {
            "messages": [({}, True), ({"since": "2026-11-01"}, True), (nobody, False)],
            "message": [({"id": message}, True), ({"id": "nothing"}, False)],
        },
        "docs": {
            "search": [
                ({"query": "discount three years"}, True),
                ({"kind": "event", "limit": "2"}, True),
                ({"query": "xylophone"}, False),
            ],
            "document": [({"id": "policy-discounts"}, True), ({"id": "../provider"}, False)],
        },
        "enrichment": {
            "company": [({"account": pelwick}, False), (about, True), (nobody, False)],
            "news": [(about, True), ({**about, "since": "2026-11-24"}, False), (nobody, False)],
        },
    }  # fmt: skip


def _account_of_call(id: str) -> Account:
    reading = provider_for("calls").read(User.objects.get(role="revops"), "call", {"id": id})  # type: ignore[union-attr]
    return Account.objects.get(pk=reading.items[0].account)


@pytest.mark.parametrize("category", list(CATEGORIES))
def test_it_keeps_the_contract(category: str, katja: User, examples: dict[str, Examples]) -> None:
    provider = provider_for(category)
    assert provider is not None and provider.category == category
    asyncio.run(keeps_the_contract(provider, katja, examples[category]))


@pytest.mark.parametrize("category", list(CATEGORIES))
def test_each_folder_says_how_it_is_copied(category: str) -> None:
    folder = Path(provider_for(category).__class__.__module__.replace(".", "/")).parent
    assert "copy this folder" in " ".join((folder / "README.md").read_text().split())


def test_somebody_who_left_is_answered_nothing(katja: User) -> None:
    katja.is_active = False
    for category, operation in (
        ("email", "messages"),
        ("calls", "calls"),
        ("docs", "search"),
        ("chat", "messages"),
    ):
        assert provider_for(category).read(katja, operation, {}).items == ()  # type: ignore[union-attr]


class Lying:
    """A provider for each way in which one can break the contract."""

    name, title, category = "lying", "Lying", "calls"

    def __init__(self, **broken: Any) -> None:
        self.broken = broken

    async def call(self, user: User, operation: str, arguments: dict[str, Any]) -> Reading:
        item = {"id": "1", "kind": "call", "at": timezone.now(), "title": "A call", **self.broken}
        return Reading(category="calls", provider="lying", as_of=timezone.now(), items=(Item(**item),))


@pytest.mark.parametrize(
    "broken",
    [
        {"at": datetime(2026, 1, 1)},
        {"title": ""},
        {"meta": {"when": datetime(2026, 1, 1)}},
        {"meta": {"pair": (1, 2)}},
        {"meta": {"lines": [{"at": 1, "speaker": "A", "side": "they", "text": "Hm."}]}},
        {"people": ["A list"]},
        {"url": "https://elsewhere.example/"},
        {},  # takes arguments that mean nothing
    ],
    ids=[
        "naive",
        "untitled",
        "not-json",
        "not-the-same-in-json",
        "side",
        "list",
        "elsewhere",
        "takes-anything",
    ],
)
def test_the_contract_notices(broken: dict[str, Any]) -> None:
    examples: Examples = {"calls": [({}, True)], "call": [({"id": "1"}, True)]}
    with pytest.raises((AssertionError, TypeError)):
        asyncio.run(keeps_the_contract(Lying(**broken), User(), examples))
