"""Composing a skill's result: the outline in the skill's text, filled with the facts that came with it.

It follows the text as far as rules can: titles, kinds, limits, and what people asked for or said meanwhile ("only the risks",
"at most three", "shorter", "without news"). A change of the skill's outline therefore changes what comes out.
"""

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any

from sales_app.documents.outline import Part, outline_of
from sales_app.documents.reading import NOTHING
from sales_app.standin.mind.conversation import text_of

Json = dict[str, Any]

# The first line of the constant prompt; a test holds the two together.
MARK = "You write one document for a sales team, from facts that were collected for it"

SKILL = re.compile(r'<skill name="[^"]*">\n(.*)\n</skill>', re.DOTALL)
FACTS = re.compile(r"<facts>(.*)</facts>", re.DOTALL)
ASIDE = re.compile(r"\s*<(?:context|facts|file|gaps)>")
SHORT = re.compile(
    r"\b(?:shorter|short|briefer|brief(?:ly)?|less text|in a hurry|tl;?dr|concise)\b", re.IGNORECASE
)
WORDS_MOST = re.compile(
    r"\b(?:at most|max(?:imum)?|no more than|up to|under|in|within) (\d+) words\b", re.IGNORECASE
)
MOST = re.compile(
    r"\b(?:at most|max(?:imum)?|no more than|up to|only|just|the top|top) (\d+|one|two|three|four|five|six)\b(?! words)",
    re.IGNORECASE,
)
STOP = r"(?=[.;,!?\n]|$|\b(?:and|but|please|without|at most|this time)\b)"
ONLY = re.compile(
    rf"\b(?:only|just|nothing but|focus on|concentrate on)\s+(?:about |on )?(?:the |their |our )?([a-z][\w' -]*?)\s*{STOP}",
    re.IGNORECASE,
)
WITHOUT = re.compile(
    rf"\b(?:without|leave out|leave off|skip|drop|omit|no)\s+(?:the |any |their |our )?([a-z][\w' -]*?)\s*(?:section|part)?s?\s*{STOP}",
    re.IGNORECASE,
)
NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
SHORT_MOST = 2
IDLE = frozenset(
    "a an the of for to in on with what is are about more than section part it this that".split()
)


@dataclass(frozen=True)
class Wishes:
    """What was asked for: the last word of each sort counts."""

    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    most: int | None = None
    words: int | None = None
    short: bool = False


@dataclass
class _Given:
    skill: str = ""
    facts: list[Json] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    said: str = ""  # of an answer that was cut


def is_request(request: Json) -> bool:
    return text_of(request.get("system")).startswith(MARK)


def compose(request: Json) -> str:
    given = _given(request)
    wishes = wishes_in(given.asked)
    parts = _chosen(outline_of(given.skill), given.facts, wishes)
    text = "\n\n".join(f"## {part.title}\n\n{_lines(part, facts)}" for part, facts in parts)
    if wishes.words:
        text = _within(text, wishes.words)
    return text[len(given.said) :] if given.said and text.startswith(given.said) else text


def wishes_in(asked: list[str]) -> Wishes:
    found = Wishes()
    for text in asked:
        if match := WORDS_MOST.search(text):
            found = replace(found, words=int(match[1]))
        if match := MOST.search(text):
            found = replace(found, most=NUMBERS.get(match[1].lower()) or int(match[1]))
        if SHORT.search(text):
            found = replace(found, short=True)
        if only := tuple(
            each for match in ONLY.finditer(text) if (each := match[1].strip().lower()) not in NUMBERS
        ):
            found = replace(found, only=only, without=())
        if left := tuple(match[1].strip().lower() for match in WITHOUT.finditer(text)):
            found = replace(found, without=(*found.without, *left))
    return found


def _given(request: Json) -> _Given:
    skill = SKILL.search(text_of(request.get("system")))
    given = _Given(skill=skill[1] if skill else "")
    for turn in request["messages"]:
        for block in (
            turn["content"]
            if isinstance(turn["content"], list)
            else [{"type": "text", "text": turn["content"]}]
        ):
            text = block.get("text", "")
            if block["type"] != "text":
                continue
            if turn["role"] == "assistant":
                given.said += text
            elif facts := FACTS.fullmatch(text.strip()):
                given.facts = json.loads(facts[1])
            elif not ASIDE.match(text) and not text.startswith("["):
                given.asked.append(_asked(text))
    return given


def _asked(text: str) -> str:
    """The people's words: the line that names the skill is not theirs."""
    if text.startswith("Said meanwhile: "):
        return text.removeprefix("Said meanwhile: ")
    return text.partition("\nAsked for: ")[2]


def _chosen(parts: tuple[Part, ...], facts: list[Json], wishes: Wishes) -> list[tuple[Part, list[Json]]]:
    titled = [part for part in parts if any(_about(only, part.title, *part.kinds) for only in wishes.only)]
    chosen = []
    for part in parts:
        if titled and part not in titled:
            continue
        if any(_about(left, part.title, *part.kinds) for left in wishes.without):
            continue
        found = [fact for fact in facts if fact["kind"] in part.kinds]
        found = [fact for fact in found if not any(_says(left, fact) for left in wishes.without)]
        if wishes.only and not titled:
            found = [fact for fact in found if any(_says(only, fact) for only in wishes.only)]
            if not found:
                continue
        found.sort(key=lambda fact: -float(fact.get("rank") or 0))
        chosen.append((part, found[: _limit(part, wishes)]))
    if not chosen and wishes.only:
        # Nothing is about that: everything is better than an empty page.
        return _chosen(parts, facts, replace(wishes, only=()))
    return chosen


def _limit(part: Part, wishes: Wishes) -> int | None:
    limits = [part.limit, wishes.most, SHORT_MOST if wishes.short else None]
    return min((limit for limit in limits if limit is not None), default=None)


def _lines(part: Part, facts: list[Json]) -> str:
    if not facts:
        return NOTHING
    ranked = any("action" in kind for kind in part.kinds)
    lines = []
    for number, fact in enumerate(facts, 1):
        text = " ".join(str(fact["text"]).split())
        lines.append(f"{f'{number}.' if ranked else '-'} {text} [{fact['id']}]")
    return "\n".join(lines)


def _within(text: str, most: int) -> str:
    """Whole lines, as many as fit; a title without a line goes."""
    kept: list[str] = []
    count = 0
    for line in text.split("\n"):
        size = len(line.split())
        if line and not line.startswith("#") and count + size > most:
            continue
        count += size
        kept.append(line)
    sections = re.split(r"(?m)^(?=## )", "\n".join(kept))
    return "\n\n".join(section.strip() for section in sections if "\n" in section.strip())


def _about(wanted: str, *titles: str) -> bool:
    stems = _stems(wanted)
    there = {stem for title in titles for stem in _stems(title.replace("_", " "))}
    return bool(stems) and stems <= there


def _says(wanted: str, fact: Json) -> bool:
    stems = _stems(wanted)
    return bool(stems) and stems <= _stems(f"{fact['text']} {fact['kind'].replace('_', ' ')}")


def _stems(text: str) -> set[str]:
    words = re.findall(r"[^\W_]+", text.lower())
    return {
        re.sub(r"(?:ies|es|s)$", "", word) if len(word) > 3 else word for word in words if word not in IDLE
    }
