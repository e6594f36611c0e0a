"""A wish with what was said about it before and after: which record was meant, the text that was missing, "say Monday
instead", "never mind".
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sales_app.standin.mind.conversation import Conversation, Done, Exchange
from sales_app.standin.mind.reading import read
from sales_app.standin.mind.wishes import Wish, name_in, parse

Json = dict[str, Any]

ACTS = {"log_activity", "update_field", "send_email"}
LISTS = {
    "find_contacts": "contact",
    "find_accounts": "account",
    "find_deals": "deal",
    "open_tasks": "activity",
}

DROP = re.compile(
    r"(?:no|stop|wait|please|oh|actually|sorry)?[,. ]*(?:(?:please )?(?:do not|don't|dont)(?: send| do| log| change| write)?\b.*|never ?mind.*|forget (?:it|that).*|cancel.*|leave it.*|stop|no|not? now.*)",
    re.IGNORECASE | re.DOTALL,
)
SAY = re.compile(
    r"(?:no|wait|please|oh|actually|sorry|better)?[,. ]*(?:say|write|tell (?:him|her|them)|make it|put)[: ]+(?:that )?(?P<text>.+?)(?:,? instead)?",
    re.IGNORECASE | re.DOTALL,
)
INSTEAD = re.compile(
    r"(?:no|wait|please|oh|actually|sorry|i mean|i meant)?[,. ]*(?:send it |write |log it )?(?:to |with |for |i mean |i meant )(?P<who>[^,.:;]{2,60}?)(?:,? instead| please)?",
    re.IGNORECASE,
)


def wish_in(conversation: Conversation) -> Wish | None:
    return _wish_at(conversation.exchanges, len(conversation.exchanges) - 1, conversation.today)


def _wish_at(exchanges: Sequence[Exchange], at: int, today: date) -> Wish | None:
    text = exchanges[at].question.strip()
    own = parse(text, today)
    before = _wish_at(exchanges, at - 1, today) if at else None
    if own is not None or before is None or before.dropped or is_done(exchanges[at - 1]):
        return own
    if DROP.fullmatch(text.rstrip(".!")):
        return replace(before, dropped=True)
    row = _picked(exchanges[at - 1], text, today)
    if row is not None:
        return replace(before, picked=row)
    if _narrows(exchanges[at - 1], text, before.who):
        return replace(before, who=name_in(text.strip(" .!?")), picked=None)
    if match := SAY.fullmatch(text.rstrip(".!")):
        return replace(before, text=match["text"].strip(), picked=before.picked or _found(exchanges[at - 1]))
    if match := INSTEAD.fullmatch(text.rstrip(".!?")):
        return replace(before, who=name_in(match["who"]), picked=None)
    if before.text == "lost" and before.field == "stage" and not before.reason and not text.endswith("?"):
        why = re.sub(r"^(?:because|since|due to) ", "", text.rstrip(".!"), flags=re.IGNORECASE)
        return replace(before, reason=why, picked=before.picked or _found(exchanges[at - 1]))
    if not before.text and not text.endswith("?"):
        return replace(before, text=text, picked=before.picked or _found(exchanges[at - 1]))
    return None


def spoken_of(exchanges: Sequence[Exchange], records: Sequence[str]) -> Json | None:
    """The one record of such a kind that was read or changed last."""
    for exchange in reversed(exchanges):
        for done in reversed(exchange.done):
            row = _one(done)
            if row is not None and row["record"] in records:
                return row
    return None


def _one(done: Done) -> Json | None:
    if done.failed:
        return None
    if done.name == "update_field":
        return {**done.result.get("changed", {}), "record": done.args.get("record")}
    if done.name in {"get_account", "get_deal"} and "id" in done.result:
        return {**done.result, "record": done.name.removeprefix("get_")}
    rows = done.result.get("items", [])
    return {**rows[0], "record": LISTS[done.name]} if done.name in LISTS and len(rows) == 1 else None


def is_done(exchange: Exchange) -> bool:
    return any(done.name in ACTS and not done.failed for done in exchange.done)


def candidates(exchange: Exchange) -> list[Json]:
    """The rows of the latest list that was read for it, each with its kind of record."""
    for done in reversed(exchange.done):
        if done.name in LISTS and done.result.get("items"):
            return [{**row, "record": LISTS[done.name]} for row in done.result["items"]]
    return []


def _found(exchange: Exchange) -> Json | None:
    rows = candidates(exchange)
    return rows[0] if len(rows) == 1 else None


def _narrows(before: Exchange, text: str, asked: str) -> bool:
    """A name that several of those share who were asked about: they are asked about again, the others are not."""
    said = text.lower().strip(" .!?")
    rows = candidates(before)
    if len(rows) < 2 or len(said) < 2 or len(said.split()) > 4 or text.endswith("?"):
        return False
    # Or more of the name, of somebody who was not among the first that were listed.
    more = bool(asked) and set(asked.lower().split()) < set(said.split())
    return more or any(said in str(row.get("name") or "").lower() for row in rows)


def _picked(before: Exchange, text: str, today: date) -> Json | None:
    """The one that is meant, when the answer before asked which."""
    rows = candidates(before)
    if len(rows) < 2:
        return None
    said = text.lower().strip(" .!?")
    number = re.fullmatch(r"(?:the )?(?:number |no\.? ?|#)?(\d)", said)
    ordinal = read(text, today).ordinal
    if number and 1 <= int(number[1]) <= len(rows):
        return rows[int(number[1]) - 1]
    if ordinal is not None and -1 <= ordinal < len(rows):
        return rows[ordinal]
    said = re.sub(r"^(?:the one |the |i mean |i meant )?(?:at |from |with |of )?(?:the )?", "", said)
    for facts in (("name", "subject"), ("account", "email", "title", "stage", "owner")):
        fitting = [
            row for row in rows if any(said and said in str(row.get(fact, "")).lower() for fact in facts)
        ]
        if len(fitting) == 1:
            return fitting[0]
    return None
