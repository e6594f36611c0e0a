"""Rivals that were named in the last week in calls and mails of one's own customers: the moment for a battle card."""

from collections.abc import Sequence
from datetime import timedelta

from sales_app.collect.base import Asking, collector
from sales_app.collect.book import Stake, account_names, stakes
from sales_app.collect.commitments import sentences
from sales_app.collect.competitors import pattern_of, rival_name, rival_notes
from sales_app.collect.heard import when
from sales_app.collect.origin import of_item
from sales_app.collect.ranking import SOON, ranked, score
from sales_app.collect.words import money, short, stop
from sales_app.connectors import ConnectorError, Item, Reading, ask
from sales_app.database import in_database
from sales_app.facts import Action, Fact

LATELY = timedelta(days=7)


@collector("rivals_lately", "Listen for rivals", kinds=("rival_lately",))
async def rivals_lately(asking: Asking) -> list[Fact]:
    """Of each account and rival the last place where they named it. Raises ConnectorError when neither calls nor mails answer."""
    names = [rival_name(note) for note in (await rival_notes(asking)).items]
    if not names:
        return []
    about = {"account": str(asking.account.pk)} if asking.account else {}
    since = (asking.now - LATELY).isoformat()
    found: list[tuple[str, str, str, Item, Reading, str]] = []
    down: list[ConnectorError] = []
    for category, operation in (("calls", "calls"), ("email", "messages")):
        try:
            reading = await ask(asking.user, category, operation, since=since, **about)
        except ConnectorError as problem:
            down.append(problem)
            continue
        for item in reading.items:
            if item.account is not None and item.at <= asking.now:
                found += [
                    (rival, who, text, item, reading, anchor)
                    for rival, who, text, anchor in _named(item, names)
                ]
    if len(down) == 2:
        raise down[0]
    return await in_database(_facts, asking, found)


def _named(item: Item, names: Sequence[str]) -> list[tuple[str, str, str, str]]:
    """``(rival, who said it, the words, anchor on the page)`` of their side."""
    found = []
    if item.kind == "call":
        lines = [
            (str(line.get("speaker") or ""), str(line.get("text") or ""), f"t{int(line.get('at') or 0)}")
            for line in item.meta.get("lines", ())
            if line.get("side") != "us"
        ]
    elif item.meta.get("direction") == "received" and not item.meta.get("bulk"):
        lines = [(item.people[0] if item.people else "", text, "") for _, text in sentences(item.text)]
    else:
        lines = []
    for name in names:
        pattern = pattern_of(name)
        for who, text, anchor in lines:
            if pattern.search(text):
                found.append((name, who, text, anchor))
                break
    return found


def _facts(asking: Asking, found: list[tuple[str, str, str, Item, Reading, str]]) -> list[Fact]:
    accounts = {item.account for _, _, _, item, _, _ in found if item.account is not None}
    names = account_names(asking.user, accounts)
    held = stakes(asking.user, accounts)
    facts: dict[tuple[str, int], Fact] = {}
    for rival, who, text, item, reading, anchor in sorted(found, key=lambda each: each[3].at, reverse=True):
        account = item.account
        if account in names and account is not None and (rival, account) not in facts:
            stake: Stake | None = held.get(account)
            worth = f" (deal of {money(stake.largest.amount, stake.largest.currency)})" if stake else ""
            facts[(rival, account)] = Fact(
                kind="rival_lately",
                text=stop(
                    f'{who or "Somebody"} of {names[account]}{worth} named {rival} on {when(item.at, asking)}: "{short(text, 110)}"'
                ),
                sources=(of_item(item, reading, quote=text, anchor=anchor),),
                rank=score(
                    expected=stake.expected if stake else 0, urgency=SOON, days=(asking.now - item.at).days
                ),
                values={"rival": rival, "account": names[account], "said": text},
                action=Action(
                    label=f"Battle card against {rival}",
                    prompt=f"/competitive-intel {names[account]} against {rival}",
                ),
            )
    return ranked(facts.values())
