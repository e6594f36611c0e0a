"""Sources: where a fact can be read again, with how fresh it is."""

from datetime import datetime

from sales_app.collect.words import short
from sales_app.connectors import Item, Reading
from sales_app.crm.models import Account, Activity, Contact, Deal
from sales_app.facts import Source
from sales_app.facts.fact import moment


def of_item(item: Item, reading: Reading, *, quote: str = "", anchor: str = "", label: str = "") -> Source:
    """``anchor`` is a place on the item's page, such as ``t754`` of a transcript."""
    return Source(
        category=reading.category,
        provider=reading.provider,
        ref=item.id,
        label=short(label or item.title, 120),
        url=f"{item.url}#{anchor}" if anchor else item.url,
        as_of=moment(reading.as_of),
        quote=quote,
        untrusted=item.untrusted,
    )


def of_deal(deal: Deal, now: datetime, *, quote: str = "") -> Source:
    return record("deal", deal, now, quote)


def of_account(account: Account, now: datetime, *, quote: str = "") -> Source:
    return record("account", account, now, quote)


def of_activity(activity: Activity, now: datetime, *, quote: str = "") -> Source:
    return record(activity.kind, activity, now, quote)


def of_list(label: str, url: str, now: datetime, *, quote: str = "") -> Source:
    """A page of the CRM that lists what was counted."""
    return Source(
        category="crm", provider="clewline", ref=url, label=label, url=url, as_of=moment(now), quote=quote
    )


def record(kind: str, row: Account | Activity | Contact | Deal, now: datetime, quote: str) -> Source:
    return Source(
        category="crm",
        provider="clewline",
        ref=f"{kind}:{row.pk}",
        label=short(str(row), 120),
        url=row.get_absolute_url(),
        as_of=moment(now),
        quote=quote,
    )
