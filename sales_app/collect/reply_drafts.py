"""A reply for each mail that waits: addressed, with what was asked and what is open, and a blank where the answer goes.

The draft is private and nobody sends it but its owner; one with a blank left cannot be sent (``sales_app.mail.drafts``).
"""

from typing import Any

from sales_app.collect.base import Asking, collector
from sales_app.collect.drafts import BLANK, KIND
from sales_app.collect.heard import when
from sales_app.collect.origin import of_item
from sales_app.collect.ranking import ranked, score
from sales_app.collect.unanswered_mail import Waiting, waiting_mails
from sales_app.collect.words import moment, short
from sales_app.connectors import Reading
from sales_app.facts import Action, Fact

ASKS = 4


@collector("reply_drafts", "Draft replies", kinds=(KIND,))
async def reply_drafts(asking: Asking) -> list[Fact]:
    """None for a mail to which a draft was begun: that one is its writer's."""
    reading, waiting = await waiting_mails(asking)
    return ranked(
        _fact(each, reading, asking)
        for each in waiting
        if not each.mail.meta.get("draft_id") and "@" in str(each.mail.meta.get("from_address") or "")
    )


def _fact(waiting: Waiting, reading: Reading, asking: Asking) -> Fact:
    mail, today = waiting.mail, asking.local.date()
    who = f"{waiting.person} of {waiting.account}" if waiting.account else waiting.person
    about = (
        f'It asks: "{short(waiting.quote, 200)}"'
        if waiting.questions
        else f'It says: "{short(waiting.quote, 200)}"'
    )
    return Fact(
        kind=KIND,
        text=f'A reply to {who} about "{short(mail.title, 90)}" of {moment(mail.at, asking.zone, today)} is drafted. {about}',
        sources=(of_item(mail, reading, quote=waiting.quote),),
        rank=score(
            expected=waiting.stake.expected if waiting.stake else 0,
            urgency=2.0,
            days=waiting.waited.total_seconds() / 86400,
        ),
        values={"person": waiting.person, "account": waiting.account, "draft": draft_of(waiting, asking)},
        action=Action(label="Open the drafts", url="/mail/drafts/"),
    )


def draft_of(waiting: Waiting, asking: Asking) -> dict[str, Any]:
    """``{"to", "subject", "body", "greeting", "closing", "in_reply_to", "key"}``, as ``sales_app.collect.drafts`` reads it."""
    mail = waiting.mail
    subject = mail.title if mail.title.lower().startswith("re:") else f"Re: {mail.title}"
    first = (
        waiting.person.split()[0] if " " in waiting.person and "@" not in waiting.person else waiting.person
    )
    greeting, closing = f"Hello {first},", f"Best regards\n{asking.user}"
    lines = [f"Thank you for your mail of {when(mail.at, asking)}.", ""]
    for question in waiting.questions[:ASKS]:
        lines += [f"> {question}", BLANK, ""]
    if not waiting.questions:
        lines += [BLANK, ""]
    body = "\n".join(lines).strip()
    return {
        "to": str(mail.meta.get("from_address")),
        "subject": short(subject, 300),
        "body": f"{greeting}\n\n{body}\n\n{closing}",
        "greeting": greeting,
        "closing": closing,
        "in_reply_to": str(mail.meta.get("message_id") or ""),
        "key": mail.id,
    }
