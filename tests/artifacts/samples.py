"""A document of each kind, as skills make them, and one full of attacks."""

from typing import Any

from sales_app.documents import Block, Document, Section
from sales_app.facts import Action, Fact, Source

TODAY = "2026-11-24"


def source(number: int = 1, *, as_of: str = "2026-11-20T10:00:00+00:00", **values: Any) -> Source:
    given = {
        "category": "calls",
        "provider": "demo",
        "ref": str(number),
        "label": f"Call with Jürgen Weiß, part {number}",
        "url": f"/sources/calls/{number}/",
        "quote": "We need the security review before the board meets in March.",
    }
    return Source(**{**given, "as_of": as_of, **values})


def facts() -> tuple[Fact, ...]:
    return (
        Fact(
            id="f1", kind="person", text="Jürgen Weiß is head of procurement at Acme.", sources=(source(1),)
        ),
        Fact(
            id="f2",
            kind="deal",
            text="The renewal is worth USD 90,000.",
            sources=(source(2, category="crm", label="Deal: Acme renewal", url="/deals/2/", quote=""),),
            action=Action(label="Open the deal", url="/deals/2/"),
        ),
        Fact(
            id="f3",
            kind="next_action",
            text="The security pack is due on 27 November.",
            sources=(source(3, as_of="2026-05-02T09:00:00+00:00"),),
            action=Action(
                label="Draft the mail", prompt="Draft the mail with the security pack to Jürgen Weiß"
            ),
        ),
    )


def sections() -> tuple[Section, ...]:
    return (
        Section(
            title="On the call",
            blocks=(
                Block(
                    kind="text",
                    text="**Jürgen Weiß** runs procurement at Acme and asks for proof, not promises.",
                    cites=("f1",),
                ),
                Block(kind="item", text="The renewal is worth USD 90,000.", cites=("f2",)),
                Block(kind="item", text="Two sites in Köln and Łódź.", indent=1, cites=("f1",)),
                Block(
                    kind="item",
                    text="They decide by Q2.",
                    cites=("f2",),
                    flag="unsupported",
                    why="no date in the deal",
                ),
                Block(
                    kind="quote",
                    text="We need the security review before the board meets in March.",
                    cites=("f1",),
                ),
            ),
        ),
        Section(
            title="By stage",
            header=("Stage", "Deals", "Worth"),
            blocks=(
                Block(kind="row", cells=("Negotiation", "3", "USD 210,000"), cites=("f2",)),
                Block(kind="row", cells=("Proposal", "12", "USD 96,500"), cites=("f2",)),
                Block(
                    kind="row",
                    cells=("Discovery", "7", "USD 1,000"),
                    flag="unsupported",
                    why="no such number",
                ),
            ),
        ),
        Section(
            title="These three actions",
            blocks=(
                Block(kind="action", text="Send the security pack to Jürgen Weiß.", cites=("f3",)),
                Block(kind="action", text="Set a new close date.", cites=("f2",)),
            ),
        ),
        Section(title="Not read", blocks=(Block(kind="note", text="Chat: could not be reached."),)),
    )


DATA: dict[str, dict[str, Any]] = {
    "battle-card": {
        "matrix": {
            "columns": ["Clewline", "Northwind", "Contoso"],
            "rows": [
                {
                    "criterion": "Single sign-on",
                    "cells": [
                        {"text": "In every plan", "verdict": "ahead", "source": vars(source(1))},
                        {
                            "text": "Enterprise only",
                            "source": vars(source(3, as_of="2026-02-01T00:00:00+00:00")),
                        },
                        {"text": "Not offered", "source": vars(source(1))},
                    ],
                },
                {
                    "criterion": "Price for 50 seats",
                    "cells": [
                        {"text": "USD 2,450 a month", "verdict": "behind", "source": vars(source(1))},
                        {"text": "USD 1,900 a month", "source": vars(source(1))},
                    ],
                },
                {
                    "criterion": "Audit log",
                    "cells": [
                        {"text": "Seven years", "verdict": "even"},
                        {"text": "Seven years"},
                        {"text": "One year"},
                    ],
                },
            ],
        },
        "objections": [
            {
                "objection": "You cost more.",
                "answer": "Per seat, yes. Ask what **one hour** of a rep costs.",
                "source": vars(source(1)),
            },
            {"objection": "We know Northwind.", "answer": "So do four of our customers who left it."},
        ],
    },
    "roi-calculator": {
        "calculator": {
            "inputs": [
                {
                    "id": "seats",
                    "label": "People who sell",
                    "unit": "people",
                    "value": 40,
                    "min": 1,
                    "max": 500,
                    "step": 1,
                    "source": vars(source(2)),
                },
                {
                    "id": "hours",
                    "label": "Hours saved a week, each",
                    "unit": "hours",
                    "value": 2.5,
                    "min": 0,
                    "max": 20,
                    "step": 0.5,
                },
                {
                    "id": "rate",
                    "label": "An hour costs",
                    "unit": "USD",
                    "value": 60,
                    "min": 10,
                    "max": 400,
                    "step": 5,
                    "source": "their number",
                },
                {
                    "id": "price",
                    "label": "Price per seat and month",
                    "unit": "USD",
                    "value": 49,
                    "min": 0,
                    "max": 500,
                    "step": 1,
                },
            ],
            "outputs": [
                {
                    "id": "saving",
                    "label": "Saved in a year",
                    "unit": "USD",
                    "formula": "seats * hours * rate * 46",
                },
                {"id": "cost", "label": "Costs in a year", "unit": "USD", "formula": "seats * price * 12"},
                {
                    "id": "payback",
                    "label": "Paid back after",
                    "unit": "months",
                    "formula": "cost / (saving / 12)",
                    "digits": 1,
                },
                {
                    "id": "roi",
                    "label": "Return in the first year",
                    "unit": "%",
                    "formula": "(saving - cost) / cost * 100",
                },
            ],
        }
    },
    "proposal": {
        "quote": {
            "currency": "USD",
            "number": "Q-2026-114",
            "customer": "Acme GmbH",
            "valid_until": "2026-12-31",
            "policy": "Price policy, version 3",
            "lines": [
                {
                    "label": "Team plan",
                    "detail": "40 seats, 12 months",
                    "quantity": 40,
                    "unit_price": "588.00",
                    "amount": "23520.00",
                },
                {"label": "Volume discount", "detail": "10% from 25 seats", "amount": "-2352.00"},
                {
                    "label": "Onboarding",
                    "detail": "Two days, remote",
                    "quantity": 1,
                    "unit_price": "1800.00",
                    "amount": "1800.00",
                },
            ],
            "total": "22968.00",
            "terms": ["Invoice at the start, net 30 days.", "Prices without VAT."],
        }
    },
    "workflow-demo": {
        "workflow": {
            "steps": [
                {"title": "A lead writes", "who": "Prospect", "text": "Asks for a price at 22:40."},
                {
                    "title": "It is qualified",
                    "who": "Clewline",
                    "text": "Company, size and region are looked up; **nothing is guessed**.",
                },
                {
                    "title": "A person takes over",
                    "who": "Account executive",
                    "text": "With the whole history in view.",
                },
            ]
        }
    },
}

TITLES = {
    "brief": "Call prep: Acme",
    "report": "Pipeline review",
    "one-pager": "What Acme gets in the first quarter",
    "landing-page": "Close your quarter without chasing notes",
    "deck": "Acme: where we are and what comes next",
    "battle-card": "Acme: against Northwind",
    "roi-calculator": "What it is worth to Acme",
    "proposal": "Proposal for Acme",
    "workflow-demo": "From a lead to a conversation",
}


def document(kind: str = "brief", **values: Any) -> Document:
    given = {
        "title": TITLES[kind],
        "subtitle": "Tuesday 24 November 2026, for Mia Novák",
        "sections": sections(),
    }
    given |= {"facts": facts(), "data": DATA.get(kind, {})}
    return Document(kind=kind, **{**given, **values})


NASTY = (
    "<script>parent.postMessage('x','*')</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><script>alert(1)</script>",
    "[a](javascript:alert(1)) [b](//evil.example/x) [c](data:text/html,x) [d](/\\evil.example)",
    "![p](https://evil.example/p.png) <https://evil.example/q>",
    "`<b>` **<i>x</i>** &lt;u&gt; &amp;lt; {{ x }} ${x} \u2028 ]]> <!-- -->",
    "' onmouseover='alert(1)",
)


def nasty(kind: str) -> Document:
    """Every text that can come from outside holds every attack."""
    text = " ".join(NASTY)
    evil = {
        "category": text,
        "provider": text,
        "ref": text,
        "label": text,
        "url": "javascript:alert(1)",
        "as_of": text,
        "quote": text,
    }
    every = (
        Fact(
            id="f1",
            kind="x",
            text=text,
            sources=(
                Source(**evil),
                Source(**{**evil, "url": "//evil.example/"}),
                Source(**{**evil, "url": '/x/"onclick="alert(1)'}),
            ),
            action=Action(label=text, prompt=text, url="javascript:alert(1)"),
        ),
    )
    blocks = [
        Block(kind=each, text=text, cites=("f1", text), flag="unsupported", why=text)
        for each in ("text", "item", "action", "quote", "note")
    ]  # type: ignore[arg-type]
    rows = (Block(kind="row", cells=(text, text), cites=("f1",), flag="unsupported", why=text),)
    one = {"text": text, "verdict": text, "source": evil}
    data = {
        "matrix": {"columns": [text, text], "rows": [{"criterion": text, "cells": [one, one], "verdict": text}]},
        "objections": [{"objection": text, "answer": text, "source": evil}],
        "calculator": {
            "inputs": [
                {"id": "a", "label": text, "unit": text, "value": 1, "source": evil},
                {"id": text, "label": text, "value": 1},
                {"id": "b", "label": text, "value": "1", "min": text, "max": text, "step": text, "source": text},
            ],
            "outputs": [{"id": "o", "label": text, "unit": text, "formula": text}, {"id": text, "formula": "1"}],
        },
        "quote": {
            "currency": text, "number": text, "customer": text, "valid_until": text, "policy": text, "total": text, "terms": [text],
            "lines": [{"label": text, "detail": text, "quantity": text, "unit_price": text, "amount": "1"}, {"amount": text}],
        },
        "workflow": {"steps": [{"title": text, "who": text, "text": text}]},
    }  # fmt: skip
    both = (Section(title=text, blocks=tuple(blocks)), Section(title=text, header=(text, text), blocks=rows))
    return Document(kind=kind, title=text, subtitle=text, sections=both, facts=every, data=data)
