"""The facts of a morning brief: exact, with sources, ranked the same way every time."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from sales_app.artifacts.models import Artifact, ArtifactVersion
from sales_app.collect import Asking, collector_of
from sales_app.connectors import Item
from sales_app.crm.models import Activity, Deal
from sales_app.database import in_database
from sales_app.facts import Fact
from sales_app.skills.models import Skill, SkillVersion
from tests.agent.conftest import Book
from tests.collect.conftest import NOW, Systems, at, mail

Ask = Callable[..., Asking]


async def facts(kind: str, asking: Asking) -> list[Fact]:
    each = collector_of(kind)
    assert each is not None
    return [fact for fact in await each.collect(asking) if fact.kind == kind]


def meeting(
    title: str, *, hours: float, minutes: int = 30, account: int | None = None, **more: object
) -> Item:
    begin = at(hours=hours)
    return Item(
        id=f"{title}-{hours}",
        kind="meeting",
        at=begin,
        title=title,
        people=("Cleo Marsh",) if account else ("Bo Boss",),
        account=account,
        url="/activities/1/",
        meta={"ends_at": (begin + timedelta(minutes=minutes)).isoformat(), "minutes": minutes, **more},
    )


async def test_the_day_in_order_with_conflicts_and_what_is_not_prepared(
    book: Book, systems: Systems, asking: Ask
) -> None:
    systems.calendar.items = [
        meeting("Demo", hours=2, account=book.acme.pk),
        meeting("Stand-up", hours=1),
        meeting("One-to-one", hours=2.25),
        meeting("Long ago", hours=-48),
    ]
    found = await facts("meeting_today", asking())
    assert [fact.text for fact in sorted(found, key=lambda fact: -fact.rank)] == [
        "10:00-10:30 Stand-up with Bo Boss.",
        "11:00-11:30 Demo with Cleo Marsh (Acme Freight); there is no call prep yet.",
        "11:15-11:45 One-to-one with Bo Boss.",
    ]
    demo = next(fact for fact in found if "Demo" in fact.text)
    assert demo.action is not None and demo.action.prompt == "/call-prep Acme Freight"
    (conflict,) = await facts("meeting_conflict", asking())
    assert conflict.text == "Demo (11:00-11:30) and One-to-one (11:15-11:45) overlap."
    assert len(conflict.sources) == 2


async def test_a_call_prep_of_the_last_days_counts_as_prepared(
    book: Book, systems: Systems, asking: Ask
) -> None:
    systems.calendar.items = [meeting("Demo", hours=2, account=book.acme.pk)]

    def prepare() -> None:
        skill = Skill.objects.create(name="call-prep")
        version = SkillVersion.objects.create(skill=skill, number=1, origin="shipped", digest="0" * 64)
        artifact = Artifact.objects.create(kind="one-pager", title="Prep", owner=book.ann, account=book.acme)
        ArtifactVersion.objects.create(
            artifact=artifact, number=1, document={}, html="", skill_version=version
        )
        ArtifactVersion.objects.update(created_at=NOW - timedelta(days=1))

    await in_database(prepare)
    (demo,) = await facts("meeting_today", asking())
    assert demo.text.endswith("the call prep is ready.") and demo.action is None


async def test_a_meeting_with_somebody_elses_account_names_no_account(
    book: Book, systems: Systems, asking: Ask
) -> None:
    systems.calendar.items = [meeting("Demo", hours=2, account=book.bolt.pk)]
    (demo,) = await facts("meeting_today", asking())
    assert "Bolt" not in demo.text and "call prep" not in demo.text


async def test_who_waits_for_an_answer_and_who_does_not(book: Book, systems: Systems, asking: Ask) -> None:
    acme = book.acme.pk
    systems.email.items = [
        mail("Can you send the pack by Friday?", when=at(days=-1, hours=-2), account=acme),
        mail("And?", when=at(hours=-3), account=acme, title="Too young"),
        mail("Big sale", when=at(days=-2), title="News", bulk=True),
        mail("Thanks", when=at(days=-2), title="Answered", answered_at=at(days=-1).isoformat()),
        mail("I'll send it", when=at(days=-2), sent=True, title="Sent"),
    ]
    (found,) = await facts("unanswered_mail", asking())
    assert found.text == (
        "Cleo Marsh of Acme Freight (deal of USD 90,000) has waited since Monday 2 March at 07:00 for an "
        'answer to "The quote", overdue since today at 07:00.'
    )
    assert found.sources[0].quote == "Can you send the pack by Friday?" and found.sources[0].untrusted
    assert found.values["late"] is True and found.action is not None
    (younger,) = [
        f for f in await facts("unanswered_mail", asking(arguments={"hours": 2})) if "Too young" in f.text
    ]
    assert "due Wednesday 4 March at 06:00" in younger.text


async def test_where_a_provider_says_nothing_of_answers_a_later_mail_to_the_sender_is_one(
    book: Book, systems: Systems, asking: Ask
) -> None:
    question = mail("When?", when=at(days=-1), account=book.acme.pk)
    del question.meta["answered_at"]
    systems.email.items = [question]
    assert len(await facts("unanswered_mail", asking())) == 1
    systems.email.items.append(mail("Friday.", when=at(hours=-2), sent=True))
    assert await facts("unanswered_mail", asking()) == []


async def test_a_mail_that_has_a_draft_leads_to_it(book: Book, systems: Systems, asking: Ask) -> None:
    systems.email.items = [mail("When?", when=at(days=-1), draft_id=77)]
    (found,) = await facts("unanswered_mail", asking())
    assert found.action is not None and found.action.url == "/mail/77/"


def chat(text: str, *, days: float, **meta: object) -> Item:
    return Item(
        id=f"m{text}",
        kind="message",
        at=at(days=days),
        title="Bo Boss in deals",
        text=text,
        people=("Bo Boss",),
        url=f"/sources/chat/m{text}/",
        meta={"author": "Bo Boss", "channel": "deals", "question": "?" in text, "mentions_me": True, **meta},
    )


async def test_chat_that_nothing_followed(book: Book, systems: Systems, asking: Ask) -> None:
    systems.chat.items = [
        chat("FYI", days=-2, mentions_me=False),
        chat("Where is it?", days=-1),
        chat("Done?", days=-1, acted_on=True),
        chat("Look", days=-3),
    ]
    found = await facts("chat_waiting", asking())
    assert [fact.text for fact in found] == [
        'Bo Boss asked you in deals Monday 2 March at 09:00: "Where is it?"',
        'Bo Boss wrote to you in deals Saturday 28 February at 09:00: "Look"',
    ]
    systems.chat.items = []
    assert await facts("chat_waiting", asking()) == []


def document(kind: str, title: str, **meta: object) -> Item:
    return Item(
        id=title,
        kind=kind,
        at=NOW,
        title=title,
        text="What it is about.",
        url=f"/sources/docs/{title}/",
        meta=dict(meta),
    )


async def test_initiatives_near_their_day(book: Book, systems: Systems, asking: Ask) -> None:
    systems.docs.items = [
        document("initiative", "Clean up", due="2026-03-01"),
        document("initiative", "Certify", due="2026-03-06"),
        document("initiative", "Far", due="2026-09-01"),
        document("initiative", "Undated"),
        document("policy", "Discounts"),
    ]
    assert [fact.text for fact in await facts("initiative_due", asking())] == [
        'The initiative "Clean up" was due Sunday 1 March, 2 days ago.',
        'The initiative "Certify" is due Friday 6 March, in 3 days.',
    ]


async def test_events_name_accounts_of_the_own_book_that_fit(
    book: Book, systems: Systems, asking: Ask
) -> None:
    systems.docs.items = [
        document("event", "Logistics day", starts="2026-03-20", place="Hamburg", industries=["Logistics"]),
        document("event", "Bakers", starts="2026-03-20", industries=["Food and drink"]),
        document("event", "Tomorrow", starts="2026-03-04"),
    ]
    (found,) = await facts("event_to_offer", asking())
    assert found.text == (
        '"Logistics day" on Friday 20 March in Hamburg fits 1 account of yours with an open deal, the largest Acme Freight.'
    )


async def test_drafts_that_nobody_sent(book: Book, systems: Systems, asking: Ask) -> None:
    late = mail("Words", when=at(days=-2), sent=True, title="Re: The quote")
    systems.email.items = [
        Item(**{**vars(late), "kind": "draft"}),
        Item(**{**vars(mail("Words", when=at(hours=-1), sent=True, title="Fresh")), "kind": "draft"}),
    ]
    found = await facts("unsent_draft", asking())
    assert [fact.values["late"] for fact in found] == [True, False]
    assert found[0].text == (
        'Your draft "Re: The quote" to Cleo Marsh has waited to be sent since Sunday 1 March at 09:00, overdue since '
        "today at 00:00."  # the Sunday does not count
    )


async def test_tasks_due_and_overdue_are_the_own_ones(book: Book, asking: Ask) -> None:
    def tasks() -> None:
        for owner, subject, days, done in [
            (book.ann, "Send it", -2, False),
            (book.ann, "Call", 0, False),
            (book.ann, "Later", 1, False),
            (book.ann, "Done", -1, True),
            (book.ben, "Ben's", -1, False),
        ]:
            due = (NOW + timedelta(days=days)).date()
            Activity.objects.create(
                kind="task", subject=subject, owner=owner, due=due, done=done, account=book.acme
            )

    await in_database(tasks)
    assert [fact.text for fact in await facts("task_due", asking())] == [
        'The task "Send it" for Acme Freight has been overdue for 2 days, since Sunday 1 March.',
        'The task "Call" for Acme Freight is due today.',
    ]


async def test_deals_that_slipped_or_have_no_next_step(book: Book, asking: Ask) -> None:
    def deals() -> None:
        Deal.objects.filter(account=book.acme).update(
            next_step="Call", stage_changed_at=NOW, close_date=NOW.date() + timedelta(days=30)
        )
        Deal.objects.filter(name__endswith="deal 1").update(close_date=NOW.date() - timedelta(days=3))
        Deal.objects.filter(name__endswith="deal 0").update(
            next_step=" ", stage_changed_at=NOW - timedelta(days=31)
        )
        Deal.objects.filter(name__endswith="deal 2").update(
            close_date=NOW.date() - timedelta(days=3), next_step=""
        )

    await in_database(deals)
    (slipped,) = await facts("deal_slipped", asking())
    assert slipped.text == (
        "Acme Freight deal 1 (USD 90,000, Negotiation) was to close on Saturday 28 February, 3 days ago, and is still open."
    )
    (stepless,) = await facts("deal_without_step", asking())
    assert (
        stepless.text
        == "Acme Freight deal 0 (USD 12,500, Proposal) has no next step. It is to close on Thursday 2 April."
    )
    (stuck,) = await facts("deal_stuck", asking())
    assert "has been in Proposal for 31 days; the limit for that stage is 30." in stuck.text
    totals = await facts("deal_gap_total", asking())
    assert totals[0].text == "1 open deal worth USD 90,000 is past its close date."


async def test_the_ranked_end_is_ordered_by_value_urgency_and_waiting(
    book: Book, systems: Systems, asking: Ask
) -> None:
    systems.email.items = [
        mail("Can you help?", when=at(days=-1), title="Small", account=None),
        mail("Can you send the pack?", when=at(days=-1), title="Large", account=book.acme.pk),
    ]

    def records() -> None:
        Deal.objects.filter(account=book.acme).update(
            next_step="Call", close_date=NOW.date() + timedelta(days=30), stage_changed_at=NOW
        )
        Activity.objects.create(kind="task", subject="Tidy up", owner=book.ann, due=NOW.date())
        late = NOW.date() - timedelta(days=5)
        Activity.objects.create(kind="task", subject="Send it", owner=book.ann, due=late, account=book.acme)

    await in_database(records)
    each = collector_of("next_action")
    assert each is not None and each.last
    found = await each.collect(asking())
    assert [fact.text for fact in found if fact.kind == "next_reply"] == [
        'Answer Cleo Marsh of Acme Freight: "Can you send the pack?"',
        'Answer Cleo Marsh: "Can you help?"',
    ]
    assert [fact.text for fact in found if fact.kind == "next_action"] == [
        'Do the task "Send it" for Acme Freight.',
        'Do the task "Tidy up".',
    ]
    assert all(fact.sources and fact.action for fact in found)


async def test_given_what_was_found_it_ranks_that_and_reads_nothing(
    book: Book, systems: Systems, asking: Ask
) -> None:
    systems.email.items = [mail("Can you help?", when=at(days=-1))]
    waiting = await facts("unanswered_mail", asking())
    systems.email.asked.clear()
    each = collector_of("next_reply")
    assert each is not None
    found = await each.collect(asking(found=tuple(waiting)))
    assert [fact.kind for fact in found] == ["next_reply"]
    assert await each.collect(asking(found=())) == []
    assert systems.email.asked == []


async def test_one_system_that_is_down_keeps_the_rest_of_the_ranking(
    book: Book, systems: Systems, asking: Ask
) -> None:
    systems.email.down = systems.chat.down = systems.docs.down = True
    await in_database(
        lambda: Activity.objects.create(kind="task", subject="Tidy up", owner=book.ann, due=NOW.date())
    )
    each = collector_of("next_action")
    assert each is not None
    assert 'Do the task "Tidy up".' in [fact.text for fact in await each.collect(asking())]


async def test_the_same_records_give_the_same_facts(book: Book, systems: Systems, asking: Ask) -> None:
    systems.email.items = [mail("Can you help?", when=at(days=-1), title=f"Same {n}") for n in range(8)]
    await in_database(
        lambda: Deal.objects.bulk_create(
            Deal(
                account=book.acme,
                owner=book.ann,
                name=f"Twin {n}",
                amount=Decimal(1000),
                close_date=NOW.date(),
            )
            for n in range(6)
        )
    )
    each = collector_of("next_action")
    assert each is not None
    first = [fact.as_json() for fact in await each.collect(asking())]
    systems.email.items.reverse()
    assert [fact.as_json() for fact in await each.collect(asking())] == first
