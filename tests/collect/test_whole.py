"""From records to a checked document by each text that ships: nothing unsupported, within its length, nothing of ours outside."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sales_app.agent.skilled import prompt
from sales_app.agent.skilled.definitions import Definition
from sales_app.agent.skilled.running import document_of
from sales_app.artifacts.making import page_of
from sales_app.claims.check import check
from sales_app.collect import Asking, collector_of
from sales_app.crm.models import Activity, Contact
from sales_app.database import in_database
from sales_app.documents import Document
from sales_app.documents.outline import outline_of
from sales_app.facts import Fact, numbered
from sales_app.pricing.shipped import install_shipped
from sales_app.skills import shipped
from sales_app.skills.text import parse
from sales_app.standin.mind.composing import compose
from tests.agent.conftest import Book
from tests.collect.conftest import NOW, Systems, at, call
from tests.collect.world import enrichment, price_call, product_docs, rival_note

ROOT = Path(shipped.__file__).parent / "shipped"
PAGE_WORDS = 450
Ask = Callable[..., Asking]


def definition(name: str) -> Definition:
    text = parse((ROOT / name / "SKILL.md").read_bytes())
    return Definition(
        version=1, name=name, description=text.description, produces=text.metadata["clewline-produces"], about=(),
        optional=True, parts=outline_of(text.body), body=text.body,
    )  # fmt: skip


async def made(name: str, asking: Asking) -> Document:
    skill = definition(name)
    collectors = {
        each.name: each for part in skill.parts for kind in part.kinds if (each := collector_of(kind))
    }
    facts: list[Fact] = []
    for each in collectors.values():
        facts += numbered(await each.collect(asking), start=len(facts) + 1)
    request = str(asking.arguments.get("request", ""))
    content = prompt.content_of(
        note="",
        skill=skill,
        facts=facts,
        gaps=[],
        files={},
        label=str(asking.account),
        request=request,
        said=[],
    )
    draft = compose({"system": prompt.system_of(skill), "messages": [{"role": "user", "content": content}]})
    title = f"{skill.title}: {asking.account}"
    document = document_of(draft, skill=skill, title=title, subtitle="", facts=facts, gaps=[])
    return check(document, today=NOW.date())


@pytest.fixture
def busy(book: Book, systems: Systems, asking: Ask) -> Asking:
    """Everything that a page could be filled with, and a meeting with four people."""
    enrichment(book.acme.pk)
    systems.docs.items = [rival_note(), rival_note("Ledgerwick"), *product_docs()]
    systems.calls.items = [
        price_call(book.acme.pk),
        call(
            *((10 * place, "Cleo Marsh", "them", f"We need a better {word} because the auditors complain about it.") for place, word in enumerate(("budget view", "ERP connector", "audit log", "rollout plan", "invoice check"))),
            (90, "Ann Lee", "us", "I'll send you the security pack by Friday."),
            when=at(days=-2), account=book.acme.pk,
        ),
    ]  # fmt: skip
    for name, role in (
        ("Eve Money", "economic_buyer"),
        ("Tim Tech", "technical_buyer"),
        ("Uma User", "user"),
    ):
        Contact.objects.create(
            account=book.acme, name=name, role=role, title=f"Head of {role.replace('_', ' ')}"
        )
    meeting = Activity.objects.create(
        kind="meeting", subject="Commercials for Acme Freight", body="Goal: terms and start date.", account=book.acme,
        owner=book.ann, starts_at=at(days=1), ends_at=at(days=1, hours=0.5), attendees="Cleo Marsh, Eve Money, Tim Tech, Uma User",
    )  # fmt: skip
    Activity.objects.create(
        kind="call", subject="Check-in", body="They praised support. " * 12, account=book.acme, owner=book.ann, starts_at=at(days=-3)
    )  # fmt: skip
    install_shipped()
    meeting = Activity.objects.select_related("account", "deal", "contact").get(pk=meeting.pk)
    return asking(account=book.acme, meeting=meeting)


def words(document: Document) -> int:
    text = " ".join(
        [
            section.title + " " + " ".join(block.text for block in section.blocks)
            for section in document.sections
        ]
    )
    return len(re.findall(r"\S*\w\S*", text))


@pytest.mark.parametrize("name", ["call-prep", "competitive-intel", "create-asset", "account-research"])
async def test_nothing_unsupported_and_every_part_within_its_limit(busy: Asking, name: str) -> None:
    document = await made(name, busy)
    assert [(block.text, block.why) for _, _, block in document.statements() if block.flag] == []
    limits = {part.title: part.limit for part in definition(name).parts}
    for section in document.sections:
        limit = limits[section.title]
        assert limit is None or len(section.blocks) <= limit
    page_of(document)  # raises when it is off brand


async def test_call_prep_is_one_page_even_when_much_is_known(busy: Asking) -> None:
    document = await made("call-prep", busy)
    filled = {
        section.title
        for section in document.sections
        if any(block.kind != "note" for block in section.blocks)
    }
    assert {
        "The call",
        "Who is on it",
        "A great outcome",
        "Exit criteria",
        "Ask",
        "We owe them",
        "Positioning",
        "Rivals",
        "In public",
    } <= filled
    assert 250 <= words(document) <= PAGE_WORDS


@pytest.mark.parametrize(
    ("request_text", "kind", "section"),
    [
        ("", "roi-calculator", "What it brings"),
        ("proposal for 120 seats", "proposal", "The offer"),
        ("a deck", "deck", "What others measured"),
        ("workflow demo", "workflow-demo", "What changes"),
    ],
)
async def test_the_asset_is_of_the_kind_that_was_chosen(
    busy: Asking, request_text: str, kind: str, section: str
) -> None:
    document = await made("create-asset", Asking(**{**vars(busy), "arguments": {"request": request_text}}))
    assert document.kind == kind and document.title.endswith(": Acme Freight")
    titles = [each.title for each in document.sections]
    assert "Why this asset" in titles and section in titles
    assert all(any(block.kind != "note" for block in each.blocks) for each in document.sections)
    outside = page_of(document, audience="outside")
    for ours in ("Why this asset", "Purchora", "between us", "open objection", "asked for it"):
        assert ours not in outside


async def test_a_hold_is_told_as_a_hold(busy: Asking, systems: Systems) -> None:
    held = call(
        (
            5,
            "Cleo Marsh",
            "them",
            "It is on hold until the Q2 budget. Please do not write that we decide by then.",
        ),
        when=at(days=-1),
        account=busy.account.pk,
    )  # type: ignore[union-attr]
    systems.calls.items.insert(0, held)
    for name in ("call-prep", "account-research"):
        document = await made(name, busy)
        text = " ".join(block.text for _, _, block in document.statements()).lower()
        assert "decide by q" not in text and "decision by q" not in text
    chosen = await made("create-asset", busy)
    assert chosen.kind == "one-pager"
    assert await in_database(lambda: "on hold" not in page_of(chosen, audience="outside"))
