"""Differently worded questions, and the tools with which they are looked up. No database: the first look-up only."""

import json
from pathlib import Path
from typing import Any

import pytest

from sales_app.agent.tools import tools
from sales_app.standin.mind.deciding import Answer, decide

Json = dict[str, Any]

CASES: list[Json] = json.loads(Path(__file__).with_name("questions.json").read_text(encoding="utf-8"))
NOTE = "<context>\nUser: Dana Kettering, Sales rep, time zone Europe/Berlin.\nToday: Tuesday, 2026-11-24, 09:30.\n</context>"


def request_for(text: str) -> Json:
    content = [{"type": "text", "text": NOTE}, {"type": "text", "text": text}]
    return {
        "system": "You are a copilot.",
        "tools": [tool.definition() for tool in tools()],
        "messages": [{"role": "user", "content": content}],
    }


@pytest.mark.parametrize("case", CASES, ids=[case["ask"] for case in CASES])
def test_a_question_is_read(case: Json) -> None:
    decided = decide(request_for(case["ask"]))
    if "calls" not in case:
        assert isinstance(decided, Answer), decided
        assert case["says"] in decided.text
        return
    assert not isinstance(decided, Answer), decided.text
    assert [call.name for call in decided] == [name for name, _ in case["calls"]], decided
    for call, (_, expected) in zip(decided, case["calls"], strict=True):
        assert {name: call.input.get(name) for name in expected} == expected, call


def test_every_call_fits_its_tool() -> None:
    """No made-up argument, none missing."""
    schemas = {tool.name: tool.schema for tool in tools()}
    for case in CASES:
        decided = decide(request_for(case["ask"]))
        for call in [] if isinstance(decided, Answer) else decided:
            assert set(call.input) <= set(schemas[call.name]["properties"]), (case["ask"], call)
            assert set(schemas[call.name]["required"]) <= set(call.input), (case["ask"], call)


def test_there_are_many() -> None:
    assert sum("calls" in case for case in CASES) >= 40
