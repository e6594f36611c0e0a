"""A calculator of what it brings them: inputs with defaults from records, formulas of ``artifacts/expressions.py``, results computed here too.

    saved_time   = users * minutes_saved / 60 * 12 * hourly_cost
    avoided      = yearly_cost * share_avoided / 100
    benefit      = saved_time + avoided
    net          = benefit - yearly_price
    payback      = yearly_price / benefit * 12          months; not defined without a benefit
    return_rate  = net / yearly_price * 100             percent

What nobody has told us is an assumption, and is called one: the customer replaces it. ``data["calculator"]`` is as
``artifacts/rendering/calculator.py`` reads it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from sales_app.artifacts.expressions import FormulaError, evaluate
from sales_app.collect.asset_kind import Choice, choose
from sales_app.collect.assets import ROW, proof_documents
from sales_app.collect.base import Asking, collector
from sales_app.collect.heard import when
from sales_app.collect.origin import of_account, of_deal, of_item
from sales_app.collect.proposal import offer, policy_source, seats_of, wanted
from sales_app.collect.qualification import BY_KEY, DENIED
from sales_app.collect.words import day, money
from sales_app.connectors import ConnectorError
from sales_app.database import in_database
from sales_app.facts import Fact, Source
from sales_app.facts.fact import moment as instant
from sales_app.pricing import Policy, store

Json = dict[str, Any]

MONEY = re.compile(
    r"(\b(?:USD|EUR|GBP)|[$€£])\s?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?:\s?(k|thousand|mn?|million)\b)?",
    re.IGNORECASE,
)
SIGNS: Final = {"$": "USD", "€": "EUR", "£": "GBP"}
MINUTES, HOURLY, SHARE = 20.0, 45.0, 50.0

OUTPUTS: Final = (
    {"id": "saved_time", "label": "Working time saved a year", "unit": "currency", "formula": "users * minutes_saved / 60 * 12 * hourly_cost", "digits": 0},
    {"id": "avoided", "label": "Cost avoided a year", "unit": "currency", "formula": "yearly_cost * share_avoided / 100", "digits": 0},
    {"id": "benefit", "label": "Benefit a year", "unit": "currency", "formula": "saved_time + avoided", "digits": 0},
    {"id": "net", "label": "Benefit after the price", "unit": "currency", "formula": "benefit - yearly_price", "digits": 0},
    {"id": "payback", "label": "Paid back after", "unit": "months", "formula": "round(yearly_price / benefit * 12, 1)", "digits": 1},
    {"id": "return_rate", "label": "Return in the first year", "unit": "%", "formula": "round(net / yearly_price * 100)", "digits": 0},
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Input:
    """``told`` completes the sentence of its fact; ``assumed``: nobody has said it."""

    id: str
    label: str
    unit: str
    value: float
    least: float
    most: float
    step: float
    told: str
    source: Source
    assumed: bool = False

    def as_json(self, currency: str) -> Json:
        return {
            "id": self.id,
            "label": self.label,
            "unit": currency if self.unit == "currency" else self.unit,
            "value": self.value,
            "min": self.least,
            "max": self.most,
            "step": self.step,
            "assumed": self.assumed,
            "source": {
                "category": self.source.category,
                "label": f"{self.source.label}: {self.told}",
                "url": self.source.url,
                "as_of": self.source.as_of,
                "quote": self.source.quote,
            },
        }


@collector("roi", "Work out what it brings them", kinds=("roi_input", "roi_result"), needs=("account",))
async def roi(asking: Asking) -> list[Fact]:
    chosen = await choose(asking)
    if chosen.kind != "roi-calculator":
        return []
    policy = await in_database(store.policy_on, asking.local.date())
    currency = _currency(chosen, asking)
    inputs = [*_from_records(chosen, policy, asking, currency), await _share(asking)]
    return facts_of(inputs, currency, asking)


def results_of(inputs: Mapping[str, float]) -> dict[str, float | None]:
    """Of every output in its order; None where there is no number, such as a payback without a benefit."""
    values, found = dict(inputs), dict[str, float | None]()
    for output in OUTPUTS:
        name = str(output["id"])
        try:
            found[name] = values[name] = evaluate(str(output["formula"]), values)
        except FormulaError:
            found[name] = None
    return found


def facts_of(inputs: list[Input], currency: str, asking: Asking) -> list[Fact]:
    results = results_of({each.id: each.value for each in inputs})
    data = {
        "calculator": {
            "currency": currency,
            "inputs": [each.as_json(currency) for each in inputs],
            "outputs": [
                {**each, "unit": currency if each["unit"] == "currency" else each["unit"]} for each in OUTPUTS
            ],
        }
    }
    facts = [
        Fact(
            kind="roi_input",
            text=f"{each.label}: {_shown(each.value, each.unit, currency, 0 if each.value == int(each.value) else 1)} ({each.told}).",
            sources=(each.source,),
            rank=50.0 - place,
            values={"id": each.id, "value": each.value, "unit": each.unit, "assumed": each.assumed},
        )
        for place, each in enumerate(inputs)
    ]
    sources = tuple(dict.fromkeys(each.source for each in inputs))
    for place, output in enumerate(OUTPUTS):
        value = results[str(output["id"])]
        if value is None:
            continue
        shown = _shown(value, str(output["unit"]), currency, int(str(output["digits"])))
        facts.append(
            Fact(
                kind="roi_result",
                text=f"{output['label']}: {shown}, with these inputs.",
                sources=sources,
                rank=90.0 - place,
                values={
                    "id": output["id"],
                    "value": value,
                    "formula": output["formula"],
                    **({"data": data} if not place else {}),
                },
            )
        )
    return facts


def _currency(chosen: Choice, asking: Asking) -> str:
    deal = chosen.records.deal
    return deal.currency if deal else asking.account.currency if asking.account else "USD"


def _shown(value: float, unit: str, currency: str, digits: int) -> str:
    if unit == "currency":
        return money(Decimal(str(round(value))), currency)
    number = f"{value:,.{digits}f}"
    return f"{number}%" if unit == "%" else f"{number} {unit}"


def _from_records(chosen: Choice, policy: Policy | None, asking: Asking, currency: str) -> list[Input]:
    assert asking.account is not None
    found = seats_of(chosen, asking)
    assumption = _assumption(asking)
    if found is not None:
        seats, told, source = float(found[0]), found[1], found[2] or assumption
    else:
        seats, told, source = _seats_from_amount(chosen, policy, asking) or (
            100.0,
            "an assumption: nobody has said how many",
            assumption,
        )
    inputs = [
        Input(
            id="users",
            label="Users",
            unit="users",
            value=seats,
            least=1,
            most=max(1000.0, 4 * seats),
            step=1,
            told=told,
            source=source,
            assumed=found is None,
        )
    ]
    cost = _cost(chosen, asking, currency)
    amount, told, source = cost or (0.0, "not known yet: ask for their worst month", assumption)
    inputs.append(
        Input(
            id="yearly_cost",
            label="What the problem costs a year",
            unit="currency",
            value=amount,
            least=0,
            most=500_000 if cost is None else max(200_000.0, 4 * amount),
            step=100,
            told=told,
            source=source,
            assumed=cost is None,
        )
    )
    price, told, source = _price(chosen, policy, asking)
    inputs += [
        Input(id="minutes_saved", label="Minutes saved by a user a month", unit="minutes", value=MINUTES, least=0, most=240, step=5, told="an assumption: put in your own", source=assumption, assumed=True),
        Input(id="hourly_cost", label="Cost of a working hour", unit="currency", value=HOURLY, least=10, most=200, step=1, told="an assumption: put in your own", source=assumption, assumed=True),
        Input(id="yearly_price", label="Price a year", unit="currency", value=price, least=0, most=max(50_000.0, 3 * price), step=100, told=told, source=source),
    ]  # fmt: skip
    return inputs


def _seats_from_amount(
    chosen: Choice, policy: Policy | None, asking: Asking
) -> tuple[float, str, Source] | None:
    """As many as the deal's amount pays for at the list price of the plan for a company of their size."""
    deal = chosen.records.deal
    if policy is None or deal is None or not deal.amount or asking.account is None:
        return None
    large = asking.account.segment == asking.account.Segment.ENTERPRISE
    plan = policy.plan(asking.account.plan) or policy.plans[-1 if large else len(policy.plans) // 2]
    price = plan.prices.get(deal.currency)
    if not price:
        return None
    seats = float(max(1, round(deal.amount / 12 / price)))
    told = f"an assumption: the amount of the deal at the list price of {plan.title}"
    return seats, told, of_deal(deal, asking.now, quote=money(deal.amount, deal.currency))


def sum_in(text: str) -> tuple[int, str] | None:
    """The first sum of money in a text, and its currency: ``$40k`` is 40,000 USD."""
    match = MONEY.search(text)
    if match is None:
        return None
    times = {"k": 1000, "t": 1000, "m": 1_000_000}.get((match[3] or "")[:1].lower(), 1)
    return int(Decimal(match[2].replace(",", "")) * times), SIGNS.get(match[1], match[1].upper())


def _cost(chosen: Choice, asking: Asking, currency: str) -> tuple[float, str, Source] | None:
    """The last sum of money that they named as a cost of the problem. What the deal is worth is no cost of theirs; what is in
    another currency than the calculator's is left to them to convert."""
    pattern = BY_KEY["metric"].pattern
    assert pattern is not None
    worth = {int(chosen.records.deal.amount)} if chosen.records.deal else set()
    for each in chosen.hearing.about():
        named = sum_in(each.text)
        if named is None or not pattern.search(each.text) or DENIED.search(each.text):
            continue
        amount, code = named
        if code != currency:
            continue
        if amount not in worth and not re.search(
            r"\b(?:offer|proposal|order form|price of|signed|cheaper)\b", each.text, re.IGNORECASE
        ):
            by = f"confirmed by {each.confirmed_by}" if each.confirmed_by else f"said by {each.speaker}"
            return float(amount), f"{by} on {when(each.at, asking)}", each.source
    return None


def _price(chosen: Choice, policy: Policy | None, asking: Asking) -> tuple[float, str, Source]:
    deal = chosen.records.deal
    assert asking.account is not None
    if deal is not None and deal.amount:
        return (
            float(deal.amount),
            f"amount of the deal {deal.name}",
            of_deal(deal, asking.now, quote=money(deal.amount, deal.currency)),
        )
    asked = wanted(chosen, policy, asking) if policy else None
    _, made = offer(policy, asked, asking) if policy and asked else (None, None)
    if made is not None and policy is not None:
        return (
            float(made.per_year),
            f"{made.title}, {made.seats} seats, price policy version {policy.version}",
            policy_source(policy, asking),
        )
    return 0.0, "not known yet", of_account(asking.account, asking.now, quote="no open deal")


async def _share(asking: Asking) -> Input:
    """How much of the cost goes away: what customers measured as spend without an order, before and after."""
    value, told, source = await _measured_share(asking) or (
        SHARE,
        "an assumption: put in your own",
        _assumption(asking),
    )
    return Input(
        id="share_avoided",
        label="Share of it that is avoided",
        unit="%",
        value=value,
        least=0,
        most=100,
        step=1,
        told=told,
        source=source,
        assumed=source.category == "assumption",
    )


async def _measured_share(asking: Asking) -> tuple[float, str, Source] | None:
    try:
        reading = await proof_documents(asking)
    except ConnectorError:
        return None
    for item in reading.items:
        for row in ROW.finditer(item.text):
            if row["before"].endswith("%"):
                before, after = float(row["before"][:-1]), float(row["after"][:-1])
                told = f"{row['measure'].lower()} went from {row['before']} to {row['after']} at {row['customers']} customers, as of {day(item.at.date(), asking.local.date())}"
                share = float(int((before - after) / before * 100))
                return share, told, of_item(item, reading, quote=row[0].strip())
    return None


def _assumption(asking: Asking) -> Source:
    return Source(
        category="assumption",
        provider="clewline",
        ref="roi",
        label="Assumption of the calculator, to be replaced",
        url="",
        as_of=instant(asking.now),
        quote="Nobody has told us this number.",
    )
