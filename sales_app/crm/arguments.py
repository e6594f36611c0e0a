"""From what a person or the copilot writes to what is meant: choices, days, numbers, people and rows.

Each function raises a ``CrmError`` whose message lists what would have been understood.
"""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import QuerySet

from sales_app.crm import search, shape
from sales_app.crm.access import accounts_for, contacts_for, deals_for
from sales_app.crm.errors import Ambiguous, NotFound, UnknownValue
from sales_app.crm.models import Account, Contact, Deal
from sales_app.crm.models.key import key_of
from sales_app.people.models import User

EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)
LARGEST = Decimal(10) ** 12  # what the columns hold


def choice(choices: Any, given: str, argument: str) -> str:
    """The value whose name or label was given, in any case."""
    wanted = key_of(given).replace("-", " ").replace("_", " ")
    for value, label in choices.choices:
        if wanted in {value.replace("_", " "), str(label).lower().replace("-", " ")}:
            return str(value)
    names = ", ".join(value for value in choices.values if value)
    raise UnknownValue(f"{argument} is one of {names}; {given!r} is not.")


def known_in(rows: QuerySet[Account], column: str, given: str) -> str:
    """``given`` as the accounts spell it; otherwise those spellings are listed, not nothing found."""
    known = sorted(value for value in rows.order_by().values_list(column, flat=True).distinct() if value)
    wanted = key_of(given)
    by_key = {key_of(value): value for value in known}
    if wanted in by_key:
        return str(by_key[wanted])
    containing = [value for key, value in by_key.items() if wanted in key or key in wanted]
    if len(containing) == 1:
        return str(containing[0])
    offered = (containing or known)[:40]
    listed = ", ".join(offered) or "none"
    raise UnknownValue(f"No account has the {column} {given!r}. There are: {listed}.", quotes=offered)


def owner(user: User, given: str | int) -> User:
    if str(given).strip().lower() in {"me", "my", "mine", "myself"}:
        return user
    found = search.matching_people(str(given).strip())
    if not found:
        raise NotFound(f"Nobody here is called {given!r}. Give a name or an email address.")
    if len(found) > 1:
        people = [{"id": person.pk, "name": shape.person(person), "email": person.email} for person in found]
        raise Ambiguous(f"Several people are called {given!r}: ask which one.", candidates=people)
    return found[0]


def account(user: User, given: str | int) -> Account:
    found = search.matching_accounts(accounts_for(user).select_related("owner"), given)
    if not found:
        raise NotFound(f"No account of yours is called {given!r}. Search with find_accounts.")
    if len(found) > 1:
        raise Ambiguous(
            f"Several accounts fit {given!r}: give the id of one.",
            candidates=[shape.account_row(account) for account in found],
        )
    return found[0]


def deal(user: User, given: str | int) -> Deal:
    found = search.matching_deals(deals_for(user).select_related("account", "owner"), given)
    if not found:
        raise NotFound(f"No deal of yours is called {given!r}. Search with find_deals.")
    if len(found) > 1:
        raise Ambiguous(
            f"Several deals fit {given!r}: give the id of one.",
            candidates=[shape.deal_row(deal) for deal in found],
        )
    return found[0]


def contact(user: User, given: str | int) -> Contact:
    found = search.matching_contacts(contacts_for(user).select_related("account"), given)
    if not found:
        raise NotFound(f"No contact of yours is called {given!r}. Search with find_contacts.")
    if len(found) > 1:
        raise Ambiguous(
            f"Several contacts fit {given!r}: give the id of one.",
            candidates=[shape.contact_row(contact) for contact in found],
        )
    return found[0]


def day(given: date | str, argument: str) -> date:
    try:
        found = given if isinstance(given, date) else datetime.fromisoformat(str(given))
    except ValueError:
        found = date.min
    found = found.date() if isinstance(found, datetime) else found
    if not EARLIEST <= found <= LATEST:
        raise UnknownValue(f"{argument} is a day such as 2026-03-31; {given!r} is not.")
    return found


def decimal(given: Decimal | str | float, argument: str) -> Decimal:
    try:
        number = Decimal(str(given))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= LARGEST:
        raise UnknownValue(f"{argument} is a number such as 50000; {given!r} is not.")
    return round(number, 2)
