"""Which records an acting tool means: looked up in the book of whoever asked, by id or by name."""

from typing import Any

from django.db.models import Model

from sales_app.agent.tools.registry import Json
from sales_app.crm import arguments
from sales_app.crm.access import accounts_for, activities_for, contacts_for, deals_for
from sales_app.crm.errors import NotFound, UnknownValue
from sales_app.crm.forms import AccountForm, ActivityForm, ContactForm, DealForm, RecordForm
from sales_app.crm.models import Activity
from sales_app.people.models import User

FORMS: dict[str, type[RecordForm]] = {
    "account": AccountForm,
    "contact": ContactForm,
    "deal": DealForm,
    "activity": ActivityForm,
}
_ROWS: dict[str, Any] = {
    "account": accounts_for,
    "contact": contacts_for,
    "deal": deals_for,
    "activity": activities_for,
}


def find(user: User, kind: str, ref: str | int) -> Any:
    """Raises NotFound, Ambiguous, UnknownValue."""
    if kind == "account":
        return arguments.account(user, ref)
    if kind == "contact":
        return arguments.contact(user, ref)
    if kind == "deal":
        return arguments.deal(user, ref)
    if kind == "activity":
        return _activity(user, ref)
    raise UnknownValue(f"record is one of {', '.join(FORMS)}; {kind!r} is not.")


def _activity(user: User, ref: str | int) -> Activity:
    """By id only: many activities have the same subject."""
    text = str(ref)
    found = activities_for(user).filter(pk=int(text[:18])).first() if text.isdecimal() else None
    if found is None:
        raise NotFound(
            f"No activity of yours has the id {ref!r}. Search with recent_activities or open_tasks."
        )
    return found


def visible(user: User, kind: str, pk: int) -> Any:
    """The record with this id, or None when it is gone or not in the user's book."""
    return _ROWS[kind](user).filter(pk=pk).first()


def named(row: Model) -> Json:
    return {"id": row.pk, "url": getattr(row, "get_absolute_url")(), "name": str(row)}  # noqa: B009  every record has one
