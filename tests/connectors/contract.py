"""What every provider keeps, whatever system it speaks to.

``examples`` has arguments for each operation, and whether something must be found with them. A provider over MCP goes through
the same function.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sales_app.connectors.base import CATEGORIES, ConnectorError, Item, Provider, Reading
from sales_app.people.models import User

Example = tuple[dict[str, Any], bool]

EARLIEST_FIRST = {("calendar", "events")}
BY_NAME_OR_MATCH = {("crm", "contacts"), ("crm", "deals"), ("docs", "search")}


async def keeps_the_contract(
    provider: Provider, user: User, examples: Mapping[str, Sequence[Example]]
) -> None:
    assert provider.name and provider.title and provider.category in CATEGORIES
    operations = CATEGORIES[provider.category]
    assert set(examples) == set(operations), "an example for each operation"
    for operation, cases in examples.items():
        for arguments, finds in cases:
            assert set(arguments) <= set(operations[operation])
            reading = await asyncio.wait_for(provider.call(user, operation, arguments), 20)
            check_reading(reading, provider)
            check_order(reading, operation)
            assert bool(reading.items) == finds, (operation, arguments, len(reading.items))
            again = await provider.call(user, operation, arguments)
            assert [item.id for item in again.items] == [item.id for item in reading.items]
        if "since" in operations[operation]:
            await refuses(provider, user, operation, {**cases[0][0], "since": "the day before yesterday"})
    await refuses(provider, user, "no_such_operation", {})


async def refuses(provider: Provider, user: User, operation: str, arguments: dict[str, Any]) -> None:
    try:
        await provider.call(user, operation, arguments)
    except ConnectorError as error:
        assert error.code and error.message
        return
    raise AssertionError(f"{provider.name}.{operation} took {arguments}")


def check_reading(reading: Reading, provider: Provider) -> None:
    assert (reading.category, reading.provider) == (provider.category, provider.name)
    assert reading.as_of.tzinfo is not None
    assert isinstance(reading.items, tuple)
    assert len({item.id for item in reading.items}) == len(reading.items)
    for item in reading.items:
        check_item(item)


def check_item(item: Item) -> None:
    assert isinstance(item.id, str) and item.id and item.kind
    assert isinstance(item.at, datetime) and item.at.tzinfo is not None
    assert isinstance(item.title, str) and item.title and isinstance(item.text, str)
    assert isinstance(item.people, tuple) and all(
        isinstance(person, str) and person for person in item.people
    )
    assert item.account is None or isinstance(item.account, int)
    assert item.url == "" or item.url.startswith("/")
    assert isinstance(item.untrusted, bool)
    as_json = json.loads(json.dumps(item.meta, allow_nan=False))
    assert as_json == item.meta, "the same after a way through JSON"
    json.dumps(asdict(item), default=datetime.isoformat)
    for line in item.meta.get("lines", []):
        assert set(line) == {"at", "speaker", "side", "text"} and line["side"] in {"us", "them"}
        assert isinstance(line["at"], int) and line["text"]


def check_order(reading: Reading, operation: str) -> None:
    times = [item.at for item in reading.items]
    if (reading.category, operation) in BY_NAME_OR_MATCH:
        return
    assert times == sorted(times, reverse=(reading.category, operation) not in EARLIEST_FIRST)
