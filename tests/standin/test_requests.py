"""Differently worded requests through the real path: the copilot, the stand-in model over HTTP, ``use_skill``, and what it resolves to
in the demo company's book. Right skill and arguments, or a question back; never an invention.

The skills are the shipped ones with their names, descriptions and arguments. Their outlines name a kind that nobody collects, so that
sixty of them take seconds.
"""

import json
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core.management import call_command

from sales_app.agent.copilot import Copilot
from sales_app.crm.models import Account
from sales_app.people.models import User
from sales_app.skills import gate, store
from sales_app.skills.models import Skill, SkillVersion
from sales_app.skills.shipped import SHIPPED
from sessions_app.session.sessions import create_session
from sessions_app.session.subjects import Subject
from tests.agent.conftest import clock, standin  # noqa: F401  fixtures
from tests.agent.memory import Chat, MemoryContext

Json = dict[str, Any]

CASES: list[Json] = json.loads(Path(__file__).with_name("requests.json").read_text(encoding="utf-8"))
OUTLINE = "# Skill\n\n## Outline\n\n1. **Result** - `nobody_collects_this`, at most 3.\n"


def quick(text: str) -> bytes:
    """Its frontmatter, and an outline that costs nothing."""
    head = re.match(r"---\n.*?\n---\n", text, re.DOTALL)
    assert head
    return f"{head[0]}\n{OUTLINE}".encode()


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """In place of a database for each test: the demo company and the shipped skills, once for the module."""
    gates = list(gate._gates)
    gate._gates.clear()
    with django_db_blocker.unblock():
        call_command("demo", stdout=StringIO())
        for folder in sorted(SHIPPED.iterdir()):
            files = {"SKILL.md": quick((folder / "SKILL.md").read_text(encoding="utf-8"))}
            version = store.draft(
                folder.name, files, by=None, note="For a test", origin=SkillVersion.Origin.EDITED
            )
            store.publish(version, by=None, note="For a test")
        yield
        call_command("flush", interactive=False, verbosity=0)
    gate._gates[:] = gates


@pytest.fixture
def dana(db: None) -> User:
    return User.objects.get(email="dana@clewline.example")


def used(ctx: MemoryContext) -> Json | None:
    """The last use of a skill in a run: its plan, or the question back."""
    for step in reversed(ctx.steps):
        if step["name"] == "use_skill":
            found: Json = step["output"]
            return found
    return None


def name_of(case: Json) -> str:
    return " / ".join(case["said"]) + (f" [{case['subject']}]" if "subject" in case else "")


@pytest.mark.parametrize("case", CASES, ids=name_of)
async def test_what_is_asked_for_is_what_is_done(
    dana: User,
    clock: Any,  # noqa: F811
    standin: Any,  # noqa: F811
    case: Json,
) -> None:
    names, session = await sync_to_async(_prepared)(dana)
    chat = Chat(Copilot(), dana.pk, clock, subject=_subject(case, names), session_id=session)
    for text in case["said"]:
        ctx = await chat.ask(text)

    use = used(ctx)
    if case["skill"] is None:
        assert use is None, use
        _did_otherwise(ctx, case, names)
        return
    assert use is not None, f"{[tool.name for tool in ctx.tools]}: {ctx.answer}"
    call = next(tool for tool in ctx.tools if tool.name == "use_skill")
    assert call.args is not None and call.args["skill"] == case["skill"]
    if "asks" in case:
        assert "plan" not in use, use["plan"]
        assert f'"code": "{case["asks"]}"' in use["content"]
        assert ctx.answer == use["say"]  # the question is all that is said
        return
    assert "plan" in use, use
    target = use["plan"]["target"]
    assert names.get(target.get("account")) == case.get("account") or case.get("meeting")
    assert bool(target.get("meeting")) >= bool(case.get("meeting"))
    assert case.get("request", "").lower() in use["plan"]["request"].lower()


def _did_otherwise(ctx: MemoryContext, case: Json, names: dict[int, str]) -> None:
    """Another tool, or words alone."""
    assert case.get("says", "") in ctx.answer
    if "tool" in case:
        assert [tool.name for tool in ctx.tools if not tool.failed][-1:] == (
            [case["tool"]] if case["tool"] else []
        )
    if "accounts" in case:
        assert ctx.tools[0].args is not None and ctx.tools[0].args["accounts"] == case["accounts"]
    assert not [tool for tool in ctx.tools if tool.failed] or case.get("says"), ctx.tools


def _prepared(user: User) -> tuple[dict[int, str], str]:
    """The accounts' names, and a session that what is published belongs to."""
    session = create_session(actor=f"user:{user.pk}", name="Dana Kettering", agent="copilot")
    return dict(Account.objects.values_list("pk", "name")), str(session.pk)


def _subject(case: Json, names: dict[int, str]) -> Subject | None:
    if "subject" not in case:
        return None
    pk = next(pk for pk, name in names.items() if name == case["subject"])
    return Subject(kind="account", id=str(pk), label=case["subject"], url=f"/accounts/{pk}/")


def test_there_are_sixty_and_every_skill_is_asked_for(db: None) -> None:
    skills = set(Skill.objects.values_list("name", flat=True))
    assert len(CASES) >= 60 and {case["skill"] for case in CASES} == skills | {None}
