"""What may be used, what was used, and what happens near and beyond a limit; on real runs of a host."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from sales_app.budgets.checking import check_budget, may_schedule
from sales_app.budgets.limits import limits_of
from sales_app.budgets.models import Budget, PersonBudget, Spending
from sales_app.budgets.spending import count
from sales_app.inbox.models import Notice
from sessions_app.control.send import send_input
from sessions_app.runs import dispatch
from sessions_app.runs.agents import (
    AgentError,
    Json,
    RunContext,
    StepResult,
    StepWriter,
    Usage,
    register_agent,
)
from sessions_app.runs.host import RunHost
from sessions_app.runs.models import Run, Step
from sessions_app.session.models import Session
from tests.live.conftest import Person, ann, bob, person
from tests.runs.test_host import wait_for

__all__ = ["ann", "bob", "person"]

pytestmark = pytest.mark.django_db(transaction=True)


class Dear:
    """Each of its answers asks its model once and costs what it was told."""

    name = title = "dear"

    def __init__(self, cost: str) -> None:
        self.cost = cost
        self.calls = 0

    async def run(self, ctx: RunContext) -> Json | None:
        async def body(step: StepWriter) -> StepResult:
            self.calls += 1
            return StepResult(
                output={}, usage=Usage(model="m", input_tokens=1, output_tokens=1, cost=self.cost)
            )

        return await ctx.step("model", "answer", body)


@pytest.fixture
def dear() -> Dear:
    agent = Dear("1.50")
    register_agent(agent)
    return agent


@pytest.fixture
def host(dear: Dear) -> Iterator[RunHost]:
    made = RunHost()
    made.start()
    dispatch.on_wake(made.submit)
    yield made
    made.stop(grace=2)


def ask(who: Person, *, session: Session | None = None, queue: str = "chat") -> Run:
    """A question and how its run ended."""
    session = session or who.session("dear")
    sent = send_input(
        session_id=str(session.pk),
        actor=who.actor,
        client_id=f"m{Run.objects.count()}",
        text="Hello",
        queue=queue,
    )
    wait_for(lambda: Run.objects.get(pk=sent.run_id).status in Run.TERMINAL)
    return Run.objects.get(pk=sent.run_id)


def used(who: Person) -> Decimal:
    return sum(Spending.objects.filter(actor=who.actor).values_list("amount", flat=True), Decimal(0))


@pytest.mark.usefixtures("host")
def test_above_the_limit_nothing_is_asked_and_it_says_what_to_do(
    ann: Person, bob: Person, dear: Dear
) -> None:
    Budget.objects.create(person_day="3", ask="Rita Ops")
    assert [ask(ann).status for _ in range(2)] == ["finished"] * 2
    refused = ask(ann)
    assert (refused.status, refused.error_code, dear.calls) == ("failed", "budget_used_up", 2)
    assert "Your budget for today is used up ($3.00 of $3.00)" in refused.error_message
    assert "at 00:00 (UTC)" in refused.error_message and "ask Rita Ops" in refused.error_message
    assert used(ann) == Decimal("3.00")
    assert ask(bob).status == "finished", "it is each person's own"
    PersonBudget.objects.create(user=ann.user, day="10")
    assert ask(ann).status == "finished"


@pytest.mark.usefixtures("host")
def test_all_together(ann: Person, bob: Person) -> None:
    Budget.objects.create(organisation_month="3")
    ask(ann)
    ask(bob)
    refused = ask(bob)
    assert (refused.error_code, refused.status) == ("budget_used_up", "failed")
    assert "The organisation's budget for this month" in refused.error_message


@pytest.mark.usefixtures("host")
def test_scheduled_work_stops_first(ann: Person, dear: Dear) -> None:
    Budget.objects.create(person_day="3.75")
    ask(ann, queue="scheduled")
    ask(ann, queue="scheduled")  # to 80 %
    refused = ask(ann, queue="scheduled")
    assert (refused.error_code, dear.calls) == ("budget_used_up", 2)
    assert "the rest is kept for chats" in refused.error_message
    assert not may_schedule(ann.actor, timezone.now())
    assert ask(ann).status == "finished"


@pytest.mark.usefixtures("host")
def test_told_once_at_80_percent(ann: Person) -> None:
    Budget.objects.create(person_day="5")
    session = ann.session("dear")
    for _ in range(2):
        ask(ann, session=session)
    assert not Notice.objects.filter(kind="budget").exists()
    ask(ann, session=session)
    ask(ann)
    (told,) = Notice.objects.filter(kind="budget")
    assert (told.actor, told.session) == (ann.actor, session)
    page = ann.client.get("/inbox/").content.decode()
    assert "Your budget is used to 80 %" in page and 'href="/me/notices/"' in page
    shown = ann.client.get("/me/notices/").content.decode()
    assert "$6.00 of $5.00" in shown and "used up" in shown
    chats = ann.client.get("/chat/").content.decode()
    assert "Used today: $6.00 of $5.00" in chats and "used up" in chats
    Budget.objects.all().delete()
    Spending.objects.all().delete()
    assert "Used today" not in ann.client.get("/chat/").content.decode()


@pytest.mark.usefixtures("host")
def test_the_sum_is_that_of_the_steps(ann: Person) -> None:
    for _ in range(3):
        ask(ann)
    steps = Step.objects.filter(run__requested_by=ann.actor).values_list("cost", flat=True)
    assert used(ann) == sum(steps) == Decimal("4.50")


def test_a_step_that_is_not_recorded_is_not_counted(ann: Person) -> None:
    run = Run(session=ann.session("dear"), agent="dear", requested_by=ann.actor)
    run.save(force_insert=True)
    with pytest.raises(RuntimeError), transaction.atomic():
        count(run, Decimal("1"))
        raise RuntimeError
    assert used(ann) == 0


def test_nothing_is_lost_when_many_count_at_once(ann: Person) -> None:
    run = Run(session=ann.session("dear"), agent="dear", requested_by=ann.actor)
    run.save(force_insert=True)
    Budget.objects.create(person_day="0.40")
    barrier = Barrier(6)

    def some() -> None:
        try:
            barrier.wait(10)
            for _ in range(10):
                with transaction.atomic():
                    count(run, Decimal("0.01"))
        finally:
            connection.close()

    threads = [Thread(target=some) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert used(ann) == Decimal("0.60")
    assert Notice.objects.filter(kind="budget").count() == 1


@pytest.mark.parametrize(
    ("now", "day", "month"),
    [
        ("2026-11-24T23:59", "2026-11-25", "2026-12-01"),
        ("2026-12-31T12:00", "2027-01-01", "2027-01-01"),
        ("2028-01-31T00:00", "2028-02-01", "2028-02-01"),
        ("2028-02-29T00:00", "2028-03-01", "2028-03-01"),
    ],
)
def test_when_it_renews(ann: Person, now: str, day: str, month: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    today = at.date()
    Spending.objects.create(actor=ann.actor, day=today, amount="1")
    Spending.objects.create(actor=ann.actor, day=date(2025, 1, 1), amount="100")
    Spending.objects.create(actor="user:0", day=today.replace(day=1) if today.day > 1 else today, amount="2")
    found = {(each.whose, each.span): each for each in limits_of(ann.actor, at)}
    assert [f"{found['person', span].renews:%Y-%m-%d %H:%M}" for span in ("day", "month")] == [
        f"{day} 00:00",
        f"{month} 00:00",
    ]
    assert found["person", "day"].used == found["person", "month"].used == 1
    assert found["organisation", "month"].used == 3


def test_it_renews_in_the_clock_of_whoever_is_told(ann: Person) -> None:
    type(ann.user).objects.filter(pk=ann.user.pk).update(time_zone="Asia/Kolkata")
    Budget.objects.create(person_day="0")
    with pytest.raises(AgentError, match=r"at 05:30 \(Asia/Kolkata\)"):
        check_budget(ann.actor, False)


def test_without_limits_nobody_is_refused(ann: Person) -> None:
    Spending.objects.create(actor=ann.actor, day=timezone.now().astimezone(UTC).date(), amount="1000000")
    check_budget(ann.actor, False)
    check_budget(ann.actor, True)
    check_budget("system", True)


def test_revops_sets_it_in_the_admin(person: Callable[[str], Person]) -> None:
    rita = person("rita")
    rita.user.role = "revops"
    rita.user.save()
    form: dict[str, Any] = {"person_day": "5", "organisation_month": "2000", "ask": "Rita"}
    assert rita.client.post("/admin/sales_app/budget/add/", form).status_code == 302
    assert Budget.objects.get().organisation_month == 2000
    assert rita.client.get("/admin/sales_app/budget/add/").status_code == 403, "there is one"
    bad = rita.client.post("/admin/sales_app/budget/1/change/", form | {"person_day": "-1"})
    assert bad.status_code == 200 and Budget.objects.get().person_day == 5
    assert rita.client.get("/admin/sales_app/spending/").status_code == 200
    assert rita.client.get("/admin/sales_app/delivery/").status_code == 200
