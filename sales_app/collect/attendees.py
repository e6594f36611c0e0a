"""The call itself, and who is on it: role, last contact, and what they said last that shows what they care about."""

from dataclasses import dataclass

from django.db.models import Q

from sales_app.collect.base import Asking, collector
from sales_app.collect.concerns import Care, cares
from sales_app.collect.heard import Hearing, heard, when
from sales_app.collect.origin import of_activity, record
from sales_app.collect.words import count, moment, short, stop
from sales_app.crm.access import contacts_for
from sales_app.crm.models import Contact
from sales_app.database import in_database
from sales_app.facts import Action, Fact, Source

# Whose word decides is prepared for first.
WEIGHT = {
    Contact.Role.ECONOMIC_BUYER: 6,
    Contact.Role.CHAMPION: 5,
    Contact.Role.BLOCKER: 4,
    Contact.Role.TECHNICAL_BUYER: 3,
    Contact.Role.PROCUREMENT: 3,
    Contact.Role.LEGAL: 2,
    Contact.Role.USER: 1,
}
LIKELY_MOST = 4  # where nobody is named


def weight_of(contact: Contact) -> int:
    """0 without a role in buying."""
    return WEIGHT.get(Contact.Role(contact.role), 0) if contact.role else 0


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody on the call: on record or only named there."""

    name: str
    contact: Contact | None
    named: bool

    @property
    def weight(self) -> int:
        return weight_of(self.contact) if self.contact else 0


@collector(
    "attendees",
    "Look up who is on the call",
    kinds=("meeting_about", "attendee", "attendee_unread"),
    needs=("account",),
)
async def attendees(asking: Asking) -> list[Fact]:
    hearing = await heard(asking)
    people = await in_database(_people, asking)
    cared = cares(hearing.theirs, asking)
    spoke = {each.speaker for each in hearing.theirs}
    ordered = sorted(people, key=lambda each: (-each.weight, each.name not in spoke, each.name))
    facts = [
        _attendee(
            each,
            place,
            asking,
            hearing,
            next((care for care in cared if care.said.speaker == each.name), None),
        )
        for place, each in enumerate(ordered)
    ]
    about = [_meeting(asking)] if asking.meeting else []
    return [*about, *facts, *hearing.gaps("attendee_unread", asking)]


def names_on(asking: Asking) -> list[str]:
    """Of the meeting's attendees, without us."""
    meeting = asking.meeting
    if meeting is None:
        return []
    names = [name.strip() for name in meeting.attendees.split(",") if name.strip()]
    if meeting.contact and meeting.contact.name not in names:
        names.insert(0, meeting.contact.name)
    return [name for name in dict.fromkeys(names) if name != str(asking.user)]


def _people(asking: Asking) -> list[Person]:
    """Those of the meeting; without one, those with a role in buying, as they may be on the call."""
    names = names_on(asking)
    rows = contacts_for(asking.user).filter(account=asking.account)
    if names:
        known = {contact.name: contact for contact in rows.filter(name__in=names)}
        return [Person(name=name, contact=known.get(name), named=True) for name in names]
    found = list(rows.filter(~Q(role="")).order_by("name_key", "pk"))
    found.sort(key=lambda each: (-weight_of(each), each.last_contacted_at is None, each.pk))
    return [Person(name=each.name, contact=each, named=False) for each in found[:LIKELY_MOST]]


def _meeting(asking: Asking) -> Fact:
    meeting = asking.meeting
    assert meeting is not None
    minutes = round((meeting.ends_at - meeting.starts_at).total_seconds() / 60) if meeting.ends_at else 0
    begins = moment(meeting.starts_at, asking.zone, asking.local.date())
    text = f'"{short(meeting.subject, 90)}", {begins}'
    text += f", {count(minutes, 'minute')}" if minutes else ""
    text += f", {meeting.location}" if meeting.location else ""
    body = short(meeting.body, 160)
    if body:
        text += f': "{body}"'
    return Fact(
        kind="meeting_about",
        text=stop(text),
        sources=(of_activity(meeting, asking.now, quote=body),),
        rank=1.0,
        values={
            "meeting": meeting.pk,
            "starts_at": meeting.starts_at.isoformat(),
            "minutes": minutes,
            "subject": meeting.subject,
            "attendees": names_on(asking),
        },
    )


def _attendee(person: Person, place: int, asking: Asking, hearing: Hearing, care: Care | None) -> Fact:
    contact = person.contact
    sources: list[Source] = []
    described = [person.name]
    if contact is None:
        described.append("not on record")
        assert asking.meeting is not None
        sources.append(of_activity(asking.meeting, asking.now, quote=short(asking.meeting.attendees, 200)))
    else:
        described += [contact.title] if contact.title else []
        described += [contact.get_role_display().lower()] if contact.role else ["role not known"]
        quote = ", ".join(part for part in (contact.name, contact.title, contact.get_role_display()) if part)
        sources.append(record("contact", contact, asking.now, quote))
    text = ", ".join(described)
    if care:
        text += f': "{short(care.said.text, 110)}" ({when(care.said.at, asking)})'
        sources.append(care.said.source)
    elif contact and contact.last_contacted_at:
        text += f"; last contact on {when(contact.last_contacted_at, asking)}, none of their words on record"
    elif not any(each.speaker == person.name for each in hearing.theirs):
        text += "; we have never spoken, as far as records tell"
    return Fact(
        kind="attendee",
        text=stop(text),
        sources=tuple(sources),
        rank=1000.0 - place,
        values={
            "name": person.name,
            "title": contact.title if contact else "",
            "role": contact.get_role_display() if contact and contact.role else "",
            "on_the_invitation": person.named,
            "said": care.said.text if care else "",
            "topic": care.topic.name if care else "",
        },
        action=Action(label="Open the contact", url=contact.get_absolute_url())
        if contact
        else Action(
            label="Find out who they are",
            prompt=f"Who is {person.name} at {asking.account}? Propose a contact record from what we have.",
        ),
    )
