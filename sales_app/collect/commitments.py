"""Who said they would do what by when, in mails, calls, notes and chat. Plain text rules, the same answer every time.

Two voices: a *speaker* says "I'll send the pricing by Friday" (mail, call, chat); a *note* tells it of others ("Promised a
reference", "Cleo sends us the list"). A commitment is a promise, or a request that the other side was asked. Rules err on the
side of leaving out: a thing that nobody promised is worse in a follow-up than one that is missed.

Not commitments: what is denied ("we will not match"), hypothetical ("I could", "if the budget comes"), on hold, already done
("I sent"), quoted in a reply ("> ..."), below a signature, or small talk ("I'll be honest").
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sales_app.collect.due_dates import due_date

Side = Literal["us", "them"]

VERBS = (
    "send", "share", "forward", "provide", "prepare", "draft", "write", "get", "confirm", "check", "find", "come back", "follow up",
    "schedule", "set up", "book", "arrange", "introduce", "bring", "invite", "call", "review", "sign", "return", "fix",
    "update", "ask", "look into", "talk to", "speak to", "speak with", "put together", "let you know", "let me know", "make sure",
    "deliver", "submit", "approve", "raise", "chase", "loop in", "connect", "organise", "organize", "reply", "respond",
    "answer", "email", "mail", "add", "show", "explain", "clarify", "complete", "finish", "finalise", "finalize", "present",
    "tell", "resend", "attach", "upload", "give", "set", "move", "plan", "propose", "quote", "price", "scope", "run", "test",
)  # fmt: skip
_VERB = "|".join(sorted(VERBS, key=len, reverse=True))
_SOFT = r"(?:also|then|just|quickly|personally|happily|definitely|gladly|certainly|make sure to|be sure to|try to)"

PROMISE = re.compile(
    rf"\b(?:(?:I|we)(?:['’]ll|\s+will|\s+shall|['’]m\s+going\s+to|['’]re\s+going\s+to|\s+am\s+going\s+to|\s+are\s+going\s+to|\s+promise\s+to|\s+can)"
    rf"|let\s+me|you(?:['’]ll|\s+will)\s+(?:have|get|receive))\s+(?:{_SOFT}\s+)*(?P<verb>{_VERB})?\b",
    re.IGNORECASE,
)
# "I send you the pack by Wednesday": as people close a call. What they do every month is no promise.
PRESENT = re.compile(
    r"(?:^|[.;,:]\s+|\b(?:and|then)\s+)(?:I|we)\s+(?:also\s+)?(?:send|bring|share|forward|prepare|draft|confirm|book|arrange|return)"
    r"\s+(?:you|it|that|this|the|a|an|over|your|them|him|her)\b(?!.*\b(?:every|always|usually|often|each|normally|never)\b)",
    re.IGNORECASE,
)
REQUEST = re.compile(
    rf"\b(?:(?:can|could|would|will)\s+you\s+(?:please\s+|kindly\s+|{_SOFT}\s+)*(?P<verb>{_VERB})\b"
    rf"|please\s+(?:{_SOFT}\s+)*(?P<verb2>{_VERB})\b"
    rf"|(?:we|I)\s+(?:still\s+)?need\s+(?:you\s+to\s+(?P<verb3>{_VERB})\b|(?:the|your|an?|that|those)\b[^.?!]*\bfrom\s+you\b)"
    rf"|^(?:and\s+|then\s+)?you\s+(?:bring|send|share|confirm|forward|check)\s+(?:it|that|me|us|the|this|them)\b"
    rf"|(?:when|by\s+when)\s+(?:can|will|could)\s+(?:you|we|I)\s+(?:get|have|expect|send)\b)",
    re.IGNORECASE,
)
NOTED_OURS = re.compile(
    rf"^(?:(?:I|we)\s+)?(?P<verb>promised|agreed\s+to\s+(?:{_VERB})|owe|owes|committed\s+to|to\s*do:?|action:|must\s+(?:{_VERB})|need\s+to\s+(?:{_VERB}))\b",
    re.IGNORECASE,
)
NOTED_THEIRS = re.compile(
    r"\b(?P<who>(?:[A-Z][\w'’-]+)(?:\s+[A-Z][\w'’-]+){0,2})\s+(?P<verb>sends\s+us|will\s+\w+|promised|is\s+going\s+to\s+\w+|gets\s+back|picks\s+a\s+date|confirms\s+by)\b"
)
NOTED_ASKED = re.compile(
    r"^(?:I\s+|we\s+)?asked\s+(?P<who>them|him|her|(?:[A-Z][\w'’-]+)(?:\s+[A-Z][\w'’-]+){0,2})\s+(?:for|to)\s+(?!correct\b|twice\b)",
    re.IGNORECASE,
)

_DENIED = re.compile(
    r"\b(?:won['’]t|will\s+not|wouldn['’]t|can['’]?t|cannot|can\s+not|couldn['’]t|not\s+going\s+to|don['’]t|do\s+not|doesn['’]t|does\s+not|didn['’]t|no\s+need|never|nobody|unable|no\s+promise|not\s+able|rather\s+than)\b",
    re.IGNORECASE,
)
_HELD = re.compile(
    r"\b(?:on\s+hold|paused?|postponed|frozen|froze|freeze|once\s+(?:the|I|you|we|our|they)|if|unless|at\s+some\s+point|some\s?time|someday|one\s+day|something\s+over|eventually|assuming|in\s+case|depending|subject\s+to|"
    r"until\s+(?:the\s+|our\s+|their\s+|next\s+)?(?:Q[1-4]|budget|new\s+year|further\s+notice|quarter|fiscal))\b",
    re.IGNORECASE,
)
# "I'll check if it works" hangs on nothing.
_WHETHER = re.compile(
    r"\b(?:check|see|know|ask|confirm|find\s+out|verify|tell\s+(?:you|us|me))\s+if\b", re.IGNORECASE
)
# Said of what follows in the same conversation; with a day it is a promise.
_AT_ONCE = frozenset(
    {"show", "explain", "present", "tell", "add", "give", "call", "answer", "move", "run", "set", "plan"}
)
_IDLE = re.compile(
    r"\b(?:get\s+(?:going|started|to\s+it|back\s+to\s+work|along|there|used|it|that|what|why|the\s+point)|(?:let|I['’]ll|I\s+will)\s+(?:me\s+)?(?:be\s+(?:honest|frank|direct)|ask\s+(?:it|that|you\s+(?:this|something)))"
    r"|let\s+me\s+(?:ask|tell|explain|show|give\s+you\s+(?:an\s+example|some\s+context)|check\s+I|make\s+sure\s+I|know\s+if\s+you\s+have)|tell\s+you\s+(?:what|that|honestly|now)|give\s+(?:it|that)\s+(?:a\s+)?(?:some\s+)?thought|call\s+it\b|add\s+(?:that|one\s+thing)\b"
    r"|find\s+(?:it|that)\s+(?:hard|odd|strange|useful|helpful))",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"^(?:--\s*|_{5,}|-{5,}\s*Original Message.*|On .{5,120} wrote:|Von: .*|From: .*)$", re.IGNORECASE
)
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|approx|no|mr|mrs|ms|dr|inc|ltd|co|vs|etc|st)\.$", re.IGNORECASE)
SHORTEST, LONGEST = 8, 400


@dataclass(frozen=True, kw_only=True)
class Commitment:
    """``by`` has to do it; ``asked``: the other side asked for it, nobody promised it yet.

    ``text`` is the sentence at ``start`` to ``end`` in what was read; ``due`` the day that it names; ``who`` a name that a note
    gives, otherwise empty: the speaker for a promise, nobody named for a request.
    """

    by: Side
    asked: bool
    text: str
    start: int
    end: int
    due: date | None = None
    due_words: str = ""
    who: str = ""


def spoken(text: str, *, side: Side, said_on: date) -> list[Commitment]:
    """In what somebody of ``side`` wrote or said."""
    found = []
    for start, sentence in sentences(text):
        if _left_out(sentence):
            continue
        promise, request = _promise(sentence), REQUEST.search(sentence)
        if request and not _is_idle_request(sentence, request):
            found.append(_made(_other(side), True, sentence, start, said_on))
        elif promise:
            found.append(_made(side, False, sentence, start, said_on))
    return found


def noted(text: str, *, said_on: date) -> list[Commitment]:
    """In a note that one of us wrote about a conversation."""
    found = []
    for start, sentence in sentences(text):
        if _left_out(sentence):
            continue
        theirs, asked = NOTED_THEIRS.search(sentence), NOTED_ASKED.match(sentence)
        if NOTED_OURS.match(sentence) or (_promise(sentence) and not sentence.rstrip().endswith("?")):
            found.append(_made("us", False, sentence, start, said_on))
        elif asked:
            who = asked["who"] if asked["who"][0].isupper() else ""
            found.append(_made("them", True, sentence, start, said_on, who=who))
        elif theirs and theirs["who"].split()[0].lower() not in _NO_NAMES:
            found.append(_made("them", False, sentence, start, said_on, who=theirs["who"]))
    return found


_NO_NAMES = frozenset(
    "it this that they we i he she who what there the a an our their if no not nothing nobody without".split()
)


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """(where it begins, the sentence), without quoted replies and what stands below a signature."""
    at = 0
    for line in text.split("\n"):
        if _SIGNATURE.match(line.strip()):
            return
        if not line.lstrip().startswith(">"):
            yield from _of_line(line, at)
        at += len(line) + 1


def _of_line(line: str, at: int) -> Iterator[tuple[int, str]]:
    begin = 0
    for match in re.finditer(r"[.!?]+[\"”')]*(?=\s|$)", line):
        head = line[begin : match.end()]
        if _ABBREVIATION.search(head):
            continue
        yield from _trimmed(line, begin, match.end(), at)
        begin = match.end()
    yield from _trimmed(line, begin, len(line), at)


def _trimmed(line: str, begin: int, end: int, at: int) -> Iterator[tuple[int, str]]:
    words = line[begin:end]
    lead = len(words) - len(words.lstrip(" \t-*•"))
    words = words.strip(" \t-*•")
    if SHORTEST <= len(words) <= LONGEST:
        yield at + begin + lead, words


def _left_out(sentence: str) -> bool:
    return bool(_HELD.search(_WHETHER.sub("", sentence)) or _DENIED.search(sentence))


def _promise(sentence: str) -> re.Match[str] | None:
    if sentence.rstrip().endswith("?"):
        return None  # "Shall I send it?", "Will we get it by Friday?"
    for match in PROMISE.finditer(sentence):
        idle = _IDLE.search(sentence, match.start(), min(len(sentence), match.end() + 30))
        subject = match[0].lower()
        if subject.startswith("you"):
            return match
        if match["verb"] and not idle:
            # "We can send that" is an ability; with a day it is an offer that binds.
            needs_day = match["verb"].lower() in _AT_ONCE or re.search(
                r"\b(?:I|we)\s+can\b", match[0], re.IGNORECASE
            )
            if not needs_day or due_date(sentence, date(2000, 1, 3)) is not None:
                return match
    return PRESENT.search(sentence)


def _is_idle_request(sentence: str, match: re.Match[str]) -> bool:
    verb = next((match[name] for name in ("verb", "verb2", "verb3") if match[name]), "").lower()
    rest = sentence[match.end() :].lower()
    if verb == "let me know":
        # "Please let me know if you have questions" asks for nothing.
        return bool(re.match(r"\s*(?:if|whether|should)\b", rest)) or not rest.strip(" .!?")
    return verb in {"tell", "give", "explain"} and bool(
        re.match(r"\s+(?:us|me)\s+(?:a\s+bit|a\s+little|more)\b", rest)
    )


def _other(side: Side) -> Side:
    return "them" if side == "us" else "us"


def _made(by: Side, asked: bool, sentence: str, start: int, said_on: date, *, who: str = "") -> Commitment:
    due = due_date(sentence, said_on)
    return Commitment(
        by=by,
        asked=asked,
        text=sentence,
        start=start,
        end=start + len(sentence),
        due=due.day if due else None,
        due_words=due.words if due else "",
        who=who,
    )
