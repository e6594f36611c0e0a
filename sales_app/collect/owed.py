"""What was promised and asked, by whom until when, in mails, calls, notes and chat: what we owe, and what they owe us.

Each is one sentence that somebody wrote or said, kept as the source's quote with its place. A promise with no day of its own is
due when the 24-hour clock is over. What a later message may have settled is said and counts a third.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sales_app.collect.base import Asking, collector
from sales_app.collect.book import Stake, account_names, stakes
from sales_app.collect.commitments import Commitment, Side, noted, spoken
from sales_app.collect.heard import gap, when
from sales_app.collect.hours import due_at
from sales_app.collect.origin import of_activity, of_item
from sales_app.collect.ranking import ranked, score, urgency_of
from sales_app.collect.words import day, short, stop
from sales_app.connectors import ConnectorError, Item, Reading, ask
from sales_app.crm.access import activities_for
from sales_app.crm.models import Activity
from sales_app.database import in_database
from sales_app.facts import Action, Fact, Source

LOOK_BACK_ACCOUNT, LOOK_BACK_ALL = timedelta(days=45), timedelta(days=14)
NOTES_MOST = 400
SAME = 0.6  # share of the words of two sentences that makes them one commitment
SETTLED_WORDS = 2
_WORD = re.compile(r"[^\W\d_]{4,}")
_EMPTY = frozenset(
    "will would could please with from that this have send share them they your ours about what when week friday monday tuesday "
    "wednesday thursday today tomorrow next back over then there here just also need more can our you the and for end month let know get".split()
)


@dataclass(frozen=True, kw_only=True)
class Found:
    """A commitment where it stood. ``owner`` is who has to do it, as well as it can be told; ``where`` names the place."""

    said: Commitment
    at: datetime
    speaker: str
    owner: str
    account: int
    where: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, kw_only=True)
class Message:
    """Something that went over later and may have settled a commitment."""

    by: str
    at: datetime
    account: int
    title: str
    words: frozenset[str]


@collector("owed", "Read what was promised and asked", kinds=("owed_by_us", "owed_by_them", "unread_source"))
async def owed(asking: Asking) -> list[Fact]:
    since = asking.now - (LOOK_BACK_ACCOUNT if asking.account else LOOK_BACK_ALL)
    found: list[Found] = []
    later: list[Message] = []
    gaps: list[Fact] = []
    for category, operation, read in (
        ("email", "messages", _in_mail),
        ("calls", "calls", _in_call),
        ("chat", "messages", _in_chat),
    ):
        about = {"account": str(asking.account.pk)} if asking.account else {}
        try:
            reading = await ask(asking.user, category, operation, since=since.isoformat(), **about)
        except ConnectorError as down:
            gaps.append(_gap(category, down, asking))
            continue
        found += [
            each for item in reading.items if item.account is not None for each in read(item, reading, asking)
        ]
        later += [
            _message(item) for item in reading.items if category == "email" and item.account is not None
        ]
    return await in_database(_facts, asking, since, found, later, gaps)


def _gap(category: str, down: ConnectorError, asking: Asking) -> Fact:
    unread = gap("unread_source", category, down.message, asking)
    return replace(
        unread,
        text=f"{unread.sources[0].label} could not be read, so promises made there are missing: {stop(down.message)}",
        values={**unread.values, "code": down.code},
    )


# Where it was said.


def _in_mail(item: Item, reading: Reading, asking: Asking) -> Iterator[Found]:
    """A newsletter or an automatic reply asks nobody for anything."""
    if item.meta.get("bulk"):
        return
    ours = item.meta.get("direction") == "sent"
    people = [*item.people, "", ""]
    speaker, listener = (str(asking.user), people[1] or people[0]) if ours else (people[0], str(asking.user))
    for said in spoken(item.text, side="us" if ours else "them", said_on=_said_on(item.at, asking)):
        yield _found(said, item, reading, speaker, listener, f'the mail "{short(item.title, 60)}"')


def _in_call(item: Item, reading: Reading, asking: Asking) -> Iterator[Found]:
    said_on = _said_on(item.at, asking)
    listeners = {
        side: next((each["name"] for each in item.meta.get("speakers", ()) if each.get("side") != side), "")
        for side in ("us", "them")
    }
    for line in item.meta.get("lines", ()):
        side: Side = "us" if line.get("side") == "us" else "them"
        for said in spoken(str(line.get("text", "")), side=side, said_on=said_on):
            second = int(line.get("at") or 0)
            where = f'the call "{short(item.title, 60)}" at {second // 60}:{second % 60:02d}'
            yield _found(
                said, item, reading, str(line.get("speaker", "")), listeners[side], where, anchor=f"t{second}"
            )


def _in_chat(item: Item, reading: Reading, asking: Asking) -> Iterator[Found]:
    """Colleagues write it: a promise is ours, and what they ask of each other concerns no customer."""
    author = str(item.meta.get("author") or "")
    for said in spoken(item.text, side="us", said_on=_said_on(item.at, asking)):
        if not said.asked:
            yield _found(
                said, item, reading, author, "", f"the chat {item.meta.get('channel') or ''}".strip()
            )


def _in_note(note: Activity, asking: Asking) -> Iterator[Found]:
    assert note.account_id is not None
    writer = str(note.owner or "")
    contact = note.contact.name if note.contact else ""
    for said in noted(note.body, said_on=_said_on(note.starts_at, asking)):
        owner = writer if said.by == "us" else said.who or contact
        yield Found(
            said=said,
            at=note.starts_at,
            speaker=writer,
            owner=owner,
            account=note.account_id,
            where=f'the note "{short(note.subject, 60)}"',
            sources=(of_activity(note, asking.now, quote=said.text),),
        )


def _said_on(at: datetime, asking: Asking) -> date:
    return at.astimezone(asking.zone).date()


def _found(
    said: Commitment,
    item: Item,
    reading: Reading,
    speaker: str,
    listener: str,
    where: str,
    *,
    anchor: str = "",
) -> Found:
    assert item.account is not None
    return Found(
        said=said,
        at=item.at,
        speaker=speaker,
        owner=listener if said.asked else speaker,
        account=item.account,
        where=where,
        sources=(of_item(item, reading, quote=said.text, anchor=anchor),),
    )


def _message(item: Item) -> Message:
    return Message(
        by="us" if item.meta.get("direction") == "sent" else "them",
        at=item.at,
        account=item.account or 0,
        title=item.title,
        words=_words(f"{item.title} {item.text}"),
    )


def _words(text: str) -> frozenset[str]:
    """What it is about, without endings that only grammar asks for."""
    return frozenset(word.removesuffix("s") for word in _WORD.findall(text.lower()) if word not in _EMPTY)


# What becomes of it.


def _facts(
    asking: Asking, since: datetime, found: list[Found], later: list[Message], gaps: list[Fact]
) -> list[Fact]:
    notes = activities_for(asking.user).filter(
        starts_at__gte=since, starts_at__lte=asking.now, account__isnull=False, kind__in=_NOTES
    )
    notes = notes.filter(account=asking.account) if asking.account else notes.filter(owner=asking.user)
    for note in notes.select_related("owner", "contact").order_by("-starts_at", "-pk")[:NOTES_MOST]:
        found += _in_note(note, asking)
    accounts = {each.account for each in found}
    names = account_names(asking.user, accounts)
    held = stakes(asking.user, accounts)
    later.sort(key=lambda each: each.at)
    facts = [
        _fact(each, asking, names[each.account], held.get(each.account), _settled_by(each, later))
        for each in _once(found)
        if each.account in names
    ]
    ours = [fact for fact in facts if fact.kind == "owed_by_us"]
    theirs = [fact for fact in facts if fact.kind == "owed_by_them"]
    return [*ranked(ours), *ranked(theirs), *gaps]


_NOTES = (Activity.Kind.CALL, Activity.Kind.MEETING, Activity.Kind.NOTE)


def _once(found: Iterable[Found]) -> list[Found]:
    """What was said twice is one thing: the first time it was said, with the sources of both and the day of the later."""
    kept: list[Found] = []
    words_of: list[frozenset[str]] = []  # of each that is kept
    for each in sorted(found, key=lambda one: (one.at, one.sources[0].ref, one.said.start)):
        words = _words(each.said.text)
        for place, other in enumerate(kept):
            if (
                other.account == each.account
                and other.said.by == each.said.by
                and _same(words, words_of[place])
            ):
                later = each.said if each.said.due else other.said
                due = replace(other.said, due=later.due, due_words=later.due_words)
                kept[place] = replace(other, said=due, sources=(*other.sources, *each.sources))
                break
        else:
            kept.append(each)
            words_of.append(words)
    return kept


def _same(one: frozenset[str], other: frozenset[str]) -> bool:
    if not one or not other:
        return False
    return len(one & other) / len(one | other) >= SAME


def _settled_by(found: Found, later: Iterable[Message]) -> Message | None:
    """The first message of whoever owes it, after it was said, that speaks of the same matter. ``later`` is in order of time."""
    wanted = _words(found.said.text)
    for message in later:
        ours_to_settle = message.account == found.account and message.by == found.said.by
        shared = len(wanted & message.words) >= min(SETTLED_WORDS, len(wanted))
        if wanted and ours_to_settle and message.at > found.at and shared:
            return message
    return None


def _fact(found: Found, asking: Asking, account: str, stake: Stake | None, settled: Message | None) -> Fact:
    today = asking.local.date()
    said = found.said
    said_on = _said_on(found.at, asking)
    clock = due_at(asking.user, found.at)
    due = said.due or (clock.astimezone(asking.zone).date() if said.by == "us" else None)
    ours = said.by == "us"
    who = found.owner or ("We" if ours else account)
    if said.asked and ours:
        claim = f"{found.speaker or account} of {account} asked {who}"
    elif said.asked:
        claim = f"{found.speaker or 'We'} asked {who if who != account else 'somebody'} of {account}"
    elif ours:
        claim = f"{who} promised {account}"
    else:
        claim = f"{who} of {account} promised" if who != account else f"{account} promised"
    state = f"due {day(due, today)}" if due else "no day named"
    if due and due < today:
        state = f"overdue since {day(due, today)}"
    text = f'{claim} on {day(said_on, today)} in {found.where}: "{short(said.text)}" ({state})'
    if settled:
        text += f'; the mail "{short(settled.title, 60)}" of {when(settled.at, asking)} may have settled it'
    rank = score(
        expected=stake.expected if stake else 0,
        urgency=urgency_of(due, today) * (1.0 if ours else 0.75),
        days=(today - said_on).days,
    )
    words = short(said.text, 140)
    return Fact(
        kind="owed_by_us" if ours else "owed_by_them",
        text=f"{text}.",
        sources=found.sources,
        rank=rank / 3 if settled else rank,
        values={
            "owner": who,
            "account": account,
            "asked": said.asked,
            "said": said.text,
            "said_at": found.at.isoformat(),
            "span": [said.start, said.end],
            "due": due.isoformat() if due else "",
            "due_words": said.due_words,
            "settled_by": settled.title if settled else "",
            **({"todo": stop(f'Do what {account} waits for: "{words}"')} if ours and not settled else {}),
        },
        action=Action(
            label="Draft the mail", prompt=f'Draft a mail to {account} about this promise of ours: "{words}"'
        )
        if ours
        else Action(label="Ask for it", prompt=f'Draft a reminder to {account} about this: "{words}"'),
    )
