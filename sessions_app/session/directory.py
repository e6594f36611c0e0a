"""The registry of people who can be invited. Apps above register how they are found, with the inviter's rights."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who may be invited. ``detail`` tells namesakes apart: an address, a team."""

    actor: str
    name: str
    detail: str = ""


Search = Callable[[str, Any], Sequence[Person]]
Find = Callable[[str, Any], "Person | None"]

_directory: list[tuple[Search, Find]] = []


def register_directory(*, search: Search, find: Find) -> None:
    """``search(text, user)`` lists people that the user may invite, ``find(actor, user)`` is one of them or None."""
    _directory[:] = [(search, find)]


def search_people(text: str, user: Any) -> Sequence[Person]:
    return [person for search, _ in _directory for person in search(text, user)]


def find_person(actor: str, user: Any) -> Person | None:
    for _, find in _directory:
        return find(actor, user)
    return None
