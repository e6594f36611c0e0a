"""What can be heard in a call, found by rules: each with the second and the words. No model listens.

A signal is yes or no for a call; ``SIGNALS`` says what it is called, and what a skill should say when it is found more often where
deals were won (``do``) or lost (``avoid``).
"""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
Finder = Callable[["Heard"], Iterator["Line"]]

MAX_SPANS = 3  # of a signal in a call
TALKS_MOST = 0.55
QUESTIONS_LEAST = 8


@dataclass(frozen=True, kw_only=True)
class Line:
    at: int
    speaker: str
    side: str
    text: str

    @property
    def words(self) -> int:
        return len(self.text.split())

    @property
    def asks(self) -> bool:
        return "?" in self.text

    def span(self) -> Json:
        return {"at": self.at, "quote": self.text[:400], "speaker": self.speaker, "side": self.side}


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A call's lines in order, and the people on it as the provider names them."""

    lines: tuple[Line, ...]

    def ours(self) -> Iterator[tuple[int, Line]]:
        return ((place, line) for place, line in enumerate(self.lines) if line.side == "us")

    def after(self, place: int, count: int) -> Sequence[Line]:
        return self.lines[place + 1 : place + 1 + count]

    def before(self, place: int, count: int) -> Sequence[Line]:
        return self.lines[max(0, place - count) : place]


@dataclass(frozen=True, kw_only=True)
class Signal:
    """``said`` completes "In 12 of 14 won deals …"."""

    key: str
    title: str
    said: str
    do: str
    avoid: str
    find: Finder


def heard(lines: Sequence[Mapping[str, Any]]) -> Heard:
    """From a provider's ``meta["lines"]``."""
    return Heard(
        lines=tuple(
            Line(
                at=int(each["at"]),
                speaker=each["speaker"],
                side=each["side"],
                text=" ".join(each["text"].split()),
            )
            for each in lines
        )
    )


def signals_in(call: Heard) -> dict[str, list[Json]]:
    """Signal: where it is heard, the first ones. A signal that is not there has no key."""
    found = {}
    for signal in SIGNALS:
        spans = []
        for line in signal.find(call):
            spans.append(line.span())
            if len(spans) == MAX_SPANS:
                break
        if spans:
            found[signal.key] = spans
    return found


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


def _sentences(text: str) -> list[str]:
    return re.findall(r"[^.!?]+[.!?]*", text)


def _questions(pattern: re.Pattern[str]) -> Finder:
    """Sentences of ours that ask, and say this."""

    def find(call: Heard) -> Iterator[Line]:
        for _, line in call.ours():
            if any("?" in each and pattern.search(each) for each in _sentences(line.text)):
                yield line

    return find


def _statements(pattern: re.Pattern[str]) -> Finder:
    def find(call: Heard) -> Iterator[Line]:
        for _, line in call.ours():
            if pattern.search(line.text):
                yield line

    return find


_MONEY = r"(?:USD|EUR|GBP|CHF|[$€£])\s?\d"
COST = _words(
    r"\b(?:what|how much|how many).{0,60}\bcosts?\b(?! you to say)",
    r"\bcosts? (?:you|it)\b",
    r"\bin money\b",
    r"\bworth (?:of|to you)\b",
    r"\bwhat (?:is|does|do|would) .{0,60}\b(?:loss|late invoice|problem|damage)s?\b.{0,30}\b(?:you|year|month|money|cost)",
    rf"\btalk(?:ing)? about {_MONEY}",
    rf"\bcomes? to (?:about )?{_MONEY}",
    r"\bwhat was the worst (?:month|year|week)\b|\bmay i use that number\b",
)
DECISION = _words(
    r"\bwho (?:else )?(?:has to|needs to|must|signs?|decides?|approves?|gets asked|would have to)\b",
    r"\bwho (?:signed|was asked|is in the (?:round|room|committee))\b|\bwho of them would\b",
    r"\b(?:how|when) (?:would|will|is|does|do).{0,50}\b(?:decided?|decide|decision|board meet|signed?)\b",
    r"\bwhat (?:has to|must|would have to) happen\b.{0,60}\b(?:sign|signature|order|contract|yes)",
    r"\b(?:steps?|path|way) (?:to|until) (?:a |the )?(?:signature|decision|contract)",
    r"\bwho can say no\b|\bcan say no\b",
)
RIVALS = _words(
    r"\bcompar(?:e|ing) us\b",
    r"\bwho else (?:are you|do you|is)\b.{0,20}\b(?:looking|talking|see|speak)",
    r"\bif you do nothing\b",
    r"\b(?:anybody|somebody|anyone|who) else (?:on the table|in the race|in it|at the table)\b",
    r"\b(?:which|what) other (?:vendors?|offers?|options?|tools?)\b",
    r"\blook(?:ing)? at (?:any)?(?:body|one|thing) else\b",
    r"\balternatives?\b",
    r"\bleaving it as it is\b",
)
DEADLINE = _words(
    r"\bby when\b",
    r"\b(?:is there|what is) (?:a|the) (?:day|date|deadline)\b.{0,40}\b(?:has to|must|by which|work|run|start)",
    r"\bwhat happens if\b.{0,60}\b(?:not|later|nothing|start)",
    r"\bwhen .{0,40}nothing has changed\b",
    r"\bwhy now\b",
)
BUDGET = _words(
    r"\bbudget(?:s|ed)?\b.{0,40}(?:confirmed|released|approved|set aside|there|for (?:it|this))",
    r"\b(?:is there|do you have|have you got|whose|who has|what is) (?:a |the |your )?(?:budget|money)\b",
    r"\bwhose is it\b",
)
BUYER = _words(
    r"\b(?:bring|invite|include)\b.{0,40}\b(?:next call|to (?:the|our) (?:call|meeting)|along)",
    r"\bminutes with \w+",
    r"\bnext time with \w+",
    r"\b(?:should|ought to) see this before\b",
    r"\bcould (?:i|we) (?:meet|speak with|talk to)\b",
)
RECAP = _words(
    r"\b(?:let me|may i|to|i will|i'll) (?:say back|repeat|sum(?:marise|marize| it up| up)|play back)\b",
    r"\bto sum (?:it )?up\b",
    r"\bmy notes, in your words\b",
    r"\bwhat i (?:have )?(?:heard|understood)\b.{0,60}\b(?:correct|right)\b",
    r"\bdid i (?:miss|forget|get) (?:something|anything|that right|it right)\b",
)
OFFERS = _words(
    r"\b(?:i|we) (?:can|could|may|might) (?:already )?(?:do|take|give|offer|go)\b.{0,30}\b(?:percent|%|less|off|lower)",
    r"\b\d+ ?(?:percent|%)\b.{0,20}\b(?:i|we) can (?:do|give)\b",
    r"\bon the price we will find something\b",
    r"\bwe are flexible\b",
)
OBJECTS = _words(
    r"\bnot (?:yet )?(?:convinced|sure|happy)\b",
    r"\btoo (?:expensive|dear|much|complex|complicated|high)\b",
    r"\ba lot of change\b",
    r"\btakes? for ?ever\b",
    r"\b(?:i|we) (?:have )?(?:heard|hear) (?:that|from others)\b",
    r"\bwhat i hear from others\b",
    r"\b(?:worried|concerned|afraid|sceptical|skeptical)\b",
    r"\bmy (?:concern|worry|fear)\b",
)
WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
DAY = _words(
    rf"\b(?:{WEEKDAY}|tomorrow|today)\b",
    r"\b\d{1,2}(?:st|nd|rd|th)? (?:of )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)",
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* \d{1,2}\b",
)
AGREES = _words(
    r"\b(?:next step|who does what|my homework|go on\?|how we go on|should happen next|what do you need from me)\b",
    r"\b(?:i|we) (?:send|will send|call|meet|speak|have)\b.{0,60}\b(?:by|on)\b",
    r"\b(?:we|the three of us|we three|you and i)\b.{0,20}\b(?:meet|speak|talk)\b",
    r"\bfrom me by\b|\bby then\b|\bcould you\b.{0,60}\buntil\b|\bshall we look at it together\b",
    r"\byou have it (?:by|on)\b|\bon your desk by\b",
)
LAST_LINES = 10


def _dated_step(call: Heard) -> Iterator[Line]:
    """Towards the end we name a day for something to be done, or agree to one."""
    end = max(0, len(call.lines) - LAST_LINES)
    for place, line in call.ours():
        if place >= end and DAY.search(line.text) and (AGREES.search(line.text)):
            yield line


def _discount(call: Heard) -> Iterator[Line]:
    """We offer it, and nobody on their side had asked for one in the two lines before."""
    for place, line in call.ours():
        if not OFFERS.search(line.text):
            continue
        asked = any(
            each.side == "them"
            and re.search(r"\bdiscount|\bpercent (?:off|below)|\bcheaper\b", each.text, re.IGNORECASE)
            for each in call.before(place, 2)
        )
        if not asked:
            yield line


def _objections(call: Heard) -> Iterator[tuple[int, Line]]:
    for place, line in enumerate(call.lines):
        if line.side == "them" and OBJECTS.search(line.text):
            yield place, line


def _explores(call: Heard) -> Iterator[Line]:
    """They object, and our next words ask about it, and we ask again before we go on."""
    for place, _ in _objections(call):
        ours = [each for each in call.after(place, 4) if each.side == "us"]
        if (len(ours) >= 2 and all(each.asks and not GOES_ON.search(each.text) for each in ours[:2])) or (
            ours
            and re.search(r"thank you for (?:saying|telling|being)", ours[0].text, re.IGNORECASE)
            and ours[0].asks
        ):
            yield ours[0]


GOES_ON = _words(r"\bshall i go on\b", r"\blet me show\b", r"\banyway\b", r"\bnext (?:screen|slide)\b")


def _talks_over(call: Heard) -> Iterator[Line]:
    """They object, and our next words assert or go on."""
    for place, _ in _objections(call):
        ours = next((each for each in call.after(place, 2) if each.side == "us"), None)
        if ours is not None and (not ours.asks or GOES_ON.search(ours.text)):
            yield ours


TOUR = _words(
    r"\bthis (?:button|slide|screen)\b",
    r"\bhere you have\b",
    r"\bhere (?:is|we have) the (?:architecture|tender|slide)\b",
    r"\blet me (?:tell you quickly|show you) what we have\b",
    r"\bstart with our company\b",
    r"\bout of the box\b",
)


def _tour(call: Heard) -> Iterator[Line]:
    """We list what we have: two such lines close together, none of them a question."""
    ours = list(call.ours())
    for (place, line), (later, other) in itertools.pairwise(ours):
        lists = [
            each
            for each in (line, other)
            if not each.asks and (TOUR.search(each.text) or _is_list(each.text))
        ]
        if len(lists) == 2 and later - place <= 3:
            yield line


def _is_list(text: str) -> bool:
    return text.count(",") >= 4


def _several(call: Heard) -> Iterator[Line]:
    """A second person of theirs speaks."""
    first = ""
    for line in call.lines:
        if line.side != "them":
            continue
        first = first or line.speaker
        if line.speaker != first:
            yield line
            return


def _listens(call: Heard) -> Iterator[Line]:
    share = talk_share(call)
    if share is not None and share <= TALKS_MOST:
        yield max(call.lines, key=lambda line: (line.side == "them", line.words))


def _asks_much(call: Heard) -> Iterator[Line]:
    asked = [line for _, line in call.ours() if line.asks]
    if sum(line.text.count("?") for line in asked) >= QUESTIONS_LEAST:
        yield from asked


def talk_share(call: Heard) -> float | None:
    """The share of words that are ours; None where nothing was said."""
    total = sum(line.words for line in call.lines)
    return sum(line.words for _, line in call.ours()) / total if total else None


def measures_of(call: Heard) -> dict[str, float]:
    """Plain numbers of a call: ``talk_share`` 0 to 1, ``questions``, ``people`` of theirs who spoke."""
    return {
        "talk_share": round(talk_share(call) or 0.0, 4),
        "questions": sum(line.text.count("?") for _, line in call.ours()),
        "people": len({line.speaker for line in call.lines if line.side == "them"}),
    }


SIGNALS: tuple[Signal, ...] = (
    Signal(
        key="cost_in_numbers",
        title="Asks what the problem costs",
        said="we asked what the problem costs",
        do="Ask what the problem costs, and get to a number",
        avoid="Do not open with what the problem costs",
        find=_questions(COST),
    ),
    Signal(
        key="decision_path",
        title="Asks how it will be decided",
        said="we asked who has to agree and how it will be decided",
        do="Ask who has to agree, in which order, and when they meet",
        avoid="Do not press for how it will be decided",
        find=_questions(DECISION),
    ),
    Signal(
        key="alternatives",
        title="Asks what we are compared with",
        said="we asked what they compare us with",
        do="Ask what they compare us with, doing nothing included",
        avoid="Do not bring up competitors before they do",
        find=_questions(RIVALS),
    ),
    Signal(
        key="deadline",
        title="Asks by when, and what if not",
        said="we asked by when it has to work, or what happens if it does not",
        do="Ask by when it has to work, and what happens if it does not",
        avoid="Do not press for a deadline",
        find=_questions(DEADLINE),
    ),
    Signal(
        key="budget",
        title="Asks about the budget",
        said="we asked about the budget",
        do="Ask whose budget it is, and whether it is released",
        avoid="Do not ask about the budget early",
        find=_questions(BUDGET),
    ),
    Signal(
        key="buyer_joins",
        title="Asks to have the decider on the next call",
        said="we asked to have the decider on a call",
        do="Ask to have whoever decides on the next call",
        avoid="Do not ask for the decider before the champion offers it",
        find=_statements(BUYER),
    ),
    Signal(
        key="several_people",
        title="Talks with more than one of them",
        said="more than one of them spoke",
        do="Get a second person of theirs onto the call",
        avoid="Talk with one person of theirs at a time",
        find=_several,
    ),
    Signal(
        key="explores_objection",
        title="Asks about an objection",
        said="we asked about an objection before we answered it",
        do="Ask about an objection before you answer it",
        avoid="Do not dwell on objections",
        find=_explores,
    ),
    Signal(
        key="recap",
        title="Says back what was heard",
        said="we said back what we had heard",
        do="Say back what you heard, in their words, and let them correct it",
        avoid="Do not spend the end of the call on a summary",
        find=_statements(RECAP),
    ),
    Signal(
        key="dated_next_step",
        title="Ends with a dated next step",
        said="the call ended with a next step and a day for it",
        do="End with a next step that has a day and an owner",
        avoid="Do not fix a day for the next step yet",
        find=_dated_step,
    ),
    Signal(
        key="listens",
        title=f"Says at most {TALKS_MOST:.0%} of the words",
        said=f"we said at most {TALKS_MOST:.0%} of the words",
        do=f"Leave them room: say at most {TALKS_MOST:.0%} of the words",
        avoid="Lead the call more",
        find=_listens,
    ),
    Signal(
        key="asks_much",
        title=f"Asks at least {QUESTIONS_LEAST} questions",
        said=f"we asked at least {QUESTIONS_LEAST} questions",
        do=f"Come with questions: ask at least {QUESTIONS_LEAST}",
        avoid="Ask fewer questions",
        find=_asks_much,
    ),
    Signal(
        key="feature_tour",
        title="Lists what we have",
        said="we listed what we have",
        do="Show the whole product",
        avoid="Do not list what the product has; show only what they told you about",
        find=_tour,
    ),
    Signal(
        key="early_discount",
        title="Offers a discount before they ask",
        said="we offered a discount before they asked for one",
        do="Offer a discount early",
        avoid="Do not offer a discount before they ask for one",
        find=_discount,
    ),
    Signal(
        key="talks_over_objection",
        title="Talks over an objection",
        said="we answered an objection without asking about it",
        do="Answer objections at once",
        avoid="Do not answer an objection before you have asked about it",
        find=_talks_over,
    ),
)

BY_KEY: Mapping[str, Signal] = {signal.key: signal for signal in SIGNALS}
