"""What a statement may rest on: the cited facts, taken apart once."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from sales_app.claims.dates import When, dates
from sales_app.claims.doers import Deed, deeds
from sales_app.claims.names import known_words
from sales_app.claims.numbers import Number, numbers
from sales_app.claims.polarity import done, to_come
from sales_app.claims.reckoning import Ties, span, ties
from sales_app.claims.words import clauses, content, leans, plain, sentences
from sales_app.facts import Fact


def apart(text: str, *, today: date) -> tuple[list[When], list[Number]]:
    """Dates, and the numbers that are no part of one."""
    found = list(dates(text, today=today))
    rest = list(text)
    for when in found:
        rest[when.start : when.end] = " " * (when.end - when.start)
    return found, list(numbers("".join(rest)))


@dataclass(frozen=True)
class Support:
    facts: tuple[Fact, ...]
    today: date

    @cached_property
    def told(self) -> list[str]:
        """Statements, quotes and raw values."""
        found: list[str] = []
        for fact in self.facts:
            found += [plain(fact.text), *(str(value) for value in _leaves(fact.values))]
            found += [plain(source.quote) for source in fact.sources]
        return [text for text in found if text]

    @cached_property
    def stamps(self) -> list[str]:
        """Labels and times of the sources: they date what is said in them, not what it is about."""
        return [
            text for fact in self.facts for source in fact.sources for text in (source.label, source.as_of)
        ]

    @cached_property
    def texts(self) -> list[str]:
        return [*self.told, *(text for text in self.stamps if text)]

    @cached_property
    def sentences(self) -> list[str]:
        """What is said, without labels and raw values."""
        found: list[str] = []
        for fact in self.facts:
            found += sentences(plain(fact.text))
            for source in fact.sources:
                found += sentences(plain(source.quote))
        return found

    @cached_property
    def readings(self) -> list[tuple[str, list[When], list[Number]]]:
        """Each text of what is told, its dates and its numbers."""
        return [(text, *apart(text, today=self.today)) for text in self.told]

    @cached_property
    def whens(self) -> list[When]:
        """Of what is told."""
        return [when for _, whens, _ in self.readings for when in whens]

    @cached_property
    def stamped(self) -> list[When]:
        return [when for text in self.stamps for when in apart(text, today=self.today)[0]]

    @cached_property
    def numbers(self) -> list[Number]:
        told = [number for _, _, figures in self.readings for number in figures]
        return told + [number for text in self.stamps for number in apart(text, today=self.today)[1]]

    @cached_property
    def bound(self) -> list[tuple[Number, Ties]]:
        """Each number that is told with what it is tied to."""
        return [(each, ties(each, text, whens)) for text, whens, figures in self.readings for each in figures]

    @cached_property
    def days(self) -> list[date]:
        return [day for when in self.whens if (day := when.nearest(self.today))]

    @cached_property
    def spans(self) -> list[timedelta]:
        """Lengths of time that are told, such as twelve days."""
        lengths = [span(each, text) for text, _, figures in self.readings for each in figures]
        return [length[0] for length in lengths if length]

    @cached_property
    def deeds(self) -> list[tuple[str, list[Deed]]]:
        """By text."""
        return [(text, list(deeds(text))) for text in self.told]

    @cached_property
    def done(self) -> frozenset[str]:
        return frozenset(each for text in self.told for each in done(text))

    @cached_property
    def to_come(self) -> frozenset[str]:
        return frozenset(each for text in self.told for each in to_come(text))

    @cached_property
    def clauses(self) -> list[tuple[str, list[str]]]:
        """Each with the stems of what it is about; ``it has not arrived`` is about what the clause before is about."""
        found: list[tuple[str, list[str]]] = []
        for sentence in self.sentences:
            before: list[str] = []
            for part in clauses(sentence):
                about = content(part)
                if before and leans(part):
                    about = [*before, *about]
                found.append((part, about))
                before = about
        return found

    @cached_property
    def words(self) -> frozenset[str]:
        return known_words(self.texts)

    @cached_property
    def stems(self) -> frozenset[str]:
        return frozenset(each for text in self.texts for each in content(text))


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for each in value.values() for leaf in _leaves(each)]
    if isinstance(value, list | tuple):
        return [leaf for each in value for leaf in _leaves(each)]
    if isinstance(value, bool) or value is None:
        return []
    return [value if isinstance(value, str) else json.dumps(value, default=str)]
