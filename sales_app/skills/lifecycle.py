"""The states of a version and the ways between them."""

from sales_app.skills.models import SkillVersion

State = SkillVersion.State

# From a state to those that may follow. A version that was published before may be so again: that is what rolling back does.
ALLOWED: dict[str, frozenset[str]] = {
    State.DRAFT: frozenset({State.EVALUATED, State.PUBLISHED, State.RETIRED}),
    State.EVALUATED: frozenset({State.PUBLISHED, State.RETIRED}),
    State.PUBLISHED: frozenset({State.RETIRED}),
    State.RETIRED: frozenset({State.PUBLISHED}),
}


def before(state: str) -> list[str]:
    """The states from which ``state`` may be reached."""
    return [name for name, following in ALLOWED.items() if state in following]
