"""Which notices somebody still has to be told of outside the pages, now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sales_app.inbox.models import Notice
from sales_app.inbox.notices import seen_by_somebody, unread
from sessions_app.live.whereabouts import who_is_here
from sessions_app.runs.models import Interrupt

# Whoever has the chat open all day and does not look is not told late about yesterday.
GIVE_UP_AFTER = timedelta(days=1)
ASKING = (Notice.Kind.APPROVAL, Notice.Kind.QUESTION)
TO_ONE = (*ASKING, Notice.Kind.INVITATION, Notice.Kind.BUDGET)  # nobody else can look at it for them


@dataclass(kw_only=True)
class Sorted:
    """``settled`` need not be told, ``put_off`` are on somebody's screen, ``rest`` are to be told."""

    settled: list[Notice] = field(default_factory=list)
    put_off: list[Notice] = field(default_factory=list)
    rest: list[Notice] = field(default_factory=list)


def sort_out(due: Sequence[Notice], now: datetime, *, wanted: Callable[[Notice], bool]) -> Sorted:
    """Blocks for a second when it has to ask who looks at a session."""
    found = Sorted()
    not_read, moot = _unread(due), _moot(due)
    left = list[Notice]()
    for each in due:
        needed = each.pk in not_read and each.pk not in moot and wanted(each)
        (left if needed else found.settled).append(each)
    here = who_is_here(sorted({str(each.session_id) for each in left})) if left else {}
    for each in left:
        present = here.get(str(each.session_id), set())
        looking = each.actor in present if each.kind in TO_ONE else bool(present)
        if not looking:
            found.rest.append(each)
        elif now - each.created_at > GIVE_UP_AFTER:
            found.settled.append(each)
        else:
            found.put_off.append(each)
    return found


def _moot(due: Sequence[Notice]) -> set[int]:
    """Questions that were decided, and answers that somebody of the session has seen."""
    asking = {each.cause for each in due if each.kind in ASKING}
    decided = Interrupt.objects.filter(pk__in=asking).exclude(status=Interrupt.Status.OPEN)
    causes = {str(pk) for pk in decided.values_list("pk", flat=True)}
    answers = Notice.objects.filter(pk__in=[each.pk for each in due if each.kind not in TO_ONE])
    seen = set(answers.filter(seen_by_somebody()).values_list("pk", flat=True))
    return seen | {each.pk for each in due if each.kind in ASKING and each.cause in causes}


def _unread(due: Sequence[Notice]) -> set[int]:
    """Those that their person has not read, in sessions in which they still take part."""
    keys = [each.pk for each in due]
    found: set[int] = set()
    for actor in {each.actor for each in due}:
        found |= set(unread(actor).filter(pk__in=keys).values_list("pk", flat=True))
    return found
