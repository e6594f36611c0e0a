"""~~conversation intelligence: recorded calls with their transcripts."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from django.urls import reverse

from sales_app.connectors.arguments import key, moment, required
from sales_app.connectors.base import Item
from sales_app.connectors.demo.files import (
    Row,
    accounts_by_reference,
    email_of,
    folder,
    person_named,
    zone_of,
)
from sales_app.connectors.demo.reader import Json, Operation, Reader
from sales_app.crm.access import contacts_for, deals_for
from sales_app.demo.when import Calendar
from sales_app.people.models import User

DATA = Path(__file__).parent / "data"


class CallsProvider(Reader):
    """The newest first; whoever may see an account may read its calls.

    ``calls.jsonl`` has an object for each call: ``{"id", "title", "when", "minutes", "owner", "account", "deal"?, "people":
    [[name, title, "us"|"them"]], "lines": [[seconds, person's place in people, text]]}``; ``[W+2]`` in a text is the weekday two working days later. ``when`` is ``-12 10:30`` as in the
    demo's calendars, in the owner's zone; ``account`` and ``deal`` are external ids of the CRM.

    ``meta``: ``lines`` as the category says, ``minutes``, ``owner`` and ``owner_email`` of ours, ``deal_id`` and ``deal`` (None
    and "" without one), ``speakers`` ``[{"name", "title", "side", "contact_id"?}]``.
    """

    name = "demo_calls"
    title = "Demo call recordings"
    category = "calls"

    def __init__(self, data: Path | None = None) -> None:
        self.folder = folder(data, DATA)

    def operations(self) -> Mapping[str, Operation]:
        return {"calls": self._calls, "call": self._call}

    def _calls(self, user: User, arguments: Json) -> Iterator[Item]:
        account, since = key(arguments, "account"), moment(arguments, "since")
        found = self._items(user, self.folder.rows("calls"), account)
        for item in sorted(found, key=lambda item: (item.at, item.id), reverse=True):
            if since is None or item.at >= since:
                yield item

    def _call(self, user: User, arguments: Json) -> Iterator[Item]:
        id = required(arguments, "id")
        yield from self._items(user, tuple(row for row in self.folder.rows("calls") if row["id"] == id))

    def _items(self, user: User, rows: tuple[Row, ...], account: int | None = None) -> Iterator[Item]:
        when = self.folder.calendar()
        accounts = accounts_by_reference(user, (row["account"] for row in rows))
        if account is not None:
            accounts = {reference: pk for reference, pk in accounts.items() if pk == account}
        seen = [row for row in rows if row["account"] in accounts]
        deals = _deals(user, {row["deal"] for row in seen if row.get("deal")})
        contacts = _contacts(user, set(accounts.values()))
        for row in seen:
            pk = accounts[row["account"]]
            yield _item(row, when, pk, deals.get(row.get("deal") or ""), contacts.get(pk, {}))


def _deals(user: User, references: set[str]) -> dict[str, tuple[int, str]]:
    rows = deals_for(user).filter(external_id__in=references).values_list("external_id", "pk", "name")
    return {reference: (pk, name) for reference, pk, name in rows if reference}


def _contacts(user: User, accounts: set[int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for account, name, pk in (
        contacts_for(user).filter(account__in=accounts).values_list("account", "name", "pk")
    ):
        found.setdefault(account, {})[name] = pk
    return found


def _item(
    row: Row, when: Calendar, account: int, deal: tuple[int, str] | None, contacts: dict[str, int]
) -> Item:
    names = [person_named(name) for name, _, _ in row["people"]]
    speakers = [
        {"name": name, "title": title, "side": side}
        | ({"contact_id": contacts[name]} if side == "them" and name in contacts else {})
        for name, (_, title, side) in zip(names, row["people"], strict=True)
    ]
    begins = when.instant(row["when"], zone_of(row["owner"]))
    lines = [
        {
            "at": at,
            "speaker": speakers[place]["name"],
            "side": speakers[place]["side"],
            "text": when.said(words, begins),
        }
        for at, place, words in row["lines"]
    ]
    return Item(
        id=row["id"],
        kind="call",
        at=begins,
        title=when.text(row["title"]),
        text="\n".join(f"{line['speaker']}: {line['text']}" for line in lines),
        people=tuple(names),
        account=account,
        url=reverse("source", args=["calls", row["id"]]),
        untrusted=True,
        meta={
            "lines": lines,
            "minutes": row["minutes"],
            "owner": person_named(row["owner"]),
            "owner_email": email_of(row["owner"]),
            "deal_id": deal[0] if deal else None,
            "deal": deal[1] if deal else "",
            "speakers": speakers,
        },
    )
