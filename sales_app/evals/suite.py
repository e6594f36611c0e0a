"""``evals/evals.json`` of the open format, read. Tolerant of what others write: both names for assertions, objects for texts,
numbers for ids, a byte order mark, keys that we do not know."""

import json
from dataclasses import dataclass, replace
from typing import Any

from sales_app.evals.errors import EvalError
from sales_app.evals.grammar import Assertion, read_assertion

PATHS = ("evals/evals.json", "evals.json")
CASES_MAX = 50
ASSERTIONS_MAX = 40
PROMPT_MAX = 8_000
ID_MAX = 80

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Case:
    """``files`` are paths in the skill's folder."""

    id: str
    prompt: str
    expected: str = ""
    files: tuple[str, ...] = ()
    assertions: tuple[Assertion, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Suite:
    """``kept`` names what stands here because the published version has it: ``case: assertion``."""

    cases: tuple[Case, ...] = ()
    kept: tuple[str, ...] = ()


def suite_of(files: dict[str, bytes]) -> Suite:
    """Empty for a folder without evaluations. Raises EvalError."""
    raw = next((files[path] for path in PATHS if path in files), None)
    return Suite() if raw is None else read_suite(raw)


def read_suite(raw: bytes) -> Suite:
    """Raises EvalError ``evals_not_utf8``, ``evals_not_json``, ``evals_shape`` or ``evals_too_many``."""
    try:
        value = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise EvalError(
            "evals_not_utf8",
            f"evals.json is not UTF-8: byte {error.start} cannot be read.",
            "Save it as UTF-8.",
        ) from None
    except (ValueError, RecursionError) as error:
        raise EvalError(
            "evals_not_json",
            f"evals.json is no JSON: {error}.",
            "Mend that place; a JSON checker in your editor shows it.",
        ) from None
    rows = value.get("evals", value.get("cases")) if isinstance(value, dict) else value
    if not isinstance(rows, list) or not rows:
        raise _shape(
            'evals.json has no list "evals".', 'Write {"skill_name": "…", "evals": [{"id": …, "prompt": …}]}.'
        )
    if len(rows) > CASES_MAX:
        raise EvalError(
            "evals_too_many",
            f"evals.json has {len(rows)} cases.",
            f"At most {CASES_MAX} are run: keep those that tell most.",
        )
    cases: list[Case] = []
    for number, row in enumerate(rows, 1):
        case = _case(row, number)
        if any(case.id == other.id for other in cases):
            raise _shape(f"evals.json has two cases {case.id!r}.", "Give each an id of its own.")
        cases.append(case)
    return Suite(cases=tuple(cases))


def held_against(suite: Suite, published: Suite) -> Suite:
    """``suite`` with everything that must pass in the published one and is missing here: leaving an evaluation out is no way
    around it."""
    cases = {case.id: case for case in suite.cases}
    kept = []
    for former in published.cases:
        musts = tuple(each for each in former.assertions if each.must)
        case = cases.get(former.id)
        if case is None:
            if musts:
                cases[former.id] = replace(former, assertions=musts)
                kept += [f"{former.id}: {each.text}" for each in musts]
            continue
        there = {each.text for each in case.assertions if each.must}
        missing = tuple(each for each in musts if each.text not in there)
        if missing:
            texts = {each.text for each in missing}
            others = tuple(each for each in case.assertions if each.text not in texts)
            cases[former.id] = replace(case, assertions=(*others, *missing))
            kept += [f"{former.id}: {each.text}" for each in missing]
    return Suite(cases=tuple(cases.values()), kept=tuple(kept))


def _case(row: Any, number: int) -> Case:
    if not isinstance(row, dict):
        raise _shape(
            f"Case {number} of evals.json is no object.", 'Write {"id": …, "prompt": …, "assertions": […]}.'
        )
    id = str(row.get("id") if row.get("id") not in (None, "") else row.get("name") or number)[:ID_MAX]
    prompt = next((row[key] for key in ("prompt", "input", "query") if isinstance(row.get(key), str)), "")
    if not prompt.strip() or len(prompt) > PROMPT_MAX:
        raise _shape(
            f"Case {id!r} of evals.json has no usable prompt.",
            f"Write what somebody would ask, as text of up to {PROMPT_MAX:,} characters.",
        )
    written = [*_list(row, "assertions", id), *_list(row, "expectations", id)]
    if len(written) > ASSERTIONS_MAX:
        raise EvalError(
            "evals_too_many",
            f"Case {id!r} has {len(written)} assertions.",
            f"At most {ASSERTIONS_MAX} are checked: divide it into cases.",
        )
    assertions = {each.text: each for each in (_assertion(value, id) for value in written)}
    files = tuple(str(path) for path in _list(row, "files", id))
    expected = row.get("expected_output", row.get("expected", ""))
    return Case(
        id=id,
        prompt=prompt.strip(),
        expected=expected if isinstance(expected, str) else json.dumps(expected, ensure_ascii=False),
        files=files,
        assertions=tuple(assertions.values()),
    )


def _list(row: Json, key: str, id: str) -> list[Any]:
    value = row.get(key)
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        raise _shape(f"{key} of case {id!r} is no list.", f'Write "{key}": ["…", "…"].')
    return value


def _assertion(value: Any, id: str) -> Assertion:
    must = False
    if isinstance(value, dict):
        must = value.get("must") is True or value.get("must_pass") is True
        value = next(
            (value[key] for key in ("text", "assertion", "description", "name") if key in value), None
        )
    if not isinstance(value, str) or not value.strip():
        raise _shape(f"Case {id!r} has an assertion without words.", "Write each as one sentence.")
    return read_assertion(value[:1_000], must=must)


def _shape(message: str, fix: str) -> EvalError:
    return EvalError("evals_shape", message, fix)
