"""Who has a say before a version is published. Evaluations register here; a version that came with us is not asked about."""

from collections.abc import Callable

from sales_app.skills.models import SkillVersion

Gate = Callable[[SkillVersion], list[str]]

_gates: list[Gate] = []


def gate(ask: Gate) -> Gate:
    """Register ``ask``: it returns sentences that speak against publishing a version, or none."""
    if ask not in _gates:
        _gates.append(ask)
    return ask


def may_publish(version: SkillVersion) -> list[str]:
    """Reasons against, in the order in which the gates were registered; empty: it may."""
    return [reason for ask in _gates for reason in ask(version)]
