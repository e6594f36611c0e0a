"""All evaluations of what comes with Clewline, against Claude, in this process: ``make eval-live``."""

import sys
import threading
from collections.abc import Callable, Sequence
from decimal import Decimal

from django.conf import settings

from sales_app.agent.status import is_stand_in
from sales_app.evals.evaluating import advance_all, begin, spent
from sales_app.evals.models import Evaluation
from sales_app.evals.report import report_of
from sales_app.skills.models import SkillVersion
from sales_app.skills.shipped import install_shipped
from sessions_app.runs import dispatch
from sessions_app.runs.host import RunHost

NO_KEY = (
    "No key is set, and the stand-in would prove plumbing, not quality. Set CLEWLINE_ANTHROPIC_API_KEY to a key of the Claude API "
    "and CLEWLINE_EVAL_BUDGET to the dollars that may be spent, then run it again.\n"
)
PAUSE_SECONDS = 2.0

Say = Callable[[str], object]


def live(names: Sequence[str], *, runs: int, say: Say) -> None:
    """Exits with 2 without a key, with 1 when something that must hold does not, or not everything was run."""
    if is_stand_in():
        sys.stderr.write(NO_KEY)
        sys.exit(2)
    sys.exit(0 if run(names, runs=runs, budget=Decimal(str(settings.CLEWLINE_EVAL_BUDGET)), say=say) else 1)


def run(names: Sequence[str], *, runs: int, budget: Decimal, say: Say) -> bool:
    """Whether all was run and holds. One skill after the other, each with what is left of the budget."""
    install_shipped()
    shipped = SkillVersion.objects.filter(origin=SkillVersion.Origin.SHIPPED).select_related("skill")
    newest = {version.skill.name: version for version in shipped.order_by("number")}
    unknown = sorted(set(names) - set(newest))
    if unknown:
        say(
            f"Nothing that is called {', '.join(unknown)} comes with Clewline. There are: {', '.join(sorted(newest))}."
        )
        return False
    host = RunHost(prepare=True)
    host.start()
    dispatch.on_wake(host.submit)
    left, good = budget, True
    try:
        for name in names or sorted(newest):
            if left <= 0:
                say(f"{name}: not run, the budget of ${budget:.2f} is spent.")
                good = False
                continue
            done = _ended(begin(newest[name], by=None, runs=runs, cap=left.quantize(Decimal("0.01"))))
            cost = spent(done)
            left -= cost
            good &= _tell(name, done, cost, say)
    finally:
        host.stop(grace=10)
    say(f"Spent ${budget - left:.2f} of ${budget:.2f}.")
    return good


def _ended(evaluation: Evaluation) -> Evaluation:
    pause = threading.Event()
    while evaluation.status == Evaluation.Status.RUNNING:
        pause.wait(PAUSE_SECONDS)
        advance_all()
        evaluation.refresh_from_db()
    return evaluation


def _tell(name: str, evaluation: Evaluation, cost: Decimal, say: Say) -> bool:
    report = report_of(evaluation)
    say(
        f"{name}: {evaluation.get_status_display().lower()}. {report.headline} ${cost:.2f}. {evaluation.reason}".strip()
    )
    broken = [line for line in report.lines if line.candidate.rate not in (None, 1)]
    for line in broken:
        must = "must: " if line.must else ""
        say(f"  {line.candidate} {line.case}: {must}{line.assertion}. {line.candidate.why}")
    return evaluation.status == Evaluation.Status.FINISHED and not any(line.must for line in broken)
