"""The records that an import may refer to, read once: a query per cell would take minutes."""

from collections import defaultdict
from functools import cached_property
from typing import Any

from sales_app.crm.access import accounts_for, contacts_for, deals_for
from sales_app.crm.filters import people_of
from sales_app.crm.models import Account, Contact, Deal
from sales_app.crm.models.key import key_of
from sales_app.people.models import User


class Lookups:
    def __init__(self, user: User) -> None:
        self.user = user

    @cached_property
    def _people(self) -> dict[str, int]:
        return {person.email.lower(): person.pk for person in people_of(self.user).filter(is_active=True)}

    @cached_property
    def _accounts(self) -> dict[str, set[int]]:
        found: dict[str, set[int]] = defaultdict(set)
        rows = accounts_for(self.user).order_by()
        for pk, external_id, domain, name in rows.values_list("pk", "external_id", "domain", "name_key"):
            for key in (external_id, domain.lower(), name):
                if key:
                    found[key].add(pk)
        return found

    @cached_property
    def _contacts(self) -> dict[tuple[int, str], set[int]]:
        found: dict[tuple[int, str], set[int]] = defaultdict(set)
        rows = contacts_for(self.user).order_by()
        for pk, account, external_id, email, name in rows.values_list(
            "pk", "account", "external_id", "email", "name_key"
        ):
            for key in (external_id, email.lower(), name):
                if key:
                    found[account, key].add(pk)
        return found

    @cached_property
    def _deals(self) -> dict[tuple[int, str], set[int]]:
        found: dict[tuple[int, str], set[int]] = defaultdict(set)
        rows = deals_for(self.user).order_by()
        for pk, account, external_id, name in rows.values_list("pk", "account", "external_id", "name_key"):
            for key in (external_id, name):
                if key:
                    found[account, key].add(pk)
        return found

    def owner(self, written: str, row: dict[str, Any]) -> int:
        if written.lower() not in self._people:
            raise ValueError(
                "No colleague of yours has this email address. Invite them first, or leave it empty."
            )
        return self._people[written.lower()]

    def account(self, written: str, row: dict[str, Any]) -> int:
        keys = (written, written.lower(), key_of(written))
        found = next((self._accounts[key] for key in keys if key in self._accounts), set())
        return _only(found, "account", "its external_id, its domain or its exact name. Import accounts first")

    def contact(self, written: str, row: dict[str, Any]) -> int:
        return _only(
            self._at_account(self._contacts, written, row), "contact at this account", "the email address"
        )

    def deal(self, written: str, row: dict[str, Any]) -> int:
        return _only(
            self._at_account(self._deals, written, row), "deal of this account", "its external_id or name"
        )

    def _at_account(
        self, known: dict[tuple[int, str], set[int]], written: str, row: dict[str, Any]
    ) -> set[int]:
        account = row.get("account") or ""
        if not account:
            raise ValueError("Give the account in this row too.")
        pk = self.account(account, row)
        keys = ((pk, written), (pk, written.lower()), (pk, key_of(written)))
        return next((known[key] for key in keys if key in known), set())


def _only(found: set[int], what: str, how: str) -> int:
    if not found:
        raise ValueError(f"There is no such {what}. Give {how}.")
    if len(found) > 1:
        raise ValueError(f"{len(found)} records fit. Give the external_id of one.")
    return next(iter(found))


def show_account(account: Account) -> str:
    return account.external_id or account.domain or account.name


def show_contact(contact: Contact) -> str:
    return contact.email or contact.name


def show_deal(deal: Deal) -> str:
    return deal.external_id or deal.name


def show_owner(owner: User) -> str:
    return owner.email
