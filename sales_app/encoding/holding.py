"""Holding a line against the counts that it rests on.

The claim checker knows whether a number is there at all. Here it is also asked whether it is said of the right side: 3 of 12
lost deals may not become 3 of 12 won ones.
"""

import re
from dataclasses import replace
from datetime import date

from sales_app.claims.check import problem_of
from sales_app.claims.numbers import numbers
from sales_app.encoding.signals import BY_KEY
from sales_app.facts import Fact

PAIR = re.compile(r"\b(\d+)\s*(?:of|out of|/)\s*(?:the\s+|all\s+)?(\d+)\b", re.IGNORECASE)
PERCENT = re.compile(r"\b(\d+(?:\.\d+)?)\s?(?:%|percent\b|per cent\b)", re.IGNORECASE)
CLAUSE = re.compile(r"[,;.:()]| and ", re.IGNORECASE)
SIDE = re.compile(r"\b(?:(won|win|winning|wins)|(lost|lose|losing|loses))\b", re.IGNORECASE)


def problem(text: str, fact: Fact, *, today: date) -> str:
    """Why ``text`` may not be said of ``fact``; "" when it may. Quotes support nothing: outsiders spoke them."""
    bare = replace(fact, sources=())
    signal = BY_KEY[fact.id]
    advice = f"{signal.do}. {signal.avoid}. {signal.said}."
    known = replace(bare, text=f"{fact.text} {advice}")
    found = problem_of(text, [known], today=today, advice=True)
    if found is not None:
        return found.why
    return _said_of_the_wrong_side(text, fact, {each.value for each in numbers(advice)})


def _said_of_the_wrong_side(text: str, fact: Fact, free: set[object]) -> str:
    values = fact.values
    claims = [*PAIR.finditer(text), *PERCENT.finditer(text)]
    claims.sort(key=lambda match: match.start())
    rest = list(text)
    for place, match in enumerate(claims):
        is_pair = match.re is PAIR
        rest[match.start() : match.end()] = " " * (match.end() - match.start())
        if not is_pair and any(each.value in free for each in numbers(match[0])):
            continue
        before = claims[place - 1].end() if place else 0
        after = claims[place + 1].start() if place + 1 < len(claims) else len(text)
        side = _side(text, match, before, after)
        if side == "":
            return f"“{match[0]}” does not say of which deals."
        said = (int(match[1]), int(match[2])) if is_pair else f"{float(match[1]):.0f}%"
        true = (values[side], values[f"{side}_of"]) if is_pair else values[f"{side}_share"]
        if said != true:
            return f"“{match[0]}” is not what was counted of {side} deals."
    for number in numbers("".join(rest)):
        if number.value not in free:
            return f"“{number.written}” is none of the counts."
    return ""


def _side(text: str, match: re.Match[str], before: int, after: int) -> str:
    """The side named in the number's own clause, behind it or else in front; "" when none is."""
    behind = CLAUSE.split(text[match.end() : after])[0]
    front = CLAUSE.split(text[before : match.start()])[-1]
    found = SIDE.search(behind) or SIDE.search(front)
    return "" if found is None else "won" if found[1] else "lost"
