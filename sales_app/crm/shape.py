"""Rows as JSON-able dicts for the copilot: ids, links, plain words; amounts as decimal strings, times in ISO 8601.

Keys without a value are left out: what is not there cannot be misread, and costs no tokens.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from sales_app.crm.models import Account, Activity, Contact, Deal
from sales_app.people.models import User

BODY_CHARACTERS = 1200


def amount(value: Decimal) -> str:
    return f"{value:.2f}"


def person(user: User | None) -> str:
    return "" if user is None else user.get_full_name() or user.email


def _moment(value: datetime | None) -> str | None:
    """In the active time zone, with its offset."""
    return None if value is None else timezone.localtime(value).isoformat(timespec="minutes")


def _filled(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value not in ("", None)}


def account_row(account: Account) -> dict[str, Any]:
    return _filled(
        {
            "id": account.pk,
            "url": account.get_absolute_url(),
            "name": account.name,
            "domain": account.domain,
            "industry": account.industry,
            "segment": account.segment,
            "employees": account.employees,
            "country": account.country,
            "region": account.region,
            "status": account.status,
            "plan": account.plan,
            "health": account.health,
            "arr": amount(account.arr),
            "currency": account.currency,
            "owner": person(account.owner),
            "next_step": account.next_step,
        }
    )


def contact_row(contact: Contact) -> dict[str, Any]:
    return _filled(
        {
            "id": contact.pk,
            "url": contact.get_absolute_url(),
            "name": contact.name,
            "title": contact.title,
            "role": contact.role,
            "email": contact.email,
            "phone": contact.phone,
            "last_contacted": _moment(contact.last_contacted_at),
            "account": contact.account.name,
            "account_id": contact.account_id,
        }
    )


def deal_row(deal: Deal) -> dict[str, Any]:
    return _filled(
        {
            "id": deal.pk,
            "url": deal.get_absolute_url(),
            "name": deal.name,
            "account": deal.account.name,
            "account_id": deal.account_id,
            "owner": person(deal.owner),
            "stage": deal.stage,
            "amount": amount(deal.amount),
            "currency": deal.currency,
            "close_date": deal.close_date and deal.close_date.isoformat(),
            "probability_percent": deal.probability,
            "next_step": deal.next_step,
            "competitor": deal.competitor,
            "lost_reason": deal.lost_reason,
            "in_stage_since": deal.stage_changed_at.date().isoformat(),
        }
    )


def activity_row(activity: Activity) -> dict[str, Any]:
    body = activity.body
    row = {
        "id": activity.pk,
        "url": activity.get_absolute_url(),
        "kind": activity.kind,
        "subject": activity.subject,
        "body": body[:BODY_CHARACTERS],
        "starts_at": _moment(activity.starts_at),
        "ends_at": _moment(activity.ends_at),
        "due": activity.due and activity.due.isoformat(),
        "owner": person(activity.owner),
        "account": activity.account and activity.account.name,
        "account_id": activity.account_id,
        "contact": activity.contact and activity.contact.name,
        "contact_id": activity.contact_id,
        "deal": activity.deal and activity.deal.name,
        "deal_id": activity.deal_id,
        "location": activity.location,
        "attendees": activity.attendees,
    }
    if len(body) > BODY_CHARACTERS:
        row["body_truncated"] = True
    if activity.kind == Activity.Kind.TASK:
        row["done"] = activity.done
    return _filled(row)
