"""The content of the demo's systems: always the same, and what is in it can be found."""

import gzip
from collections import Counter
from datetime import date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.utils import timezone

from sales_app.demo import load as loading
from sales_app.demo import mailbox
from sales_app.demo.load import load
from sales_app.demo.rows import read
from sales_app.demo.sources.calls import planted
from sales_app.demo.sources.company import World
from sales_app.demo.sources.generate import files
from sales_app.demo.when import Calendar
from sales_app.mail.models import Mail
from sales_app.people.models import AuditEntry, User


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def test_the_committed_files_are_what_the_generator_makes(world: World) -> None:
    for path, lines in files(world).items():
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8") as committed:
            assert committed.read().splitlines() == lines, path.name


def test_won_calls_differ_from_lost_ones(world: World) -> None:
    found: dict[str, Counter[str]] = {"won": Counter(), "lost": Counter()}
    calls = planted(world)
    outcomes = Counter(outcome for outcome, _ in calls.values())
    assert len(calls) == 40 and outcomes["won"] + outcomes["lost"] >= 24
    for outcome, signals in calls.values():
        found.get(outcome, Counter()).update(signals)
    for signal in ("cost_in_numbers", "dated_next_step", "recap", "explores_objection"):
        assert found["won"][signal] / outcomes["won"] > 2 * found["lost"][signal] / outcomes["lost"], signal
    for signal in ("feature_tour", "early_discount", "talks_over_objection"):
        assert found["won"][signal] < found["lost"][signal], signal
    # Not without exceptions: one cannot tell a call's outcome by one thing.
    assert any(found["lost"][signal] for signal in ("cost_in_numbers", "dated_next_step", "recap"))


def test_weekdays_count_from_when_it_was_said() -> None:
    when = Calendar(date(2026, 11, 24))
    zone = ZoneInfo("Europe/Berlin")
    friday = datetime(2026, 11, 20, 10, tzinfo=zone)
    assert when.said("by [W+1], then [W+4] of [Q+1]", friday) == "by Monday, then Thursday of Q1"
    assert when.said("[W+1]", datetime(2026, 11, 21, 10, tzinfo=zone)) == "Monday"
    assert when.said("[W+2]", datetime(2026, 11, 24, 10, tzinfo=zone)) == "Thursday"


def once() -> str:
    out = StringIO()
    call_command("demo", stdout=out, once=True)
    return out.getvalue()


def test_mailboxes_come_with_the_company_and_once(db: None) -> None:
    assert "mails" in once()
    mails = Mail.objects.all()
    assert mails.count() == len(read("mails"))
    assert not mails.filter(created_at__gt=timezone.now()).exists()
    answers = mails.filter(direction="sent")
    assert answers.count() >= 15
    for answer in answers:
        asked = mails.get(owner=answer.owner, direction="received", message_id=answer.in_reply_to)
        assert asked.created_at < answer.created_at and asked.sender == answer.recipient
    assert all(
        mail.contact and mail.contact.account_id == mail.account_id for mail in mails.exclude(account=None)
    )

    # What somebody deleted does not come back.
    mails.filter(owner__email="dana@clewline.example").delete()
    assert once() == "" and not mails.filter(owner__email="dana@clewline.example").exists()

    call_command("demo", stdout=StringIO(), remove=True)
    assert not mails.exists() and once() == ""


def test_an_installation_from_before_gets_its_mailboxes(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was loaded some weeks ago, without mails, and the mark knew no day."""
    with monkeypatch.context() as old:
        old.setattr(mailbox, "load", lambda when: 0)
        load(lambda line: None, today=timezone.localdate())
    weeks_ago = timezone.now() - timedelta(weeks=3)
    AuditEntry.objects.filter(action=loading.MARK).update(data={}, created_at=weeks_ago)
    assert loading.day_of_loading() == timezone.localdate(weeks_ago)
    assert not Mail.objects.exists()

    assert f"{len(read('mails'))} mails" in once()
    days = {mail.created_at.date() for mail in Mail.objects.all()}
    assert max(days) <= timezone.localdate(weeks_ago) and len(days) > 3
    assert once() == "" and Mail.objects.count() == len(read("mails"))


def test_the_day_of_loading_is_gone_with_the_company(db: None) -> None:
    assert loading.day_of_loading() is None
    load(lambda line: None, today=date(2026, 11, 24))
    assert loading.day_of_loading() == date(2026, 11, 24)
    User.objects.filter(email__endswith="@clewline.example").update(is_active=False)
    assert loading.day_of_loading() is None
