"""The stand-in composes by the skill's outline, and chooses skills by what a sentence asks for."""

import json
from typing import Any

import pytest

from sales_app.agent.skilled import prompt
from sales_app.agent.skilled.definitions import Definition, Offered
from sales_app.agent.skilled.tools import skill_tools
from sales_app.facts import Fact, Source, numbered
from sales_app.standin.mind import composing
from sales_app.standin.mind.deciding import Answer, Call, decide

Json = dict[str, Any]

BODY = """# Prep

## Outline

1. **On the call** - `person`, at most 2.
2. **Risks** - `risk` and `issue`, at most 3. Open risks.
3. **News** - `news`.
4. **Next steps** - `next_action`.
"""
SOURCE = Source(
    category="crm", provider="t", ref="1", label="Acme", url="/accounts/1/", as_of="2026-11-20T10:00:00+00:00"
)
FACTS = numbered(
    Fact(kind=kind, text=text, rank=rank, sources=(SOURCE,))
    for kind, text, rank in [
        ("person", "Cleo is the CFO.", 1),
        ("person", "Dan runs it.", 3),
        ("person", "Eve is new.", 2),
        ("risk", "The budget is on hold.", 1),
        ("issue", "The quote\n is late.", 5),
        ("next_action", "Send the quote.", 2),
        ("next_action", "Call Cleo.", 9),
        ("secret", "Of no section.", 9),
    ]
)


def request(*said: str, asked: str = "", body: str = BODY) -> Json:
    skill = Definition(
        name="prep",
        description="x",
        version=1,
        produces="brief",
        about=(),
        optional=True,
        parts=(),
        body=body,
    )
    content = prompt.content_of(
        note="<context>\nToday: Tuesday, 2026-11-24\n</context>", skill=skill, facts=FACTS, gaps=["Chat: down"], files={"reference/a.md": "x"},
        label="Acme", request=asked, said=said,
    )  # fmt: skip
    return {
        "model": "m",
        "system": [{"type": "text", "text": prompt.system_of(skill)}],
        "messages": [{"role": "user", "content": content}],
    }


def composed(*said: str, **more: str) -> str:
    decided = decide(request(*said, **more))
    assert isinstance(decided, Answer)
    return decided.text


def titles(text: str) -> list[str]:
    return [line.removeprefix("## ") for line in text.split("\n") if line.startswith("## ")]


def test_it_knows_the_prompt() -> None:
    assert prompt.COMPOSING.startswith(composing.MARK)
    assert not composing.is_request({"system": "You are Clewline's copilot", "messages": []})


def test_titles_kinds_ranks_and_limits() -> None:
    assert composed() == (
        "## On the call\n\n- Dan runs it. [f1]\n- Eve is new. [f2]\n\n"
        "## Risks\n\n- The quote is late. [f5]\n- The budget is on hold. [f4]\n\n"
        "## News\n\nNothing found.\n\n"
        "## Next steps\n\n1. Call Cleo. [f6]\n2. Send the quote. [f7]"
    )


def test_the_outline_s_change_is_the_result_s() -> None:
    text = composed(
        body=BODY.replace("at most 2", "at most 1").replace("**News** - `news`", "**Other** - `secret`")
    )
    assert titles(text) == ["On the call", "Risks", "Other", "Next steps"]
    assert "Eve" not in text and "Of no section. [f8]" in text


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("only the risks", ["Risks"]),
        ("Only risks please.", ["Risks"]),
        ("just the next steps, and the risks", ["Next steps"]),
        ("without news", ["On the call", "Risks", "Next steps"]),
        ("leave out the next steps section", ["On the call", "Risks", "News"]),
        ("no news please", ["On the call", "Risks", "Next steps"]),
        ("only what is about the quote", ["Risks", "Next steps"]),
        ("only the weather", ["On the call", "Risks", "News", "Next steps"]),
    ],
)
def test_only_and_without(said: str, kept: list[str]) -> None:
    assert titles(composed(said)) == kept
    assert titles(composed(asked=f"Acme, {said}")) == kept


def test_only_about_words_keeps_what_says_them() -> None:
    assert composed("only what is about the quote").count("\n- ") == 1


@pytest.mark.parametrize(
    ("said", "lines"),
    [("shorter please", 6), ("at most one line each", 3), ("no more than 1", 3), ("up to 3", 6)],
)
def test_less(said: str, lines: int) -> None:
    text = composed(said)
    wanted = len([line for line in text.split("\n") if line[:2] in {"- ", "1.", "2."}])
    assert wanted == lines


def test_at_most_so_many_words() -> None:
    text = composed("at most 14 words")
    assert len([word for word in text.split() if not word.startswith("#")]) <= 20
    assert "[f1]" in text and "Send the quote" not in text


def test_the_last_word_counts() -> None:
    assert titles(composed("only the risks", "only the next steps")) == ["Next steps"]


def test_text_that_was_cut_is_continued() -> None:
    asked = request()
    whole = composed()
    asked["messages"] += [
        {"role": "assistant", "content": [{"type": "text", "text": whole[:40]}]},
        {
            "role": "user",
            "content": [{"type": "text", "text": "[Your answer reached its length limit. Continue.]"}],
        },
    ]
    decided = decide(asked)
    assert isinstance(decided, Answer) and whole[:40] + decided.text == whole


# Choosing.

ALL = ("account-research", "call-prep", "competitive-intel", "create-asset", "customer-follow-up", "forecast-note", "morning-brief", "pipeline-review")  # fmt: skip


def chosen(*said: str, skills: tuple[str, ...] = ALL, subject: bool = False) -> Call | Answer:
    note = "<context>\nUser: Ann Lee, Sales rep, time zone UTC.\nToday: Tuesday, 2026-11-24, 09:00.\n"
    note += 'Subject: account 7 "Acme Freight"\n' if subject else ""
    tools = [
        tool.definition() for tool in skill_tools([Offered(name=name, description="x") for name in skills])
    ]
    for name in (
        "get_account",
        "find_deals",
        "deal_summary",
        "open_tasks",
        "calendar",
        "quiet_accounts",
        "find_accounts",
        "find_contacts",
        "recent_activities",
    ):
        tools.append({"name": name, "description": "x", "input_schema": {"type": "object"}})
    turns: list[Json] = []
    for at, text in enumerate(said):
        turns.append(
            {"role": "user" if at % 2 == 0 else "assistant", "content": [{"type": "text", "text": text}]}
        )
    turns[0]["content"].insert(0, {"type": "text", "text": f"{note}</context>"})
    decided = decide({"model": "m", "system": "s", "tools": tools, "messages": turns})
    return decided if isinstance(decided, Answer) else decided[0]


@pytest.mark.parametrize(
    ("said", "skill"),
    [
        ("Prepare me for the Acme call", "call-prep"),
        ("prep me for my next meeting", "call-prep"),
        ("Help me get ready for my call with Acme Freight", "call-prep"),
        ("Brief me on Acme", "call-prep"),
        ("I need a call prep for Harbor", "call-prep"),
        ("brief me", "morning-brief"),
        ("My morning brief please", "morning-brief"),
        ("What should I do today?", "morning-brief"),
        ("What are my priorities?", "morning-brief"),
        ("What did we promise Globex?", "customer-follow-up"),
        ("what do we owe harbor foods", "customer-follow-up"),
        ("Draft the replies to my customers", "customer-follow-up"),
        ("Action items from the last call with Acme", "customer-follow-up"),
        ("battle card against Rivalsoft for Acme", "competitive-intel"),
        ("How do we beat Rivalsoft at Acme?", "competitive-intel"),
        ("Make a one-pager for Acme", "create-asset"),
        ("I need an ROI calculator for Harbor Foods", "create-asset"),
        ("Draft a proposal for the Acme rollout", "create-asset"),
        ("build me a landing page for Globex", "create-asset"),
        ("Review my pipeline", "pipeline-review"),
        ("Write my forecast note", "forecast-note"),
        ("Research Acme Freight", "account-research"),
        ("/call-prep Acme", "call-prep"),
    ],
)
def test_a_sentence_chooses_a_skill(said: str, skill: str) -> None:
    call = chosen(said)
    assert isinstance(call, Call) and call.name == "use_skill"
    assert call.input["skill"] == skill and call.input["arguments"] == {"request": said}


@pytest.mark.parametrize(
    "said",
    [
        "What does my pipeline look like by stage?",
        "Which deals close this month?",
        "Which deals did we lose against Rivalsoft?",
        "Who is the champion at Acme?",
        "What happened at Acme lately?",
        "Log a call with Cleo: she wants a quote",
        "Email Cleo that the proposal is on its way",
        "Hello",
        "My open tasks",
    ],
)
def test_other_questions_stay_what_they_are(said: str) -> None:
    call = chosen(said)
    assert isinstance(call, Answer) or call.name != "use_skill"


def test_what_is_not_offered_is_not_used() -> None:
    call = chosen("Prepare me for the Acme call", skills=("morning-brief",))
    assert isinstance(call, Call) and call.name == "get_account"


def test_a_pronoun_means_the_record_at_hand() -> None:
    call = chosen("Prepare me for a call about it", subject=True)
    assert isinstance(call, Call) and call.input["arguments"]["about"] == "account:7"


def test_yes_to_what_was_meant() -> None:
    call = chosen(
        "/calprep Acme", "There is no skill called `/calprep`. Did you mean `/call-prep Acme`?", "yes please"
    )
    assert isinstance(call, Call) and call.input == {"skill": "call-prep", "arguments": {"request": "Acme"}}


def used(result: Json, question: str, *, failed: bool) -> Call | Answer:
    """After a use of call-prep with this result, and an answer, ``question``."""
    tools = [tool.definition() for tool in skill_tools([Offered(name="call-prep", description="x")])]
    args = {"skill": "call-prep", "arguments": {"request": "acme"}}
    turns = [
        {"role": "user", "content": [{"type": "text", "text": "/call-prep acme"}]},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "use_skill", "input": args}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": json.dumps(result), "is_error": failed}]},
        {"role": "assistant", "content": [{"type": "text", "text": "Which one?"}]},
        {"role": "user", "content": [{"type": "text", "text": question}]},
    ]  # fmt: skip
    decided = decide({"model": "m", "system": "s", "tools": tools, "messages": turns})
    return decided if isinstance(decided, Answer) else decided[0]


CANDIDATES = [
    {"id": "account:1", "name": "Acme Freight", "url": "/accounts/1/", "note": "Logistics, Germany"},
    {"id": "account:2", "name": "Acme Foods", "url": "/accounts/2/", "note": "Food, France"},
]


@pytest.mark.parametrize(
    ("answer", "about"),
    [("the second one", "account:2"), ("1", "account:1"), ("Acme Foods", "account:2"), ("the one in France", "account:2"), ("freight", "account:1")],
)  # fmt: skip
def test_the_answer_to_which_one(answer: str, about: str) -> None:
    call = used(
        {"error": {"code": "ambiguous", "message": "m", "candidates": CANDIDATES}}, answer, failed=True
    )
    assert isinstance(call, Call)
    assert call.input == {"skill": "call-prep", "arguments": {"about": about, "request": "acme"}}


def test_another_name_after_one_that_was_not_there() -> None:
    call = used(
        {"error": {"code": "not_found", "message": "m", "candidates": []}}, "Harbor Foods", failed=True
    )
    assert isinstance(call, Call) and call.input["arguments"]["about"] == "Harbor Foods"


@pytest.mark.parametrize(
    "said", ["shorter please", "only the risks", "Now without news", "make it at most 3 lines"]
)
def test_a_refinement_uses_it_again(said: str) -> None:
    call = used({"published": {"title": "Call prep"}}, said, failed=False)
    assert isinstance(call, Call) and call.input["arguments"] == {"request": f"acme. {said}"}
