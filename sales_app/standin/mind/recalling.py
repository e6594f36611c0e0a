"""What a question means after what was said before: "and its contacts?", "only in Germany", "the second one"."""

import re
from dataclasses import dataclass, replace
from typing import Any

from sales_app.standin.mind.conversation import Conversation, Done, Exchange
from sales_app.standin.mind.reading import Reading, read
from sales_app.standin.mind.topic import topic_of

Json = dict[str, Any]

# Parts that a follow-up may replace in the question before it.
PARTS = (
    "span",
    "min_amount",
    "max_amount",
    "stage",
    "segment",
    "status",
    "health",
    "role",
    "kind",
    "country",
    "industry",
    "owner",
    "competitor",
    "group",
    "order",
    "limit",
)
ABOUT_ONE = {"contacts", "activities", "deals", "tasks", "preparing", "record", "summary"}


@dataclass(frozen=True)
class Focus:
    """The record that was spoken of last."""

    kind: str
    id: str


def recalled(conversation: Conversation) -> Reading:
    return _recalled(conversation, len(conversation.exchanges) - 1)


def _recalled(conversation: Conversation, at: int) -> Reading:
    reading = read(conversation.exchanges[at].question, conversation.today)
    before = conversation.exchanges[at - 1] if at else None
    if before is not None:
        chosen = _chosen(before, reading)
        if chosen is not None:
            return _about(_recalled(conversation, at - 1), Focus("chosen", chosen))
        picked = _picked(before, reading)
        if picked is not None:
            topic = topic_of(reading)
            again = reading if topic else replace(reading, low=f"tell me about {reading.low}")
            return _about(again, picked)
    topic = topic_of(reading)
    if before is not None and (
        topic is None or (reading.follow_up and topic in {"accounts", "record", "deals"})
    ):
        refined = _refined(reading, _recalled(conversation, at - 1), topic)
        if refined is not None:
            return refined
    if reading.names or topic not in ABOUT_ONE:
        return reading
    focus = _focus(conversation.exchanges[:at])
    if focus is None and conversation.subject is not None:
        focus = Focus(conversation.subject.kind, conversation.subject.id)
    if focus is not None and (reading.pronoun or _is_short(reading, conversation, at)):
        return _about(reading, focus)
    return reading


def _about(reading: Reading, focus: Focus) -> Reading:
    return replace(reading.called(focus.id), flags=reading.flags | {f"about:{focus.kind}"})


def _is_short(reading: Reading, conversation: Conversation, at: int) -> bool:
    """Nothing in it says whose records are meant: then those of the record at hand are."""
    selects = any(
        getattr(reading, part) is not None for part in ("country", "industry", "segment", "status", "owner")
    )
    if selects or reading.has("all", "every", "any", "our", "pipeline", "forecast"):
        return False
    if conversation.subject is not None:
        return True
    if at and reading.follow_up:
        return True
    # Right after one record was shown, "who is the champion?" means its champion.
    about_one = at > 0 and _focus([conversation.exchanges[at - 1]]) is not None
    return about_one and reading.has("the") and not reading.has("my", "i", "me")


def _candidates(exchange: Exchange) -> list[Json]:
    if not exchange.done:
        return []
    last = exchange.done[-1]
    found: list[Json] = last.result.get("candidates") or last.error.get("candidates") or []
    return found


def _chosen(before: Exchange, reading: Reading) -> str | None:
    """The id of the one that was meant, when the last answer asked which."""
    candidates = _candidates(before)
    if not candidates:
        return None
    if reading.ordinal is not None and -1 <= reading.ordinal < len(candidates):
        return str(candidates[reading.ordinal]["id"])
    said = reading.low.strip(" .!?")
    if (number := re.fullmatch(r"(?:number |no\.? ?|#)?(\d)", said)) and 1 <= int(number[1]) <= len(
        candidates
    ):
        return str(candidates[int(number[1]) - 1]["id"])
    exact = [row for row in candidates if str(row.get("name", "")).lower() == said]
    close = exact or [row for row in candidates if said and said in str(row.get("name", "")).lower()]
    return str(close[0]["id"]) if len(close) == 1 else None


def _picked(before: Exchange, reading: Reading) -> Focus | None:
    """``the second one`` of a list."""
    if reading.ordinal is None:
        return None
    for done in reversed(before.done):
        kind = {
            "find_accounts": "account",
            "quiet_accounts": "account",
            "find_deals": "deal",
            "find_contacts": "contact",
        }.get(done.name)
        items = done.result.get("items", [])
        if kind and -1 <= reading.ordinal < len(items):
            return Focus(kind, str(items[reading.ordinal]["id"]))
    return None


def _refined(reading: Reading, earlier: Reading, topic: str | None) -> Reading | None:
    """The question before, with other days, amounts or places."""
    said = {part: getattr(reading, part) for part in PARTS if getattr(reading, part) is not None}
    if reading.has("more", "next page", "all of them", "the rest"):
        said.setdefault(
            "limit", 50 if reading.has("all of them", "the rest") else min(50, (earlier.limit or 10) * 3)
        )
    if reading.names and not earlier.names and topic == "record" and not said:
        return None
    if reading.names:
        said["names"] = reading.names
        said["flags"] = frozenset()
    if not said or topic_of(earlier) in {None, "greeting", "thanks", "help"}:
        return None
    if topic is not None and topic not in {topic_of(earlier), "record"}:
        # "and customers?" after a question about accounts refines it; "and deals?" asks something new.
        return None
    return replace(earlier, **said)


def _focus(exchanges: list[Exchange]) -> Focus | None:
    for exchange in reversed(exchanges):
        for done in reversed(exchange.done):
            if not done.failed and (found := _record_of(done)) is not None:
                return found
    return None


def _record_of(done: Done) -> Focus | None:
    result, items = done.result, done.result.get("items", [])
    if done.name == "get_account" and "id" in result:
        return Focus("account", str(result["id"]))
    if done.name == "get_deal" and "id" in result:
        return Focus("deal", str(result["id"]))
    if done.args.get("account") and items and items[0].get("account_id"):
        return Focus("account", str(items[0]["account_id"]))
    if len(items) == 1:
        kind = {"find_accounts": "account", "quiet_accounts": "account", "find_deals": "deal"}.get(done.name)
        if kind:
            return Focus(kind, str(items[0]["id"]))
        if done.name == "find_contacts" and items[0].get("account_id"):
            return Focus("account", str(items[0]["account_id"]))
    return None
