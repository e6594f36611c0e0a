"""Internal chat messages to the person that nothing has followed: questions, and what mentions them."""

from datetime import timedelta

from sales_app.collect.base import Asking, collector
from sales_app.collect.book import stakes
from sales_app.collect.hours import elapsed
from sales_app.collect.origin import of_item
from sales_app.collect.ranking import CAN_WAIT, SOON, ranked, score
from sales_app.collect.words import moment, short, stop
from sales_app.connectors import Item, Reading, ask
from sales_app.database import in_database
from sales_app.facts import Action, Fact

LOOK_BACK = timedelta(days=7)


@collector("chat_waiting", "Look for chat messages that wait for you", kinds=("chat_waiting",))
async def chat_waiting(asking: Asking) -> list[Fact]:
    since = (asking.now - LOOK_BACK).isoformat()
    reading = await ask(asking.user, "chat", "messages", since=since)
    open_ones = [item for item in reading.items if _waits(item) and _is_about(item, asking)]
    held = await in_database(stakes, asking.user, {item.account for item in open_ones})
    facts = []
    for item in open_ones:
        stake = held.get(item.account or 0)
        days = elapsed(asking.user, item.at, asking.now) / timedelta(days=1)
        urgency = SOON if item.meta.get("question") else CAN_WAIT
        facts.append(
            _fact(
                item,
                reading,
                asking,
                score(expected=stake.expected if stake else 0, urgency=urgency, days=days),
            )
        )
    return ranked(facts)


def _waits(item: Item) -> bool:
    meta = item.meta
    return not meta.get("acted_on") and bool(
        meta.get("question") or meta.get("mentions_me") or meta.get("direct")
    )


def _is_about(item: Item, asking: Asking) -> bool:
    return asking.account is None or item.account == asking.account.pk


def _fact(item: Item, reading: Reading, asking: Asking, rank: float) -> Fact:
    author = str(item.meta.get("author") or (item.people[0] if item.people else "A colleague"))
    channel = str(item.meta.get("channel") or "")
    where = "directly" if item.meta.get("direct") or not channel else f"in {channel}"
    words = short(item.text, 110)
    verb = "asked you" if item.meta.get("question") else "wrote to you"
    return Fact(
        kind="chat_waiting",
        text=f'{author} {verb} {where} {moment(item.at, asking.zone, asking.local.date())}: "{words}"',
        sources=(of_item(item, reading, quote=item.text),),
        rank=rank,
        values={
            "author": author,
            "channel": channel,
            "todo": stop(f'Answer {author} in the chat: "{words}"'),
        },
        action=Action(label="Open the message", url=item.url),
    )
