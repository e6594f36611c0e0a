"""Words and sentences, as far as the checker needs them."""

import re
import unicodedata
from functools import lru_cache

WORD = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*")
_MARKUP = re.compile(r"^\s*[-*•]\s+|\*\*|__|`|\[([^\]]*)\]\([^)]*\)", re.MULTILINE)

# Words that carry no claim of their own.
STOP = frozenset(
    """a about again all also am an and any are as at back be because been before being both but by can cannot could did do does doing down during each
    few for from further get gets got had has have having he her here hers him his how i if in into is it its itself just let like may me
    might more most must my no nor not now of off on once only or other our ours out over own per please s same shall she should so some such than
    that the their theirs them then there these they this those through to too under until up us very via was we were what when where which
    while who whom whose why will with without would yet you your yours""".split()
)

_IRREGULAR = {
    "said": "say", "sent": "send", "met": "meet", "bought": "buy", "paid": "pay", "told": "tell", "held": "hold", "knew": "know",
    "wrote": "write", "written": "write", "spoke": "speak", "spoken": "speak", "gave": "give", "given": "give", "took": "take", "taken": "take",
    "made": "make", "went": "go", "gone": "go", "chose": "choose", "chosen": "choose", "won": "win", "lost": "lose", "grew": "grow", "grown": "grow",
    "people": "person", "kept": "keep", "felt": "feel", "left": "leave", "brought": "bring", "thought": "think", "sold": "sell",
    "men": "man", "women": "woman", "fell": "fall", "fallen": "fall", "rose": "rise", "risen": "rise", "broke": "break", "broken": "break", "began": "begin", "begun": "begin", "saw": "see", "seen": "see",
}  # fmt: skip


def plain(text: str) -> str:
    """Without Markdown's marks, those of a list too; of a link, its words."""
    return _MARKUP.sub(lambda found: found[1] or "", text)


def folded(text: str) -> str:
    """Without case and accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A word's trunk, rough and the same for its forms: meeting, meetings, met."""
    word = folded(word).removesuffix("'s").strip(".'-")
    word = _IRREGULAR.get(word, word)
    for ending, kept in (
        ("ies", "y"),
        ("sses", "ss"),
        ("ingly", ""),
        ("edly", ""),
        ("ments", "ment"),
        ("ings", ""),
        ("ing", ""),
        ("ed", ""),
        ("es", ""),
        ("s", ""),
        ("ly", ""),
        ("e", ""),
    ):
        if (
            word.endswith(ending)
            and len(word) - len(ending) >= 3
            and not (ending == "s" and word.endswith("ss"))
        ):
            word = word[: len(word) - len(ending)] + kept
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]  # planned, plan
    return word[:-1] if len(word) > 3 and word.endswith(("e", "i")) else word


def words(text: str) -> list[str]:
    return WORD.findall(text)


def content(text: str) -> list[str]:
    """The stems of the words that claim something, in order; numbers and denials are left out."""
    return [
        stem(word)
        for word in words(text)
        if folded(word) not in STOP
        and not folded(word).endswith("n't")
        and not any(c.isdigit() for c in word)
        and len(word) > 1
    ]


_END = re.compile(r"(?<=[.!?;])[\"'”’)\]]*\s+(?=[\"“'‘(\[]?[A-Z0-9ÄÖÜÀ-Þ])")
_ABBREVIATION = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Prof|Inc|Ltd|Co|Corp|vs|e\.g|i\.e|approx|No|St|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.$"
)


# Where another thing begins to be said within a sentence.
_BREAK = re.compile(
    r"\s*[;:–—]\s+|,\s+(?:and|but|while|yet|though|although|so|which|who|because|since|as(?! long))\s+|\s+(?:but|because|while|although)\s+"
    r"|,?\s+and\s+(?=(?:that|is|are|was|were|has|have|had|will|would|can|cannot|could|does|did|may|might|no|not|never|nobody|nothing)\b)"
)


def clauses(sentence: str) -> list[str]:
    """Its parts that can each be true or false."""
    return [part for part in _BREAK.split(sentence) if part.strip()]


_LEANS = re.compile(
    r"^(?:not|it|they|she|he|this|that|these|those|which|who|is|are|was|were|has|have|had|will|would|can|cannot|could|does|did|may|might|\w+ of (?:them|these|those|which))\b",
    re.IGNORECASE,
)


def leans(clause: str) -> bool:
    """Its subject stands in the clause before."""
    return bool(_LEANS.match(clause))


def sentences(text: str) -> list[str]:
    parts: list[str] = []
    for line in text.splitlines():
        for part in _END.split(line):
            if parts and _ABBREVIATION.search(parts[-1]):
                parts[-1] += " " + part
            elif part.strip():
                parts.append(part.strip())
    return parts
