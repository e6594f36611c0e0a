"""The cases of an evaluation, as its row keeps them."""

from dataclasses import replace
from typing import Any

from sales_app.evals.grammar import Assertion, read_assertion
from sales_app.evals.models import Evaluation
from sales_app.evals.suite import Case, Suite

Json = dict[str, Any]


def as_json(suite: Suite) -> Json:
    return {
        "kept": list(suite.kept),
        "cases": [
            {
                "id": case.id,
                "prompt": case.prompt,
                "expected": case.expected,
                "files": list(case.files),
                "assertions": [{"text": each.text, "must": each.must} for each in case.assertions],
            }
            for case in suite.cases
        ],
    }


def cases_of(evaluation: Evaluation) -> list[Case]:
    return [
        Case(
            id=row["id"],
            prompt=row["prompt"],
            expected=row["expected"],
            files=tuple(row["files"]),
            assertions=tuple(_assertion(each) for each in row["assertions"]),
        )
        for row in evaluation.suite["cases"]
    ]


def case_of(evaluation: Evaluation, id: str) -> Case:
    return next(case for case in cases_of(evaluation) if case.id == id)


def _assertion(row: Json) -> Assertion:
    return replace(read_assertion(row["text"]), text=row["text"], must=row["must"])
