"""The registry of what a session may be about. Apps above register how a record is found, with the reader's rights."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The business record that a session is about."""

    kind: str
    id: str
    label: str
    url: str

    def as_event(self) -> dict[str, str]:
        return {"kind": self.kind, "id": self.id, "label": self.label, "url": self.url}


Resolver = Callable[[str, Any], "Subject | None"]

_resolvers: dict[str, Resolver] = {}


def register_subject(kind: str, resolver: Resolver) -> None:
    """``resolver(id, user)`` returns the subject, or None when there is none that the user may see."""
    _resolvers[kind] = resolver


def resolve(kind: str, id: str, user: Any) -> Subject | None:
    resolver = _resolvers.get(kind)
    return None if resolver is None else resolver(id, user)
