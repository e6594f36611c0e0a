"""From answers to lines, each with the message that it was said in. Their own words: nothing is added, little is taken off."""

import re
from collections.abc import Iterator, Sequence

from django.urls import reverse
from django.utils import timezone

from sales_app.encoding.interview.course import Course
from sales_app.encoding.interview.plan import Question
from sales_app.encoding.interview.vague import is_vague
from sales_app.encoding.models import Encoding, ProposedLine
from sales_app.encoding.wording import one_line
from sales_app.facts import Fact, Source
from sales_app.facts.fact import moment

LINES_MOST = 40
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"“0-9])|\n+")
# "I always ask …" is an instruction once "I" is gone; "I am", "I have", "I was" are not.
FIRST_PERSON = re.compile(
    r"^(?:well, |so, |then |and |first, |usually,? )?I (?:(?P<how>always|never|usually|normally|first|then|also|only) )?(?P<verb>(?!am\b|was\b|have\b|had\b|do\b|did\b|can\b|could\b|will\b|would\b|think\b|guess\b|know\b|like\b|love\b|hate\b|mean\b|see\b|feel\b|want\b)[a-z]+)\b",
    re.IGNORECASE,
)
KEEP = frozenset({"always", "first", "also", "only"})


def sentences_of(answer: str) -> Iterator[str]:
    for part in SENTENCE.split(answer):
        text = one_line(part)
        if len(text.split()) >= 3:
            yield text


def as_instruction(sentence: str) -> str:
    """“I always ask who signs.” becomes “Always ask who signs.”; what is no such sentence stays as it is."""
    found = FIRST_PERSON.match(sentence)
    if found is None or found["verb"].endswith("ed"):
        return sentence
    how = (found["how"] or "").lower()
    words = f"{how} {found['verb'].lower()}" if how in KEEP else found["verb"].lower()
    if how == "never":
        words = f"never {found['verb'].lower()}"
    text = f"{words}{sentence[found.end() :]}"
    return text[0].upper() + text[1:]


def lines_of(encoding: Encoding, course: Course, plan: Sequence[Question]) -> list[ProposedLine]:
    """Not saved. What was vague is left out: a line has to tell somebody what to do."""
    found: list[ProposedLine] = []
    name = str(encoding.asked_by)
    for question in plan:
        number = 0
        for offset, answer in course.answers.get(question.id, []):
            for sentence in sentences_of(answer):
                if is_vague(sentence) and is_vague(answer):
                    continue
                number += 1
                found.append(
                    ProposedLine(
                        encoding=encoding,
                        key=f"{question.id}.{number}",
                        change=ProposedLine.Change.ADD,
                        proposed=as_instruction(sentence),
                        fact=_fact(encoding, question, offset, sentence, name).as_json(),
                    )
                )
    found = found[:LINES_MOST]
    for place, line in enumerate(found, 1):
        line.place = place
    return found


def _fact(encoding: Encoding, question: Question, offset: int, sentence: str, name: str) -> Fact:
    address = reverse("chat-session", args=[encoding.session_id])
    return Fact(
        kind="interview_answer",
        text=f"{name} answered: “{sentence}”",
        sources=(
            Source(
                category="chat",
                provider="interview",
                ref=str(offset),
                label=f"{name}, message {offset}",
                url=f"{address}#at-{offset}",
                as_of=moment(timezone.now()),
                quote=sentence,
            ),
        ),
        values={"question": question.text},
        id=question.id,
    )
