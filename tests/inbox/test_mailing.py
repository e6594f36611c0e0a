"""When a notice is mailed, to whom, how often, and what the mail says."""

import smtplib
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone

from sales_app.inbox import tasks
from sales_app.inbox.mailing import mail_due
from sales_app.inbox.models import Notice
from sales_app.inbox.sorting import GIVE_UP_AFTER
from sales_app.people.models import User
from sessions_app.control.answer import Reply
from sessions_app.control.answer import answer as decide
from sessions_app.control.people import invite, remove
from sessions_app.live.reads import read_up_to
from sessions_app.session.models import Session
from tests.inbox.conftest import answer, ask, fail
from tests.live.conftest import Person, Served, open_tab
from tests.live.test_events import open_stream

do = sync_to_async(thread_sensitive=False)

QUIET = timedelta(seconds=120)


def soon() -> Any:
    """When whatever has just happened is due, and not earlier."""
    return timezone.now() + QUIET


def to() -> list[str]:
    return sorted(address for message in mail.outbox for address in message.to)


class Refusing(EmailBackend):
    """A server that takes the connection and then does not say whether it took the mail."""

    def send_messages(self, messages: Any) -> int:
        super().send_messages(messages)
        raise smtplib.SMTPServerDisconnected("gone")


class Away(EmailBackend):
    def open(self) -> bool:
        raise ConnectionRefusedError


def test_after_the_quiet_time_once_and_without_what_was_said(
    session: Session, ann: Person, bob: Person, settings: Any
) -> None:
    settings.CLEWLINE_SITE_URL = "https://clewline.example"
    Session.objects.filter(pk=session.pk).update(title="Talk\nwith  Acme")
    before = timezone.now()
    answer(session, ann, "What of the zebra?")
    assert mail_due(before + QUIET) == 0
    assert mail_due(soon()) == 2
    assert mail_due(soon() + timedelta(days=3)) == 0
    assert to() == [ann.user.email, bob.user.email]
    for message in mail.outbox:
        assert message.subject == "An answer is ready: Talk with Acme"
        assert f"https://clewline.example/chat/{session.pk}/" in message.body
        assert "https://clewline.example/me/" in message.body
        assert "an answer is ready" in message.body
        for said in ("zebra", "secret"):
            assert said not in message.body + message.subject
    assert Notice.objects.filter(mailed_at=None).count() == 0


def test_one_mail_for_all_of_a_chat(session: Session, ann: Person, bob: Person) -> None:
    other = ann.session()
    answer(session, ann)
    fail(session, ann, "Again")
    ask(session, ann, who="owner")
    answer(other, ann)
    assert mail_due(soon()) == 3
    assert to() == [ann.user.email, ann.user.email, bob.user.email]
    subjects = {message.subject for message in mail.outbox}
    assert subjects == {
        "Your approval is wanted: Talk",
        "An answer failed: Talk",
        "An answer is ready: Talk",
    }
    both = next(m for m in mail.outbox if m.subject.startswith("An answer failed"))
    assert "an answer ended with an error and an answer is ready" in both.body
    assert "Send the email" not in "".join(m.body + m.subject for m in mail.outbox)


def test_who_switched_it_off_or_is_gone_gets_none(session: Session, ann: Person, bob: Person) -> None:
    answer(session, ann)
    form = ann.client.get("/me/").context["form"]
    assert form["mail_notices"].value() is True
    values = {field.html_name: field.value() or "" for field in form if field.html_name != "mail_notices"}
    for day, start, end in form.days():
        assert day
        values |= {each.html_name: str(each.value() or "")[:5] for each in (start, end)}
    saved = ann.client.post("/me/", values | {"first_name": "Ann", "last_name": "Ash"})
    assert saved.status_code == 302
    assert not User.objects.get(pk=ann.user.pk).mail_notices
    User.objects.filter(pk=bob.user.pk).update(is_active=False)
    assert mail_due(soon()) == 0
    assert Notice.objects.exclude(mail_due=None).count() == 0


@pytest.mark.parametrize("kind", ["answer", "approval"])
def test_who_has_read_it_gets_none(session: Session, ann: Person, bob: Person, kind: str) -> None:
    if kind == "answer":
        answer(session, ann)
    else:
        ask(session, ann)
    read_up_to(str(session.pk), bob.actor, 10**9)
    # An answer that somebody of the session has seen is seen. An approval still waits for whoever has not.
    assert mail_due(soon()) == (0 if kind == "answer" else 1)
    assert to() == ([] if kind == "answer" else [ann.user.email])


def test_an_invitation_is_mailed_whoever_else_reads_the_chat(
    session: Session, ann: Person, person: Any
) -> None:
    zoe, yan = person("zoe"), person("yan")
    for each in (zoe, yan):
        invite(session_id=str(session.pk), user=ann.user, actor=each.actor, role="observer")
    for each in (ann, yan):
        read_up_to(str(session.pk), each.actor, 10**9)
    assert mail_due(soon()) == 1
    (message,) = mail.outbox
    assert (message.to, message.subject) == ([zoe.user.email], "You were invited to a chat: Talk")
    assert "you were invited and can read everything from its beginning" in message.body


def test_what_was_decided_waits_no_longer(session: Session, ann: Person, bob: Person) -> None:
    (asked,) = ask(session, ann)
    reply = Reply(id=str(asked.pk), decision="deny", hash=asked.args_hash)
    decide(session_id=str(session.pk), actor=bob.actor, replies=[reply])
    assert mail_due(soon()) == 0


def test_who_was_removed_gets_none(session: Session, ann: Person, bob: Person) -> None:
    answer(session, ann)
    remove(session_id=str(session.pk), by=ann.actor, actor=bob.actor)
    assert mail_due(soon()) == 1
    assert to() == [ann.user.email]


@pytest.mark.parametrize("how", ["socket", "events"])
async def test_who_is_here_is_not_mailed_until_they_leave(
    server: Served, session: Session, ann: Person, bob: Person, how: str
) -> None:
    (asked,) = await do(ask)(session, ann)
    now = soon()
    if how == "socket":
        async with open_tab(server, ann.cookie) as tab:
            await tab.follow(session)
            await tab.until("presence")
            assert await do(mail_due)(now) == 1
    else:
        async with open_stream(server, ann, session.pk) as stream:
            await stream.until("live")
            assert await do(mail_due)(now) == 1
    assert to() == [bob.user.email]
    assert await do(mail_due)(now + QUIET / 2) == 0
    async with open_tab(server, bob.cookie) as tab:  # of no interest: he is no longer asked
        await tab.follow(session)
        await tab.until("presence", people=[{"actor": bob.actor, "typing": False}])
        assert await do(mail_due)(now + QUIET) == 1
    assert to() == [ann.user.email, bob.user.email]
    assert asked.status == "open"


async def test_an_answer_that_somebody_looks_at_mails_nobody(
    server: Served, session: Session, ann: Person, bob: Person
) -> None:
    await do(answer)(session, ann)
    now = soon()
    async with open_tab(server, bob.cookie) as tab:
        await tab.follow(session)
        await tab.until("presence")
        assert await do(mail_due)(now) == 0
        assert await do(mail_due)(now + GIVE_UP_AFTER) == 0
    assert await do(mail_due)(now + 2 * GIVE_UP_AFTER) == 0, "nobody wants to hear of yesterday"


def test_two_schedulers_send_one_mail(session: Session, ann: Person) -> None:
    answer(session, ann)
    now, sent = soon(), list[int]()
    barrier = Barrier(4)

    def one() -> None:
        try:
            barrier.wait(10)
            sent.append(mail_due(now))
        finally:
            connection.close()

    threads = [Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (sum(sent), len(sent)) == (2, 4)
    assert len(mail.outbox) == 2


def test_a_mail_that_may_have_left_is_not_sent_again(session: Session, ann: Person, settings: Any) -> None:
    answer(session, ann)
    settings.EMAIL_BACKEND = f"{__name__}.Away"
    assert mail_due(soon()) == 0
    assert mail.outbox == []
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    assert mail_due(soon()) == 0
    assert len(mail.outbox) == 2
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert mail_due(soon()) == 0
    assert len(mail.outbox) == 2


def test_the_scheduler_knows_both_tasks(settings: Any) -> None:
    from config.celery import app  # noqa: PLC0415

    names = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {tasks.mail_due.name, tasks.prune.name} <= names
    app.loader.import_default_modules()
    assert {tasks.mail_due.name, tasks.prune.name} <= set(app.tasks)
