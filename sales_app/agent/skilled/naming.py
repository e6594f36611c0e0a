"""Which records of somebody's book a sentence names. Exact words decide; near ones are offered, far ones are not there."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from sales_app.crm.models.key import key_of

TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
LEGAL = frozenset(
    "inc ltd gmbh llc co corp corporation company group ag sa plc bv nv kg limited oy ab as spa srl".split()
)
# Words around a name that are none themselves.
PLAIN = frozenset(
    """
    promise promises owe owes tell told summarise summarize card cards
    first second third fourth fifth a about account accounts actions add afternoon again against all an and any appointment are as ask asks at before be brief briefing
    budget but by call calls can card client company competitor contract customer day days deal deals deck detail details do
    email emails exec executive fast find focus for friday from get give help here his her i if in include into is it its
    items just keep know last later latest least leave less long longer look mail mails make me meeting meetings monday month
    more morning most my need next no not note notes now of on one only open opportunity or our out over owed page pager
    please prep prepare pricing prices price product promised promise proposal prospect prospects put quarter questions question quick really renewal renewals
    replies reply report research review risk risks roi roadmap saturday section security see send sentence sentences shall short shorter
    should show skip skill so some soon stakeholder stakeholders sunday summary team that the their them then there these they thing things this those
    thursday to today tomorrow tuesday two three four five six seven eight nine ten up upcoming us use want was we wednesday week weekly
    were what when where which who why will with without words write year yes yet you your pdf html landing calculator
    everybody everyone anybody anyone somebody wait waits waiting talk talking speak speaking beat ready customers
    battle workflow demo interactive onepager slides presentation forecast pipeline follow followup ups them him
    """.split()
)
FUZZY_SURE = 0.86
FUZZY_NEAR = 0.6
NEAR_MAX = 4


@dataclass(frozen=True)
class Word:
    """``ends``: punctuation stands behind it."""

    key: str
    raw: str
    ends: bool

    @property
    def capital(self) -> bool:
        return self.raw[:1].isupper() or self.raw[:1].isdigit()


@dataclass(frozen=True)
class Named:
    """A row and how it was named: ``length`` words of its name in a row from ``start`` in the text on, ``whole``: all of them;
    ``inside``: they do not begin the name."""

    pk: int
    name: str
    length: int
    whole: bool
    start: int
    inside: bool


def words_of(text: str) -> list[Word]:
    found = list(TOKEN.finditer(text))
    words = []
    for at, match in enumerate(found):
        following = text[match.end() : found[at + 1].start() if at + 1 < len(found) else len(text)]
        key = key_of(match[0]).removesuffix("'s").removesuffix("’s")
        words.append(Word(key, match[0], bool(re.search(r"[,.;:!?()\"\n]|\s[-–—]\s", following))))
    return words


def strange(words: Iterable[Word]) -> list[Word]:
    """Words that may be part of a name."""
    return [word for word in words if word.key not in PLAIN and not word.key.isdecimal()]


def named_in(words: Sequence[Word], rows: Iterable[tuple[int, str]]) -> list[Named]:
    """The rows whose names stand in the text, those named with most words only. ``rows``: (id, name)."""
    present = {word.key for word in words}
    best: list[Named] = []
    for pk, name in rows:
        tokens = [key_of(match[0]) for match in TOKEN.finditer(name)]
        if not present.isdisjoint(tokens) and (found := _run(words, tokens, pk, name)):
            best.append(found)
    # "Harbor Foods" does not name everybody else who deals in foods.
    best = [each for each in best if not (each.inside and goes_on(words, each))]
    most = max(((each.length, each.whole) for each in best), default=(0, False))
    return [each for each in best if (each.length, each.whole) == most]


def _run(words: Sequence[Word], tokens: list[str], pk: int, name: str) -> Named | None:
    """The longest run of the name's words. A run that does not begin the name must hold a word that is no plain one."""
    best: Named | None = None
    for start in range(len(words)):
        for place in range(len(tokens)):
            length = 0
            while (
                start + length < len(words)
                and place + length < len(tokens)
                and words[start + length].key == tokens[place + length]
                and not (length and words[start + length - 1].ends and tokens[place + length] in PLAIN)
            ):
                length += 1
            if not length:
                continue
            rest = tokens[place + length :]
            whole = place == 0 and all(token in LEGAL for token in rest)
            telling = [token for token in tokens[place : place + length] if token not in PLAIN | LEGAL]
            if not telling and not (whole and length > 1):
                continue
            if best is None or (length, whole) > (best.length, best.whole):
                best = Named(pk, name, length, whole, start, bool(place))
    return best


def goes_on(words: Sequence[Word], found: Named) -> bool:
    """Whether the text goes on as another name would: "Acme Bakery" where there is only Acme Freight."""
    if found.whole:
        return False
    at = found.start + found.length
    after = words[at] if at < len(words) and not words[at - 1].ends else None
    before = words[found.start - 1] if found.start and not words[found.start - 1].ends else None
    tokens = [key_of(match[0]) for match in TOKEN.finditer(found.name)]
    for word in (after, before if before and before.capital else None):
        if word is None or not strange([word]):
            continue
        if max(SequenceMatcher(None, word.key, token).ratio() for token in tokens) < 0.7:
            return True
    return False


def near(text: str, rows: Iterable[tuple[int, str]]) -> tuple[list[tuple[int, str]], bool]:
    """Rows with a similar name, the likeliest first, and whether the first one alone is surely meant: a slip of the keys."""
    wanted = " ".join(word.key for word in strange(words_of(text))[:5])
    if len(wanted) < 3:
        return [], False
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    scored: list[tuple[float, int, str]] = []
    count = len(wanted.split())
    for pk, name in rows:
        tokens = [key_of(match[0]) for match in TOKEN.finditer(name)]
        ratio = 0.0
        for key in {" ".join(tokens), " ".join(tokens[:count])}:
            matcher.set_seq1(key)
            if matcher.real_quick_ratio() >= FUZZY_NEAR and matcher.quick_ratio() >= FUZZY_NEAR:
                ratio = max(ratio, matcher.ratio())
        if ratio >= FUZZY_NEAR:
            scored.append((-ratio, pk, name))
    scored.sort()
    sure = (
        bool(scored)
        and -scored[0][0] >= FUZZY_SURE
        and (len(scored) == 1 or scored[1][0] > scored[0][0] + 0.04)
    )
    return [(pk, name) for _, pk, name in scored[:NEAR_MAX]], sure
