"""The ranked end of a brief: what to do first, and whom to answer first, over everything that the others found.

It ranks what there is and adds nothing: a fact takes part when its collector says what to do about it (``values["todo"]``),
with the score that its collector gave it (``ranking.py``).
"""

from dataclasses import replace

from sales_app.collect.base import Asking, Collector, collector, collector_of
from sales_app.collect.ranking import ranked
from sales_app.connectors import ConnectorError
from sales_app.facts import Fact

REPLIES = ("unanswered_mail",)
ACTIONS = (
    "unsent_draft",
    "task_due",
    "deal_slipped",
    "deal_without_step",
    "chat_waiting",
    "owed_by_us",
    "initiative_due",
    "event_to_offer",
)
# Owed by us comes from reading every transcript: a brief has it when its outline does.
_ASKED_FOR = tuple(kind for kind in (*REPLIES, *ACTIONS) if kind != "owed_by_us")
MOST = 6


@collector("next_actions", "Rank what comes first", kinds=("next_action", "next_reply"), last=True)
async def next_actions(asking: Asking) -> list[Fact]:
    found = await _collected(asking) if asking.found is None else asking.found
    subjects: set[str] = set()
    replies = _chosen(found, REPLIES, "next_reply", subjects)
    return [*replies, *_chosen(found, ACTIONS, "next_action", subjects)]


def _chosen(found: tuple[Fact, ...], kinds: tuple[str, ...], kind: str, subjects: set[str]) -> list[Fact]:
    """``subjects`` are the sources that are in one of the lists already; those that are chosen are added."""
    candidates = ranked(fact for fact in found if fact.kind in kinds and fact.values.get("todo"))
    chosen: list[Fact] = []
    for fact in candidates:
        # A deal that slipped and has no next step is one thing to do, and a mail that asks for something is one reply.
        subject = f"{fact.sources[0].category} {fact.sources[0].ref}"
        if subject not in subjects and len(chosen) < MOST:
            subjects.add(subject)
            chosen.append(_as_next(fact, kind))
    return chosen


def _as_next(fact: Fact, kind: str) -> Fact:
    values = {"of": fact.kind, **{name: value for name, value in fact.values.items() if name != "todo"}}
    return replace(
        fact, kind=kind, text=str(fact.values["todo"]), values={**values, "because": fact.text}, id=""
    )


async def _collected(asking: Asking) -> tuple[Fact, ...]:
    """For a run that kept no facts. What cannot be reached is missing here as it is in the brief, where it is said."""
    sources: dict[str, Collector] = {}
    for kind in _ASKED_FOR:
        each = collector_of(kind)
        if each is not None:
            sources[each.name] = each
    found: list[Fact] = []
    for each in sources.values():
        try:
            found += await each.collect(asking)
        except ConnectorError:
            continue
    return tuple(found)
