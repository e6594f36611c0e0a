"""What an answer may cost when it is written by several agents, and who else is asked and told about costs."""

from collections.abc import Callable
from decimal import Decimal

from django.conf import settings
from django.db.models import Sum

from sessions_app.runs.agents import AgentError
from sessions_app.runs.lineage import family, lineage, top_of
from sessions_app.runs.models import Run, Step

COST_LIMIT = "cost_limit"


def spent(run: Run) -> Decimal:
    """US dollars of the answer that this run works for: its top run, those which that goes on with, all their sub-agents.

    Model calls that are completed; those without a known price count as nothing.
    """
    tops = lineage(top_of(run))
    rows = Step.objects.filter(run__in=family(each.pk for each in tops), cost__isnull=False)
    return rows.aggregate(sum=Sum("cost"))["sum"] or Decimal(0)


def over_limit(run: Run) -> str:
    """Why sub-agents of this answer may go on no longer, in words for people; empty if they may."""
    limit = Decimal(str(settings.CLEWLINE_CHILDREN_COST))
    if spent(run) < limit:
        return ""
    return (
        f"This answer has used up the ${limit:.2f} that an answer with sub-agents may cost. "
        "Ask about fewer things at once, or have an administrator raise the limit."
    )


def check_cost(run_id: str) -> None:
    """Raises AgentError ``cost_limit``."""
    if problem := over_limit(Run.objects.get(pk=run_id)):
        raise AgentError(problem, code=COST_LIMIT)


Ask = Callable[[str, bool], object]
Count = Callable[[Run, Decimal], object]
_asked: list[Ask] = []
_counting: list[Count] = []


def on_cost(*, ask: Ask, count: Count) -> None:
    """A layer above keeps budgets. ``ask(requested_by, scheduled)`` is called before each model step and may raise AgentError;
    ``count(run, US dollars)`` in the transaction that records what a step has used.
    """
    _asked[:], _counting[:] = [ask], [count]


def ask_before_model(requested_by: str, scheduled: bool) -> None:
    """Raises AgentError when somebody has used up what they may."""
    for ask in _asked:
        ask(requested_by, scheduled)


def count_cost(run_id: str, cost: Decimal | str | None) -> None:
    if cost is None or not (amount := Decimal(str(cost))) or not _counting:
        return
    run = Run.objects.get(pk=run_id)
    for count in _counting:
        count(run, amount)
