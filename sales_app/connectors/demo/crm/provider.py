"""~~CRM: this product's own accounts, deals, contacts and activities."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time

from django.db.models import QuerySet
from django.utils import timezone

from sales_app.connectors.arguments import key, moment
from sales_app.connectors.base import Item
from sales_app.connectors.demo.reader import Json, Operation, Reader
from sales_app.crm import shape
from sales_app.crm.access import accounts_for, activities_for, contacts_for, deals_for
from sales_app.crm.models import Account, Activity, Contact, Deal
from sales_app.people.models import User


class CrmProvider(Reader):
    """``meta`` of an item is its row, as the copilot's tools describe it (``sales_app.crm.shape``).

    Deals come by closing date, contacts by name, activities newest first, those that are planned included.
    """

    name = "demo_crm"
    title = "Clewline CRM"
    category = "crm"

    def operations(self) -> Mapping[str, Operation]:
        return {"account": _account, "deals": _deals, "contacts": _contacts, "activities": _activities}


def _account(user: User, arguments: Json) -> Iterator[Item]:
    for account in accounts_for(user).filter(pk=key(arguments, "account") or 0).select_related("owner"):
        yield _account_item(account)


def _account_item(account: Account) -> Item:
    return Item(
        id=str(account.pk),
        kind="account",
        at=account.created_at,
        title=account.name,
        text=account.next_step,
        account=account.pk,
        url=account.get_absolute_url(),
        meta=shape.account_row(account),
    )


def _deals(user: User, arguments: Json) -> Iterator[Item]:
    rows = deals_for(user).filter(account=key(arguments, "account") or 0)
    for deal in rows.select_related("account", "owner").order_by("close_date", "id"):
        yield _deal_item(deal)


def _deal_item(deal: Deal) -> Item:
    closes = datetime.combine(deal.close_date, time.min, UTC) if deal.close_date else deal.created_at
    return Item(
        id=str(deal.pk),
        kind="deal",
        at=closes,
        title=deal.name,
        text=deal.next_step,
        account=deal.account_id,
        url=deal.get_absolute_url(),
        meta=shape.deal_row(deal),
    )


def _contacts(user: User, arguments: Json) -> Iterator[Item]:
    rows = contacts_for(user).filter(account=key(arguments, "account") or 0)
    for contact in rows.select_related("account").order_by("name_key", "id"):
        yield _contact_item(contact)


def _contact_item(contact: Contact) -> Item:
    return Item(
        id=str(contact.pk),
        kind="contact",
        at=contact.last_contacted_at or contact.created_at,
        title=contact.name,
        text=contact.title,
        people=(contact.name,),
        account=contact.account_id,
        url=contact.get_absolute_url(),
        meta=shape.contact_row(contact),
    )


def _activities(user: User, arguments: Json) -> Iterator[Item]:
    rows: QuerySet[Activity] = activities_for(user).filter(account=key(arguments, "account") or 0)
    if since := moment(arguments, "since"):
        rows = rows.filter(starts_at__gte=since)
    for activity in rows.select_related("account", "contact", "deal", "owner").order_by("-starts_at", "-id"):
        yield _activity_item(activity)


def _activity_item(activity: Activity) -> Item:
    people = (
        str(activity.owner) if activity.owner else "",
        activity.contact.name if activity.contact else "",
    )
    return Item(
        id=str(activity.pk),
        kind=activity.kind,
        at=activity.starts_at,
        title=activity.subject,
        text=activity.body,
        people=tuple(person for person in people if person),
        account=activity.account_id,
        url=activity.get_absolute_url(),
        untrusted=True,  # what was noted of calls and mails holds the words of outsiders
        meta={**shape.activity_row(activity), "planned": activity.starts_at > timezone.now()},
    )
