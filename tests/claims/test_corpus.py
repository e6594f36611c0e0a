"""The claim checker's precision and recall on its corpus do not fall; ``-s`` prints the table."""

from collections import Counter

import pytest

from tests.claims.corpus import HALVES, KINDS, Answer, answers, facts, figures, statements, table

# A little below what was measured: (precision, recall, recall of each kind).
FLOORS: dict[str, tuple[float, float, dict[str, float]]] = {
    "dev": (0.97, 0.97, {"number": 0.95, "date": 0.95, "name": 0.95, "negation": 0.9}),
    "held-out": (0.77, 0.78, {"number": 0.8, "date": 0.9, "name": 0.75, "negation": 0.6}),
}


@pytest.fixture(scope="module")
def judged() -> list[Answer]:
    found = answers()
    print("", table(found), sep="\n")
    return found


def test_the_corpus_is_what_it_says() -> None:
    every, known = statements(), facts()
    planted = Counter(each.wrong for each in every)
    assert planted == {**dict.fromkeys(KINDS, 25), None: 150}
    assert {cite for each in every for cite in each.cites} <= known.keys()
    assert Counter(each.half for each in every) == dict.fromkeys(HALVES, 125)
    assert len({each.text for each in every}) == 250


@pytest.mark.parametrize("half", HALVES)
def test_precision_and_recall_do_not_fall(half: str, judged: list[Answer]) -> None:
    of = figures([each for each in judged if each.statement.half == half])
    precision, recall, by_kind = FLOORS[half]
    assert of.precision >= precision
    assert of.recall >= recall
    for kind, floor in by_kind.items():
        assert of.recall_of[kind] >= floor, kind
