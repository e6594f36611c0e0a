"""Lines are decided one by one: by whom, once, with the counts as they are; what was taken is a draft that its gates have a say in."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from sales_app.encoding import deciding
from sales_app.encoding.contrast import Call, contrast
from sales_app.encoding.errors import EncodingError
from sales_app.encoding.models import Encoding, ProposedLine
from sales_app.people.models import User
from sales_app.skills import store
from sales_app.skills.errors import SkillError
from sales_app.skills.gate import gate
from sales_app.skills.models import Skill, SkillVersion
from tests.encoding.test_holding import fact

pytestmark = pytest.mark.django_db(transaction=True)
SignIn = Callable[[User], Client]


@pytest.fixture
def sam(db: None) -> User:
    return User.objects.create_user("sam@example.com", role="revops", first_name="Sam", last_name="Sight")


@pytest.fixture
def ready(skill: Skill, revops: User) -> Encoding:
    """Two lines, from 14 won and 12 lost deals."""
    calls = [
        Call(id=str(n), deal=n, rep=1, outcome="won" if n < 14 else "lost", found={}, measures={})
        for n in range(26)
    ]
    day = timezone.localdate().isoformat()
    encoding = Encoding.objects.create(
        kind="calls", state="ready", skill=skill, based_on=skill.published, asked_by=revops,
        criteria={"from": day, "to": day, "segment": "", "reps": []}, contrast=contrast(calls).as_json(),
    )  # fmt: skip
    for place, key in enumerate(("cost_in_numbers", "recap"), 1):
        ProposedLine.objects.create(
            encoding=encoding,
            key=key,
            place=place,
            change="add",
            fact=fact(key).as_json(),
            proposed=f"Line of {key}.",
        )
    return encoding


def lines(encoding: Encoding) -> list[ProposedLine]:
    return list(encoding.lines.select_related("encoding"))


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises((EncodingError, SkillError)) as refused:
        call()
    return str(refused.value.code)


def test_line_by_line_into_a_draft(ready: Encoding, revops: User, skill: Skill) -> None:
    first, second = lines(ready)
    assert code_of(lambda: deciding.make_draft(ready, by=revops, note="")) == "encoding_undecided"
    deciding.decide(first, "edit", by=revops, seen=0, text="Ask for the cost (won 12 of 14, lost 3 of 12).")
    deciding.decide(second, "reject", by=revops, seen=0)
    draft = deciding.make_draft(ready, by=revops, note="From the calls")
    assert (draft.origin, draft.state, draft.based_on, draft.created_by) == (
        "encoded",
        "draft",
        skill.published,
        revops,
    )
    files = store.files_of(draft)
    text = files["SKILL.md"].decode()
    assert "- Ask for the cost (won 12 of 14, lost 3 of 12). <!-- from-calls:cost_in_numbers -->" in text
    assert "recap" not in text
    (evidence,) = (
        content.decode() for path, content in files.items() if path.startswith("reference/from-calls-")
    )
    assert "Asks what the problem costs" in evidence and "Says back" not in evidence
    assert deciding.make_draft(ready, by=revops, note="") == draft, "a second press"
    assert SkillVersion.objects.count() == 2
    assert code_of(lambda: deciding.decide(lines(ready)[1], "accept", by=revops, seen=1)) == "encoding_over"
    skill.refresh_from_db()
    assert skill.published is not None and skill.published.number == 1, "nothing is published by itself"


def test_a_draft_has_to_pass_its_gates(ready: Encoding, revops: User) -> None:
    gate(lambda version: ["Its evaluations were not run."] if version.origin == "encoded" else [])
    for line in lines(ready):
        deciding.decide(line, "accept", by=revops, seen=0)
    draft = deciding.make_draft(ready, by=revops, note="")
    assert code_of(lambda: store.publish(draft, by=revops, note="")) == "skill_gate"


def test_what_an_edit_may_say(ready: Encoding, revops: User) -> None:
    line = lines(ready)[0]

    def edit(text: str) -> str:
        return code_of(lambda: deciding.decide(line, "edit", by=revops, seen=0, text=text))

    assert edit("Ask for the cost (won 13 of 14, lost 3 of 12).") == "line_numbers"
    assert edit("Ask for the cost (lost 12 of 14).") == "line_numbers"
    assert edit("  ") == "line_empty"
    taken = deciding.decide(line, "edit", by=revops, seen=0, text="## Ask <b>what</b>\nit costs.")
    assert taken.text == "Ask ‹b›what‹/b› it costs.", "one line, and no mark-up of ours"
    ProposedLine.objects.filter(pk=line.pk).update(change="remove", state="open", revision=0)
    line.refresh_from_db()
    assert edit("Keep it.") == "line_removal"


def test_one_may_change_one_s_mind(ready: Encoding, revops: User) -> None:
    line = lines(ready)[0]
    deciding.decide(line, "reject", by=revops, seen=0)
    deciding.decide(line, "reject", by=revops, seen=0)  # pressed twice
    assert line.revision == 1
    deciding.decide(line, "reopen", by=revops, seen=1)
    assert (line.state, line.decided_by) == ("open", None)
    deciding.decide(line, "accept", by=revops, seen=2)
    assert (line.state, line.text) == ("accepted", line.proposed)


def test_nothing_taken_makes_no_draft(ready: Encoding, revops: User) -> None:
    for line in lines(ready):
        deciding.decide(line, "reject", by=revops, seen=0)
    assert code_of(lambda: deciding.make_draft(ready, by=revops, note="")) == "encoding_nothing"
    assert SkillVersion.objects.count() == 1


def at_once(*calls: Callable[[], Any]) -> list[str]:
    """Each call in a thread of its own, let go together: ``ok`` or the refusal's code."""
    start, results = threading.Barrier(len(calls)), [""] * len(calls)

    def work(place: int, call: Callable[[], Any]) -> None:
        try:
            start.wait(10)
            call()
            results[place] = "ok"
        except EncodingError as refused:
            results[place] = refused.code
        except Exception as problem:
            results[place] = repr(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(place, call)) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.parametrize("round", range(8))
def test_two_accept_the_same_line(ready: Encoding, revops: User, sam: User, round: int) -> None:
    """One is first, the other is told; nothing is counted twice."""
    one, other = lines(ready)[0], lines(ready)[0]
    results = at_once(
        lambda: deciding.decide(one, "accept", by=revops, seen=0),
        lambda: deciding.decide(other, "edit", by=sam, seen=0, text="Ask for the cost."),
    )
    assert sorted(results) == ["line_decided", "ok"]
    line = lines(ready)[0]
    by, text = (revops, line.proposed) if results[0] == "ok" else (sam, "Ask for the cost.")
    assert (line.decided_by, line.text, line.revision) == (by, text, 1)


@pytest.mark.parametrize("round", range(8))
def test_two_make_the_draft(ready: Encoding, revops: User, sam: User, round: int) -> None:
    for line in lines(ready):
        deciding.decide(line, "accept", by=revops, seen=0)
    late = lines(ready)[1]
    results = at_once(
        lambda: deciding.make_draft(ready, by=revops, note=""),
        lambda: deciding.make_draft(Encoding.objects.get(pk=ready.pk), by=sam, note=""),
        lambda: deciding.decide(late, "reject", by=sam, seen=1),
    )
    assert results[:2] == ["ok", "ok"] and results[2] in {"ok", "encoding_over"}
    assert SkillVersion.objects.count() == 2
    # Whichever came first, the draft says what was decided.
    draft = Encoding.objects.get(pk=ready.pk).draft
    assert draft is not None
    assert (b"from-calls:recap" in store.files_of(draft)["SKILL.md"]) == (results[2] == "encoding_over")


def test_who_may_see_and_decide(ready: Encoding, revops: User, dana: User, signed_in: SignIn) -> None:
    page, decide = (
        f"/admin/sales_app/encoding/{ready.pk}/change/",
        f"/admin/sales_app/encoding/{ready.pk}/decide/",
    )
    line = lines(ready)[0]
    sent = {"line": line.pk, "seen": 0, "action": "accept"}
    auditor = User.objects.create_user("au@example.com", role="auditor")
    assert signed_in(auditor).get(page).status_code == 200
    assert b"Accept" not in signed_in(auditor).get(page).content
    assert signed_in(auditor).post(decide, sent).status_code == 403
    assert signed_in(dana).get(page).status_code == 302, "reps have no control panel"
    assert signed_in(dana).post(decide, sent).status_code == 302
    assert lines(ready)[0].state == "open"
    answer = signed_in(revops).post(decide, sent, follow=True)
    assert b"Accepted" in answer.content and lines(ready)[0].state == "accepted"
    other = signed_in(revops).post(decide, {**sent, "action": "reject"}, follow=True)
    assert b"was quicker" in other.content
    for wrong in ({}, {**sent, "line": 0}, {**sent, "action": "drop"}):
        assert signed_in(revops).post(decide, wrong).status_code == 302
    assert signed_in(revops).post(decide, {**sent, "line": 999999}).status_code == 404
