"""The columns of each kind of CSV, one table for the template, the import and the export."""

from typing import Any
from zoneinfo import ZoneInfo

from import_export.fields import Field
from import_export.resources import Resource

from sales_app.crm.imports import lookups, widgets
from sales_app.crm.imports.lookups import Lookups
from sales_app.crm.models import Account, Activity, Contact, Deal, ImportBatch
from sales_app.crm.models.deal import Stage
from sales_app.people.models import User

Kind = ImportBatch.Kind
MODELS: dict[str, Any] = {
    Kind.ACCOUNTS: Account,
    Kind.CONTACTS: Contact,
    Kind.DEALS: Deal,
    Kind.ACTIVITIES: Activity,
}

# What a new record cannot be without.
REQUIRED: dict[str, tuple[str, ...]] = {
    Kind.ACCOUNTS: ("name",),
    Kind.CONTACTS: ("name", "account"),
    Kind.DEALS: ("name", "account"),
    Kind.ACTIVITIES: ("kind", "subject"),
}

# One row of each template, to be overwritten.
EXAMPLES: dict[str, dict[str, str]] = {
    Kind.ACCOUNTS: {
        "external_id": "A-1001",
        "name": "Northgate Bakery Ltd",
        "domain": "northgate-bakery.example",
        "status": "customer",
        "segment": "smb",
        "industry": "Food and drink",
        "employees": "45",
        "country": "United Kingdom",
        "region": "EMEA",
        "arr": "3600.00",
        "currency": "GBP",
        "plan": "Team",
        "health": "good",
        "next_step": "Quarterly review",
    },
    Kind.CONTACTS: {
        "external_id": "C-2001",
        "account": "A-1001",
        "name": "Tessa Marchetti",
        "email": "tessa@northgate-bakery.example",
        "title": "Finance Manager",
        "role": "champion",
    },
    Kind.DEALS: {
        "external_id": "D-3001",
        "account": "A-1001",
        "name": "Northgate Bakery: 20 more users",
        "stage": "proposal",
        "amount": "2400.00",
        "currency": "GBP",
        "close_date": "2027-03-31",
        "probability": "60",
        "next_step": "Send the order form",
    },
    Kind.ACTIVITIES: {
        "external_id": "E-4001",
        "kind": "call",
        "subject": "Budget for next year",
        "body": "They can start in the new quarter.",
        "account": "A-1001",
        "contact": "tessa@northgate-bakery.example",
        "starts_at": "2026-11-20 14:30",
    },
}


def resource_for(kind: str, user: User) -> Resource:
    """The columns in their order; ``Field.clean`` reads a cell, ``Field.export`` writes one."""
    found = Lookups(user)
    text, money, whole, day = widgets.Text(), widgets.Money(), widgets.Whole(), widgets.Day()
    moment = widgets.Moment(ZoneInfo(user.time_zone))
    account = widgets.Reference(found.account, lookups.show_account)
    owner = widgets.Reference(found.owner, lookups.show_owner)
    columns: dict[str, dict[str, Any]] = {
        Kind.ACCOUNTS: {
            "external_id": text,
            "name": text,
            "domain": text,
            "status": widgets.Choice(Account.Status.choices),
            "segment": widgets.Choice(Account.Segment.choices),
            "industry": text,
            "employees": whole,
            "country": text,
            "region": text,
            "arr": money,
            "currency": text,
            "plan": text,
            "health": widgets.Choice(Account.Health.choices),
            "owner": owner,
            "next_step": text,
        },
        Kind.CONTACTS: {
            "external_id": text,
            "account": account,
            "name": text,
            "email": text,
            "title": text,
            "role": widgets.Choice(Contact.Role.choices),
            "phone": text,
            "last_contacted_at": moment,
        },
        Kind.DEALS: {
            "external_id": text,
            "account": account,
            "name": text,
            "owner": owner,
            "stage": widgets.Choice(Stage.choices),
            "amount": money,
            "currency": text,
            "close_date": day,
            "probability": whole,
            "next_step": text,
            "competitor": text,
            "lost_reason": text,
        },
        Kind.ACTIVITIES: {
            "external_id": text,
            "kind": widgets.Choice(Activity.Kind.choices),
            "subject": text,
            "body": text,
            "account": account,
            "contact": widgets.Reference(found.contact, lookups.show_contact),
            "deal": widgets.Reference(found.deal, lookups.show_deal),
            "owner": owner,
            "starts_at": moment,
            "ends_at": moment,
            "due": day,
            "done": widgets.YesNo(),
            "location": text,
            "attendees": text,
        },
    }
    resource = Resource()
    resource.fields = {
        name: Field(attribute=name, column_name=name, widget=widget) for name, widget in columns[kind].items()
    }
    return resource


def column_names(kind: str, user: User) -> list[str]:
    return list(resource_for(kind, user).fields)
