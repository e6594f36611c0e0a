"""What a statement may rest on: the cited facts, taken apart once."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from sales_app.claims.dates import When, dates
from sales_app.claims.names import known_words
from sales_app.claims.numbers import Number, numbers
from sales_app.claims.words import content, plain, sentences
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
    def texts(self) -> list[str]:
        """Statements, quotes, labels and raw values."""
        found: list[str] = []
        for fact in self.facts:
            found += [plain(fact.text), *(str(value) for value in _leaves(fact.values))]
            for source in fact.sources:
                found += [plain(source.quote), source.label, source.as_of]
        return [text for text in found if text]

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
    def whens(self) -> list[When]:
        return [when for text in self.texts for when in apart(text, today=self.today)[0]]

    @cached_property
    def numbers(self) -> list[Number]:
        return [number for text in self.texts for number in apart(text, today=self.today)[1]]

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
