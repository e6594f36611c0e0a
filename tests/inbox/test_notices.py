"""Who gets a notice of what, in whose transaction, and how it is read."""

import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import transaction

from sales_app.inbox.models import Notice
from sales_app.inbox.notices import KEPT, prune, shown, unread_count
from sessions_app.control.answer import Reply
from sessions_app.control.answer import answer as decide
from sessions_app.control.people import invite, remove
from sessions_app.control.stop import stop
from sessions_app.live.reads import read_up_to
from sessions_app.runs.agents import Ask
from sessions_app.session.models import Session
from sessions_app.streams.models import Record, Stream
from tests.control.world import approval
from tests.inbox.conftest import answer, ask, begin, fail
from tests.live.conftest import Json, Person, Served, open_tab

do = sync_to_async(thread_sensitive=False)


def notices(kind: str = "") -> set[tuple[str, str]]:
    found = Notice.objects.filter(kind=kind) if kind else Notice.objects.all()
    return set(found.values_list("actor", "cause"))


def head(session: Session) -> int:
    return Stream.objects.get(pk=session.stream_id).head


def record(session: Session, offset: int) -> Json:
    event: Json = json.loads(bytes(Record.objects.get(stream_id=session.stream_id, pos=offset).body))["event"]
    return event


def test_an_answer_and_a_failure_concern_who_may_speak(session: Session, ann: Person, bob: Person) -> None:
    run = answer(session, ann)
    assert notices("answer") == {(ann.actor, run), (bob.actor, run)}
    assert {record(session, n.offset)["type"] for n in Notice.objects.all()} == {"RUN_FINISHED"}
    failed = fail(session, bob, "Again")
    assert notices("failure") == {(ann.actor, failed), (bob.actor, failed)}
    assert Notice.objects.count() == 4


def test_who_stops_a_run_is_not_told_of_it(session: Session, ann: Person) -> None:
    begin(session, ann)
    stop(session_id=str(session.pk), actor=ann.actor)
    assert notices() == set()


@pytest.mark.parametrize("who", ["members", "owner", "bob"])
def test_a_question_concerns_whom_it_asks(session: Session, ann: Person, bob: Person, who: str) -> None:
    question = Ask(kind="question", call_id="q", title="Which one?", who=bob.actor if who == "bob" else who)
    asked_both = ask(session, ann, approval("a", who=question.who), question)
    first, second = sorted(asked_both, key=lambda each: each.kind)
    asked = {"members": {ann.actor, bob.actor}, "owner": {ann.actor}, "bob": {bob.actor}}[who]
    assert notices("approval") == {(actor, str(first.pk)) for actor in asked}
    assert notices("question") == {(actor, str(second.pk)) for actor in asked}
    assert notices("answer") == set()
    offset = Notice.objects.filter(kind="question")[0].offset
    assert record(session, offset)["value"]["id"] == str(second.pk)


@pytest.mark.parametrize("role", ["member", "observer"])
def test_who_is_invited_is_told_and_nobody_else(
    session: Session, ann: Person, person: Any, role: str
) -> None:
    zoe = person("zoe")
    for _ in range(2):  # a second time is no news
        invite(session_id=str(session.pk), user=ann.user, actor=zoe.actor, role=role)
    (notice,) = Notice.objects.all()
    assert (notice.actor, notice.kind) == (zoe.actor, "invitation")
    assert record(session, notice.offset)["value"]["actor"] == zoe.actor
    page = zoe.client.get("/inbox/").content.decode()
    assert "You were invited to this chat" in page and page.count(">new<") == 1
    remove(session_id=str(session.pk), by=ann.actor, actor=zoe.actor)
    assert "Nothing waits for you" in zoe.client.get("/inbox/").content.decode()
    invite(session_id=str(session.pk), user=ann.user, actor=zoe.actor, role=role)
    assert unread_count(zoe.actor) == 2


def test_it_is_written_with_its_cause_or_not_at_all(session: Session, ann: Person) -> None:
    worker = begin(session, ann)
    before = head(session)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        worker.finish()
        assert Notice.objects.count() == 2
        raise ZeroDivisionError
    assert (Notice.objects.count(), head(session)) == (0, before)
    worker.finish()
    assert Notice.objects.count() == 2


def test_reading_clears_it_for_the_person_who_read(session: Session, ann: Person, bob: Person) -> None:
    answer(session, ann)
    end = head(session)
    fail(session, ann, "Again")
    assert (unread_count(ann.actor), unread_count(bob.actor)) == (2, 2)
    offset = Notice.objects.filter(actor=ann.actor, kind="answer").get().offset
    read_up_to(str(session.pk), ann.actor, offset)
    assert unread_count(ann.actor) == 2, "the record itself was not read"
    read_up_to(str(session.pk), ann.actor, end)
    assert unread_count(ann.actor) == 1
    read_up_to(str(session.pk), ann.actor, 10**9)
    assert (unread_count(ann.actor), unread_count(bob.actor)) == (0, 2)
    remove(session_id=str(session.pk), by=ann.actor, actor=bob.actor)
    assert unread_count(bob.actor) == 0, "nothing of it is theirs any longer"


def test_old_ones_are_forgotten(session: Session, ann: Person) -> None:
    answer(session, ann)
    made = Notice.objects.all()[0].created_at
    assert prune(made + KEPT * 0.99) == 0
    assert prune(made + KEPT * 1.01) == 2
    assert Notice.objects.count() == 0


async def test_open_pages_hear_the_count(server: Served, session: Session, ann: Person, bob: Person) -> None:
    async with (
        open_tab(server, ann.cookie) as desk,
        open_tab(server, ann.cookie) as phone,
        open_tab(server, bob.cookie) as his,
    ):
        for tab in (desk, phone, his):
            await tab.until("welcome")
        await do(answer)(session, ann)
        for tab in (desk, phone, his):
            assert await tab.until("inbox") == {"t": "inbox", "unread": 1}
        await do(fail)(session, ann, "Again")
        for tab in (desk, phone, his):
            assert (await tab.until("inbox"))["unread"] == 2
        await phone.send(t="read", s=str(session.pk), at=10**9)
        for tab in (desk, phone):
            assert (await tab.until("inbox"))["unread"] == 0
        await his.send(t="ping")
        await his.until("pong")
        assert [f["unread"] for f in his.frames if f["t"] == "inbox"] == [1, 2]


def test_the_page_shows_what_waits_and_leads_there(session: Session, ann: Person, bob: Person) -> None:
    assert "Nothing waits for you" in ann.client.get("/inbox/").content.decode()
    answer(session, ann)
    (asked,) = ask(session, ann)
    page = ann.client.get("/inbox/").content.decode()
    assert page.count(f'href="/chat/{session.pk}/"') == 2
    assert page.count(">new<") == 2
    assert "waits for approval" in page
    assert "<span data-inbox-count>2</span>" in page
    assert ann.client.get("/inbox/unread/").json() == {"unread": 2}
    reply = Reply(id=str(asked.pk), decision="deny", hash=asked.args_hash)
    decide(session_id=str(session.pk), actor=bob.actor, replies=[reply])
    read_up_to(str(session.pk), ann.actor, 10**9)
    page = ann.client.get("/inbox/").content.decode()
    assert "waits for approval" not in page
    assert "denied" in page
    assert ">new<" not in page
    assert page.count("data-inbox hidden") == 2
    remove(session_id=str(session.pk), by=ann.actor, actor=bob.actor)
    theirs = bob.client.get("/inbox/").content.decode()
    assert "Nothing waits for you" in theirs
    assert str(session.pk) not in theirs


def test_what_waits_stands_above_the_answers_that_were_read(session: Session, ann: Person) -> None:
    answer(session, ann, "One")
    second = answer(session, ann, "Two")
    (waiting,) = ask(session, ann)
    other = ann.session()
    third = answer(other, ann, "Three")

    def rows() -> list[tuple[str, bool, bool]]:
        return [(each.cause, each.waits, each.unread) for each in shown(ann.actor)]

    first = Notice.objects.earliest("pk").cause
    asked = str(waiting.pk)
    assert rows() == [(asked, True, True), (third, False, True), (second, False, True), (first, False, True)]
    for each in (session, other):
        read_up_to(str(each.pk), ann.actor, 10**9)
    assert rows() == [(asked, True, False), (third, False, False), (second, False, False)]
    reply = Reply(id=asked, decision="deny", hash=waiting.args_hash)
    decide(session_id=str(session.pk), actor=ann.actor, replies=[reply])
    assert rows() == [(third, False, False), (asked, False, False), (second, False, False)]


def test_the_page_is_for_who_is_signed_in(client: Any, db: None) -> None:
    assert client.get("/inbox/").headers["Location"].startswith("/accounts/login/")
