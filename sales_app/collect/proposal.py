"""The lines of a proposal, from the price policy in force, within what the person may give.

Seats, term, plan and discount stand in the request ("120 seats for three years with 8%"), or come from the records: users as last
named, the account's plan or the first that fits, twelve months, no discount. What the policy refuses is said, with who decides, and the
nearest that is allowed is quoted instead.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse

from sales_app.collect.asset_kind import Choice, choose
from sales_app.collect.base import Asking, collector
from sales_app.collect.heard import when
from sales_app.collect.origin import of_deal
from sales_app.collect.words import count, day, money, stop
from sales_app.database import in_database
from sales_app.facts import Fact, Source
from sales_app.facts.fact import moment as instant
from sales_app.pricing import Policy, PolicyRefused, Quote, quote, store
from sales_app.pricing.quoting import nearest_quote, percents

Json = dict[str, Any]

SEATS = re.compile(
    r"\b(\d{1,3}(?:[,.]\d{3})+|\d{1,6})\s*(?:more\s+)?(?:users?|seats?|people|licen[cs]es?)\b", re.IGNORECASE
)
# "4 people on this call": who talks does not count people to say how many seats they want.
PEOPLE = re.compile(r"people$", re.IGNORECASE)
MONTHS = re.compile(r"\b(\d{1,2})[- ]*(?:months?|mo)\b", re.IGNORECASE)
YEARS = re.compile(r"\b(\d|one|two|three|four|five)[- ]years?\b", re.IGNORECASE)
DISCOUNT = re.compile(r"\b(\d{1,2}(?:\.\d{1,2})?)\s*(?:%|percent)", re.IGNORECASE)
# Around a percentage that is no discount: "to cut spend by 30%", "30% fewer late payments".
_BY = re.compile(
    r"\b(?:by|than|least|sav\w+|cut\w*|reduc\w+|r[aio]se\w*|gr[eo]w\w*|fell|up)\s+(?:about |roughly |over |up to |almost )?$",
    re.IGNORECASE,
)
_MORE = re.compile(r"\s*(?:fewer|more|faster|lower|higher|slower|growth|savings?|of)\b", re.IGNORECASE)
WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
LIST_TERM = 12
SEATS_UNKNOWN = (
    'There is no offer yet: nobody has said for how many users. Name a number, such as "120 seats".'
)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be quoted. ``seats_from`` says where the number comes from."""

    plan: str
    seats: int
    term_months: int
    discount: Decimal
    seats_from: str
    source: Source | None


@collector(
    "proposal",
    "Quote within the price policy",
    kinds=("proposal_line", "proposal_total", "proposal_term", "proposal_refused"),
    needs=("account",),
)
async def proposal(asking: Asking) -> list[Fact]:
    chosen = await choose(asking)
    if chosen.kind != "proposal":
        return []
    policy = await in_database(store.policy_on, asking.local.date())
    if policy is None:
        return [
            _no_offer(
                "prices",
                "No price policy is in force today. RevOps publishes one in the control panel.",
                chosen,
            )
        ]
    asked = wanted(chosen, policy, asking)
    if asked is None:
        return [_no_offer("seats_unknown", SEATS_UNKNOWN, chosen)]
    refused, made = offer(policy, asked, asking)
    facts = [_refused(refused, policy, asking)] if refused else []
    return [*facts, *(_facts(made, policy, asked, asking) if made else [])]


def offer(policy: Policy, asked: Wanted, asking: Asking) -> tuple[PolicyRefused | None, Quote | None]:
    """What is refused, if anything, and the quote as asked or the nearest that is allowed."""
    terms: Json = {
        "plan": asked.plan,
        "seats": asked.seats,
        "term_months": asked.term_months,
        "discount": asked.discount,
    }
    terms |= {"by_role": asking.user.role, "currency": _currency(policy, asking)}
    try:
        return None, quote(policy, **terms)
    except PolicyRefused as refused:
        try:
            return refused, nearest_quote(policy, refused, **terms)
        except PolicyRefused:
            return refused, None


def _currency(policy: Policy, asking: Asking) -> str:
    code = asking.account.currency if asking.account else ""
    return code if all(code in plan.prices for plan in policy.plans) else policy.currency


def wanted(chosen: Choice, policy: Policy, asking: Asking) -> Wanted | None:
    """None: nobody has said for how many."""
    assert asking.account is not None
    request = str(asking.arguments.get("request", ""))
    found = seats_of(chosen, asking)
    if found is None:
        return None
    seats, told, source = found
    named = [plan for plan in policy.plans if names_plan(request, plan.title)]
    own = policy.plan(asking.account.plan) if asking.account.plan else None
    fits = [plan for plan in policy.plans if plan.takes(seats)]
    # The one they have; of those that fit the one made for most people of their size.
    plan = named[0] if named else own or (_for_segment(fits, asking) if fits else policy.plans[-1])
    return Wanted(
        plan=plan.name,
        seats=seats,
        term_months=months_in(request) or LIST_TERM,
        discount=discount_in(request),
        seats_from=told,
        source=source,
    )


def names_plan(request: str, title: str) -> bool:
    """ "the Team plan", "plan: Team", "120 seats, team, 12 months"; not "the finance team" nor "a business unit"."""
    name = re.escape(title)
    asked = rf"\b{name}[- ](?:plan|edition|tier)\b|\b(?:plan|edition|tier):? {name}\b|(?:^|[,;]|\bon)\s*{name}\s*(?:$|[,;.])"
    return re.search(asked, request.strip(), re.IGNORECASE) is not None


def _for_segment(fits: list[Any], asking: Asking) -> Any:
    assert asking.account is not None
    large = asking.account.segment == asking.account.Segment.ENTERPRISE
    return (
        fits[-1]
        if large
        else fits[0]
        if asking.account.segment == asking.account.Segment.SMB
        else fits[len(fits) // 2]
    )


def months_in(text: str) -> int:
    if match := MONTHS.search(text):
        return int(match[1])
    if match := YEARS.search(text):
        return 12 * (WORDS.get(match[1].lower()) or int(match[1]))
    return 0


def discount_in(text: str) -> Decimal:
    """In percent. What they want to save is no discount."""
    for match in DISCOUNT.finditer(text):
        if not _BY.search(text[: match.start()]) and not _MORE.match(text, match.end()):
            return Decimal(match[1])
    return Decimal(0)


def seats_in(text: str, *, people: bool = True) -> int:
    """0: none are named. ``people``: they count as seats."""
    found = (match for match in SEATS.finditer(text) if people or not PEOPLE.search(match[0]))
    match = next(found, None)
    return int(re.sub(r"[,.]", "", match[1])) if match else 0


def seats_of(chosen: Choice, asking: Asking) -> tuple[int, str, Source | None] | None:
    """(seats, where that was said, its source): the request, the deal's name, or the last place where users were counted."""
    if seats := seats_in(str(asking.arguments.get("request", ""))):
        return seats, "as you asked", None
    deal = chosen.records.deal
    if deal is not None and (seats := seats_in(deal.name)):
        return seats, f"in the name of the deal {deal.name}", of_deal(deal, asking.now, quote=deal.name)
    for each in chosen.hearing.about():
        # "Proposal for 130 users" is often the subject alone.
        if seats := seats_in(each.text, people=False) or seats_in(each.where, people=False):
            return seats, f"said by {each.speaker} on {when(each.at, asking)}", each.source
    return None


def policy_source(policy: Policy, asking: Asking, quoted: str = "") -> Source:
    return Source(
        category="pricing",
        provider="clewline",
        ref=f"prices:{policy.version}",
        label=f"Price policy, version {policy.version}",
        url=reverse("prices"),
        as_of=instant(asking.now),
        quote=quoted,
    )


def _facts(made: Quote, policy: Policy, asked: Wanted, asking: Asking) -> list[Fact]:
    today = asking.local.date()
    valid = today + timedelta(days=made.valid_days)
    terms = [
        f"Valid until {day(valid, today)}.",
        f"Payment within {count(made.payment_days, 'day')}.",
        *([f"{made.title} includes: {', '.join(made.includes)}."] if made.includes else []),
    ]
    data: Json = {"quote": quote_data(made, asking, valid.isoformat(), terms)}
    lines = [
        Fact(
            kind="proposal_line",
            text=f"{line.text}: {_signed(line.amount, made.currency)} ({line.why}).",
            sources=(
                policy_source(policy, asking, line.why),
                *((asked.source,) if asked.source and not place else ()),
            ),
            rank=90.0 - place,
            values={"line": line.kind, "amount": str(line.amount), "currency": made.currency},
        )
        for place, line in enumerate(made.lines)
    ]
    total = Fact(
        kind="proposal_total",
        text=f"Total for {made.term_months} months and {count(made.seats, 'seat')}: {money(made.total, made.currency)}; "
        f"{money(made.per_year, made.currency)} a year, {money(made.per_seat_month, made.currency)} for a seat and month.",
        sources=(
            policy_source(policy, asking, f"sum of {count(len(made.lines), 'line')}"),
            *((asked.source,) if asked.source else ()),
        ),
        rank=80.0,
        values={
            "total": str(made.total),
            "per_year": str(made.per_year),
            "seats": made.seats,
            "seats_from": asked.seats_from,
            "data": data,
        },
    )
    return [
        *lines,
        total,
        *(
            Fact(
                kind="proposal_term",
                text=text,
                sources=(policy_source(policy, asking, text),),
                rank=70.0 - place,
                values={"valid_until": valid.isoformat()} if not place else {},
            )
            for place, text in enumerate(terms)
        ),
    ]


def quote_data(made: Quote, asking: Asking, valid_until: str, terms: list[str]) -> Json:
    """As ``artifacts/rendering/proposal.py`` reads it. A customer reads it: whose discount it is, and how it came about, stays here."""
    return {
        "currency": made.currency,
        "customer": str(asking.account),
        "valid_until": valid_until,
        "lines": [
            {
                "label": line.text,
                "detail": line.why if line.kind == "seats" else "",
                "quantity": line.seats or "",
                "unit_price": None if line.unit_price is None else str(line.unit_price),
                "amount": str(line.amount),
            }
            for line in made.lines
        ],
        "total": str(made.total),
        "terms": terms,
        "policy": f"Price policy, version {made.policy_version}",
        "quote": made.as_json(),
    }


def _signed(amount: Decimal, currency: str) -> str:
    return f"minus {money(-amount, currency)}" if amount < 0 else money(amount, currency)


def _refused(refused: PolicyRefused, policy: Policy, asking: Asking) -> Fact:
    near = ", ".join(
        f"{name.replace('_', ' ')} {percents(value) if isinstance(value, Decimal) else value}"
        for name, value in refused.nearest.items()
    )
    text = f"Not within the price policy: {refused.message}" + (f" Quoted instead: {near}." if near else "")
    return Fact(
        kind="proposal_refused",
        text=stop(text),
        sources=(policy_source(policy, asking, refused.message),),
        rank=99.0,
        values={
            "code": refused.code,
            "who": refused.who,
            "nearest": {name: str(value) for name, value in refused.nearest.items()},
        },
    )


def _no_offer(code: str, why: str, chosen: Choice) -> Fact:
    return Fact(kind="proposal_refused", text=why, sources=chosen.sources, rank=99.0, values={"code": code})
