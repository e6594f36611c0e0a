"""The skills' own texts: what their outlines name exists, and what their evals assert can be read by a checker."""

import json
import re
from pathlib import Path

import pytest

from sales_app.collect import kinds
from sales_app.documents.outline import Part, outline_of
from sales_app.skills import shipped
from sales_app.skills.text import parse

ROOT = Path(shipped.__file__).parent / "shipped"
NAMES = (
    "morning-brief", "customer-follow-up", "pipeline-review", "forecast-note",
    "call-prep", "competitive-intel", "create-asset", "account-research",
)  # fmt: skip
GRAMMAR = re.compile(
    r"(?:must: )?(?:"
    r"has section (?P<has>.+)|at most \d+ words|every statement has a source|mentions .+|does not mention .+"
    r"|section (?P<bounded>.+) has at most (?P<limit>\d+) items|names a next step)"
)


def parts_of(name: str) -> dict[str, Part]:
    return {part.title: part for part in outline_of(parse((ROOT / name / "SKILL.md").read_bytes()).body)}


@pytest.mark.parametrize("name", NAMES)
def test_the_text_is_read_and_every_kind_of_its_outline_has_a_collector(name: str) -> None:
    text = parse((ROOT / name / "SKILL.md").read_bytes())
    assert text.name == name and not text.warnings and len(text.description) <= 1024
    assert text.metadata["clewline-produces"] in {"brief", "report", "one-pager", "battle-card"}
    parts = parts_of(name)
    assert len(parts) >= 5 and all(part.kinds for part in parts.values())
    assert {kind for part in parts.values() for kind in part.kinds} <= set(kinds())


@pytest.mark.parametrize("name", NAMES)
def test_files_that_the_text_names_are_there_and_the_other_way_round(name: str) -> None:
    named = set(re.findall(r"reference/[\w-]+\.md", (ROOT / name / "SKILL.md").read_text()))
    assert named == {f"reference/{path.name}" for path in (ROOT / name / "reference").iterdir()}


@pytest.mark.parametrize("name", NAMES)
def test_evals_speak_the_checkers_grammar_and_agree_with_the_outline(name: str) -> None:
    evals = json.loads((ROOT / name / "evals" / "evals.json").read_text())
    parts = parts_of(name)
    assert evals["skill_name"] == name
    assert len({each["id"] for each in evals["evals"]}) == len(evals["evals"]) >= 3
    for each in evals["evals"]:
        assert set(each) == {"id", "prompt", "expected_output", "files", "assertions"}
        assert any(words.startswith("must: ") for words in each["assertions"])
        for words in each["assertions"]:
            found = GRAMMAR.fullmatch(words)
            assert found is not None, words
            if found["has"]:
                assert found["has"] in parts
            if found["bounded"]:
                assert parts[found["bounded"]].limit == int(found["limit"])


def test_a_brief_is_bounded_to_what_two_minutes_can_read() -> None:
    """About twenty words a line."""
    limits = [part.limit for part in parts_of("morning-brief").values()]
    assert None not in limits and sum(limit or 0 for limit in limits) * 20 <= 350
    assert list(parts_of("morning-brief"))[-2:] == ["These three actions", "These replies"]
