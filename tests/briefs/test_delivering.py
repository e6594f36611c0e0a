"""What is delivered to whom, when, and once."""

import itertools
from collections.abc import Callable
from datetime import datetime, time, timedelta
from threading import Barrier, Thread
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, reset_queries

from sales_app.briefs import clock, tasks
from sales_app.briefs.delivering import Tick, deliver_due
from sales_app.briefs.due import due
from sales_app.briefs.models import Delivery, Schedule
from sales_app.budgets.models import Budget, Spending
from sales_app.crm.models import Activity
from sales_app.people.models import User
from sales_app.skills.store import files_of, published
from sales_app.skills.text import parse
from sessions_app.control.send import TooManyRuns
from sessions_app.runs.models import Input, Run
from sessions_app.session.models import Participant, Session
from tests.briefs.conftest import at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("skills")]

MINUTE = timedelta(minutes=1)
Rep = Callable[..., User]
Call = Callable[..., Activity]


def periods(**of: Any) -> list[str]:
    return list(Delivery.objects.filter(**of).order_by("due_at", "pk").values_list("period", flat=True))


def test_at_seven_there_once_a_day(rep: Rep) -> None:
    ann, bob = rep("ann", "Asia/Kolkata"), rep("bob", "America/New_York", date_joined=at("2026-11-24T00:00"))
    assert deliver_due(at("2026-11-24T01:29")) == Tick(started=0, skipped=0, more=False)
    assert deliver_due(at("2026-11-24T01:30")).started == 1
    assert deliver_due(at("2026-11-24T01:31")).started == 0
    (made,) = Delivery.objects.all()
    assert (made.user, made.kind, made.period) == (ann, "brief", "2026-11-24")
    assert made.due_at == at("2026-11-24T01:30")
    session = Session.objects.get()
    assert (made.session, session.title, session.agent) == (session, "Morning brief, Tue 24 Nov", "copilot")
    assert Participant.objects.get(session=session).actor == f"user:{ann.pk}"
    (run,) = Run.objects.all()
    assert (run.requested_by, run.queue, run.status) == (f"user:{ann.pk}", "scheduled", "queued")
    assert Input.objects.get().text == "/morning-brief"
    assert deliver_due(at("2026-11-24T12:00")).started == 1
    assert Delivery.objects.filter(user=bob, period="2026-11-24").exists()


def test_on_working_days_of_people_who_sell(rep: Rep) -> None:
    rep("ann")
    rep("free", working_hours={"tue": ["09:00", "17:00"]})
    rep("gone", is_active=False)
    rep("audit", role="auditor")
    rep("new", date_joined=at("2026-11-24T07:00:01"))
    for day in ("22", "23", "24", "25"):  # Sunday to Wednesday
        deliver_due(at(f"2026-11-{day}T08:00"))
    assert periods(user__first_name="Ann") == ["2026-11-23", "2026-11-24", "2026-11-25"]
    assert periods(user__first_name="Free") == ["2026-11-24"]
    assert periods(user__first_name="New") == ["2026-11-25"]
    assert periods(user__first_name__in=["Gone", "Audit"]) == []


def test_at_another_time_or_not_at_all(rep: Rep) -> None:
    Schedule.objects.create(user=rep("ann"), brief_at=time(8, 30))
    Schedule.objects.create(user=rep("bob"), brief=False)
    assert deliver_due(at("2026-11-24T08:29")).started == 0
    assert deliver_due(at("2026-11-24T08:30")).started == 1
    assert periods(user__first_name="Bob") == []


def test_late_until_noon_then_left_out_for_a_reason(rep: Rep) -> None:
    rep("ann", "Europe/Berlin")
    assert deliver_due(at("2026-11-24T10:59")).started == 1  # 11:59 there
    rep("bob", "Europe/Berlin")
    assert deliver_due(at("2026-11-24T11:00")) == Tick(started=0, skipped=1, more=False)
    left_out = Delivery.objects.get(user__first_name="Bob")
    assert (left_out.skipped, left_out.session) == ("late", None)
    assert deliver_due(at("2026-11-24T11:01")) == Tick(started=0, skipped=0, more=False)
    assert Run.objects.count() == 1


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("America/New_York", "2026-10-30"),
        ("Europe/Berlin", "2026-10-23"),
        ("Australia/Lord_Howe", "2026-10-02"),
        ("America/Sao_Paulo", "2018-11-02"),
        ("Pacific/Apia", "2011-12-28"),
    ],
)
def test_each_working_day_over_a_change_of_the_clocks(rep: Rep, zone: str, first: str) -> None:
    every_day = {day: ["09:00", "17:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    rep("ann", zone, working_hours=every_day, date_joined=at("2000-01-01T00:00"))
    begin = at(f"{first}T00:00")
    looks = [begin + timedelta(minutes=50) * n for n in range(5 * 29)]
    for now in looks:
        deliver_due(now)
    there = ZoneInfo(zone)
    hours = (begin + timedelta(hours=1) * n for n in range(int((looks[-1] - begin) / timedelta(hours=1))))
    days = sorted({now.astimezone(there).date().isoformat() for now in hours})
    made = periods(skipped="")
    assert len(made) == len(set(made))
    assert days[1:-1] == [day for day in made if days[0] < day < days[-1]]
    for each in Delivery.objects.filter(skipped=""):
        assert each.due_at.astimezone(there).time() >= time(7)


def test_nothing_is_started_that_nobody_has_published(rep: Rep) -> None:
    rep("ann")
    version = published("morning-brief")
    assert version is not None
    type(version.skill).objects.filter(pk=version.skill_id).update(published=None)
    assert deliver_due(at("2026-11-24T08:00")) == Tick(started=0, skipped=0, more=False)
    assert Delivery.objects.count() == 0


def test_the_brief_reminds_of_what_was_not_sent(rep: Rep) -> None:
    version = published("morning-brief")
    assert version is not None
    text = parse(files_of(version)["SKILL.md"])
    assert "unsent_draft" in text.body, (
        "drafts of the follow-up that nobody has sent are part of the next brief"
    )


# Calls.


def test_a_prep_before_each_call_with_a_customer(rep: Rep, call: Call) -> None:
    ann = rep("ann", "Europe/Berlin")
    Schedule.objects.create(user=ann, brief=False)
    meeting = call(ann, "2026-11-24T13:00")
    call(ann, "2026-11-24T13:00", account="")  # among colleagues
    assert deliver_due(at("2026-11-24T11:59")).started == 0
    assert deliver_due(at("2026-11-24T12:00")).started == 1
    assert deliver_due(at("2026-11-24T12:01")).started == 0
    (made,) = Delivery.objects.all()
    assert (made.kind, made.period) == ("call_prep", f"{meeting.pk}:2026-11-24")
    session = Session.objects.get()
    assert (session.title, session.subject_kind, session.subject_label) == (
        "Call prep: Acme, Tue 14:00",
        "account",
        "Acme",
    )
    assert Input.objects.get().text == f"/call-prep meeting:{meeting.pk}"


def test_an_early_call_is_prepared_the_evening_before(rep: Rep, call: Call) -> None:
    ann = rep("ann")
    call(ann, "2026-11-24T07:15")
    Schedule.objects.create(user=ann, brief=False)
    assert deliver_due(at("2026-11-23T17:59")).started == 0
    assert deliver_due(at("2026-11-23T18:00")).started == 1
    assert periods(kind="call_prep")[0].endswith(":2026-11-24")


def test_a_call_that_moves_or_is_called_off(rep: Rep, call: Call) -> None:
    ann, bob = rep("ann"), rep("bob")
    Schedule.objects.bulk_create([Schedule(user=each, brief=False) for each in (ann, bob)])
    moved, over, handed, entered = (
        call(ann, f"2026-11-24T{hour}:00", account=f"A{hour}") for hour in (14, 15, 16, 17)
    )
    deliver_due(at("2026-11-24T13:00"))
    assert periods() == [f"{moved.pk}:2026-11-24"]
    Activity.objects.filter(pk=moved.pk).update(starts_at=at("2026-11-24T18:00"), ends_at=None)
    over.delete()
    Activity.objects.filter(pk=handed.pk).update(owner=bob)
    Activity.objects.filter(pk=entered.pk).update(
        starts_at=at("2026-11-24T15:20"), ends_at=None
    )  # earlier: at once
    deliver_due(at("2026-11-24T15:00"))
    assert {(each.user, each.period) for each in Delivery.objects.all()} == {
        (ann, f"{moved.pk}:2026-11-24"),
        (ann, f"{entered.pk}:2026-11-24"),
        (bob, f"{handed.pk}:2026-11-24"),
    }
    deliver_due(at("2026-11-24T17:30"))
    assert Delivery.objects.count() == 3, "on the same day it stays prepared"
    Activity.objects.filter(pk=moved.pk).update(starts_at=at("2026-11-26T18:00"))
    deliver_due(at("2026-11-26T17:00"))
    assert Delivery.objects.count() == 4
    deliver_due(at("2026-11-26T18:00"))
    assert Delivery.objects.count() == 4, "a call that has begun needs none"


def test_how_long_before_and_whether_at_all(rep: Rep, call: Call) -> None:
    ann, bob = rep("ann"), rep("bob")
    Schedule.objects.create(user=ann, brief=False, lead_minutes=20)
    Schedule.objects.create(user=bob, brief=False, call_prep=False)
    call(ann, "2026-11-24T13:00")
    call(bob, "2026-11-24T13:00", account="Globex")
    assert deliver_due(at("2026-11-24T12:39")).started == 0
    assert deliver_due(at("2026-11-24T12:59")).started == 1


# Once.


def test_four_schedulers_at_the_same_instant(rep: Rep, call: Call) -> None:
    people = [rep(f"rep{n}") for n in range(6)]
    for each in people:
        call(each, "2026-11-24T08:30", account=f"Acme {each.pk}")
    ticks, barrier = list[Tick](), Barrier(4)

    def one() -> None:
        try:
            barrier.wait(10)
            ticks.append(deliver_due(at("2026-11-24T08:00")))
        finally:
            connection.close()

    threads = [Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(ticks) == 4
    assert sum(each.started for each in ticks) == 12
    assert (
        Delivery.objects.count()
        == Session.objects.count()
        == Run.objects.count()
        == Input.objects.count()
        == 12
    )


@pytest.mark.parametrize("dies", ["before", "after"])
def test_what_breaks_off_leaves_nothing_or_all(rep: Rep, monkeypatch: pytest.MonkeyPatch, dies: str) -> None:
    """A scheduler that dies inside the transaction, before or after the chat was written."""
    rep("ann")
    from sales_app.briefs import delivering  # noqa: PLC0415

    start = delivering.start_session

    def broken(*args: Any, **values: Any) -> Any:
        if dies == "after":
            start(*args, **values)
        raise KeyboardInterrupt  # as a signal would

    monkeypatch.setattr(delivering, "start_session", broken)
    with pytest.raises(KeyboardInterrupt):
        deliver_due(at("2026-11-24T08:00"))
    assert Delivery.objects.count() == Session.objects.count() == Run.objects.count() == 0
    monkeypatch.undo()
    assert deliver_due(at("2026-11-24T08:01")).started == 1
    assert Delivery.objects.count() == Run.objects.count() == 1


def test_one_that_fails_keeps_no_other_from_theirs(rep: Rep, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, bob, cleo = rep("ann"), rep("bob"), rep("cleo")
    from sales_app.briefs import delivering  # noqa: PLC0415

    start = delivering.start_session

    def refuses(user: User, **values: Any) -> Any:
        if user == ann:
            raise RuntimeError("broken")
        if user == bob:
            raise TooManyRuns()
        return start(user, **values)

    monkeypatch.setattr(delivering, "start_session", refuses)
    assert deliver_due(at("2026-11-24T08:00")) == Tick(started=1, skipped=0, more=False)
    assert Delivery.objects.get().user == cleo
    monkeypatch.undo()
    assert deliver_due(at("2026-11-24T08:01")).started == 2


def test_those_that_cannot_be_started_take_nobodys_place(rep: Rep, monkeypatch: pytest.MonkeyPatch) -> None:
    """The longest due come first, so a look that was full of them would never come to the others."""
    refused = {rep(f"east{n}", "Asia/Kolkata").pk for n in range(4)}
    west = rep("west", "Europe/Berlin")
    from sales_app.briefs import delivering  # noqa: PLC0415

    start = delivering.start_session

    def refuses(user: User, **values: Any) -> Any:
        if user.pk in refused:
            raise TooManyRuns()
        return start(user, **values)

    monkeypatch.setattr(delivering, "start_session", refuses)
    assert deliver_due(at("2026-11-24T06:15"), at_once=2) == Tick(started=1, skipped=0, more=False)
    assert Delivery.objects.get().user == west
    ends = iter([0.0, 0.0, 0.0, 99.0])
    monkeypatch.setattr(delivering, "time", SimpleNamespace(monotonic=lambda: next(ends)))
    assert deliver_due(at("2026-11-24T06:16")) == Tick(started=0, skipped=0, more=False), "not again at once"


def test_a_look_does_so_much_and_goes_on_with_the_next(rep: Rep) -> None:
    for n in range(5):
        rep(f"rep{n}", ("Asia/Tokyo", "UTC")[n % 2])
    assert deliver_due(at("2026-11-24T08:00"), at_once=2) == Tick(started=0, skipped=2, more=True)
    left_out = set(Delivery.objects.values_list("user__time_zone", flat=True))
    assert left_out == {"Asia/Tokyo"}, "the longest due first"
    assert deliver_due(at("2026-11-24T08:00"), seconds=0) == Tick(started=0, skipped=0, more=True)
    assert deliver_due(at("2026-11-24T08:00"), at_once=9) == Tick(started=2, skipped=1, more=False)


def test_queries_do_not_grow_with_people(rep: Rep, call: Call, settings: Any) -> None:
    settings.DEBUG = True

    def queries() -> int:
        reset_queries()
        found = due(at("2026-11-24T08:00"))
        assert found
        return len(connection.queries)

    call(rep("ann"), "2026-11-24T08:30")
    few = queries()
    for n in range(30):
        call(rep(f"rep{n}", ("UTC", "Europe/London", "Africa/Accra")[n % 3]), "2026-11-24T08:30")
    assert queries() == few
    assert len(due(at("2026-11-24T08:00"))) == 62


# Budgets, the task.


def test_who_has_used_most_of_their_budget_gets_no_brief(rep: Rep) -> None:
    Budget.objects.create(person_day="10")
    ann, bob = rep("ann"), rep("bob")
    day = datetime(2026, 11, 24).date()
    Spending.objects.create(actor=f"user:{ann.pk}", day=day, amount="8")
    Spending.objects.create(actor=f"user:{bob.pk}", day=day, amount="7.99")
    assert deliver_due(at("2026-11-24T08:00")) == Tick(started=1, skipped=1, more=False)
    assert Delivery.objects.get(user=ann).skipped == "budget"


def test_the_task_looks_until_it_is_through(rep: Rep, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rep("ann")
    again = []
    clock.set_clock(lambda: at("2026-11-24T08:00"))
    try:
        monkeypatch.setattr(tasks.tick, "apply_async", lambda **values: again.append(values))
        settings.CLEWLINE_SCHEDULES = False
        tasks.tick()
        assert Delivery.objects.count() == 0
        settings.CLEWLINE_SCHEDULES = True
        answers = itertools.chain(
            [Tick(started=1, skipped=0, more=True)], itertools.repeat(Tick(started=0, skipped=0, more=False))
        )
        monkeypatch.setattr(tasks, "deliver_due", lambda now: next(answers))
        tasks.tick()
        tasks.tick()
        assert len(again) == 1
        monkeypatch.undo()
        tasks.tick()
        assert Delivery.objects.count() == 1
    finally:
        clock.set_clock(clock.timezone.now)


def test_the_scheduler_knows_the_task(settings: Any) -> None:
    from config.celery import app  # noqa: PLC0415

    assert settings.CELERY_BEAT_SCHEDULE["briefs"]["task"] == tasks.tick.name
    app.loader.import_default_modules()
    assert tasks.tick.name in app.tasks
