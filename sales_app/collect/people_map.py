"""Everybody we know at an account, by their weight in buying, and the roles that nobody has."""

from sales_app.collect.attendees import WEIGHT, weight_of
from sales_app.collect.base import Asking, collector
from sales_app.collect.heard import Heard, heard, when
from sales_app.collect.origin import of_account, record
from sales_app.collect.words import count
from sales_app.crm.access import contacts_for
from sales_app.crm.models import Contact
from sales_app.database import in_database
from sales_app.facts import Action, Fact

MOST = 30
# Without these nothing is signed.
WANTED = (Contact.Role.ECONOMIC_BUYER, Contact.Role.CHAMPION, Contact.Role.TECHNICAL_BUYER)


@collector("people_map", "Look up the people there", kinds=("person", "missing_role"), needs=("account",))
async def people_map(asking: Asking) -> list[Fact]:
    hearing = await heard(asking)
    last: dict[str, Heard] = {}
    for each in hearing.theirs:
        last.setdefault(each.speaker, each)
    return await in_database(_facts, asking, last)


def _facts(asking: Asking, last: dict[str, Heard]) -> list[Fact]:
    assert asking.account is not None
    rows = contacts_for(asking.user).filter(account=asking.account).order_by("name_key", "pk")
    people = list(rows[:MOST])
    roles = {person.role for person in people}
    missing = [role for role in WANTED if role not in roles]
    return [
        *(_person(each, asking, last.get(each.name)) for each in people),
        *(_missing(role, len(people), asking) for role in missing),
    ]


def _person(each: Contact, asking: Asking, spoke: Heard | None) -> Fact:
    words = [
        part
        for part in (each.title, each.get_role_display().lower() if each.role else "role not known")
        if part
    ]
    # The record and the recordings may differ: the later one counts.
    at = max(
        (moment for moment in (each.last_contacted_at, spoke.at if spoke else None) if moment), default=None
    )
    words.append(f"last contact on {when(at, asking)}" if at else "no contact on record")
    sources = [record("contact", each, asking.now, ", ".join(words))]
    if spoke is not None and at == spoke.at:
        sources.append(spoke.source)
    fresh = max(0.0, 9 - (asking.now - at).days / 30) if at else 0.0
    return Fact(
        kind="person",
        text=f"{each.name}: {', '.join(words)}.",
        sources=tuple(sources),
        rank=weight_of(each) * 10 + fresh,
        values={
            "name": each.name,
            "title": each.title,
            "role": each.role,
            "last_contact": at.isoformat() if at else "",
        },
    )


def _missing(role: Contact.Role, people: int, asking: Asking) -> Fact:
    assert asking.account is not None
    return Fact(
        kind="missing_role",
        text=f"Nobody at {asking.account} has the role {role.label.lower()} on record ({count(people, 'contact')}).",
        sources=(
            of_account(asking.account, asking.now, quote=f"{people} contacts, none as {role.label.lower()}"),
        ),
        rank=float(WEIGHT[role]),
        values={"role": role.value, "contacts": people},
        action=Action(
            label="Find the person",
            prompt=f"Who at {asking.account} could be the {role.label.lower()}? Look through calls, mails and notes.",
        ),
    )
