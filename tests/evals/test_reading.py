"""``evals.json`` as others write it, the small grammar, and what code decides about a result."""

import json

import pytest

from sales_app.documents import Block, Document, Section
from sales_app.evals.checking import Result, passes
from sales_app.evals.errors import EvalError
from sales_app.evals.grammar import Check, read_assertion
from sales_app.evals.suite import held_against, read_suite, suite_of
from sales_app.facts import Fact
from sales_app.skills.directories import read_directory
from sales_app.skills.shipped import SHIPPED


def raw(*cases: object, **more: object) -> bytes:
    return json.dumps({"skill_name": "x", "evals": list(cases), **more}).encode()


@pytest.mark.parametrize(
    ("written", "check"),
    [
        ("has section Who is on it", Check(form="section", text="Who is on it")),
        ("has a section called “Ask”.", Check(form="section", text="Ask")),
        ("has no section Deals", Check(form="no_section", text="Deals")),
        ("At most 350 words", Check(form="most_words", number=350)),
        ("at least 20 words", Check(form="least_words", number=20)),
        ("every statement has a source", Check(form="sourced")),
        ("section What we owe has at most 8 items", Check(form="most_items", text="What we owe", number=8)),
        ("section Ask has at least 1 item", Check(form="least_items", text="Ask", number=1)),
        ("mentions Commit", Check(form="mentioned", text="Commit")),
        ('does not mention "a b c d e f g h"', Check(form="not_mentioned", text="a b c d e f g h")),
        ("names a next step", Check(form="next_step")),
        ("asks back", Check(form="asks_back")),
        ("mentions the customer's main objection and how it was answered", None),
        ("The tone is friendly", None),
    ],
)  # fmt: skip
def test_the_grammar(written: str, check: Check | None) -> None:
    assert read_assertion(written).check == check
    must = read_assertion(f"Must: {written}")
    assert must.must and must.check == check and "ust:" not in must.text


def test_what_others_write_is_read() -> None:
    suite = read_suite(
        b"\xef\xbb\xbf"
        + raw(
            {
                "id": 1,
                "prompt": "One",
                "expectations": ["Is kind"],
                "assertions": ["at most 5 words"],
                "odd": {},
            },
            {"name": "two", "input": "Two", "assertions": [{"text": "has section A", "must_pass": True}]},
            {"prompt": "Three", "expected_output": {"a": 1}, "files": ["evals/a.txt"]},
        )
    )
    one, two, three = suite.cases
    assert (one.id, two.id, three.id) == ("1", "two", "3")
    assert [each.text for each in one.assertions] == ["at most 5 words", "Is kind"]
    assert two.assertions[0].must and two.prompt == "Two"
    assert (three.expected, three.files) == ('{"a": 1}', ("evals/a.txt",))
    assert suite_of({"SKILL.md": b""}).cases == ()


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (b"\xff", "evals_not_utf8"),
        (b"{", "evals_not_json"),
        (b"[" * 100_000, "evals_not_json"),
        (b"{}", "evals_shape"),
        (b'"text"', "evals_shape"),
        (raw(3), "evals_shape"),
        (raw({"id": "a"}), "evals_shape"),
        (raw({"id": "a", "prompt": "x", "assertions": 3}), "evals_shape"),
        (raw({"id": "a", "prompt": "x", "assertions": [3]}), "evals_shape"),
        (raw({"id": "a", "prompt": "x"}, {"id": "a", "prompt": "y"}), "evals_shape"),
        (raw(*({"id": n, "prompt": "x"} for n in range(51))), "evals_too_many"),
        (raw({"prompt": "x", "assertions": [f"{n}" for n in range(41)]}), "evals_too_many"),
    ],
    ids=range(12),
)  # fmt: skip
def test_what_cannot_be_read_says_what_to_do(written: bytes, code: str) -> None:
    with pytest.raises(EvalError) as refused:
        read_suite(written)
    assert refused.value.code == code and refused.value.fix


def test_leaving_a_must_out_is_no_way_around_it() -> None:
    former = read_suite(
        raw(
            {"id": "a", "prompt": "A", "assertions": ["must: has section X", "at most 9 words"]},
            {"id": "b", "prompt": "B", "assertions": ["must: asks back"]},
        )
    )
    soft = read_suite(raw({"id": "a", "prompt": "A now", "assertions": ["has section X"]}))
    held = held_against(soft, former)
    assert held.kept == ("a: has section X", "b: asks back")
    a, b = held.cases
    assert (a.prompt, b.prompt) == ("A now", "B")
    assert [(each.text, each.must) for each in a.assertions] == [("has section X", True)]
    assert held_against(former, former).kept == ()


def fact(id: str) -> Fact:
    return Fact(kind="k", text="", sources=(), id=id)


DOCUMENT = Document(
    kind="brief",
    title="T",
    facts=(fact("f1"), fact("f2")),
    sections=(
        Section(
            title="Who is on it", blocks=(Block(kind="item", text="Cleo Marsh carries it", cites=("f1",)),)
        ),
        Section(title="Do", blocks=(Block(kind="action", text="Send the quote", cites=("f2",)),)),
        Section(title="Empty", blocks=(Block(kind="note", text="Nothing found."),)),
        Section(title="Not read", blocks=(Block(kind="note", text="Purchora was down."),)),
    ),
)


@pytest.mark.parametrize(
    ("assertion", "holds"),
    [
        ("has section who is on it", True),
        ("has section Who", False),
        ("has no section Rivals", True),
        ("has no section Do", False),
        ("at most 15 words", True),
        ("at most 14 words", False),
        ("at least 15 words", True),
        ("at least 16 words", False),
        ("section Do has at most 1 items", True),
        ("section Do has at most 0 items", False),
        ("section Empty has at least 1 items", False),
        ("mentions cleo marsh", True),
        ("mentions ARR", False),
        ("does not mention Purchora", True),
        ("does not mention quote", False),
        ("every statement has a source", True),
        ("names a next step", True),
        ("asks back", False),
    ],
)
def test_what_code_decides(assertion: str, holds: bool) -> None:
    check = read_assertion(assertion).check
    assert check is not None
    assert passes(check, Result(document=DOCUMENT))[0] is holds


@pytest.mark.parametrize(
    "block",
    [
        Block(kind="item", text="Bare"),
        Block(kind="item", text="Of another", cites=("f9",)),
        Block(kind="item", text="Wrong", cites=("f1",), flag="unsupported", why="The number is another."),
    ],
    ids=["none", "unknown", "unsupported"],
)
def test_a_statement_without_a_source(block: Block) -> None:
    check = Check(form="sourced")
    document = Document(
        kind="brief", title="T", facts=(fact("f1"),), sections=(Section(title="A", blocks=(block,)),)
    )
    holds, why = passes(check, Result(document=document))
    assert not holds and block.text in why


def test_every_shipped_skill_has_evaluations_that_can_be_read() -> None:
    for directory in sorted(path for path in SHIPPED.iterdir() if path.is_dir()):
        suite = suite_of(read_directory(directory))
        assert any(each.must for case in suite.cases for each in case.assertions), directory.name
