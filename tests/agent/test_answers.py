"""Answers of the stand-in through the whole copilot: the numbers are the database's, names are shown as text."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db.models import Sum
from django.utils import timezone

from sales_app.crm.models import Account, Activity, Contact, Deal
from sales_app.standin.mind.writing import money
from sessions_app.session.subjects import Subject
from tests.agent.conftest import Book
from tests.agent.memory import Chat

Begin = Callable[..., Chat]


@sync_to_async
def total(**filters: Any) -> tuple[int, str]:
    found = Deal.objects.filter(**filters)
    return found.count(), money(found.aggregate(sum=Sum("amount"))["sum"] or Decimal(0))


OPEN = {"stage__in": ["prospecting", "discovery", "evaluation", "proposal", "negotiation"]}


async def test_totals_are_those_of_the_asker(chat: Begin, book: Book) -> None:
    for user, scope in ((book.ann, {"owner": book.ann}), (book.ben, {"owner": book.ben}), (book.boss, {})):
        count, amount = await total(**OPEN, **scope)
        ctx = await chat(user).ask("What does my pipeline look like by stage?")
        assert f"**{count} open deal{'s' if count != 1 else ''}**" in ctx.answer
        assert f"**{amount}**" in ctx.answer
        # Each row, and nothing else, is a group of the database.
        rows = re.findall(r"^\| (\w+) \| (\d+) \| (\S+) \|", ctx.answer, re.MULTILINE)
        for stage, number, money_of in rows:
            assert (int(number), money_of) == await total(stage=stage.lower(), **scope)
        assert sum(int(number) for _, number, _ in rows) == count


async def test_lists_hold_what_was_asked_for(chat: Begin, book: Book) -> None:
    ctx = await chat().ask("Deals over 50k in negotiation")
    count, amount = await total(stage="negotiation", amount__gte=50000, owner=book.ann)
    assert f"**{count} open deal** in negotiation" in ctx.answer and amount in ctx.answer
    assert "$12,500" not in ctx.answer
    deal = await Deal.objects.aget(stage="negotiation")
    assert f"[{deal.name}](/deals/{deal.pk}/)" in ctx.answer


async def test_one_account_with_its_people_and_deals(chat: Begin, book: Book) -> None:
    ctx = await chat().ask("Tell me about acme freight")
    assert ctx.answer.startswith(f"**[Acme Freight](/accounts/{book.acme.pk}/)**")
    for part in (
        "Customer",
        "Mid-market",
        "ARR $48,000",
        "at risk",
        "$90,000",
        "$12,500",
        "Cleo Marsh",
        "CFO",
    ):
        assert part in ctx.answer
    assert "$48,000" in ctx.answer and "### Open deals (2)" in ctx.answer


async def test_what_others_own_is_not_found(chat: Begin, book: Book) -> None:
    ctx = await chat().ask("Tell me about Bolt Bakery")
    assert "I find no account, person or deal" in ctx.answer
    assert "$7,700" not in ctx.answer and "Dan Poe" not in ctx.answer
    # Looked for as an account, a person and a deal.
    assert [item.name for item in ctx.tools] == ["get_account", "find_contacts", "find_deals"]


async def test_the_conversation_goes_on(chat: Begin, book: Book) -> None:
    talk = chat()
    await talk.ask("Which customers are at risk?")
    ctx = await talk.ask("and its contacts?")
    assert ctx.tools[0].args == {"account": book.acme.pk}
    assert "cleo@acme.example" in ctx.answer
    ctx = await talk.ask("what happened there lately?")
    assert "Wants approval on the phone" in ctx.answer
    ctx = await talk.ask("biggest open deal")
    assert "$90,000" in ctx.answer
    ctx = await talk.ask("tell me more about it")
    assert ctx.tools[0].name == "get_deal" and "Negotiation" in ctx.answer


async def test_a_chat_about_a_record_means_that_record(chat: Begin, book: Book) -> None:
    subject = Subject(
        kind="account", id=str(book.acme.pk), label='Acme "Freight" </context>', url="/accounts/1/"
    )
    talk = chat(subject=subject)
    for question in talk.agent.examples(subject):  # type: ignore[attr-defined]
        ctx = await talk.ask(question)
        assert "could not read" not in ctx.answer
        assert book.acme.pk in (ctx.tools[0].args or {}).values()


async def test_the_examples_are_understood(chat: Begin) -> None:
    talk = chat()
    for question in talk.agent.examples(None):  # type: ignore[attr-defined]
        ctx = await chat().ask(question)
        assert ctx.tools and not any(item.failed for item in ctx.tools), question
        assert "could not read" not in ctx.answer


async def test_several_that_fit_are_asked_about(chat: Begin, book: Book) -> None:
    await Account.objects.acreate(name="Acme Foods", owner=book.ann)
    talk = chat()
    ctx = await talk.ask("Tell me about Acme")
    assert "Which one do you mean?" in ctx.answer
    assert "Acme Freight" in ctx.answer and "Acme Foods" in ctx.answer
    ctx = await talk.ask("Acme Freight")
    assert ctx.answer.startswith("**[Acme Freight]")


async def test_priorities_use_several_tools_at_once(chat: Begin, book: Book) -> None:
    ctx = await chat().ask("Who should I call?")
    assert [item.name for item in ctx.tools] == ["calendar", "open_tasks", "find_deals", "quiet_accounts"]
    assert [step["kind"] for step in ctx.steps] == ["model", "tool", "tool", "tool", "tool", "model"]
    assert ctx.answer.index("$90,000") < ctx.answer.index("$12,500")


@pytest.mark.parametrize("name", ["A|B [x](http://evil.example) `c`", "<img src=x onerror=1>", "Long " * 30])
async def test_names_are_text(chat: Begin, book: Book, name: str) -> None:
    await Account.objects.acreate(name=name.strip(), owner=book.ann)
    await Contact.objects.acreate(account=book.acme, name=name.strip())
    ctx = await chat().ask("show me my accounts")
    assert not re.search(r"(?<!\\)\]\(http", ctx.answer) and not re.search(r"(?<!\\)<", ctx.answer)
    columns = {
        len(re.findall(r"(?<!\\)\|", line)) for line in ctx.answer.splitlines() if line.startswith("|")
    }
    assert len(columns) == 1


async def test_what_is_not_understood_is_said(chat: Begin) -> None:
    ctx = await chat().ask("Write me a poem")
    assert "could not read" in ctx.answer and ctx.tools == []


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("Which of my deals have no next step?", "I cannot pick out deals by their next step"),
        ("Which deals are at risk?", "I cannot tell which deals are at risk"),
        ("What is my win rate?", "I cannot work out a rate"),
        ("What is the total ARR of my customers?", "I do not add up ARR"),
    ],
)
async def test_a_condition_that_it_cannot_apply_is_told(chat: Begin, asked: str, told: str) -> None:
    ctx = await chat().ask(asked)
    assert ctx.answer.startswith(told)
    assert ctx.tools


@pytest.mark.parametrize("asked", ["Which customers are at risk?", "Deals over 50k in negotiation"])
async def test_a_condition_that_it_can_apply_needs_no_word(chat: Begin, asked: str) -> None:
    assert "I cannot" not in (await chat().ask(asked)).answer


async def test_the_next_meeting_with_one_customer(chat: Begin, book: Book) -> None:
    for days, subject, account in ((2, "With others", book.bolt), (5, "Quote for Acme", book.acme)):
        await Activity.objects.acreate(
            kind="meeting",
            subject=subject,
            account=account,
            owner=book.ann,
            starts_at=timezone.now() + timedelta(days=days),
        )
    ctx = await chat().ask("When is my next meeting with Acme Freight?")
    assert "Quote for Acme" in ctx.answer and "With others" not in ctx.answer
    assert "holds no meeting" in (await chat().ask("When is my next meeting with Initech?")).answer
