"""A small company to test with: two reps under one manager, a rep of another team, RevOps, an auditor."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sales_app.crm.models import Account, Activity, Contact, Deal
from sales_app.people.models import User


def person(key: str, role: str, **values: Any) -> User:
    values.setdefault("first_name", key.capitalize())
    values.setdefault("last_name", "Test")
    return User.objects.create_user(f"{key}@test.example", None, role=role, **values)


def account(owner: User | None, name: str = "Brixholm Foods", **values: Any) -> Account:
    return Account.objects.create(owner=owner, name=name, **values)


def deal(of: Account, name: str = "Spend control", **values: Any) -> Deal:
    values.setdefault("owner", of.owner)
    values.setdefault("amount", Decimal(1000))
    values.setdefault("close_date", date(2026, 12, 31))
    return Deal.objects.create(account=of, name=name, **values)


def activity(owner: User, subject: str = "Call", **values: Any) -> Activity:
    values.setdefault("kind", Activity.Kind.CALL)
    values.setdefault("starts_at", datetime(2026, 1, 15, 10, tzinfo=UTC))
    return Activity.objects.create(owner=owner, subject=subject, **values)


def contact(of: Account, name: str = "Tessa Marchetti", **values: Any) -> Contact:
    return Contact.objects.create(account=of, name=name, **values)


@dataclass(kw_only=True)
class World:
    rep: User
    colleague: User
    manager: User
    stranger: User
    revops: User
    auditor: User
    mine: Account
    colleagues: Account
    strangers: Account


def make_world() -> World:
    manager = person("grace", "manager")
    rep = person("dana", "rep", manager=manager)
    colleague = person("hector", "rep", manager=manager)
    stranger = person("katja", "rep", time_zone="Europe/Berlin", locale="de-DE")
    return World(
        rep=rep,
        colleague=colleague,
        manager=manager,
        stranger=stranger,
        revops=person("indira", "revops"),
        auditor=person("ruth", "auditor"),
        mine=account(rep, "Brixholm Foods", country="Germany", industry="Food and drink", arr=Decimal(5000)),
        colleagues=account(colleague, "Dorwick Logistics", country="Sweden", industry="Logistics"),
        strangers=account(stranger, "Velmont Solar", country="Germany", industry="Energy"),
    )
