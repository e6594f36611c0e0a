"""What a collector gets, what it returns, and the table of fact kinds."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sales_app.crm.models import Account, Activity, Contact, Deal
from sales_app.facts import Fact
from sales_app.people.models import User

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Asking:
    """For whom and about what facts are collected. ``now`` is aware; days are counted in the user's zone.

    Records were looked up within what ``user`` may see. ``arguments`` are the skill's further arguments, JSON. ``found`` are
    the facts of the run's other collectors, given to those that rank them (``Collector.last``); None: nobody kept them.
    """

    user: User
    now: datetime
    account: Account | None = None
    deal: Deal | None = None
    contact: Contact | None = None
    meeting: Activity | None = None
    arguments: Json = field(default_factory=dict)
    found: tuple[Fact, ...] | None = None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.user.time_zone)

    @property
    def local(self) -> datetime:
        return self.now.astimezone(self.zone)


Collect = Callable[[Asking], Awaitable[list[Fact]]]


@dataclass(frozen=True, kw_only=True)
class Collector:
    """``title`` is the step that people see ("Read the calendar"); ``kinds`` are the facts that it makes;
    ``needs`` names the records of ``Asking`` without which it cannot work; ``last``: it ranks what the others found, so it runs
    after them."""

    name: str
    title: str
    kinds: tuple[str, ...]
    needs: tuple[str, ...]
    collect: Collect
    last: bool = False


_collectors: dict[str, Collector] = {}


def collector(
    name: str, title: str, *, kinds: tuple[str, ...], needs: tuple[str, ...] = (), last: bool = False
) -> Callable[[Collect], Collect]:
    def register(function: Collect) -> Collect:
        others = (each for each in _collectors.values() if each.name != name)
        taken = {kind for each in others for kind in each.kinds} & set(kinds)
        if taken:
            raise ValueError(f"Another collector already makes {', '.join(sorted(taken))}.")
        _collectors[name] = Collector(
            name=name, title=title, kinds=kinds, needs=needs, collect=function, last=last
        )
        return function

    return register


def collector_of(kind: str) -> Collector | None:
    return next((each for each in _collectors.values() if kind in each.kinds), None)


def kinds() -> dict[str, Collector]:
    """Every fact kind with its collector."""
    return {kind: each for each in _collectors.values() for kind in each.kinds}


def titles() -> dict[str, str]:
    """Every fact kind with the title of the step that makes it."""
    return {kind: each.title for kind, each in kinds().items()}
