"""The person's own tasks that are due today or overdue."""

from django.db.models import QuerySet

from sales_app.collect.base import Asking, collector
from sales_app.collect.book import Stake, stakes
from sales_app.collect.origin import of_activity
from sales_app.collect.ranking import ranked, score, urgency_of
from sales_app.collect.words import count, day, short, stop
from sales_app.crm.models import Activity
from sales_app.database import in_database
from sales_app.facts import Action, Fact

MOST = 100


@collector("tasks_due", "Look for tasks that are due", kinds=("task_due",))
async def tasks_due(asking: Asking) -> list[Fact]:
    return ranked(await in_database(_facts, asking))


def _rows(asking: Asking) -> QuerySet[Activity]:
    rows = Activity.objects.filter(
        owner=asking.user, kind=Activity.Kind.TASK, done=False, due__lte=asking.local.date()
    )
    if asking.account is not None:
        rows = rows.filter(account=asking.account)
    return rows.select_related("account").order_by("due", "pk")[:MOST]


def _facts(asking: Asking) -> list[Fact]:
    tasks = list(_rows(asking))
    held = stakes(asking.user, {task.account_id for task in tasks})
    return [_fact(task, asking, held.get(task.account_id or 0)) for task in tasks]


def _fact(task: Activity, asking: Asking, stake: Stake | None) -> Fact:
    today = asking.local.date()
    due = task.due or today
    late = (today - due).days
    subject = short(task.subject, 120).rstrip(".")
    # Own work, not yet a broken promise to somebody outside: three quarters of that.
    rank = score(expected=stake.expected if stake else 0, urgency=urgency_of(due, today) * 0.75, days=late)
    where = f" for {task.account}" if task.account and task.account.name not in subject else ""
    when = f"has been overdue for {count(late, 'day')}, since {day(due, today)}" if late else "is due today"
    return Fact(
        kind="task_due",
        text=f'The task "{subject}"{where} {when}.',
        sources=(of_activity(task, asking.now, quote=task.subject),),
        rank=rank,
        values={"due": due.isoformat(), "days_late": late, "todo": stop(f'Do the task "{subject}"{where}')},
        action=Action(label="Open the task", url=task.get_absolute_url()),
    )
