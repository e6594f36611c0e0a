"""What of a question the answer leaves out. Silence about a condition would be a wrong answer.

Some conditions are known well enough to say why they cannot be applied. Of all others it is said which words were not
used: those that are no common word, and are found in nothing that was looked up.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sales_app.standin.mind import words
from sales_app.standin.mind.reading import Reading, left_over, read
from sales_app.standin.mind.steps import Situation
from sales_app.standin.mind.writing import joined

Json = dict[str, Any]

DEALS = (r"deals?", r"opportunit\w+", r"pipeline")
# (what is asked, whether only of deals, what is said)
CANNOT: tuple[tuple[tuple[str, ...], bool, str], ...] = (
    (
        (r"no next steps?", r"without (?:a |any )?next steps?", r"missing next steps?"),
        True,
        "I cannot pick out deals by their next step, so these are not narrowed down by it.",
    ),
    (
        (r"at risk", r"risky"),
        True,
        "I cannot tell which deals are at risk, so these are not narrowed down by it.",
    ),
    (
        (r"win rates?", r"conversion rates?"),
        False,
        "I cannot work out a rate. This is what I can say about it.",
    ),
    (
        (r"(?:total|sum of|overall) (?:the )?arr", r"arr in total"),
        False,
        "I do not add up ARR. This is what I can say about it.",
    ),
    (
        (
            r"(?:accounts?|companies|customers?|prospects?|clients?|deals?|opportunities) (?:without|with no|that have no|missing) "
            r"(?:an? |any |the )?(?:champions?|decision[ -]makers?|economic buyers?|technical buyers?|blockers?)",
        ),
        False,
        "I cannot search by who is missing. This is what I can say about it.",
    ),
)
# Common words that narrow a list down when they stand before what is listed. No tool looks for them.
QUALIFIERS = frozenset(
    "annual critical expansion expired expiring hot huge important interesting recurring renewal tiny upsell urgent warm"
    " yearly".split()
)
_LISTED = r"deals?|opportunit(?:y|ies)|accounts?|compan(?:y|ies)|customers?|prospects?|clients?|contacts?|people|tasks?|calls?|meetings?|notes?|emails?|mails?"
BEFORE_LISTED = re.compile(rf"\b([a-z][\w-]+) (?:open |new |my |our )?(?:{_LISTED})\b")
# Values of the CRM, and the part of a reading that holds them.
VALUES = {
    "country": words.COUNTRIES,
    "industry": words.INDUSTRIES,
    "segment": words.SEGMENTS,
    "health": words.HEALTHS,
    "role": words.ROLES,
}
AMOUNTS = ("min_amount", "max_amount")
# Lists that a span of days narrows down by these arguments or not at all.
LISTS = {"find_accounts", "find_contacts", "find_deals", "deal_summary"}
DAYS = {"close_from", "close_to", "not_contacted_since"}
# Beside these a value is no condition: they are answered in words of their own.
FILTERED_BY_PLACE = {"deal_summary"}


def note(situation: Situation) -> str:
    """What of the question the answer leaves out; empty when nothing is known to be."""
    reading = situation.reading
    of_deals = reading.has(*DEALS)
    said = [
        text for asked, deals_only, text in CANNOT if reading.has(*asked) and (of_deals or not deals_only)
    ]
    unused = (
        []
        if said
        else list(dict.fromkeys(_as_typed(word, own_text(situation)) for word in _unused(situation)))
    )
    if unused:
        quoted = joined([f'"{word}"' for word in unused])
        said.append(f"I did not take {quoted} into account: I cannot narrow this down by {_them(unused)}.")
    return " ".join(said)


def _them(unused: list[str]) -> str:
    return "it" if len(unused) == 1 else "them"


def _as_typed(word: str, text: str) -> str:
    found = re.search(re.escape(word), text, re.IGNORECASE)
    return found[0] if found else word


def _unused(situation: Situation) -> Iterator[str]:
    """Of the newest question as it stands, not of what it was refined from."""
    own = read(situation.conversation.open.question, situation.conversation.today)
    used = _used(situation)
    if own.ordinal is None and not situation.reading.flags:
        for words_left in _unknown(own):
            if not any(words_left.casefold() in each for each in used):
                yield words_left
    yield from _qualifiers(own, used)
    yield from _values(own, situation, used)
    if own.span is not None and all(
        done.name in LISTS and not DAYS & set(done.args) for done in situation.done
    ):
        yield own.span.label
    for part in AMOUNTS:
        figure = getattr(own, part)
        if figure is not None and f"{float(figure):g}" not in used:
            yield f"{'over' if part == 'min_amount' else 'under'} {figure:,.0f}"


def _unknown(own: Reading) -> list[str]:
    """Names, and words that would have been one if they were not many."""
    return [*own.names, *(run for run in left_over(own.rest) if run not in own.names)]


def _used(situation: Situation) -> set[str]:
    """The values that were looked up, and what the answer itself goes by."""
    used = {
        f"{value:g}" if isinstance(value, int | float) else str(value).casefold()
        for done in situation.done
        for value in done.args.values()
        if not isinstance(value, bool)
    }
    if situation.result_of("calendar") is not None:
        used |= {name.casefold() for name in situation.reading.names}
    return used


def _qualifiers(own: Reading, used: set[str]) -> Iterator[str]:
    for word in BEFORE_LISTED.findall(own.rest):
        if word in QUALIFIERS and not any(word in each for each in used):
            yield word


def _values(own: Reading, situation: Situation, used: set[str]) -> Iterator[str]:
    by_place = any(done.name in FILTERED_BY_PLACE for done in situation.done)
    for part, table in VALUES.items():
        named = words.find_all(table, own.rest)
        if part == "country" and own.country is None:
            continue
        first = getattr(own, part)
        for word, value in named:
            covered = by_place and value == first and part in {"country", "industry", "segment"}
            if not covered and not any(each in {value.casefold(), word} or word in each for each in used):
                yield word


# A word before what is listed may be a name, or a condition that is not known.


def without_qualifier(situation: Situation) -> "Situation | None":
    """The question without the word that no record is called by; None when there is none such."""
    reading = situation.reading
    if len(reading.names) != 1 or reading.flags or not situation.done:
        return None
    name = reading.names[0]
    last = situation.done[-1]
    missed = last.error.get("code") == "not_found" or (not last.failed and last.result.get("total") == 0)
    is_before = re.search(rf"(?:^|\s){re.escape(name)} (?:\w+ )?(?:{_LISTED})\b", own_text(situation))
    if not missed or not is_before or name.isdecimal():
        return None
    conversation = situation.conversation
    return Situation(conversation, replace(reading, names=()))


def own_text(situation: Situation) -> str:
    """As it was typed: a name with capitals is taken for one."""
    return " ".join(situation.conversation.open.question.replace("’", "'").split())


def qualifier_note(name: str) -> str:
    return f'I find no record called "{name}" and know no such condition, so this is not narrowed down by it.'
