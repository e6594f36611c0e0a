"""What somebody may write behind a skill's name: accounts, deals and meetings of their book, as they type."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from sales_app.agent.skilled.definitions import Definition
from sales_app.agent.skilled.naming import PLAIN
from sales_app.agent.skilled.resolving import UNDER_WAY, meetings_of
from sales_app.collect import Asking
from sales_app.crm.access import accounts_for, deals_for
from sales_app.crm.models.deal import OPEN_STAGES
from sales_app.crm.models.key import key_of
from sales_app.people.models import User

Json = dict[str, Any]

SHOWN_MAX = 6
WORDS_MAX = 5  # of a name
LETTERS_MIN = 2
WORD = re.compile(r"\S+")


@dataclass(frozen=True, kw_only=True)
class Completion:
    """``value`` takes the place of the text from ``at`` on. It is a name where that is clear, else a name with a reference."""

    at: int
    value: str
    name: str
    note: str

    def as_json(self) -> Json:
        return dict(vars(self))


def completions(user: User, skill: Definition, text: str, now: datetime) -> list[Completion]:
    """``text`` is what stands behind the skill's name. The longest words at its end that begin a name decide."""
    if not skill.about:
        return []
    if not text.strip():
        return _ahead(user, skill, len(text), now)
    for word in list(WORD.finditer(text))[-WORDS_MAX:]:
        at = word.start()
        said = text[at:].strip()
        if len(said) < LETTERS_MIN or all(each in PLAIN for each in said.lower().split()):
            continue
        if found := _called(user, skill, said, at):
            # Nothing to add to a name that is whole.
            return [] if any(each.value == said for each in found) and len(found) == 1 else found
    return []


def _called(user: User, skill: Definition, said: str, at: int) -> list[Completion]:
    found: list[Completion] = []
    rows = _fitting(accounts_for(user), said, "industry", "country")
    found += _offered(at, "account", ((pk, name, (one, two)) for pk, name, one, two in rows))
    if "deal" in skill.about:
        deals = deals_for(user).filter(stage__in=OPEN_STAGES)
        rows = _fitting(deals, said, "stage", "account__name")
        shown = (
            (pk, name, (stage.replace("_", " ").capitalize(), account)) for pk, name, stage, account in rows
        )
        found += _offered(at, "deal", shown)
    return found[:SHOWN_MAX]


def _fitting(rows: QuerySet[Any], said: str, *notes: str) -> list[tuple[Any, ...]]:
    """Names that begin so, then those in which every word stands."""
    key = key_of(said)
    starting = list(
        rows.filter(name_key__startswith=key)
        .order_by("name_key", "pk")
        .values_list("pk", "name", *notes)[:SHOWN_MAX]
    )
    if len(starting) < SHOWN_MAX:
        inside = rows.exclude(pk__in=[row[0] for row in starting])
        for word in key.split():
            inside = inside.filter(name_key__contains=word)
        starting += list(
            inside.order_by("name_key", "pk").values_list("pk", "name", *notes)[: SHOWN_MAX - len(starting)]
        )
    return starting


def _offered(at: int, kind: str, rows: Iterable[tuple[int, str, Iterable[str]]]) -> list[Completion]:
    rows = list(rows)
    called = Counter(key_of(name) for _, name, _ in rows)
    return [
        Completion(
            at=at,
            value=name if called[key_of(name)] == 1 else f"{name} ({kind}:{pk})",
            name=name,
            note=", ".join(each for each in notes if each),
        )
        for pk, name, notes in rows
    ]


def _ahead(user: User, skill: Definition, at: int, now: datetime) -> list[Completion]:
    """Before a letter is typed: the next meetings, or the customers of them."""
    meetings = meetings_of(user).filter(starts_at__gte=now - UNDER_WAY)[: SHOWN_MAX * 2]
    zone = Asking(user=user, now=now).zone
    found: dict[str, Completion] = {}
    for each in meetings:
        assert each.account is not None
        when = f"{each.starts_at.astimezone(zone):%a %d %b, %H:%M}"
        if "meeting" in skill.about:
            value = f"{each.account.name} (meeting:{each.pk})"
            made = Completion(at=at, value=value, name=each.account.name, note=f"{each.subject}, {when}")
        else:
            value = each.account.name
            made = Completion(at=at, value=value, name=each.account.name, note=f"Next meeting {when}")
        found.setdefault(value, made)
    return list(found.values())[:SHOWN_MAX]
