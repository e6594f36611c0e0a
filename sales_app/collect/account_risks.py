"""What may go wrong with an account, and which of its fields nobody has filled in. Each names its rule.

- health at risk or watch on record
- the last conversation is more than ``QUIET_AFTER`` days ago while a deal is open
- all conversations with one person (single thread) while a deal is open
- the champion is leaving, the money is on hold, something broke: said in a call, a mail or a note, with the words
- an open deal past its close date, or without a next step
- the company shrank by 5% or more in a year, or its news tell of freezes and cuts
"""

import re
from typing import Final

from sales_app.collect.base import Asking, collector
from sales_app.collect.heard import LOOK_BACK, Heard, Hearing, gap, heard, quoted, when
from sales_app.collect.origin import of_account, of_deal, of_item, record
from sales_app.collect.words import count, day, listed, money, short, stop
from sales_app.connectors import ConnectorError, Reading, ask
from sales_app.crm.access import contacts_for, deals_for
from sales_app.crm.models import Contact, Deal
from sales_app.crm.models.deal import OPEN_STAGES
from sales_app.database import in_database
from sales_app.facts import Action, Fact, Source

QUIET_AFTER = 30
SHRANK = -5
SAID: Final = (
    ("The champion may leave", 90.0, re.compile(r"\b(?:I am leaving|is leaving|leaves the company|last day here|has resigned|my successor|has a new boss)\b", re.IGNORECASE)),
    ("On hold", 85.0, re.compile(r"\bon hold\b|\bfro(?:ze|zen)\b|\b(?:hiring|spending|software) freeze\b|\bbudget is gone\b", re.IGNORECASE)),
    ("Trouble with us", 80.0, re.compile(r"\b(?:complaint|not happy|unhappy|support (?:took|answered after|does not)|did not answer|broke|broken|was down|third time|cancel)\b", re.IGNORECASE)),
    ("A rival is cheaper", 70.0, re.compile(r"\b(?:below (?:yours|ours)|cheaper|first quarter free|free first quarter)\b", re.IGNORECASE)),
)  # fmt: skip
BAD_NEWS = re.compile(
    r"\b(?:pauses? hiring|freez\w*|cuts?\b|lays? off|layoffs?|closes?|insolvency|profit warning|loss(?:es)?|restructur\w*|precaution)\b",
    re.IGNORECASE,
)
MOST_SAID = 2  # of each rule


@collector(
    "account_risks",
    "Look for what may go wrong",
    kinds=("risk", "not_filled_in", "risks_unread"),
    needs=("account",),
)
async def account_risks(asking: Asking) -> list[Fact]:
    assert asking.account is not None
    hearing = await heard(asking)
    facts, gaps = await in_database(_on_record, asking, hearing), hearing.gaps("risks_unread", asking)
    facts += _said(hearing, asking)
    about = str(asking.account.pk)
    try:
        profile = await ask(asking.user, "enrichment", "company", account=about)
        since = (asking.now - LOOK_BACK).isoformat()
        news = await ask(asking.user, "enrichment", "news", account=about, since=since)
    except ConnectorError as down:
        return [*facts, *gaps, gap("risks_unread", "enrichment", down.message, asking)]
    return [*facts, *_outside(profile, news, asking), *gaps]


def _on_record(asking: Asking, hearing: Hearing) -> list[Fact]:
    account = asking.account
    assert account is not None
    deals = list(
        deals_for(asking.user)
        .filter(account=account, stage__in=OPEN_STAGES)
        .select_related("account")
        .order_by("-amount", "pk")
    )
    people = list(contacts_for(asking.user).filter(account=account).order_by("pk")[:60])
    facts: list[Fact] = []
    if account.health in {account.Health.AT_RISK, account.Health.WATCH}:
        words = f"Health: {account.get_health_display()}"
        facts.append(
            _risk(
                f'{account.name} has the health "{account.get_health_display()}" on record.',
                95.0 if account.health == account.Health.AT_RISK else 60.0,
                of_account(account, asking.now, quote=words),
                "health",
            )
        )
    for deal in deals:
        facts += _of_deal(deal, asking)
    spoken = sorted({each.at for each in hearing.said if each.voice != "us"}, reverse=True)
    if deals and spoken and (asking.now - spoken[0]).days > QUIET_AFTER:
        days = (asking.now - spoken[0]).days
        last = next(each for each in hearing.said if each.at == spoken[0])
        facts.append(
            _risk(
                f"Nothing was heard for {count(days, 'day')}, since {when(spoken[0], asking)}, while {money(deals[0].amount, deals[0].currency)} is open.",
                65.0,
                last.source,
                "quiet",
            )
        )
    spoke = {each.speaker for each in hearing.theirs}
    met = [each for each in people if each.last_contacted_at or each.name in spoke]
    if deals and len(met) == 1:
        words = f"last contact: {met[0].name}"
        facts.append(
            _risk(
                f"Everything runs through {met[0].name}: of {count(len(people), 'contact')} nobody else was ever contacted, as far as records tell.",
                55.0,
                record("contact", met[0], asking.now, words),
                "single_thread",
            )
        )
    return [*facts, *_not_filled_in(asking, people, deals)]


def _of_deal(deal: Deal, asking: Asking) -> list[Fact]:
    today = asking.local.date()
    facts = []
    if deal.close_date and deal.close_date < today:
        late = (today - deal.close_date).days
        facts.append(
            _risk(
                f"{deal.name} ({money(deal.amount, deal.currency)}) was to close on {day(deal.close_date, today)}, {count(late, 'day')} ago, and is still open.",
                75.0,
                of_deal(deal, asking.now, quote=f"Close date {deal.close_date.isoformat()}"),
                "slipped",
            )
        )
    if not deal.next_step.strip():
        facts.append(
            _risk(
                f"{deal.name} ({money(deal.amount, deal.currency)}) has no next step.",
                50.0,
                of_deal(deal, asking.now, quote="Next step: none"),
                "no_step",
            )
        )
    return facts


def _not_filled_in(asking: Asking, people: list[Contact], deals: list[Deal]) -> list[Fact]:
    """Of the records, the fields that others rely on."""
    account = asking.account
    assert account is not None
    empty = [
        name
        for name, value in (
            ("industry", account.industry), ("employees", account.employees), ("country", account.country),
            ("domain", account.domain), ("health", account.health if account.status == account.Status.CUSTOMER else "x"),
            ("next step", account.next_step if not deals else "x"),
        )
        if not value
    ]  # fmt: skip
    facts = []
    if empty:
        facts.append(
            Fact(
                kind="not_filled_in",
                text=f"On the record of {account.name} nobody has filled in: {listed(empty)}.",
                sources=(of_account(account, asking.now, quote=f"empty: {', '.join(empty)}"),),
                rank=3.0,
                values={"fields": empty},
                action=Action(label="Edit the account", url=f"/accounts/{account.pk}/edit/"),
            )
        )
    nameless = [each.name for each in people if not each.role]
    if nameless:
        facts.append(
            Fact(
                kind="not_filled_in",
                text=f"Without a role in buying on record: {listed([short(name, 40) for name in nameless[:4]])}{' and others' if len(nameless) > 4 else ''} ({len(nameless)} of {count(len(people), 'contact')}).",
                sources=(
                    of_account(
                        account, asking.now, quote=f"{len(nameless)} of {len(people)} contacts without a role"
                    ),
                ),
                rank=2.0,
                values={"without_role": len(nameless), "contacts": len(people)},
            )
        )
    return facts


def _said(hearing: Hearing, asking: Asking) -> list[Fact]:
    facts: list[Fact] = []
    for title, rank, pattern in SAID:
        found = [each for each in hearing.about() if pattern.search(each.text)][:MOST_SAID]
        days: set[str] = set()  # a call and the note about it are one thing
        for place, each in enumerate(found):
            if each.at.date().isoformat() not in days:
                days.add(each.at.date().isoformat())
                facts.append(_heard(title, each, rank - place, asking))
    return facts


def _heard(title: str, each: Heard, rank: float, asking: Asking) -> Fact:
    old = (asking.now - each.at).days / 30
    return _risk(
        f"{title}: {quoted(each, asking)}",
        max(1.0, rank - old),
        each.source,
        title.lower().replace(" ", "_"),
        said=each.text,
    )


def _outside(profile: Reading, news: Reading, asking: Asking) -> list[Fact]:
    facts = []
    for item in profile.items:
        growth = item.meta.get("growth")
        if isinstance(growth, int | float) and growth <= SHRANK:
            facts.append(
                _risk(
                    f"{item.title} shrank by {abs(growth)}% of its people in a year, by company data of {day(item.at.date(), asking.local.date())}.",
                    45.0,
                    of_item(item, profile, quote=f"growth {growth}%"),
                    "shrinking",
                )
            )
    for item in news.items:
        if BAD_NEWS.search(f"{item.title} {item.text}"):
            facts.append(
                _risk(
                    f"News of {day(item.at.date(), asking.local.date())}: {stop(item.title)} {stop(short(item.text, 140))}",
                    40.0,
                    of_item(item, news, quote=short(item.text, 240)),
                    "news",
                )
            )
    return facts


def _risk(text: str, rank: float, source: Source, rule: str, *, said: str = "") -> Fact:
    return Fact(
        kind="risk",
        text=stop(text),
        sources=(source,),
        rank=rank,
        values={"rule": rule, **({"said": said} if said else {})},
    )
