"""Mails of people who wait for an answer, with what they ask and the 24-hour clock."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sales_app.collect.base import Asking, collector
from sales_app.collect.book import Stake, account_names, stakes
from sales_app.collect.commitments import Commitment, sentences, spoken
from sales_app.collect.hours import due_at, elapsed
from sales_app.collect.origin import of_item
from sales_app.collect.ranking import BROKEN, SOON, TODAY, ranked, score
from sales_app.collect.words import moment, money, short, stop
from sales_app.connectors import Item, Reading, ask
from sales_app.database import in_database
from sales_app.facts import Action, Fact

LOOK_BACK = timedelta(days=21)
_GREETING = re.compile(
    r"\A\s*(?:(?:hi|hello|hey|dear|good morning)\b[^,\n]{0,40}|[A-Z][\w'’-]+),\s*", re.IGNORECASE
)
WAITS_AFTER_HOURS = 4  # on the answer clock; ``arguments["hours"]`` says otherwise


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """``due``: when the 24 hours are over. ``asks``: what the mail asks of us."""

    mail: Item
    waited: timedelta
    due: datetime
    asks: tuple[Commitment, ...]
    account: str
    stake: Stake | None

    @property
    def person(self) -> str:
        return self.mail.people[0] if self.mail.people else str(self.mail.meta.get("from") or "Somebody")

    @property
    def questions(self) -> list[str]:
        """What the mail asks, sentence by sentence in its order."""
        asks = {each.start for each in self.asks}
        return [text for start, text in sentences(self.mail.text) if start in asks or text.endswith("?")]

    @property
    def quote(self) -> str:
        """The words that an answer is wanted to."""
        return next(iter(self.questions), short(_GREETING.sub("", self.mail.text), 160))


@collector("unanswered_mail", "Look for mails without an answer", kinds=("unanswered_mail",))
async def unanswered_mail(asking: Asking) -> list[Fact]:
    reading, found = await waiting_mails(asking)
    return ranked(_fact(each, reading, asking) for each in found)


async def waiting_mails(asking: Asking) -> tuple[Reading, list[Waiting]]:
    """Received, no newsletter, not answered, older than the hours; the latest of one person and subject."""
    about = {"account": str(asking.account.pk)} if asking.account else {}
    since = (asking.now - LOOK_BACK).isoformat()
    reading = await ask(asking.user, "email", "messages", since=since, **about)
    hours = timedelta(hours=_hours(asking))
    mails = [mail for mail in _unanswered(reading) if elapsed(asking.user, mail.at, asking.now) >= hours]
    names, held = await in_database(_known, asking, {mail.account for mail in mails})
    return reading, [_waiting(mail, asking, names, held) for mail in mails]


def _hours(asking: Asking) -> float:
    given = asking.arguments.get("hours")
    return float(given) if isinstance(given, int | float) and 0 <= given <= 240 else WAITS_AFTER_HOURS


def _unanswered(reading: Reading) -> list[Item]:
    sent = [item for item in reading.items if item.meta.get("direction") == "sent"]
    found: dict[tuple[str, str], Item] = {}
    for mail in sorted(reading.items, key=lambda item: (item.at, item.id), reverse=True):
        meta = mail.meta
        if meta.get("direction") != "received" or meta.get("bulk") or _is_answered(mail, sent):
            continue
        subject = mail.title.lower().removeprefix("re:").strip()
        found.setdefault((str(meta.get("from_address") or meta.get("from") or ""), subject), mail)
    return list(found.values())


def _is_answered(mail: Item, sent: list[Item]) -> bool:
    """As the provider says; where it does not, anything that went to the sender afterwards is an answer."""
    if "answered_at" in mail.meta:
        return bool(mail.meta["answered_at"])
    sender = mail.meta.get("from_address")
    return any(each.at > mail.at and each.meta.get("to_address") == sender for each in sent)


def _known(asking: Asking, accounts: set[int | None]) -> tuple[dict[int, str], dict[int, Stake]]:
    return account_names(asking.user, accounts), stakes(asking.user, accounts)


def _waiting(mail: Item, asking: Asking, names: dict[int, str], held: dict[int, Stake]) -> Waiting:
    said_on = mail.at.astimezone(asking.zone).date()
    asks = [each for each in spoken(mail.text, side="them", said_on=said_on) if each.by == "us"]
    return Waiting(
        mail=mail,
        waited=elapsed(asking.user, mail.at, asking.now),
        due=due_at(asking.user, mail.at),
        asks=tuple(asks),
        account=names.get(mail.account or 0, ""),
        stake=held.get(mail.account or 0),
    )


def _fact(waiting: Waiting, reading: Reading, asking: Asking) -> Fact:
    today = asking.local.date()
    mail, stake = waiting.mail, waiting.stake
    who = f"{waiting.person} of {waiting.account}" if waiting.account else waiting.person
    late = waiting.due <= asking.now
    deal = f" (deal of {money(stake.largest.amount, stake.largest.currency)})" if stake else ""
    limit = moment(waiting.due, asking.zone, today)
    state = f"overdue since {limit}" if late else f"due {limit}"
    urgency = BROKEN if late else TODAY if waiting.due.astimezone(asking.zone).date() == today else SOON
    begun = mail.meta.get("draft_id")
    return Fact(
        kind="unanswered_mail",
        text=f"{who}{deal} has waited since {moment(mail.at, asking.zone, today)} for an answer to "
        f'"{short(mail.title, 90)}", {state}.',
        sources=(of_item(mail, reading, quote=waiting.quote),),
        rank=score(
            expected=stake.expected if stake else 0, urgency=urgency, days=waiting.waited / timedelta(days=1)
        ),
        values={
            "person": waiting.person,
            "account": waiting.account,
            "subject": mail.title,
            "received_at": mail.at.isoformat(),
            "due_at": waiting.due.isoformat(),
            "late": late,
            "asks": [each.text for each in waiting.asks],
            "todo": stop(f'Answer {who}: "{short(waiting.quote, 140)}"'),
        },
        action=Action(label="Open the draft", url=f"/mail/{begun}/")
        if begun
        else Action(
            label="Draft a reply",
            prompt=f'Draft a reply to the mail "{short(mail.title, 90)}" of {who}.',
        ),
    )
