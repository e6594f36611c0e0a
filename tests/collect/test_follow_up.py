"""What is owed, by whom, since when and until when, with the words it rests on; and a draft for each mail that waits."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from sales_app.collect import Asking, collector_of
from sales_app.collect.drafts import drafts_for
from sales_app.connectors import Item
from sales_app.crm.models import Activity, Contact
from sales_app.database import in_database
from sales_app.documents.document import Block, Document, Section
from sales_app.facts import Fact, numbered
from sales_app.mail.drafts import Unsendable, edit_draft, make_drafts, send_draft
from sales_app.mail.models import Mail
from tests.agent.conftest import Book
from tests.collect.conftest import NOW, Systems, at, call, mail

Ask = Callable[..., Asking]


async def owed(asking: Asking) -> list[Fact]:
    each = collector_of("owed_by_us")
    assert each is not None
    return await each.collect(asking)


async def replies(asking: Asking) -> list[Fact]:
    each = collector_of("reply_draft")
    assert each is not None
    return await each.collect(asking)


async def test_a_promise_in_a_mail_has_owner_day_and_span(book: Book, systems: Systems, asking: Ask) -> None:
    text = "Thanks, Cleo. I'll send the pricing by Friday."
    systems.email.items = [mail(text, when=at(days=-1), account=book.acme.pk, sent=True)]
    (found,) = await owed(asking())
    assert found.kind == "owed_by_us" and found.text == (
        'Ann Lee promised Acme Freight on Monday 2 March in the mail "The quote": "I\'ll send the pricing by Friday." '
        "(due Friday 6 March)."
    )
    assert found.values["owner"] == "Ann Lee" and found.values["due"] == "2026-03-06"
    begin, end = found.values["span"]
    assert text[begin:end] == found.sources[0].quote == "I'll send the pricing by Friday."


async def test_a_request_of_theirs_is_ours_to_do_within_the_24_hours(
    book: Book, systems: Systems, asking: Ask
) -> None:
    systems.email.items = [mail("Can you send us the DPA?", when=at(days=-4), account=book.acme.pk)]
    (found,) = await owed(asking())
    assert found.kind == "owed_by_us" and found.values["owner"] == "Ann Lee" and found.values["asked"] is True
    assert "Cleo Marsh of Acme Freight asked Ann Lee on Friday 27 February" in found.text
    assert "(overdue since Monday 2 March)" in found.text and found.untrusted


async def test_what_they_promised_and_were_asked_is_theirs(book: Book, systems: Systems, asking: Ask) -> None:
    systems.calls.items = [
        call(
            (12, "Ann Lee", "us", "Could you share the list of sites?"),
            (754, "Cleo Marsh", "them", "We'll get you the signed order next week."),
            (800, "Cleo Marsh", "them", "The rest is on hold until Q2 budget, I will call you then."),
            when=at(days=-1),
            account=book.acme.pk,
        )
    ]
    found = await owed(asking())
    assert [fact.kind for fact in found] == ["owed_by_them", "owed_by_them"]
    promise = next(fact for fact in found if not fact.values["asked"])
    assert promise.text.startswith(
        'Cleo Marsh of Acme Freight promised on Monday 2 March in the call "Discovery" at 12:34:'
    )
    assert promise.sources[0].url.endswith("#t754") and promise.values["due"] == "2026-03-13"
    request = next(fact for fact in found if fact.values["asked"])
    assert request.values["owner"] == "Cleo Marsh" and "(no day named)" in request.text


async def test_notes_and_chat_are_read_too(book: Book, systems: Systems, asking: Ask) -> None:
    def note() -> None:
        Activity.objects.create(
            kind="call", subject="Recap", body="Promised a reference. Cleo Marsh will sign by Friday. On hold until Q2 budget.",
            account=book.acme, owner=book.ann, starts_at=at(days=-1),
        )  # fmt: skip

    await in_database(note)
    systems.chat.items = [
        Item(
            id="m1", kind="message", at=at(days=-1), title="Bo Boss in deals", text="I'll send them the redlines tomorrow.",
            account=book.acme.pk, url="/sources/chat/m1/", meta={"author": "Bo Boss", "channel": "deals"},
        )
    ]  # fmt: skip
    found = {(fact.kind, fact.values["owner"]) for fact in await owed(asking())}
    assert found == {("owed_by_us", "Ann Lee"), ("owed_by_us", "Bo Boss"), ("owed_by_them", "Cleo Marsh")}


async def test_said_twice_is_one_item_with_both_sources(book: Book, systems: Systems, asking: Ask) -> None:
    acme = book.acme.pk
    systems.calls.items = [
        call((3, "Ann Lee", "us", "I'll send you the security pack."), when=at(days=-2), account=acme)
    ]
    systems.email.items = [
        mail(
            "I'll send you the security pack by Thursday.",
            when=at(days=-1),
            account=acme,
            sent=True,
            title="Recap",
        )
    ]
    (found,) = await owed(asking())
    assert [source.category for source in found.sources] == ["calls", "email"]
    assert found.values["due"] == "2026-03-05" and found.values["said_at"] == at(days=-2).isoformat()


async def test_what_a_later_mail_may_have_settled_is_said_and_not_ranked_first(
    book: Book, systems: Systems, asking: Ask
) -> None:
    acme = book.acme.pk
    systems.email.items = [
        mail(
            "I'll send you the security questionnaire.",
            when=at(days=-4),
            account=acme,
            sent=True,
            title="Recap",
        ),
        mail("Attached.", when=at(days=-3), account=acme, sent=True, title="Our security questionnaire"),
        mail("I'll confirm the start date.", when=at(days=-1), account=acme, sent=True, title="Dates"),
    ]
    first, second = await owed(asking())
    assert first.values["said"] == "I'll confirm the start date." and "todo" in first.values
    assert second.values["settled_by"] == "Our security questionnaire" and "todo" not in second.values
    assert "may have settled it" in second.text


async def test_other_peoples_accounts_and_old_promises_are_not_there(
    book: Book, systems: Systems, asking: Ask
) -> None:
    systems.email.items = [
        mail("I'll send the pricing.", when=at(days=-1), account=book.bolt.pk, sent=True),
        mail("I'll send the pricing.", when=at(days=-20), account=book.acme.pk, sent=True),
        mail("I'll send the pricing.", when=at(days=-1), sent=True),
    ]
    assert await owed(asking()) == []
    (found,) = await owed(asking(account=book.acme))
    assert found.values["said_at"] == at(days=-20).isoformat()


async def test_a_system_that_is_down_is_told_and_the_others_are_read(
    book: Book, systems: Systems, asking: Ask
) -> None:
    systems.calls.down = True
    systems.email.items = [mail("I'll send it.", when=at(days=-1), account=book.acme.pk, sent=True)]
    kinds = {fact.kind: fact for fact in await owed(asking())}
    assert set(kinds) == {"owed_by_us", "unread_source"}
    assert kinds["unread_source"].text.startswith("Recorded calls could not be read")


async def test_a_reply_is_addressed_asks_in_order_and_leaves_the_answer_blank(
    book: Book, systems: Systems, asking: Ask
) -> None:
    text = "Hello Ann,\n\nCan you send us the DPA by Friday? And please confirm the price.\n\nCleo"
    systems.email.items = [
        mail(text, when=at(days=-1), account=book.acme.pk),
        mail("When?", when=at(days=-1), title="Begun", draft_id=4),
    ]
    (found,) = await replies(asking())
    draft = found.values["draft"]
    assert draft["to"] == "cleo@acme.example" and draft["subject"] == "Re: The quote"
    assert draft["body"] == (
        "Hello Cleo,\n\nThank you for your mail of Monday 2 March.\n\n> Can you send us the DPA by Friday?\n[Your answer]\n\n"
        "> And please confirm the price.\n[Your answer]\n\nBest regards\nAnn Lee"
    )
    assert found.text.startswith('A reply to Cleo Marsh of Acme Freight about "The quote"')


async def test_from_the_mail_to_the_draft_that_cannot_leave_with_a_blank(
    book: Book, systems: Systems, asking: Ask
) -> None:
    systems.email.items = [mail("Can you send us the DPA?", when=at(days=-1), account=book.acme.pk)]
    (fact,) = numbered(await replies(asking()))
    block = Block(kind="item", text=fact.text, cites=(fact.id,))
    document = Document(
        kind="brief", title="x", sections=(Section(title="Replies", blocks=(block,)),), facts=(fact,)
    )
    assert len(drafts_for(document)) == 1
    assert (
        drafts_for(Document(kind="brief", title="x", facts=(fact,))) == []
    )  # not in the document, so not wanted

    def press_send() -> None:
        (draft,) = make_drafts(book.ann, document, "run:call")
        assert draft.contact == Contact.objects.get(name="Cleo Marsh")
        with pytest.raises(Unsendable, match="blank"):
            send_draft(draft, version=1, by=book.ann)
        filled = edit_draft(
            draft, to=draft.recipient, subject=draft.subject, body="Attached.", version=1, by=book.ann
        )
        assert send_draft(filled, version=2, by=book.ann).status == Mail.Status.DELIVERED

    await in_database(press_send)


async def test_only_the_account_that_was_asked_about(book: Book, systems: Systems, asking: Ask) -> None:
    systems.email.items = [
        mail("Can you send it?", when=at(days=-1), account=book.acme.pk),
        mail("Can you send it?", when=at(days=-1), account=book.bolt.pk, title="Bolt"),
    ]
    assert [fact.values["account"] for fact in await replies(asking(account=book.acme))] == ["Acme Freight"]
    assert systems.email.asked[-1][1]["since"] == (NOW - timedelta(days=21)).isoformat()
