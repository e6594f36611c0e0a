"""How runs belong together: which one a run goes on with, and whose sub-agents it has."""

from collections.abc import Iterable
from uuid import UUID

from sessions_app.runs.models import Interrupt, Run


def lineage(run: Run) -> list[Run]:
    """The run, and before it those whose steps it goes on with, oldest first.

    A run that was interrupted by what its sub-agents asked has asked nothing itself: the run that resumes it is the same
    work under another id. It replays that one's steps, reads what that one read, and finds that one's sub-agents.
    """
    found = [run]
    while found[0].resumes_id is not None and not asked_itself(found[0].resumes_id):
        found.insert(0, Run.objects.get(pk=found[0].resumes_id))
    return found


def resumed_before(run: Run) -> list[Run]:
    """Those that the run resumes, whoever had asked, oldest first."""
    found: list[Run] = []
    while run.resumes is not None:
        run = run.resumes
        found.insert(0, run)
    return found


def asked_itself(run_id: UUID) -> bool:
    return Interrupt.objects.filter(run=run_id).exists()


def top_of(run: Run) -> Run:
    """The run that answers a person, and that this one works for at whatever depth; itself if it is that."""
    while run.parent_id is not None:
        run = Run.objects.select_related("session").get(pk=run.parent_id)
    return run


def family(run_ids: Iterable[UUID]) -> set[UUID]:
    """These runs and all sub-agents below them, also those that have ended."""
    found: set[UUID] = set()
    level = set(run_ids)
    while level:
        found |= level
        level = set(Run.objects.filter(parent__in=level).values_list("pk", flat=True)) - found
    return found
