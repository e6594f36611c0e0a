"""The say that evaluations have before a version is published."""

from sales_app.evals.errors import EvalError
from sales_app.evals.evaluating import suite_for
from sales_app.evals.models import Evaluation
from sales_app.evals.report import report_of
from sales_app.skills.models import SkillVersion

Status = Evaluation.Status


def last_of(version: SkillVersion) -> Evaluation | None:
    """Of exactly these bytes: the one that runs, else the newest that finished, else the newest."""
    found = Evaluation.objects.filter(version__skill=version.skill_id, digest=version.digest)
    found = found.select_related("version__skill", "against", "requested_by")
    return (
        found.filter(status=Status.RUNNING).first()
        or found.filter(status=Status.FINISHED).first()
        or found.first()
    )


def speaks_against(version: SkillVersion) -> list[str]:
    """Reasons, each with what to do. A skill that has no evaluations, and never had any in its published version, is not asked for
    them; what came with Clewline was evaluated before it was shipped."""
    version = SkillVersion.objects.select_related("skill__published").get(pk=version.pk)
    if version.origin == SkillVersion.Origin.SHIPPED:
        return []
    try:
        suite = suite_for(version)
    except EvalError as problem:
        return [f"Its evaluations cannot be read. {problem.message} {problem.fix}"]
    if not any(case.assertions for case in suite.cases):
        return []
    last = last_of(version)
    if last is None:
        return ["It was not evaluated yet. Press Evaluate, and publish it when that has finished."]
    if last.status == Status.RUNNING:
        return ["It is being evaluated. Wait until that has finished."]
    if last.status != Status.FINISHED:
        return [f"Its last evaluation did not finish. {last.reason} Evaluate it again."]
    published = version.skill.published
    held_against = {version.digest, last.against.digest if last.against else ""}
    if published is not None and published.digest not in held_against:
        return [
            f"Version {published.number} was published since it was evaluated. Evaluate it again, against that one."
        ]
    reasons = report_of(last).reasons
    if reasons:
        reasons = [*reasons, "Edit it, save another version, and evaluate that."]
    return reasons
