"""The policy as values, read from JSON with everything that is wrong named at once.

    {"currency": "USD",
     "plans": [{"name": "business", "title": "Business", "prices": {"USD": "15.00"}, "seats_min": 20, "seats_max": 500,
                "includes": ["Budgets by project"]}],
     "volume": [{"seats_from": 100, "percent": "5"}],
     "terms": [{"months": 12, "percent": "0"}],
     "limits": [{"roles": ["rep", "bdr"], "percent": "10", "who": "the rep"}],
     "payment_days": 30, "valid_days": 30, "conditions": ["A discount is given for something."]}

Prices are per seat and month. ``limits`` rise; ``who`` decides up to the percent. Amounts and percents are strings, so that
JSON cannot blur them. What is not understood here is kept in ``extras``, for those who extend the policy.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from sales_app.people.models import User

Json = dict[str, Any]
HUNDRED = Decimal(100)
KNOWN = ("currency", "plans", "volume", "terms", "limits", "payment_days", "valid_days", "conditions")


class PolicyInvalid(ValueError):
    """``problems`` are sentences, each naming the place."""

    code = "policy_invalid"

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Plan:
    """``prices`` by currency, per seat and month. ``seats_max`` None: no upper end."""

    name: str
    title: str
    prices: Mapping[str, Decimal]
    seats_min: int
    seats_max: int | None = None
    includes: tuple[str, ...] = ()

    def takes(self, seats: int) -> bool:
        return self.seats_min <= seats <= (self.seats_max or seats)


@dataclass(frozen=True, kw_only=True)
class Band:
    """Seats from this one on cost so many percent less; those before it keep their price, so more seats never cost less."""

    seats_from: int
    percent: Decimal


@dataclass(frozen=True, kw_only=True)
class Term:
    months: int
    percent: Decimal


@dataclass(frozen=True, kw_only=True)
class Limit:
    roles: tuple[str, ...]
    percent: Decimal
    who: str


@dataclass(frozen=True, kw_only=True)
class Policy:
    """``version`` is the row's number, 0 where it is none. Lists are in rising order."""

    currency: str
    plans: tuple[Plan, ...]
    volume: tuple[Band, ...]
    terms: tuple[Term, ...]
    limits: tuple[Limit, ...]
    payment_days: int = 30
    valid_days: int = 30
    conditions: tuple[str, ...] = ()
    extras: Json = field(default_factory=dict)
    version: int = 0

    def plan(self, name: str) -> Plan | None:
        wanted = name.strip().lower()
        return next((plan for plan in self.plans if wanted in {plan.name, plan.title.lower()}), None)

    def limit_of(self, role: str) -> Decimal:
        """The largest discount that the role may give by itself, in percent."""
        return max((limit.percent for limit in self.limits if role in limit.roles), default=Decimal(0))

    def decides(self, percent: Decimal) -> Limit | None:
        """Who may give so much; None: nobody."""
        return next((limit for limit in self.limits if percent <= limit.percent), None)


def read_policy(value: Any, *, version: int = 0) -> Policy:
    """Raises PolicyInvalid."""
    reading = _Reading()
    policy = reading.policy(value, version)
    if policy is None or reading.problems:
        raise PolicyInvalid(reading.problems)
    return policy


class _Reading:
    def __init__(self) -> None:
        self.problems: list[str] = []

    def policy(self, value: Any, version: int) -> Policy | None:
        if not isinstance(value, dict):
            self.problems.append("A policy is a JSON object.")
            return None
        currency = value.get("currency")
        if not (
            isinstance(currency, str) and len(currency) == 3 and currency.isascii() and currency.isupper()
        ):
            self.problems.append("currency: the three letters of the currency are missing, such as USD.")
        plans = tuple(self._plan(place, row, currency) for place, row in self._rows(value, "plans", 1))
        self._once([plan.name for plan in plans], "plans")
        volume = tuple(
            Band(
                seats_from=self._whole(row, "seats_from", f"volume {place}", least=2),
                percent=self._percent(row, f"volume {place}"),
            )
            for place, row in self._rows(value, "volume", 0)
        )
        self._rising([band.seats_from for band in volume], "volume", "seats_from")
        self._rising([band.percent for band in volume], "volume", "percent")
        terms = tuple(
            Term(
                months=self._whole(row, "months", f"terms {place}", least=1),
                percent=self._percent(row, f"terms {place}"),
            )
            for place, row in self._rows(value, "terms", 1)
        )
        self._rising([term.months for term in terms], "terms", "months")
        limits = tuple(self._limit(place, row) for place, row in self._rows(value, "limits", 1))
        self._rising([limit.percent for limit in limits], "limits", "percent")
        conditions = value.get("conditions", [])
        if not isinstance(conditions, list) or not all(isinstance(each, str) for each in conditions):
            self.problems.append("conditions: a list of sentences is wanted.")
            conditions = []
        return Policy(
            currency=str(currency),
            plans=plans,
            volume=volume,
            terms=terms,
            limits=limits,
            payment_days=self._whole({"payment_days": 30, **value}, "payment_days", "the policy", least=1),
            valid_days=self._whole({"valid_days": 30, **value}, "valid_days", "the policy", least=1),
            conditions=tuple(conditions),
            extras={name: each for name, each in value.items() if name not in KNOWN},
            version=version,
        )

    def _plan(self, place: int, row: Json, currency: Any) -> Plan:
        where = f"plans {place}"
        name, title = row.get("name"), row.get("title")
        if not (isinstance(name, str) and name and name == name.strip().lower()):
            self.problems.append(f"{where}: name is missing, in small letters.")
        if not (isinstance(title, str) and title.strip()):
            self.problems.append(f"{where}: title is missing.")
        given = row.get("prices")
        prices = {}
        if not isinstance(given, dict) or currency not in given:
            self.problems.append(f"{where}: prices needs one in {currency}.")
        else:
            prices = {str(code): self._decimal(given, code, f"{where}, prices", places=2) for code in given}
        least = self._whole({"seats_min": 1, **row}, "seats_min", where, least=1)
        most = None if row.get("seats_max") is None else self._whole(row, "seats_max", where, least=1)
        if most is not None and most < least:
            self.problems.append(f"{where}: seats_max is below seats_min.")
        includes = row.get("includes", [])
        if not isinstance(includes, list):
            self.problems.append(f"{where}: includes is a list.")
            includes = []
        return Plan(
            name=str(name),
            title=str(title),
            prices=prices,
            seats_min=least,
            seats_max=most,
            includes=tuple(map(str, includes)),
        )

    def _limit(self, place: int, row: Json) -> Limit:
        where = f"limits {place}"
        roles = row.get("roles")
        if not isinstance(roles, list) or not set(roles) <= set(User.Role.values):
            self.problems.append(f"{where}: roles are of {', '.join(User.Role.values)}.")
            roles = []
        who = row.get("who")
        if not (isinstance(who, str) and who.strip()):
            self.problems.append(f'{where}: who is missing, such as "the manager".')
        return Limit(roles=tuple(roles), percent=self._percent(row, where), who=str(who))

    def _rows(self, value: Json, name: str, least: int) -> list[tuple[int, Json]]:
        rows = value.get(name, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows) or len(rows) < least:
            self.problems.append(f"{name}: a list of objects is wanted{', at least one' if least else ''}.")
            return []
        return list(enumerate(rows, 1))

    def _percent(self, row: Json, where: str) -> Decimal:
        found = self._decimal(row, "percent", where, places=2)
        if found > HUNDRED:
            self.problems.append(f"{where}: percent is above 100.")
        return found

    def _decimal(self, row: Json, name: str, where: str, *, places: int) -> Decimal:
        given = row.get(name)
        try:
            found = Decimal(given) if isinstance(given, str) else None
        except InvalidOperation:
            found = None
        if found is None or not found.is_finite() or found < 0 or found > 10**9:
            self.problems.append(f'{where}: {name} is an amount in quotes, such as "12.50".')
            return Decimal(0)
        if found != round(found, places):
            self.problems.append(f"{where}: {name} has more than {places} decimals.")
        return found

    def _whole(self, row: Json, name: str, where: str, *, least: int) -> int:
        given = row.get(name)
        if not isinstance(given, int) or isinstance(given, bool) or not least <= given <= 10**7:
            self.problems.append(f"{where}: {name} is a whole number from {least} on.")
            return least
        return given

    def _rising(self, values: Iterable[Any], where: str, name: str) -> None:
        found = list(values)
        if any(later <= earlier for earlier, later in pairwise(found)):
            self.problems.append(f"{where}: {name} has to rise from one to the next.")

    def _once(self, values: list[str], where: str) -> None:
        if len(set(values)) != len(values):
            self.problems.append(f"{where}: a name stands there twice.")
