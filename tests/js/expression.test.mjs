/** The same cases as tests/artifacts/test_expressions.py: both evaluators agree. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { evaluate } from "../../sales_app/artifacts/rendering/assets/expression.js";

const cases = JSON.parse(readFileSync(new URL("../artifacts/expression_cases.json", import.meta.url)));

for (const { formula, values = {}, result, error } of cases) {
  test(formula || "nothing", () => {
    if (error) assert.throws(() => evaluate(formula, values), (problem) => problem.code === error);
    else assert.ok(Object.is(evaluate(formula, values), result), `${evaluate(formula, values)} is not ${result}`);
  });
}
