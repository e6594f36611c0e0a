"""The claim checker's figures: 100 planted wrong statements and 150 right ones over 84 facts.

``python -m tests.claims.corpus`` prints precision, and recall by kind, of both halves; ``--misses dev`` also what went wrong in one.
The halves are drawn by seed. Rules of the checker are made from the first alone, so the second tells how they do on what is new.
"""

import json
import random
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sales_app.claims import Finding, problem_of
from sales_app.facts import Fact, fact_from_json

HERE = Path(__file__).parent
TODAY = date(2026, 11, 24)  # a Tuesday
KINDS = ("number", "date", "name", "negation")
HALVES = ("dev", "held-out")
_SEED = 4


@dataclass(frozen=True, kw_only=True)
class Statement:
    """``wrong`` is what was planted, one of ``KINDS``; None in a right one. ``note`` says how it was made."""

    id: str
    text: str
    cites: tuple[str, ...]
    wrong: str | None
    note: str
    half: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    statement: Statement
    finding: Finding | None

    @property
    def mistaken(self) -> bool:
        return (self.finding is None) == (self.statement.wrong is not None)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Shares from 0 to 1. A wrong statement counts as found whatever the finding's kind: it is marked either way."""

    statements: int
    precision: float
    recall: float
    recall_of: dict[str, float]
    false_alarms: int


def facts() -> dict[str, Fact]:
    return {each["id"]: fact_from_json({**each, "action": None}) for each in _json("facts.json")}


def statements() -> list[Statement]:
    """All, in the file's order; of each kind half is ``dev`` and half ``held-out``."""
    rows = [json.loads(line) for line in (HERE / "statements.jsonl").read_text().splitlines()]
    draw = random.Random(_SEED)
    dev: set[str] = set()
    for place, kind in enumerate((*KINDS, None)):
        ids = [row["id"] for row in rows if row["wrong"] == kind]
        # Kinds of 25 give 12 and 13 in turn, so that the halves are even.
        size = (len(ids) + place % 2) // 2
        dev.update(draw.sample(ids, size))
    return [
        Statement(**{**row, "cites": tuple(row["cites"]), "half": HALVES[row["id"] not in dev]})
        for row in rows
    ]


def answers() -> list[Answer]:
    known = facts()
    return [
        Answer(statement=each, finding=problem_of(each.text, [known[id] for id in each.cites], today=TODAY))
        for each in statements()
    ]


def figures(answers: list[Answer]) -> Figures:
    wrong = [each for each in answers if each.statement.wrong]
    marked = [each for each in answers if each.finding]
    found = Counter(each.statement.wrong for each in wrong if each.finding)
    planted = Counter(each.statement.wrong for each in wrong)
    return Figures(
        statements=len(answers),
        precision=found.total() / len(marked) if marked else 0.0,
        recall=found.total() / len(wrong),
        recall_of={kind: found[kind] / planted[kind] for kind in KINDS},
        false_alarms=len(marked) - found.total(),
    )


def table(answers: list[Answer]) -> str:
    """Markdown, a row for each half and one for all."""
    lines = [
        f"| half | statements | precision | recall | {' | '.join(KINDS)} | false alarms |",
        "|---" * (5 + len(KINDS)) + "|",
    ]
    for half in (*HALVES, "all"):
        of = figures([each for each in answers if half in ("all", each.statement.half)])
        kinds = " | ".join(f"{of.recall_of[kind]:.0%}" for kind in KINDS)
        lines.append(
            f"| {half} | {of.statements} | {of.precision:.1%} | {of.recall:.1%} | {kinds} | {of.false_alarms} |"
        )
    return "\n".join(lines)


def misses(answers: list[Answer], half: str) -> str:
    """One line for each mistake: what was planted, what was found, the statement."""
    return "\n".join(
        f"{each.statement.id} {each.statement.wrong or 'right'}: {each.statement.text}\n"
        f"     {each.finding.kind + ', ' + each.finding.why if each.finding else 'not found'} ({each.statement.note})"
        for each in answers
        if each.mistaken and each.statement.half == half
    )


def _json(name: str) -> Any:
    return json.loads((HERE / name).read_text())
