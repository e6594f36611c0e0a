"""The mailboxes of the demo company: mails that wait for an answer, mails that were answered, newsletters.

Loaded with the company; where it was loaded before there were any, by the next start. A line in the audit trail of their own
marks them, so that what people delete does not come back.
"""

from datetime import datetime, timedelta
from email.utils import formataddr
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from sales_app.crm.models import Account, Contact
from sales_app.demo.people import BY_KEY, DOMAIN
from sales_app.demo.rows import read
from sales_app.demo.when import Calendar
from sales_app.mail.models import Mail
from sales_app.people.models import AuditEntry, User

MARK: Final = "demo_mail_loaded"
PREFIX: Final = "<demo-mail-"


def is_loaded() -> bool:
    return AuditEntry.objects.filter(action=MARK).exists()


def load(when: Calendar) -> int:
    """How many mails there are in the file. All of them and the mark, or none."""
    rows = read("mails")
    users = {user.email: user for user in User.objects.filter(email__endswith=f"@{DOMAIN}")}
    accounts = _keys(Account, {row["account"] for row in rows})
    contacts = _keys(Contact, {row["contact"] for row in rows})
    with transaction.atomic():
        if is_loaded():
            return len(rows)
        there = set(Mail.objects.filter(message_id__startswith=PREFIX).values_list("message_id", flat=True))
        times: list[datetime] = []
        new = []
        for number, row in enumerate(rows):
            person = BY_KEY[row["owner"]]
            at = _time(row, when, times, ZoneInfo(person.time_zone))
            times.append(at)
            owner = users.get(person.email)
            if owner is None or message_id(number) in there:
                continue
            mail = _mail(number, row, owner, at, when)
            if row["answers"] is not None:
                answered = rows[row["answers"]]
                mail.recipient = formataddr((answered["sender"], answered["address"]))
                mail.in_reply_to = message_id(row["answers"])
            mail.account_id = accounts.get(row["account"])
            mail.contact_id = contacts.get(row["contact"])
            new.append(mail)
        Mail.objects.bulk_create(new)
        AuditEntry.objects.create(action=MARK, target="demo mailboxes")
    return len(rows)


def remove() -> int:
    return Mail.objects.filter(message_id__startswith=PREFIX).delete()[1].get("sales_app.Mail", 0)


def message_id(number: int) -> str:
    return f"{PREFIX}{number}@{DOMAIN}>"


def _keys(model: type[Account] | type[Contact], numbers: set[int | None]) -> dict[int | None, int]:
    """The primary key for each place in the file, of those that are still there."""
    prefix = f"demo:{model._meta.model_name}:"
    wanted = {f"{prefix}{number}": number for number in numbers if number is not None}
    rows = model._default_manager.filter(external_id__in=wanted).values_list("external_id", "pk")
    return {wanted[external_id]: pk for external_id, pk in rows if external_id}


def _time(row: dict[str, Any], when: Calendar, times: list[datetime], zone: ZoneInfo) -> datetime:
    """An answer comes so many minutes after its mail; nothing was written later than now."""
    if row["answers"] is None:
        at = when.instant(row["when"], zone)
    else:
        at = times[row["answers"]] + timedelta(minutes=row["after"])
    return min(at, timezone.now()).astimezone(zone)


def _mail(number: int, row: dict[str, Any], owner: User, at: datetime, when: Calendar) -> Mail:
    """``at`` is in the owner's zone: the weekdays in the text count from there."""
    direction = Mail.Direction.RECEIVED if row["answers"] is None else Mail.Direction.SENT
    return Mail(
        owner=owner,
        direction=direction,
        status=Mail.Status.DELIVERED,
        sender=formataddr((row["sender"], row["address"])),
        recipient=owner.email,
        subject=when.said(row["subject"], at),
        body=when.said(row["body"], at),
        message_id=message_id(number),
        created_at=at,
    )
