"""A quote from a policy: lines that say how they came about, and refusals that say what would be allowed.

Order of the lines, each rounded half up to cents by itself: seats by band at their price, less the percent of the term, less
the discount of what is left then. The total is the sum of the lines.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from sales_app.pricing.policy import HUNDRED, Plan, Policy

Json = dict[str, Any]
CENT = Decimal("0.01")
SEATS_MOST = 1_000_000


class PolicyRefused(Exception):
    """``code`` is stable; ``message`` says what is not allowed, ``nearest`` what would be: arguments for ``quote`` that differ.

    ``who`` decides about more, where somebody does.
    """

    def __init__(self, code: str, message: str, *, nearest: Json | None = None, who: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.nearest = nearest or {}
        self.who = who


@dataclass(frozen=True, kw_only=True)
class Line:
    """``amount`` is for the whole term, negative where it takes something off. ``why`` is the rule, in words."""

    kind: Literal["seats", "term", "discount"]
    text: str
    amount: Decimal
    why: str
    seats: int = 0
    unit_price: Decimal | None = None
    percent: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Quote:
    """Amounts in ``currency`` for ``term_months`` months. ``per_year`` is the total by year, rounded."""

    policy_version: int
    plan: str
    title: str
    seats: int
    term_months: int
    currency: str
    lines: tuple[Line, ...]
    total: Decimal
    list_total: Decimal
    per_year: Decimal
    per_seat_month: Decimal
    discount: Decimal
    payment_days: int
    valid_days: int
    includes: tuple[str, ...] = ()

    def as_json(self) -> Json:
        """Amounts and percents as strings."""
        value = asdict(self)
        for name in ("total", "list_total", "per_year", "per_seat_month", "discount"):
            value[name] = str(value[name])
        for line in value["lines"]:
            for name in ("amount", "unit_price", "percent"):
                line[name] = None if line[name] is None else str(line[name])
        return value


def quote(
    policy: Policy,
    plan: str,
    seats: int,
    term_months: int,
    discount: Decimal = Decimal(0),
    by_role: str = "",
    *,
    currency: str = "",
) -> Quote:
    """``discount`` in percent, on top of what the price list gives for number and term; ``by_role`` gives it.

    Raises PolicyRefused: plan_unknown, currency_unknown, seats_invalid, seats_below, seats_above, term_unknown,
    discount_invalid, discount_above.
    """
    chosen = _plan(policy, plan)
    code = currency or policy.currency
    if code not in chosen.prices:
        codes = ", ".join(chosen.prices)
        raise PolicyRefused(
            "currency_unknown",
            f"{chosen.title} has no price in {code}; there is one in {codes}.",
            nearest={"currency": policy.currency},
        )
    _check_seats(policy, chosen, seats)
    term = next((each for each in policy.terms if each.months == term_months), None)
    if term is None:
        months = min(policy.terms, key=lambda each: (abs(each.months - term_months), each.months)).months
        offered = ", ".join(str(each.months) for each in policy.terms)
        raise PolicyRefused(
            "term_unknown",
            f"A term of {term_months} months is not offered; these are: {offered} months.",
            nearest={"term_months": months},
        )
    _check_discount(policy, discount, by_role)
    lines = list(_seat_lines(policy, chosen, seats, term_months, chosen.prices[code], code))
    left = sum((line.amount for line in lines), Decimal(0))
    if term.percent:
        lines.append(
            _less(
                "term", left, term.percent, f"Term of {term_months} months", "of the price list for this term"
            )
        )
        left += lines[-1].amount
    if discount:
        limit = policy.limit_of(by_role)
        why = f"given by the {by_role}, who may give up to {percents(limit)}"
        lines.append(_less("discount", left, discount, "Discount", why))
        left += lines[-1].amount
    listed = (chosen.prices[code] * seats * term_months).quantize(CENT)
    return Quote(
        policy_version=policy.version,
        plan=chosen.name,
        title=chosen.title,
        seats=seats,
        term_months=term_months,
        currency=code,
        lines=tuple(lines),
        total=left,
        list_total=listed,
        per_year=cents(left * 12 / term_months),
        per_seat_month=cents(left / seats / term_months),
        discount=discount,
        payment_days=policy.payment_days,
        valid_days=policy.valid_days,
        includes=chosen.includes,
    )


def nearest_quote(policy: Policy, refused: PolicyRefused, **asked: Any) -> Quote:
    """What would be allowed in place of what was asked; changes one thing at a time until the policy agrees.

    Raises PolicyRefused when there is nothing near.
    """
    for _ in range(8):
        if not refused.nearest:
            raise refused
        asked = {**asked, **refused.nearest}
        try:
            return quote(policy, **asked)
        except PolicyRefused as again:
            refused = again
    raise refused


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def percents(percent: Decimal) -> str:
    """``10%``, ``7.5%``."""
    return f"{percent.normalize():f}%"


def _plan(policy: Policy, name: str) -> Plan:
    found = policy.plan(name)
    if found is None:
        titles = ", ".join(plan.title for plan in policy.plans)
        raise PolicyRefused("plan_unknown", f"There is no plan {name!r}; there are: {titles}.")
    return found


def _check_seats(policy: Policy, plan: Plan, seats: int) -> None:
    if seats < 1 or seats > SEATS_MOST:
        near = plan.seats_min if seats < 1 else plan.seats_max or SEATS_MOST
        raise PolicyRefused(
            "seats_invalid", f"{seats} is no number of seats that can be sold.", nearest={"seats": near}
        )
    if seats < plan.seats_min:
        smaller = [each for each in policy.plans if each.takes(seats)]
        other = f", or {smaller[0].title}, which begins lower" if smaller else ""
        raise PolicyRefused(
            "seats_below",
            f"{plan.title} begins at {plan.seats_min} seats, not at {seats}. Allowed are {plan.seats_min} seats{other}.",
            nearest={"seats": plan.seats_min},
        )
    if plan.seats_max is not None and seats > plan.seats_max:
        larger = [each for each in policy.plans if each.takes(seats)]
        nearest = {"plan": larger[0].name} if larger else {"seats": plan.seats_max}
        other = f"{larger[0].title} takes so many." if larger else f"Allowed are {plan.seats_max} seats."
        raise PolicyRefused(
            "seats_above",
            f"{plan.title} ends at {plan.seats_max} seats; {seats} are too many. {other}",
            nearest=nearest,
        )


def _check_discount(policy: Policy, discount: Decimal, role: str) -> None:
    if not discount.is_finite() or discount < 0 or discount != round(discount, 2):
        raise PolicyRefused(
            "discount_invalid",
            f"{discount} is no discount in percent with two decimals.",
            nearest={"discount": Decimal(0)},
        )
    limit = policy.limit_of(role)
    if discount > limit:
        above = policy.decides(discount)
        who = above.who if above else ""
        decides = f"{who[:1].upper()}{who[1:]} decides about it." if who else "Nobody may give it."
        raise PolicyRefused(
            "discount_above",
            f"A discount of {percents(discount)} is above the {percents(limit)} that the role {role or 'of nobody'} may give. {decides}",
            nearest={"discount": limit},
            who=who,
        )


def _seat_lines(
    policy: Policy, plan: Plan, seats: int, months: int, price: Decimal, currency: str
) -> Iterator[Line]:
    """Seats of each band at the band's own price, so that one more seat never makes the others cheaper."""
    starts = [(1, Decimal(0)), *((band.seats_from, band.percent) for band in policy.volume)]
    for place, (start, percent) in enumerate(starts):
        end = starts[place + 1][0] - 1 if place + 1 < len(starts) else seats
        number = min(end, seats) - start + 1
        if number <= 0:
            continue
        unit = cents(price * (HUNDRED - percent) / HUNDRED)
        which = f"seats {start} to {start + number - 1}" if percent or number < seats else f"{number} seats"
        less = f", {percents(percent)} below the list price of {currency} {price:,.2f}" if percent else ""
        yield Line(
            kind="seats",
            text=f"{plan.title}, {which}, {months} months",
            amount=cents(unit * number * months),
            why=f"{number:,} x {currency} {unit:,.2f} x {months} months{less}",
            seats=number,
            unit_price=unit,
            percent=percent,
        )


def _less(kind: Literal["term", "discount"], left: Decimal, percent: Decimal, text: str, why: str) -> Line:
    return Line(
        kind=kind,
        text=f"{text}, {percents(percent)} less",
        amount=-cents(left * percent / HUNDRED),
        why=f"{percents(percent)} of {left:,.2f}, {why}",
        percent=percent,
    )
