"""An evaluation's life: begun, trials begun a few at a time, finished, stopped.

``advance`` may be called by anybody at any time: it holds the evaluation's row, looks at what its runs have come to, and begins what
fits. It is called when a trial ends and by the clock, so a process that dies leaves nothing behind that another does not go on with.
"""

from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone

from sales_app.agent.models import agent_settings
from sales_app.agent.status import is_stand_in
from sales_app.evals.book import is_book
from sales_app.evals.cases import as_json, case_of
from sales_app.evals.errors import EvalError
from sales_app.evals.models import Evaluation, Trial
from sales_app.evals.report import report_of
from sales_app.evals.suite import Case, Suite, held_against, suite_of
from sales_app.people.models import User
from sales_app.skills import store
from sales_app.skills.models import SkillVersion
from sales_app.standin import MODEL as STAND_IN
from sessions_app.control.send import send_input
from sessions_app.control.stop import stop
from sessions_app.runs.duties import each_by_itself
from sessions_app.runs.models import Run, Step
from sessions_app.session.sessions import create_session
from sessions_app.session.subjects import Subject

AGENT = "evaluation"
ACTOR = "system:evaluations"  # no account: nobody can sign in as it, and no list of people has it
ACTOR_NAME = "Evaluations"
SUBJECT = "evaluation"
AT_ONCE = 4
TRIES_MAX = 2  # of a trial whose run failed
RUNS_MAX = 10
CAP = Decimal(5)
FILE_CHARACTERS = 20_000

Status = Evaluation.Status


def suite_for(version: SkillVersion) -> Suite:
    """What a version is evaluated with: its own cases, and what must pass in the published one. Raises EvalError."""
    files = store.files_of(version)
    own = suite_of(files)
    published = version.skill.published
    if published is None or published.pk == version.pk:
        return own
    try:
        former = suite_of(store.files_of(published))
    except EvalError:
        return own
    return held_against(own, former)


def begin(
    version: SkillVersion, *, by: User | None, runs: int = 3, cap: Decimal = CAP, bare: bool = True
) -> Evaluation:
    """Raises EvalError ``evals_none``, ``evals_running`` or what reading raises. ``bare``: also without a skill, to compare."""
    version = SkillVersion.objects.select_related("skill__published").get(pk=version.pk)
    suite = suite_for(version)
    if not any(case.assertions for case in suite.cases):
        raise EvalError(
            "evals_none",
            f"Version {version.number} of {version.skill} has nothing to be evaluated with.",
            "Add a file evals/evals.json with prompts and assertions.",
        )
    if not 1 <= runs <= RUNS_MAX or cap <= 0:
        raise EvalError(
            "evals_bounds", "That cannot be run.", f"Choose 1 to {RUNS_MAX} runs, and more than no dollars."
        )
    published = version.skill.published
    against = published if published is not None and published.pk != version.pk else None
    arms = [
        Trial.Arm.CANDIDATE,
        *([Trial.Arm.PUBLISHED] if against else []),
        *([Trial.Arm.WITHOUT] if bare else []),
    ]
    try:
        with transaction.atomic():
            made = Evaluation.objects.create(
                version=version,
                against=against,
                digest=version.digest,
                suite=as_json(suite),
                runs=runs,
                cap=cap,
                model=STAND_IN if is_stand_in() else agent_settings().model,
                stand_in=is_stand_in(),
                requested_by=by,
            )
            # Run by run, so that one that is stopped has compared everything as far as it came.
            Trial.objects.bulk_create(
                Trial(evaluation=made, arm=arm, case=case.id, number=number)
                for number in range(1, runs + 1)
                for case in suite.cases
                for arm in arms
            )
    except IntegrityError:
        raise EvalError(
            "evals_running",
            f"Version {version.number} of {version.skill} is being evaluated already.",
            "Wait for it, or stop it.",
        ) from None
    advance(made.pk)
    made.refresh_from_db()
    return made


def advance(pk: int) -> None:
    """Look at what has ended, and begin what may. Holds the evaluation's row."""
    with transaction.atomic():
        evaluation = Evaluation.objects.select_for_update().filter(pk=pk, status=Status.RUNNING).first()
        if evaluation is None:
            return
        trials = list(evaluation.trials.exclude(status=Trial.Status.DONE).order_by("pk"))
        for trial in trials:
            if trial.status == Trial.Status.RUNNING and (why := _look(trial)):
                _end(evaluation, Status.FAILED, why)
                return
        waiting = [trial for trial in trials if trial.status == Trial.Status.WAITING]
        running = len(trials) - len(waiting)
        if not waiting and not running:
            _end(evaluation, Status.FINISHED, "")
            return
        files = store.files_of(evaluation.version) if waiting else {}
        for trial in waiting[: max(0, AT_ONCE - running)]:
            if _would_exceed(evaluation, running):
                if running == 0:
                    done = evaluation.trials.filter(status=Trial.Status.DONE).count()
                    total = done + len(trials)
                    why = f"${evaluation.cap:.2f} were spent after {done} of {total} runs. Evaluate again with a higher cap."
                    _end(evaluation, Status.STOPPED, why)
                return
            _start(evaluation, trial, files)
            running += 1


def advance_all(_now: object = None) -> None:
    """What the clock calls."""
    running = Evaluation.objects.filter(status=Status.RUNNING).values_list("pk", flat=True)
    for _ in each_by_itself(advance, [(pk,) for pk in running]):
        pass


def halt(evaluation: Evaluation, *, by: User | None) -> None:
    """Stop it, and the runs that are under way. One that has ended stays as it is."""
    with transaction.atomic():
        held = Evaluation.objects.select_for_update().filter(pk=evaluation.pk, status=Status.RUNNING).first()
        if held is None:
            return
        _end(held, Status.STOPPED, f"Stopped by {by or 'the system'}.")
    sessions = held.trials.filter(status=Trial.Status.RUNNING).values_list("session_id", flat=True)
    active = Run.objects.filter(session__in=list(sessions)).exclude(status__in=Run.TERMINAL)
    for run in active:
        stop(session_id=str(run.session_id), actor=ACTOR, run_id=str(run.pk))


def spent(evaluation: Evaluation) -> Decimal:
    """US dollars, of all its runs so far; calls without a known price count as nothing."""
    mine = {"run__session__subject_kind": SUBJECT, "run__session__subject_id": str(evaluation.pk)}
    steps = Step.objects.filter(**mine, run__session__created_by=ACTOR)
    return steps.aggregate(sum=Sum("cost"))["sum"] or Decimal(0)


def _look(trial: Trial) -> str:
    """Why the whole evaluation has failed; empty if not. A run that failed once is tried again."""
    run = Run.objects.filter(session=trial.session).order_by("-created_at").first() if trial.session else None
    if run is not None and run.status not in Run.TERMINAL:
        return ""
    if trial.tries < TRIES_MAX:
        trial.status, trial.session = Trial.Status.WAITING, None
        trial.document, trial.skill = None, ""
        trial.save(update_fields=["status", "session", "document", "skill"])
        return ""
    why = run.error_message if run is not None and run.error_message else "Its run ended without a result."
    return f"{trial}: {why}"[:500]


def _would_exceed(evaluation: Evaluation, running: int) -> bool:
    """Whether another trial may take it over the cap, each of those under way costing what one did so far."""
    total = spent(evaluation)
    done = evaluation.trials.filter(status=Trial.Status.DONE).count()
    each = total / done if done else Decimal(0)
    return total + each * (running + 1) > evaluation.cap or total >= evaluation.cap


def _start(evaluation: Evaluation, trial: Trial, files: dict[str, bytes]) -> None:
    key = f"trial-{trial.pk}-{trial.tries + 1}"
    session = create_session(
        actor=ACTOR,
        name=ACTOR_NAME,
        agent=AGENT,
        title=str(trial)[:200],
        subject=Subject(kind=SUBJECT, id=str(evaluation.pk), label=str(evaluation), url=""),
        start_id=key,
    )
    trial.status, trial.session, trial.tries = Trial.Status.RUNNING, session, trial.tries + 1
    trial.save(update_fields=["status", "session", "tries"])
    text = _prompt(case_of(evaluation, trial.case), files)
    send_input(session_id=str(session.pk), actor=ACTOR, client_id=key, text=text, queue=Run.Queue.SCHEDULED)


def _prompt(case: Case, files: dict[str, bytes]) -> str:
    """The question, with the texts that belong to it."""
    texts = [
        f"\n\n{path}:\n{files[path].decode(errors='replace')[:FILE_CHARACTERS]}"
        for path in case.files
        if path in files and not is_book(files[path])
    ]
    return (case.prompt + "".join(texts))[:20_000]


def _end(evaluation: Evaluation, status: str, why: str) -> None:
    evaluation.status, evaluation.reason, evaluation.ended_at = status, why[:500], timezone.now()
    evaluation.save(update_fields=["status", "reason", "ended_at"])
    if status == Status.FINISHED:
        note = report_of(evaluation).headline
        store.evaluated(evaluation.version, by=evaluation.requested_by, note=note)
