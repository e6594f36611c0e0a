"""What an evaluation says: each assertion's share of passes, for the version, the published one and no skill; and what speaks against
publishing. Pure but for reading the trials."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sales_app.evals.cases import cases_of
from sales_app.evals.models import Evaluation, Trial

DROP_MAX = 0.05  # of the mean share of passes, from the published version to this one
FEW = 10  # runs of an assertion below which a difference may be chance

Arm = Trial.Arm


@dataclass(frozen=True, kw_only=True)
class Share:
    """``passed`` of ``judged`` runs; those that nobody judged are neither. ``why`` is of a run that failed, else of one that passed."""

    passed: int = 0
    judged: int = 0
    unjudged: int = 0
    why: str = ""

    @property
    def rate(self) -> float | None:
        return self.passed / self.judged if self.judged else None

    def __str__(self) -> str:
        if self.judged:
            return f"{self.passed} of {self.judged}"
        return "not judged" if self.unjudged else "–"


@dataclass(frozen=True, kw_only=True)
class Line:
    case: str
    assertion: str
    must: bool
    by_model: bool
    is_kept: bool
    shares: dict[str, Share]

    @property
    def candidate(self) -> Share:
        return self.shares[Arm.CANDIDATE]

    @property
    def published(self) -> Share:
        return self.shares[Arm.PUBLISHED]

    @property
    def without(self) -> Share:
        return self.shares[Arm.WITHOUT]

    @property
    def is_regression(self) -> bool:
        """A must that this version fails: more often than the published one, or at all where nothing is published."""
        now, before = self.candidate.rate, self.published.rate
        if not self.must or now is None or now == 1:
            return False
        return before is None or now < before


@dataclass(frozen=True, kw_only=True)
class Report:
    """``reasons`` are sentences that speak against publishing. ``means`` are of the assertions that code or a model decided."""

    lines: list[Line]
    means: dict[str, float | None]
    reasons: list[str]
    notes: list[str]
    headline: str

    @property
    def passes(self) -> bool:
        return not self.reasons


def report_of(evaluation: Evaluation) -> Report:
    trials = evaluation.trials.filter(status=Trial.Status.DONE).defer("document", "answer")
    verdicts: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for trial in trials:
        for verdict in trial.verdicts:
            verdicts.setdefault((trial.case, verdict["assertion"], trial.arm), []).append(verdict)
    kept = set(evaluation.suite["kept"])
    lines = [
        Line(
            case=case.id,
            assertion=each.text,
            must=each.must,
            by_model=each.check is None,
            is_kept=f"{case.id}: {each.text}" in kept,
            shares={arm: _share(verdicts.get((case.id, each.text, arm), ())) for arm in Arm.values},
        )
        for case in cases_of(evaluation)
        for each in case.assertions
    ]
    against = f"version {evaluation.against.number}" if evaluation.against else ""
    means = {arm: _mean(line.shares[arm] for line in lines) for arm in Arm.values}
    reasons = [_regression(line, against) for line in lines if line.is_regression]
    now, before = means[Arm.CANDIDATE], means[Arm.PUBLISHED]
    if now is not None and before is not None and before - now > DROP_MAX + 1e-9:
        reasons.append(
            f"It holds {now:.0%} of its assertions, {against} holds {before:.0%}: a drop of more than {DROP_MAX:.0%}."
        )
    headline = f"{now:.0%} of the assertions hold" if now is not None else "Nothing could be judged"
    if before is not None:
        headline += f", {before:.0%} with {against}"
    if means[Arm.WITHOUT] is not None:
        headline += f", {means[Arm.WITHOUT]:.0%} without a skill"
    if evaluation.stand_in:
        headline += " (stand-in: proves plumbing, not quality)"
    return Report(
        lines=lines,
        means=means,
        reasons=reasons,
        notes=_notes(evaluation, lines),
        headline=f"{headline}.",
    )


def _share(verdicts: Iterable[dict[str, Any]]) -> Share:
    passed = [each for each in verdicts if each["passed"] is True]
    failed = [each for each in verdicts if each["passed"] is False]
    rest = [each for each in verdicts if each["passed"] is None]
    shown = (failed or passed or rest or [{"why": ""}])[0]["why"]
    return Share(passed=len(passed), judged=len(passed) + len(failed), unjudged=len(rest), why=shown)


def _mean(shares: Iterable[Share]) -> float | None:
    rates = [rate for share in shares if (rate := share.rate) is not None]
    return sum(rates) / len(rates) if rates else None


def _regression(line: Line, against: str) -> str:
    share = line.candidate
    failed = share.judged - share.passed
    said = f"“{line.assertion}” must hold in case {line.case}, and fails in {failed} of {share.judged} runs"
    if line.published.rate is not None:
        before = line.published
        said += f"; with {against} it holds in {before.passed} of {before.judged}"
    return f"{said}. {line.candidate.why}".strip()


def _notes(evaluation: Evaluation, lines: list[Line]) -> list[str]:
    notes = []
    if evaluation.stand_in:
        notes.append(
            "Stand-in: proves plumbing, not quality. It fills the outline by rules, so only what follows from the outline is tested."
        )
    if evaluation.runs < FEW:
        times = "once" if evaluation.runs == 1 else f"{evaluation.runs} times"
        notes.append(f"Each case ran {times}. With so few runs a small difference may be chance.")
    if evaluation.suite["kept"]:
        kept = "; ".join(evaluation.suite["kept"])
        notes.append(f"These come from the published version, whose evaluations demand them: {kept}.")
    unjudged = sum(not line.candidate.judged and bool(line.candidate.unjudged) for line in lines)
    if unjudged:
        notes.append(
            f"{unjudged} assertion{'s were' if unjudged > 1 else ' was'} judged by nobody, and count{'' if unjudged > 1 else 's'} as neither."
        )
    steady = [
        line
        for line in lines
        if line.must and line.candidate.rate not in (None, 1) and not line.is_regression
    ]
    notes += [
        f"“{line.assertion}” in case {line.case} fails as often with the published version: it blocks nothing, and wants mending."
        for line in steady
    ]
    return notes
