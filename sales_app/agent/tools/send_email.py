"""``send_email``: a mail to one person outside, in the name of whoever asked."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from sales_app.agent.tools.records import named
from sales_app.agent.tools.registry import Doer, Errand, Json, Outcome, Plan, register
from sales_app.agent.tools.schemas import schema_of, text
from sales_app.agent.tools.update_field import Invalid
from sales_app.crm import arguments
from sales_app.crm.access import contacts_for
from sales_app.crm.models import Contact
from sales_app.mail.models import Mail
from sales_app.mail.sending import Letter, fault, send
from sales_app.people.models import User

Ref = str | int

# Apart from the agent's other database threads: a mail server may take its time.
_threads = ThreadPoolExecutor(4, thread_name_prefix="mail")


def plan(user: User, *, subject: str, body: str, contact: Ref | None = None, to: str | None = None) -> Plan:
    letter = _letter(user, subject=subject, body=body, contact=contact, to=to)
    args: Json = {"to": letter.to, "subject": subject, "body": body}
    if letter.contact is not None:
        args["contact"] = letter.contact.pk
    whom = f"{letter.contact} <{letter.to}>" if letter.contact else f"{letter.to}, who is no contact of yours"
    return Plan(
        args=args,
        title=f"Send an email to {whom}",
        changes=[
            {"label": "To", "before": "", "after": letter.to},
            {"label": "Subject", "before": "", "after": subject},
            {"label": "Text", "before": "", "after": body},
        ],
    )


async def perform(
    doer: Doer, key: str, *, to: str, subject: str, body: str, contact: Ref | None = None
) -> Outcome:
    """Raises SendingUnknown, and whatever else leaves it open whether the mail left."""

    def work() -> Outcome:
        try:
            letter = _letter(doer.user, subject=subject, body=body, contact=contact, to=to)
            return _outcome(send(letter, sender=doer.user, key=key, run=doer.run_id))
        finally:
            connection.close()

    return await asyncio.get_running_loop().run_in_executor(_threads, work)


def _outcome(mail: Mail) -> Outcome:
    if mail.status == Mail.Status.FAILED:
        error = {"error": {"code": "not_sent", "message": mail.problem}}
        return Outcome(value=error, summary=f"Not sent. {mail.problem}", done=False)
    value = {"sent": {**named(mail), "to": mail.recipient, "message_id": mail.message_id}}
    return Outcome(value=value, summary=f"Sent to {mail.recipient}: {mail.subject}"[:300])


def _letter(user: User, *, subject: str, body: str, contact: Ref | None, to: str | None) -> Letter:
    """Raises Invalid, NotFound, Ambiguous."""
    person = _contact(user, contact, to)
    address = to or (person.email if person else "")
    if not address:
        missing = (
            f"{person} has no email address in the records." if person else "Give a contact or an address."
        )
        raise Invalid(missing, quotes=[person] if person else ())
    if person is not None and person.email.casefold() != address.casefold():
        raise Invalid(
            f"The address of {person} is {person.email or 'not known'}, not {address}.", quotes=[person]
        )
    letter = Letter(to=address, subject=subject, body=body, contact=person)
    wrong = fault(letter)
    if wrong:
        raise Invalid(wrong)
    return letter


def _contact(user: User, contact: Ref | None, to: str | None) -> Contact | None:
    """The contact that is named, or the one whose address was given, if it is one and only one's."""
    if contact not in (None, ""):
        return arguments.contact(user, contact)
    found = list(contacts_for(user).select_related("account").filter(email__iexact=to or "?")[:2])
    return found[0] if len(found) == 1 else None


register(
    Errand(
        name="send_email",
        description="Send an email to a contact or an address. The user sees it and approves it before it is sent.",
        schema=schema_of(
            ["subject", "body"],
            contact={
                "type": ["string", "integer"],
                "description": "Contact id or name. Or give an address in 'to'.",
            },
            to=text("An email address, for somebody who is no contact.", maxLength=254),
            subject=text("One line.", minLength=1, maxLength=300),
            body=text("The whole text, signed with the user's name.", minLength=1, maxLength=20_000),
        ),
        plan=plan,
        perform=perform,
    )
)
