"""Narrowing by words and finding a row by what somebody calls it: for list pages and the copilot alike."""

from difflib import SequenceMatcher
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from sales_app.crm.models import Account, Activity, Contact, Deal
from sales_app.crm.models.key import key_of
from sales_app.people.models import User

# Names compared letter by letter when no word matches: 20,000 take about 0.3 s.
FUZZY_NAMES = 20_000
FUZZY_RATIO = 0.72
MAX_WORDS = 8

Row = TypeVar("Row", bound=Model)


def _plain(text: str) -> str:
    """PostgreSQL takes no null character, not even in a search."""
    return text.replace("\0", " ").strip()


def _all_words(text: str, columns: list[str], keys: list[str]) -> Q:
    """Every word must occur in one of the columns; ``keys`` hold names without case and accents."""
    condition = Q()
    for word in _plain(text).split()[:MAX_WORDS]:
        anywhere = Q()
        for column in columns:
            anywhere |= Q(**{f"{column}__icontains": word})
        for column in keys:
            anywhere |= Q(**{f"{column}__contains": key_of(word)})
        condition &= anywhere
    return condition


def search_accounts(rows: QuerySet[Account], text: str) -> QuerySet[Account]:
    return rows.filter(_all_words(text, ["domain", "external_id"], ["name_key"]))


def search_contacts(rows: QuerySet[Contact], text: str) -> QuerySet[Contact]:
    return rows.filter(_all_words(text, ["email", "title"], ["name_key", "account__name_key"]))


def search_deals(rows: QuerySet[Deal], text: str) -> QuerySet[Deal]:
    return rows.filter(
        _all_words(text, ["competitor", "next_step", "lost_reason"], ["name_key", "account__name_key"])
    )


def search_activities(rows: QuerySet[Activity], text: str) -> QuerySet[Activity]:
    return rows.filter(_all_words(text, ["subject", "body"], ["account__name_key"]))


def matching_accounts(rows: QuerySet[Account], ref: str | int, *, limit: int = 6) -> list[Account]:
    """The accounts that ``ref`` may mean: one when it is an id, a domain, an exact or the only likely name."""
    text = _plain(str(ref))
    return _matching(rows, text, Q(domain__iexact=text), limit)


def matching_contacts(rows: QuerySet[Contact], ref: str | int, *, limit: int = 6) -> list[Contact]:
    text = _plain(str(ref))
    return _matching(rows, text, Q(email__iexact=text), limit)


def matching_deals(rows: QuerySet[Deal], ref: str | int, *, limit: int = 6) -> list[Deal]:
    return _matching(rows, _plain(str(ref)), Q(), limit)


def _matching(rows: QuerySet[Row], text: str, also: Q, limit: int) -> list[Row]:
    if not text:
        return []
    if text.isdecimal() and (found := rows.filter(pk=int(text[:18])).first()):
        return [found]
    exact = list(rows.filter(Q(name_key=key_of(text)) | Q(external_id=text) | also)[:limit])
    return exact or _by_name(rows, text, limit)


def _by_name(rows: QuerySet[Row], text: str, limit: int) -> list[Row]:
    containing = list(rows.filter(_all_words(text, [], ["name_key"]))[:limit])
    if containing:
        return containing
    wanted = key_of(text)
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    likely: list[tuple[float, Any]] = []
    for pk, name in rows.order_by("pk").values_list("pk", "name_key")[:FUZZY_NAMES]:
        matcher.set_seq1(name)
        if matcher.real_quick_ratio() < FUZZY_RATIO or matcher.quick_ratio() < FUZZY_RATIO:
            continue
        if (ratio := matcher.ratio()) >= FUZZY_RATIO:
            likely.append((ratio, pk))
    likely.sort(key=lambda found: -found[0])
    by_pk = rows.in_bulk([pk for _, pk in likely[:limit]])
    return [by_pk[pk] for _, pk in likely[:limit]]


def matching_people(text: str, *, limit: int = 6) -> list[User]:
    """Colleagues by id, email address or part of the name."""
    text = _plain(text)
    people = User.objects.filter(is_active=True).order_by("pk")
    if text.isdecimal():
        return list(people.filter(pk=int(text[:18])))
    exact = list(people.filter(email__iexact=text)[:limit])
    if exact:
        return exact
    condition = Q()
    for word in text.split()[:MAX_WORDS]:
        condition &= Q(first_name__icontains=word) | Q(last_name__icontains=word)
    return list(people.filter(condition)[:limit])
