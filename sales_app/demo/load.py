"""Loads the demo company, as seen from today.

In short transactions: SQLite has one writer, and while this loads somebody may already be chatting. Every row
carries an external id (``demo:…``), so an interrupted load is completed by the next one. A line in the audit trail
marks the finished one; after it nothing is loaded again, whatever people have changed or deleted.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from sales_app.crm.models import Account, Activity, Contact, Deal
from sales_app.demo import mailbox
from sales_app.demo.people import DOMAIN, PASSWORD, PEOPLE, Person
from sales_app.demo.rows import read
from sales_app.demo.when import Calendar
from sales_app.people.models import WEEKDAYS, AuditEntry, User

ROWS_PER_TRANSACTION = 250
MARK = "demo_loaded"
PREFIX = "demo:"

Row = TypeVar("Row", Account, Contact, Deal, Activity)
Progress = Callable[[str], None]


def is_loaded() -> bool:
    return AuditEntry.objects.filter(action=MARK).exists()


def complete(progress: Progress) -> None:
    """Load what the demo company had not yet when it was loaded here; nothing where it was taken out."""
    day = day_of_loading()
    if day is not None and not mailbox.is_loaded():
        progress(f"{mailbox.load(Calendar(day))} mails")


def load(progress: Progress, *, today: date | None = None) -> None:
    """``progress`` gets a line after each kind of record."""
    when = Calendar(today or timezone.localdate())
    people = _load_people()
    progress(f"{len(people)} people")
    accounts = _load_accounts(people, when)
    progress(f"{len(accounts)} accounts")
    contacts = _load_contacts(accounts, when)
    progress(f"{len(contacts)} contacts")
    deals = _load_deals(accounts, people, when)
    progress(f"{len(deals)} deals")
    activities = _load_activities(accounts, contacts, deals, people, when)
    progress(f"{len(activities)} activities")
    progress(f"{mailbox.load(when)} mails")
    AuditEntry.objects.create(action=MARK, target="demo company", data={"day": when.today.isoformat()})


def day_of_loading() -> date | None:
    """The day from which the demo company's dates count; None when it is not loaded, or was taken out again."""
    mark = AuditEntry.objects.filter(action=MARK).order_by("created_at", "pk").first()
    if mark is None or not User.objects.filter(email__endswith=f"@{DOMAIN}", is_active=True).exists():
        return None
    return date.fromisoformat(mark.data["day"]) if "day" in mark.data else timezone.localdate(mark.created_at)


def remove(progress: Progress) -> None:
    """Delete the demo records and close the demo logins; what people added to demo accounts goes with them."""
    for model in (Activity, Deal, Contact, Account):
        rows = model._default_manager.filter(external_id__startswith=PREFIX)
        count = 0
        while batch := list(rows.values_list("pk", flat=True)[:ROWS_PER_TRANSACTION]):
            model._default_manager.filter(pk__in=batch).delete()
            count += len(batch)
        progress(f"{count} {model._meta.verbose_name_plural} removed")
    progress(f"{mailbox.remove()} mails removed")
    closed = User.objects.filter(email__endswith=f"@{DOMAIN}", is_active=True).update(is_active=False)
    progress(f"{closed} logins closed")


def _load_people() -> dict[str, User]:
    password = make_password(PASSWORD)  # once: hashing is slow on purpose
    found: dict[str, User] = {}
    for person in sorted(PEOPLE, key=lambda person: bool(person.manager)):
        found[person.key] = _load_person(person, password, found.get(person.manager))
    return found


def _load_person(person: Person, password: str, manager: User | None) -> User:
    hours = [person.begins.strftime("%H:%M"), person.ends.strftime("%H:%M")]
    user, _ = User.objects.get_or_create(
        email=person.email,
        defaults={
            "first_name": person.first_name,
            "last_name": person.last_name,
            "role": person.role,
            "title": person.title,
            "time_zone": person.time_zone,
            "locale": person.locale,
            "manager": manager,
            "password": password,
            "working_hours": dict.fromkeys(WEEKDAYS[:5], hours),
        },
    )
    return user


def _load_accounts(people: dict[str, User], when: Calendar) -> list[int]:
    return _load(
        Account,
        read("accounts"),
        lambda row: Account(
            name=row["name"],
            domain=row["domain"],
            industry=row["industry"],
            segment=row["segment"],
            employees=row["employees"],
            country=row["country"],
            region=row["region"],
            status=row["status"],
            plan=row["plan"],
            health=row["health"],
            arr=Decimal(row["arr"]),
            owner=people[row["owner"]],
            next_step=when.text(row["next_step"]),
            created_at=when.instant(f"-{row['age']} 09:00", ZoneInfo("UTC")),
        ),
    )


def _load_contacts(accounts: list[int], when: Calendar) -> list[int]:
    return _load(
        Contact,
        read("contacts"),
        lambda row: Contact(
            account_id=accounts[row["account"]],
            name=row["name"],
            email=row["email"],
            title=row["title"],
            role=row["role"],
            phone=row["phone"],
            last_contacted_at=None
            if row["contacted"] is None
            else when.instant(f"-{row['contacted']} 12:00", ZoneInfo("UTC")),
        ),
    )


def _load_deals(accounts: list[int], people: dict[str, User], when: Calendar) -> list[int]:
    return _load(
        Deal,
        read("deals"),
        lambda row: Deal(
            account_id=accounts[row["account"]],
            name=row["name"],
            owner=people[row["owner"]],
            stage=row["stage"],
            amount=Decimal(row["amount"]),
            close_date=when.day(row["close"]),
            probability=row["probability"],
            next_step=when.text(row["next_step"]),
            competitor=row["competitor"],
            lost_reason=row["lost_reason"],
            created_at=when.instant(f"-{row['age']} 09:00", ZoneInfo("UTC")),
            stage_changed_at=when.instant(f"-{row['in_stage']} 09:00", ZoneInfo("UTC")),
        ),
    )


def _load_activities(
    accounts: list[int], contacts: list[int], deals: list[int], people: dict[str, User], when: Calendar
) -> list[int]:
    def activity(row: dict[str, Any]) -> Activity:
        owner = people[row["owner"]]
        starts_at = when.instant(row["when"], ZoneInfo(owner.time_zone))
        return Activity(
            kind=row["kind"],
            subject=when.text(row["subject"]),
            body=when.text(row["body"]),
            owner=owner,
            account_id=None if row["account"] is None else accounts[row["account"]],
            contact_id=None if row["contact"] is None else contacts[row["contact"]],
            deal_id=None if row["deal"] is None else deals[row["deal"]],
            starts_at=starts_at,
            ends_at=row["minutes"] and starts_at + timedelta(minutes=row["minutes"]),
            due=None if row["due"] is None else when.day(row["due"]),
            done=row["done"],
            location=row["location"],
            attendees=row["attendees"],
        )

    return _load(Activity, read("activities"), activity)


def _load(model: type[Row], rows: list[dict[str, Any]], made: Callable[[dict[str, Any]], Row]) -> list[int]:
    """The primary key for each row of the file."""
    prefix = f"{PREFIX}{model._meta.model_name}:"
    there = model._default_manager.filter(external_id__startswith=prefix).values_list("external_id", "pk")
    keys = {external_id or "": pk for external_id, pk in there}
    missing = [(f"{prefix}{n}", row) for n, row in enumerate(rows) if f"{prefix}{n}" not in keys]
    for batch in _batches(iter(missing)):
        new = []
        for external_id, row in batch:
            record = made(row)
            record.external_id = external_id
            new.append(record)
        with transaction.atomic():
            model._default_manager.bulk_create(new)
        keys.update({record.external_id or "": record.pk for record in new})
    return [keys[f"{prefix}{n}"] for n in range(len(rows))]


def _batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(islice(rows, ROWS_PER_TRANSACTION)):
        yield batch
