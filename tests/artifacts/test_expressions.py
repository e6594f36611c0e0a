"""Formulas: one file of cases for both evaluators; tests/js/expression.test.mjs runs the other."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales_app.artifacts.expressions import FormulaError, evaluate, names

CASES = json.loads((Path(__file__).parent / "expression_cases.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=[case["formula"][:30] or "nothing" for case in CASES])
def test_cases(case: dict[str, Any]) -> None:
    values = case.get("values", {})
    if "error" in case:
        with pytest.raises(FormulaError) as problem:
            evaluate(case["formula"], values)
        assert problem.value.code == case["error"]
    else:
        found = evaluate(case["formula"], values)
        assert found == case["result"]
        assert math.copysign(1, found) == math.copysign(1, case["result"])


@given(st.text(max_size=60) | st.text(alphabet="0123456789+-*/^()<>=.,ab minoundf", max_size=40))
def test_anything_is_a_number_or_an_error_of_ours(formula: str) -> None:
    try:
        assert math.isfinite(evaluate(formula, {"a": 2.0, "b": -0.5}))
    except FormulaError as problem:
        assert problem.code in {"syntax", "unknown_name", "undefined"}


def test_names() -> None:
    assert names("min(seats, hours * 2) + saving") == {"seats", "hours", "saving"}
