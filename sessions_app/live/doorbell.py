"""Placeholder until the doorbell lands."""

from collections.abc import Iterable, Sequence
from typing import Any


def announce(commits: Sequence[Any]) -> None: ...


def notify_actors(actors: Iterable[str], payload: dict[str, Any]) -> None: ...
