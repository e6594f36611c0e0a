"""The proposal: lines that add up, until when it holds, and its words.

    data["quote"] = {
        "currency": "USD", "number": "Q-12", "customer": "Acme", "valid_until": "2026-12-31",
        "lines": [{"label": "Team plan", "detail": "40 seats, 12 months", "quantity": 40, "unit_price": "49.00", "amount": "23520.00"}, …],
        "total": "23520.00", "terms": ["Net 30", …], "policy": "Price policy, version 3"}

Sums are decimal strings. ``data["proposal"]`` is read alike. A total that its lines do not add up to is said in the page.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import escape
from typing import Any

from sales_app.artifacts.rendering import data
from sales_app.artifacts.rendering.page import Rendering, footer, heading, shell
from sales_app.artifacts.rendering.sections import section
from sales_app.artifacts.rendering.sources import day_of


@dataclass(frozen=True, kw_only=True)
class Line:
    label: str
    detail: str
    quantity: str
    unit_price: Decimal | None
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Quote:
    currency: str
    number: str
    customer: str
    valid_until: date | None
    lines: tuple[Line, ...]
    total: Decimal
    terms: tuple[str, ...]
    policy: str

    @property
    def adds_up(self) -> bool:
        return sum((line.amount for line in self.lines), Decimal()) == self.total


def quote_of(value: Any) -> Quote | None:
    if not isinstance(value, dict):
        return None
    lines = tuple(found for each in data.objects(value.get("lines")) if (found := _line(each)))
    if not lines:
        return None
    total = data.money(value.get("total"))
    terms = value.get("terms")
    return Quote(
        currency=data.text(value.get("currency")),
        number=data.text(value.get("number")),
        customer=data.text(value.get("customer")),
        valid_until=day_of(data.text(value.get("valid_until"))),
        lines=lines,
        total=total if total is not None else sum((line.amount for line in lines), Decimal()),
        terms=tuple(data.text(each) for each in terms) if isinstance(terms, list | tuple) else (),
        policy=data.text(value.get("policy")),
    )


def _line(each: data.Json) -> Line | None:
    amount = data.money(each.get("amount", each.get("total")))
    if amount is None:
        return None
    return Line(
        label=data.text(each.get("label"), data.text(each.get("text"))),
        detail=data.text(each.get("detail"), data.text(each.get("why"))),
        quantity=data.text(each.get("quantity")),
        unit_price=data.money(each["unit_price"]) if each.get("unit_price") is not None else None,
        amount=amount,
    )


def render(rendering: Rendering) -> str:
    quote = quote_of(rendering.document.data.get("quote") or rendering.document.data.get("proposal"))
    body = "".join(section(rendering, each) for each in rendering.document.sections)
    shown = _quote(rendering, quote) if quote else ""
    return shell(
        rendering, f"{heading(rendering)}<main>{shown}{body}</main>{footer(rendering)}", assets=("proposal",)
    )


def money(amount: Decimal) -> str:
    return f"{amount:,.2f}" if amount >= 0 else f"−{-amount:,.2f}"


def long_day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _quote(rendering: Rendering, quote: Quote) -> str:
    rows = "".join(
        f'<tr><td><b>{escape(line.label)}</b>{_detail(line.detail)}</td><td class="number">{escape(line.quantity)}</td>'
        f'<td class="number price">{money(line.unit_price) if line.unit_price is not None else ""}</td>'
        f'<td class="number">{money(line.amount)}</td></tr>'
        for line in quote.lines
    )
    about = [
        ("For", quote.customer),
        ("Number", quote.number),
        ("Valid until", long_day(quote.valid_until) if quote.valid_until else ""),
        ("Prices", quote.policy if rendering.inside else ""),
    ]
    facts = "".join(f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in about if value)
    over = quote.valid_until is not None and quote.valid_until < rendering.today
    warning = (
        "" if quote.adds_up else '<p class="flag">The lines do not add up to the total. Do not send this.</p>'
    )
    warning += '<p class="flag">This proposal is no longer valid.</p>' if over else ""
    terms = "".join(f"<li>{escape(each)}</li>" for each in quote.terms)
    terms = f"<h3>Terms</h3><ul>{terms}</ul>" if terms else ""
    return (
        f'<section class="quote" data-said><dl class="about">{facts}</dl>{warning}<div class="table" tabindex="0"><table>'
        '<thead><tr><th scope="col">What</th><th scope="col" class="number">Quantity</th><th scope="col" class="number price">Price</th>'
        f'<th scope="col" class="number">Amount, {escape(quote.currency)}</th></tr></thead><tbody>{rows}</tbody><tfoot><tr>'
        '<th scope="row" colspan="2">Total</th><td class="price"></td>'
        f'<td class="number">{escape(quote.currency)} {money(quote.total)}</td></tr></tfoot>'
        f"</table></div>{terms}</section>"
    )


def _detail(text: str) -> str:
    return f'<span class="detail">{escape(text)}</span>' if text else ""
