"""Today's meetings and calls, what overlaps, and which outside calls nobody has prepared."""

from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any

from sales_app.artifacts.models import ArtifactVersion
from sales_app.collect.base import Asking, collector
from sales_app.collect.book import account_names
from sales_app.collect.origin import of_item
from sales_app.collect.words import listed, short
from sales_app.connectors import Item, Reading, ask
from sales_app.database import in_database
from sales_app.facts import Action, Fact

PREPARED_WITHIN = timedelta(days=7)
USUAL_LENGTH = timedelta(minutes=30)  # of a meeting that has no end


@collector("calendar_today", "Read today's calendar", kinds=("meeting_today", "meeting_conflict"))
async def calendar_today(asking: Asking) -> list[Fact]:
    begin = datetime.combine(asking.local.date(), time.min, asking.zone)
    end = datetime.combine(asking.local.date() + timedelta(days=1), time.min, asking.zone)
    reading = await ask(asking.user, "calendar", "events", start=begin.isoformat(), end=end.isoformat())
    events = sorted(reading.items, key=lambda item: (item.at, item.id))
    accounts = {item.account for item in events if item.account is not None}
    names, prepared = await in_database(_known, asking, accounts)
    meetings = [_meeting(item, reading, asking, names, prepared) for item in events]
    return [*meetings, *_conflicts(events, reading, asking)]


def _known(asking: Asking, accounts: set[int]) -> tuple[dict[int, str], set[int]]:
    """Names of those that may be seen, and those with a call prep of the last days."""
    if not accounts:
        return {}, set()
    names = account_names(asking.user, accounts)
    made = ArtifactVersion.objects.filter(
        artifact__owner=asking.user,
        artifact__account__in=accounts,
        skill_version__skill__name="call-prep",
        created_at__gte=asking.now - PREPARED_WITHIN,
    )
    return names, set(made.values_list("artifact__account", flat=True))


def _ends(item: Item) -> datetime:
    written = item.meta.get("ends_at") or ""
    return datetime.fromisoformat(written) if written else item.at + USUAL_LENGTH


def _clock(item: Item, asking: Asking) -> str:
    start = f"{item.at.astimezone(asking.zone):%H:%M}"
    return f"{start}-{_ends(item).astimezone(asking.zone):%H:%M}" if item.meta.get("ends_at") else start


def _rank(item: Item, asking: Asking) -> float:
    """By the clock: minutes that it lies back, or ahead as less than nothing."""
    return round((asking.now - item.at).total_seconds() / 60, 2)


def _meeting(item: Item, reading: Reading, asking: Asking, names: dict[int, str], prepared: set[int]) -> Fact:
    account = names.get(item.account or 0, "")
    people = [name for name in item.people if name != str(asking.user)][:3]
    with_whom = f" with {listed(people)}" if people else ""
    if account and account not in f"{item.title}{with_whom}":
        with_whom += f" ({account})"
    values: dict[str, Any] = {
        "start": item.at.isoformat(),
        "minutes": item.meta.get("minutes") or 0,
        "account": account,
    }
    state, action = "", None
    if account:
        ready = item.account in prepared
        over = _ends(item) <= asking.now
        values["prepared"] = ready
        if not over:
            state = "; the call prep is ready" if ready else "; there is no call prep yet"
            if not ready:
                action = Action(label="Prepare this call", prompt=f"/call-prep {account}")
    return Fact(
        kind="meeting_today",
        text=f"{_clock(item, asking)} {short(item.title, 120)}{with_whom}{state}.",
        sources=(of_item(item, reading, quote=item.title),),
        rank=_rank(item, asking),
        values=values,
        action=action,
    )


def _conflicts(events: list[Item], reading: Reading, asking: Asking) -> list[Fact]:
    """Neighbours that overlap. Of three at once two pairs are told, which is enough to move one."""
    found = []
    for first, second in pairwise(events):
        if second.at < _ends(first):
            found.append(
                Fact(
                    kind="meeting_conflict",
                    text=f"{short(first.title, 80)} ({_clock(first, asking)}) and {short(second.title, 80)} "
                    f"({_clock(second, asking)}) overlap.",
                    sources=(
                        of_item(first, reading, quote=first.title),
                        of_item(second, reading, quote=second.title),
                    ),
                    rank=_rank(second, asking) - 0.5,  # told behind the two
                    values={"first": first.id, "second": second.id},
                    action=Action(label="Open the calendar", url="/calendar/"),
                )
            )
    return found
