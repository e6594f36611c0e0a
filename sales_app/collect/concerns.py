"""What people of the account care about, in their own words: lines in which a topic and a need, a worry or a question meet.

Score of a line: 2 for a need or a worry, 1 for a question, 1 for money or a number, halved for each 90 days of age. One line
for each person and topic, the best.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sales_app.collect.base import Asking, collector
from sales_app.collect.commitments import sentences
from sales_app.collect.heard import Heard, gap, heard, quoted, when
from sales_app.collect.origin import of_item
from sales_app.collect.ranking import ranked
from sales_app.collect.topics import Topic, topic_of
from sales_app.collect.words import short, stop
from sales_app.connectors import ConnectorError, Item, Reading, ask
from sales_app.facts import Action, Fact

NEED = re.compile(
    r"\b(?:must|need(?:s|ed)?|have to|has to|want(?:s|ed)?|worr(?:y|ies|ied)|problem|hard|cannot|can't|can not|complain(?:s|ed)?|costs?|takes|without|never|nobody|important|afraid|wrong|"
    r"late|lost|gone|why|missing|instead|only|argument|require\w*|hurts?)\b",
    re.IGNORECASE,
)
NUMBER = re.compile(r"\d")
LONGEST = 240
# Nobody wins these with a sentence of a document: objections and the policy deal with them.
UNARGUED = frozenset({"price", "contract"})
HALVED_AFTER = 90


@dataclass(frozen=True, kw_only=True)
class Care:
    said: Heard
    topic: Topic
    score: float


def cares(said: Iterable[Heard], asking: Asking, *, of_each: int = 1) -> list[Care]:
    """The best first; of each person and topic so many."""
    found: list[Care] = []
    for each in said:
        topic = topic_of(each.text)
        if topic is None or len(each.text) > LONGEST:
            continue
        score = 2.0 * bool(NEED.search(each.text)) + each.text.endswith("?") + bool(NUMBER.search(each.text))
        if not score:
            continue
        age = max(0, (asking.now - each.at).days)
        care = Care(said=each, topic=topic, score=round(score * 0.5 ** (age / HALVED_AFTER), 4))
        found.append(care)
    found.sort(key=lambda care: (-care.score, care.said.source.ref, care.said.order))
    counts: dict[tuple[str, str], int] = {}
    kept = []
    for care in found:
        key = (care.said.speaker, care.topic.name)
        counts[key] = counts.get(key, 0) + 1
        if counts[key] <= of_each:
            kept.append(care)
    return kept


@collector(
    "concerns",
    "Read what the account's people said",
    kinds=("care", "positioning", "not_heard"),
    needs=("account",),
)
async def concerns(asking: Asking) -> list[Fact]:
    hearing = await heard(asking)
    found = cares(hearing.theirs, asking)
    facts = [_care(each, asking) for each in found]
    gaps = hearing.gaps("not_heard", asking)
    try:
        facts += await _positioning(found, asking)
    except ConnectorError as down:
        gaps.append(gap("not_heard", "docs", down.message, asking))
    return [*ranked(facts), *gaps]


def _care(each: Care, asking: Asking) -> Fact:
    return Fact(
        kind="care",
        text=stop(f"On {each.topic.name}, {quoted(each.said, asking)}"),
        sources=(each.said.source,),
        rank=each.score,
        values={
            "topic": each.topic.name,
            "speaker": each.said.speaker,
            "title": each.said.title,
            "said": each.said.text,
            "said_at": each.said.at.isoformat(),
        },
    )


async def _positioning(found: list[Care], asking: Asking) -> list[Fact]:
    """For each topic that they raised, the sentence of our documents that answers it best."""
    facts: list[Fact] = []
    done: set[str] = set()
    for care in found:
        if care.topic.name in done or care.topic.name in UNARGUED or len(done) == 4:
            continue
        done.add(care.topic.name)
        reading = await ask(asking.user, "docs", "search", query=care.topic.query, kind="product", limit=1)
        for item in reading.items:
            answer = best_sentence(item, care.said.text, care.topic)
            if answer:
                facts.append(_position(care, item, answer, reading, asking))
    return facts


def best_sentence(item: Item, said: str, topic: Topic) -> str:
    """The line of a document that is about the topic and shares most words with what was said."""
    words = set(re.findall(r"[^\W\d_]{4,}", f"{said} {topic.query}".lower()))
    best, most = "", 2  # fewer words in common say nothing
    for _, text in sentences(plain_lines(item.text)):
        if len(text) < 25 or len(text) > LONGEST or "?" in text:
            continue
        shared = len(words & set(re.findall(r"[^\W\d_]{4,}", text.lower()))) + 2 * topic.said_in(text)
        if shared > most:
            best, most = text, shared
    return best


def plain_lines(markdown: str) -> str:
    """Without tables, headings and markup."""
    lines = []
    for line in markdown.splitlines():
        if line.startswith(("|", "#")) or not line.strip():
            continue
        lines.append(re.sub(r"\*\*|`", "", re.sub(r"^\s*(?:[-*]|\d+\.)\s+", "", line)))
    return "\n\n".join(lines)


def _position(care: Care, item: Item, answer: str, reading: Reading, asking: Asking) -> Fact:
    return Fact(
        kind="positioning",
        text=f'{care.said.speaker} raised {care.topic.name} ("{short(care.said.text, 90)}"). We can say: "{short(answer, 170)}" '
        f"({item.title}, {when(item.at, asking)}).",
        sources=(care.said.source, of_item(item, reading, quote=answer)),
        rank=care.score,
        values={
            "topic": care.topic.name,
            "said": care.said.text,
            "speaker": care.said.speaker,
            "answer": answer,
            "document": item.title,
        },
        action=Action(label="Read it", url=item.url) if item.url else None,
    )
