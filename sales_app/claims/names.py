"""Names in a text: of people, companies, products, places, and the short titles of offices."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sales_app.claims.dates import DAYS, MONTHS
from sales_app.claims.words import WORD, folded

# Written in capitals or with a capital in any business text; they name nobody.
_COMMON = frozenset(
    """i ok okay re fyi asap eta faq pdf csv url app usa us uk eu dach emea apac ae bdr sdr crm arr acv mrr tcv roi tco sla slas poc rfp rfi nda msa dpa sow po q1 q2 q3 q4 fy
    b2b saas ai api apis sso saml scim it hr legal procurement security finance sales marketing product support engineering usd eur gbp chf email english german french
    monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun prospecting discovery evaluation proposal negotiation champion call meeting
    note notes subject deal account contact stage amount close next step open won lost""".split()
)
# Offices are claims: a CFO is no CTO.
OFFICES = frozenset("ceo cfo cto coo cio ciso cmo cro cpo vp svp evp gc".split())
_LINK = frozenset(
    {
        "of",
        "de",
        "del",
        "der",
        "den",
        "van",
        "von",
        "la",
        "le",
        "and",
        "&",
        "du",
        "da",
        "dos",
        "di",
        "bin",
        "al",
    }
)
_SENTENCE = re.compile(r"(?:^|[.!?:;]\s+|[\"“(\[•–—]\s*|\n\s*[-*]?\s*|\*\*)$")


@dataclass(frozen=True, kw_only=True)
class Name:
    """``opening``: it is the first word of a sentence, so its capital may mean nothing."""

    written: str
    start: int
    end: int
    opening: bool

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(
            folded(word).removesuffix("'s")
            for word in WORD.findall(self.written)
            if folded(word) not in _LINK
        )


def names(text: str) -> list[Name]:
    """Runs of words with capitals, such as ``Dana Wu``, ``Acme Health`` or ``CFO``."""
    found: list[Name] = []
    run: list[re.Match[str]] = []
    for word in [*WORD.finditer(text), None]:
        gap = text[run[-1].end() : word.start()] if run and word is not None else ""
        capital = word is not None and _has_capital(word[0])
        if run and (word is None or not capital or gap.strip(" \u00a0&") or "\n" in gap):
            linked = (
                word is not None and not capital and folded(word[0]) in _LINK - {"and"} and not gap.strip()
            )
            if not linked:
                found += _names(text, run)
                run = []
        if word is not None and capital:
            run.append(word)
    return found


def _has_capital(word: str) -> bool:
    return word[0].isupper() or (any(c.isupper() for c in word[1:]) and not word.isupper())


def _names(text: str, run: list["re.Match[str]"]) -> list[Name]:
    while run and _is_common(run[-1][0]):
        run = run[:-1]
    opening = bool(run) and bool(_SENTENCE.search(text[: run[0].start()]))
    if run and _is_common(run[0][0]):
        return _names(text, run[1:])
    if not run:
        return []
    return [
        Name(
            written=text[run[0].start() : run[-1].end()],
            start=run[0].start(),
            end=run[-1].end(),
            opening=opening,
        )
    ]


def _is_common(word: str) -> bool:
    low = folded(word).removesuffix("'s")
    if "-" in low:  # mid-December
        return all(piece.islower() or _is_common(piece) for piece in word.split("-"))
    return (
        low in _COMMON
        or low in MONTHS
        or low in DAYS
        or (len(low) == 3 and low in {m[:3] for m in MONTHS})
        or (low.startswith("q") and low[1:].isdigit())
    )


def known_words(texts: Iterable[str]) -> frozenset[str]:
    """Every word of these texts, without case and accents; of ``a.wu@acme.com`` also its parts."""
    found: set[str] = set()
    for text in texts:
        for word in WORD.findall(text):
            low = folded(word).removesuffix("'s")
            found.add(low)
            found.update(part for part in re.split(r"[.&'-]", low) if part)
    return frozenset(found)


def strangers(name: Name, known: frozenset[str]) -> list[str]:
    """The parts of a name that the known words do not hold. A plural or a first letter counts as held."""
    return [
        part
        for part in name.parts
        if part not in known
        and part not in _COMMON
        and part.rstrip("s") not in known
        and not all(piece in known for piece in re.split(r"[.&'-]", part) if piece)
        and not (
            len(part) <= 2 and part.strip(".") and any(word.startswith(part.strip(".")) for word in known)
        )
    ]
