"""The fixture book: a rep, a few customers and the facts about them, recorded once. Evaluations see nothing else.

So every version is given the same facts on the same day, on any installation, and no customer's data is read.

    {"now": ISO 8601, "person": {…}, "records": [{"name", "label", "also": […], "meets": bool}],
     "facts": {collector: {name of the record or "", perhaps a line with a prompt: [fact as JSON]}}}
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sales_app.agent.skilled.definitions import Definition
from sales_app.agent.skilled.naming import named_in, strange, words_of
from sales_app.agent.skilled.resolving import NEXT, Question, Target
from sales_app.collect import collector_of
from sales_app.evals.errors import EvalError
from sales_app.facts import Fact, fact_from_json
from sales_app.people.models import User

Json = dict[str, Any]

RECORDED = Path(__file__).parent / "recorded" / "book.json"


@dataclass(frozen=True, kw_only=True)
class Book:
    now: datetime
    person: User
    records: tuple[Json, ...]
    facts: dict[str, dict[str, list[Json]]]

    def collected(self, collector: str, record: str, prompt: str) -> list[Fact]:
        """What a collector found about the record of that name, or about none (""), for that prompt if it was recorded with it."""
        found = self.facts.get(collector, {})
        keys = (key_of(record, prompt), record, "")
        return [fact_from_json(fact) for fact in next((found[key] for key in keys if key in found), [])]

    def facts_of(self, kinds: Iterable[str], record: str, prompt: str) -> list[Fact]:
        makers = dict.fromkeys(maker.name for kind in kinds if (maker := collector_of(kind)))
        wanted = set(kinds)
        return [
            fact for name in makers for fact in self.collected(name, record, prompt) if fact.kind in wanted
        ]

    def record(self, target: Json) -> str:
        """The name of the record that a target means."""
        return self.records[target["account"] - 1]["name"] if "account" in target else ""

    def resolve(self, skill: Definition, *, about: str, request: str) -> Target | Question:
        """As for people, over the book's few records."""
        if not skill.about:
            return Target()
        text = about or request
        words = words_of(text)
        rows = [
            (number, name)
            for number, record in enumerate(self.records, 1)
            for name in (record["name"], *record.get("also", ()))
        ]
        found = list(dict.fromkeys(each.pk for each in named_in(words, rows)))
        if len(found) == 1:
            return self._target(found[0])
        if found:
            candidates = [self._candidate(pk) for pk in found]
            return Question(
                code="ambiguous", text="Several accounts fit. Which one do you mean?", candidates=candidates
            )
        meets = [number for number, record in enumerate(self.records, 1) if record.get("meets")]
        if "meeting" in skill.about and meets and (NEXT.search(text) or not text):
            return self._target(meets[0])
        if skill.optional and not any(word.capital for word in strange(words)[1:]):
            return Target()
        if strange(words):
            return Question(code="not_found", text=f"I find no account that is called so in “{text[:80]}”.")
        everybody = [self._candidate(number) for number in range(1, len(self.records) + 1)]
        return Question(code="missing", text="Which account do you mean?", candidates=everybody)

    def _target(self, number: int) -> Target:
        return Target(label=self.records[number - 1]["label"], account=number)

    def _candidate(self, number: int) -> Json:
        record = self.records[number - 1]
        return {"id": f"account:{number}", "name": record["name"], "url": "", "note": ""}


def key_of(record: str, prompt: str) -> str:
    return f"{record}\n{prompt}"


def read_book(raw: bytes, name: str) -> Book:
    """Raises EvalError ``evals_book``."""
    try:
        value = json.loads(raw.decode("utf-8-sig"))
        person = value["person"]
        facts = value["facts"]
        for recorded in facts.values():
            for rows in recorded.values():
                for row in rows:
                    fact_from_json(row)
        return Book(
            now=datetime.fromisoformat(value["now"]),
            person=User(
                email="evaluations@clewline.invalid",
                first_name=person["first_name"],
                last_name=person["last_name"],
                role=person.get("role", User.Role.REP),
                time_zone=person.get("time_zone", "UTC"),
            ),
            records=tuple(value.get("records", ())),
            facts=facts,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise EvalError(
            "evals_book",
            f"{name} is no book of facts: {type(problem).__name__}: {problem}.",
            "Give it the keys now, person, records and facts, as docs/evals.md shows.",
        ) from None


def is_book(raw: bytes) -> bool:
    """Whether a file of a case is one, and not a text that belongs to the question."""
    return raw.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") and b'"facts"' in raw


@cache
def recorded_book() -> Book:
    return read_book(RECORDED.read_bytes(), RECORDED.name)
