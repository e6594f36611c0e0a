"""Documents, company data and a recorded call for the skills that prepare, compare and make something for a customer."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from sales_app.collect import Asking, collector_of
from sales_app.connectors import Item, register_provider
from sales_app.facts import Fact
from tests.collect.conftest import System, at, call

Collect = Callable[[Asking], Awaitable[list[Fact]]]

RIVAL_BODY = """Quick to set up.

## What we know
- No two-step approval (source: trial account, {new})
- Cheaper by 15% (source: lost-deal review, {old})

## Side by side
| Capability | We | They |
| --- | --- | --- |
| Quick start | two days | one hour |
| Approval on the phone, offline | yes | no |
| Single sign-on | included | included |

## How to win
Concede the quick start. Ask which of the must-haves they saw running.
"""


async def collect(kind: str, asking: Asking) -> dict[str, list[Fact]]:
    """What the collector of ``kind`` finds, by kind, each by rank."""
    each = collector_of(kind)
    assert each is not None
    found: dict[str, list[Fact]] = {}
    for fact in sorted(await each.collect(asking), key=lambda fact: -fact.rank):
        found.setdefault(fact.kind, []).append(fact)
    return found


def texts(found: dict[str, list[Fact]], kind: str) -> list[str]:
    return [fact.text for fact in found.get(kind, [])]


def document(id: str, kind: str, title: str, text: str, *, when: datetime | None = None, **meta: Any) -> Item:
    return Item(
        id=id,
        kind=kind,
        at=when or at(days=-10),
        title=title,
        text=text,
        url=f"/sources/docs/{id}/",
        meta=meta,
    )


def rival_note(name: str = "Purchora", *, when: datetime | None = None, old: str = "2025-11-20") -> Item:
    return document(
        f"competitor-{name.lower()}", "competitor", name, RIVAL_BODY.format(new="2026-02-10", old=old), when=when,
        competitor=name,
        claims=[
            {"text": "No two-step approval", "source": "trial account", "date": "2026-02-10"},
            {"text": "Cheaper by 15%", "source": "lost-deal review", "date": old},
        ],
        matrix=[
            {"capability": "Quick start", "us": "two days", "them": "one hour"},
            {"capability": "Approval on the phone, offline", "us": "yes", "them": "no"},
            {"capability": "Single sign-on", "us": "included", "them": "included"},
        ],
    )  # fmt: skip


def product_docs() -> list[Item]:
    return [
        document(
            "product-approvals", "product", "Approvals",
            "One line: who buys what.\n\n- **Offline**: the phone keeps the decision and sends it when there is a network.",
        ),
        document(
            "product-overview", "product", "What it does",
            "It takes a purchase to the paid invoice.\n\n| Measure | Before | After | Customers |\n| --- | --- | --- | --- |\n"
            "| Days until an invoice is approved | 9.1 | 2.3 | 41 |\n| Spend without an order | 34% | 8% | 41 |\n",
        ),
        document("product-rollout", "product", "Rollout", "1. **Week 1**: kick-off.\n2. **Week 2**: the first site is live."),
    ]  # fmt: skip


def enrichment(account: int) -> System:
    """Registered behind the other systems of a test; ``systems`` puts the registry back."""
    company = Item(
        id=str(account), kind="company", at=at(days=-20), title="Acme Freight", text="\"Cost discipline is a habit.\"",
        account=account, url=f"/sources/enrichment/{account}/", untrusted=True,
        meta={
            "founded": 1980, "headquarters": "Bremen, Germany", "employees": 988, "growth": -8, "revenue": "USD 100 million",
            "tools": ["Stellwerk Finance"], "partners": [], "statement_source": "finance chief", "as_of": "2026-02-11",
        },
    )  # fmt: skip
    news = Item(
        id="n1", kind="news", at=at(days=-5), title="Acme Freight pauses hiring", account=account, untrusted=True,
        text="No new posts until the next budget.", url=f"/sources/enrichment/{account}/#n1", meta={"source": "The Regional Ledger"},
    )  # fmt: skip

    class Company(System):
        def _fits(self, item: Item, operation: str, arguments: dict[str, Any]) -> bool:
            return item.kind == operation and super()._fits(item, operation, arguments)

    system = Company("enrichment", items=[company, news])
    register_provider(system)
    return system


def price_call(account: int, *, days: float = -5, more: tuple[tuple[int, str, str, str], ...] = ()) -> Item:
    return call(
        (20, "Cleo Marsh", "them", "This stays between us: my boss likes Purchora."),
        (31, "Cleo Marsh", "them", "Why pay more? Purchora is 18 percent below yours, for the same 120 users."),
        (90, "Ann Lee", "us", "What happens today on a site?"),
        (95, "Cleo Marsh", "them", "Nobody can approve anything on the phone without a network."),
        (180, "Ann Lee", "us", "Let me say back what I heard. It costs you about USD 40,300 in late fees. Is that right?"),
        (190, "Cleo Marsh", "them", "That is right."),
        *more,
        when=at(days=days), account=account, title="Commercials",
    )  # fmt: skip
