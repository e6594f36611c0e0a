"""Whether a sentence says what its sources say: about the same things, yes or no, as surely."""

import re

from sales_app.claims.finding import Finding
from sales_app.claims.numbers import same
from sales_app.claims.polarity import (
    Stance,
    commits,
    denies,
    done,
    less_sure,
    may_commit,
    opposed,
    stance,
    too_early,
)
from sales_app.claims.support import Support, apart
from sales_app.claims.words import clauses, content

# Below this share of its words in the sources, a sentence claims something else. Paraphrases stay above it.
WORDS_SHARED = 0.34
# A source's clause is about the same thing when this share of the shorter one's words is shared.
SAME_MATTER = 0.5
# So much less may be shared by another clause that counts as well as the best.
NEXT_BEST = 0.15

_ADVICE = re.compile(
    r"^(?:\W*)(?:ask|confirm|check|send|call|write|agree|propose|offer|bring|show|prepare|keep|avoid|open|close|follow|book|share|invite|mention|listen|start|end|make|find|read|review|use|do not|don't|never|let|stay|begin|reply|draft|update|schedule|try|tell|explain|say|answer|discuss|focus|leave|get|go|look|clarify|explore|understand|probe|lead|position|highlight|acknowledge|note)\b",
    re.IGNORECASE,
)


def is_advice(text: str) -> bool:
    """It tells or asks to do something, by its first word."""
    return text.endswith("?") or bool(_ADVICE.match(text))


def wrong_sense(sentence: str, support: Support, *, advice: bool) -> Finding | None:
    claimed = content(sentence)
    if not claimed or not support.clauses or advice or is_advice(sentence):
        return None
    shared = sum(word in support.stems for word in claimed) / len(claimed)
    if len(claimed) >= 3 and shared < WORDS_SHARED:
        return Finding(kind="words", why="Its sources do not say this.")
    return next((found for each in clauses(sentence) if (found := _wrong_clause(each, support))), None)


def _wrong_clause(clause: str, support: Support) -> Finding | None:
    """Wrong when all that the sources say of the same matter is against it."""
    claimed = content(clause)
    if not claimed or is_advice(clause):
        return None
    ours = stance(clause)
    known = [(_overlap(claimed, about), each) for each, about in support.clauses]
    best = max(share for share, _ in known)
    near = [each for share, each in known if share >= min(best, max(SAME_MATTER, best - NEXT_BEST))]
    reckoned = _reckoned(clause, support)
    against = [_against(ours, each, reckoned=reckoned) for each in near]
    if best and all(against):
        return against[0]
    certain = not ours.denied and not ours.hedged
    if (
        best
        and certain
        and (_done_early(clause, support) or (not reckoned and _is_early(clause, near, support)))
    ):
        return Finding(kind="certainty", why="Its sources tell of this as still to come.")
    if commits(clause) and not any(may_commit(each) for each, _ in support.clauses):
        return Finding(kind="certainty", why="Its sources tell of no such agreement or decision.")
    return None


def _done_early(clause: str, support: Support) -> bool:
    """``has returned it``, where the sources only tell that she will."""
    return bool(done(clause) & support.to_come - support.done)


def _is_early(clause: str, near: list[str], support: Support) -> bool:
    """``is available``, where the sources only tell that it will be; with a date it may be either."""
    dated = apart(clause, today=support.today)[0]
    return not dated and all(too_early(clause, each) for each in near)


def _reckoned(clause: str, support: Support) -> bool:
    """It gives a number that only follows from the sources: of 88 who did and 120, the 32 who did not."""
    figures = apart(clause, today=support.today)[1]
    return any(not any(same(each, known) for known in support.numbers) for each in figures)


def _against(ours: Stance, source: str, *, reckoned: bool) -> Finding | None:
    theirs = stance(source)
    if denies(ours, theirs) and not reckoned:
        said = "denies what its sources say" if ours.denied else "says what its sources deny"
        return Finding(kind="negation", why=f"It {said}: “{_short(source)}”.")
    if opposed(ours, theirs):
        return Finding(kind="negation", why=f"Its sources say the opposite: “{_short(source)}”.")
    if less_sure(ours, theirs):
        return Finding(kind="certainty", why=f"Its sources are less certain: “{_short(source)}”.")
    return None


def _overlap(one: list[str], other: list[str]) -> float:
    a, b = set(one), set(other)
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def _short(text: str) -> str:
    return text if len(text) <= 120 else text[:117].rstrip() + "…"
