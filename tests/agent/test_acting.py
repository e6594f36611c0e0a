"""The copilot acts: in the real run host, over the real store, with mails in the outbox."""

import json
import threading
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as outbox
from django.db.models import F
from django.test import Client
from django.utils import timezone

from sales_app.agent import turn
from sales_app.agent.models import AgentSettings
from sales_app.agent.tools import registry
from sales_app.crm.models import Activity, Contact, Deal
from sales_app.people.models import AuditEntry
from sales_app.standin.control import Control, directive
from sessions_app.control import answer as answers
from sessions_app.control.answer import AlreadyDecided, Reply, answer
from sessions_app.control.branches import regenerate
from sessions_app.control.people import remove
from sessions_app.control.send import send_input
from sessions_app.control.start import start_session
from sessions_app.control.stop import stop
from sessions_app.control.undo import undo
from sessions_app.runs.agents import UnknownAgent
from sessions_app.runs.effects import ChangedSince
from sessions_app.runs.host import RunHost
from sessions_app.runs.interrupts import expire_due
from sessions_app.runs.models import Effect, Interrupt, Run, Step
from sessions_app.session.access import NotAllowed
from sessions_app.session.models import Session
from sessions_app.session.participants import join
from sessions_app.session.snapshots import load_view
from tests.agent.conftest import Book, ended
from tests.control.world import in_thread, wait_for

Json = dict[str, Any]
Ask = Callable[[str], Run]

MAIL = {"contact": "Cleo Marsh", "subject": "The quote", "body": "It is on its way.\n\nAnn"}
LOG = {"kind": "call", "subject": "Wants a quote", "contact": "Cleo Marsh"}
READ = {"name": "recent_activities", "input": {"account": "Acme Freight"}}


def calls(control: Control, *wanted: Json) -> None:
    """What the model calls next."""
    control.queue.append(directive({"tools": list(wanted)}))


def items(session: Session, kind: str) -> list[Json]:
    _, view = load_view(str(session.pk))
    return [item for item in view["items"] if item["kind"] == kind]


def results(control: Control) -> dict[str, Json]:
    """Results in the newest request to the model, by the name of the tool."""
    assert control.last_request is not None
    blocks = [block for turn in control.last_request["messages"] for block in turn["content"]]
    names = {block["id"]: block["name"] for block in blocks if block["type"] == "tool_use"}
    return {names[block["tool_use_id"]]: block for block in blocks if block["type"] == "tool_result"}


def decide(session: Session, **decisions: str) -> Run:
    """Answer what is asked, by the tool's name, and wait for the run that goes on."""
    asked = list(Interrupt.objects.filter(session=session, status="open"))
    replies = [Reply(id=str(each.pk), decision=decisions[each.tool], hash=each.args_hash) for each in asked]
    assert replies
    answer(session_id=str(session.pk), actor=session.created_by, replies=replies)
    return ended(Run.objects.get(resumes=asked[0].run_id).pk)


def change(field: str, value: Any, *, record: str = "deal", ref: Any = "Acme Freight deal 1") -> Json:
    return {"name": "update_field", "input": {"record": record, "ref": ref, "field": field, "value": value}}


def test_an_activity_is_logged_and_taken_back(
    ask: Ask, control: Control, session: Session, book: Book
) -> None:
    calls(control, {"name": "log_activity", "input": LOG})
    run = ask("Hello")
    assert run.status == Run.Status.FINISHED
    made = Activity.objects.get(kind="call")
    assert (made.subject, made.owner, made.account) == ("Wants a quote", book.ann, book.acme)
    assert made.contact is not None and made.contact.name == "Cleo Marsh"
    trail = AuditEntry.objects.get(action="crm.created")
    assert (trail.actor, trail.data["run"]) == (book.ann, str(run.pk)) and "Wants a quote" in trail.target
    (tool,) = items(session, "tool")
    assert tool["effect"] == "undoable" and "Wants a quote" in tool["result"]
    for _ in range(2):
        undo(session_id=str(session.pk), actor=session.created_by, call_id=tool["id"])
    assert not Activity.objects.filter(kind="call").exists()
    assert AuditEntry.objects.filter(action="crm.undone").count() == 1
    assert items(session, "tool")[0]["effect"] == "undone"


def test_an_answer_that_acted_is_given_once_more(ask: Ask, control: Control, session: Session) -> None:
    """Another answer is another call: it has a card, an effect and an undo of its own."""
    ask("Hello")
    calls(control, {"name": "log_activity", "input": LOG})
    first = ask("Hello")
    calls(control, {"name": "log_activity", "input": LOG})
    again = regenerate(
        session_id=str(session.pk), actor=session.created_by, run_id=str(first.pk), client_id=uuid.uuid4().hex
    )
    assert again.run_id is not None
    assert ended(again.run_id).status == Run.Status.FINISHED
    one, two = items(session, "tool")
    assert (one["run"], two["run"]) == (str(first.pk), again.run_id)
    undo(session_id=str(session.pk), actor=session.created_by, call_id=two["id"])
    assert [item["effect"] for item in items(session, "tool")] == ["undoable", "undone"]
    assert Activity.objects.filter(kind="call").count() == 1


def test_a_field_is_changed_with_what_follows_from_it_and_put_back(
    ask: Ask, control: Control, session: Session, book: Book
) -> None:
    before = Deal.objects.get(name="Acme Freight deal 0")
    calls(control, change("stage", "Negotiation", ref=before.pk))
    run = ask("Hello")
    deal = Deal.objects.get(pk=before.pk)
    assert (deal.stage, deal.probability, deal.version) == ("negotiation", 80, before.version + 1)
    trail = AuditEntry.objects.get(action="crm.changed")
    assert trail.data["stage"] == ["proposal", "negotiation"] and trail.data["run"] == str(run.pk)
    (tool,) = items(session, "tool")
    undo(session_id=str(session.pk), actor=session.created_by, call_id=tool["id"])
    deal.refresh_from_db()
    assert (deal.stage, deal.probability, deal.stage_changed_at) == (
        before.stage,
        before.probability,
        before.stage_changed_at,
    )


def test_nothing_else_of_the_record_is_written(ask: Ask, control: Control, book: Book) -> None:
    """A form would give a time back without its seconds."""
    task = Activity.objects.create(kind="task", subject="Call", owner=book.ann, account=book.acme)
    calls(control, change("done", True, record="activity", ref=task.pk))
    assert ask("Hello").status == Run.Status.FINISHED
    now = Activity.objects.get(pk=task.pk)
    assert (now.done, now.starts_at, now.version) == (True, task.starts_at, 2)
    data = AuditEntry.objects.get(action="crm.changed").data
    assert data.pop("run") and data == {"done": ["False", "True"]}


def test_what_was_edited_since_is_not_undone(
    ask: Ask, control: Control, session: Session, book: Book
) -> None:
    calls(control, change("next_step", "Send the contract"), {"name": "log_activity", "input": LOG})
    ask("Hello")
    Deal.objects.filter(name="Acme Freight deal 1").update(next_step="Call first", version=7)
    Activity.objects.filter(kind="call").update(version=2)
    for tool in items(session, "tool"):
        with pytest.raises(ChangedSince):
            undo(session_id=str(session.pk), actor=session.created_by, call_id=tool["id"])
    assert Deal.objects.get(name="Acme Freight deal 1").next_step == "Call first"
    assert Activity.objects.filter(kind="call").exists()


def test_undoing_needs_the_rights_to_change(ask: Ask, control: Control, session: Session, book: Book) -> None:
    calls(control, change("next_step", "Send the contract"))
    ask("Hello")
    book.ann.role = "auditor"
    book.ann.save()
    (tool,) = items(session, "tool")
    with pytest.raises(NotAllowed):
        undo(session_id=str(session.pk), actor=session.created_by, call_id=tool["id"])
    assert Deal.objects.get(name="Acme Freight deal 1").next_step == "Send the contract"


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        (change("stage", "asleep"), "negotiation"),
        (change("stage", "lost"), "lost"),
        (change("close_date", "soon"), "2026-03-31"),
        (change("amount", "-5"), "amount"),
        (change("colour", "red"), "next_step"),
        (change("next_step", "x", ref="Bolt Bakery deal 3"), "No deal of yours"),
        (change("next_step", "x", ref="Acme Freight"), "Several deals"),
        (change("owner", "Ben Roy"), "owner"),
        ({"name": "update_field", "input": {**change("name", "x")["input"], "more": 1}}, "no argument more"),
        (
            {"name": "update_field", "input": {"record": "deal", "ref": 1.5, "field": "name", "value": 1}},
            "ref must",
        ),
        ({"name": "log_activity", "input": {**LOG, "kind": "party"}}, "call"),
        ({"name": "log_activity", "input": {**LOG, "subject": " "}}, "subject"),
        ({"name": "log_activity", "input": {**LOG, "when": "soon"}}, "2026"),
        ({"name": "log_activity", "input": {**LOG, "body": "a\0b"}}, "null character"),
        ({"name": "send_email", "input": {**MAIL, "cc": "x@y.example"}}, "no argument cc"),
        ({"name": "send_email", "input": {**MAIL, "to": "else@acme.example"}}, "address of Cleo Marsh"),
        ({"name": "send_email", "input": {**MAIL, "contact": "Dan Poe"}}, "No contact of yours"),
    ],
)
def test_what_cannot_be_done_is_told_and_changes_nothing(
    ask: Ask, control: Control, session: Session, wanted: Json, says: str
) -> None:
    calls(control, wanted)
    run = ask("Hello")
    assert run.status == Run.Status.FINISHED
    told = results(control)[wanted["name"]]
    assert told["is_error"] is True and says in told["content"], told["content"]
    assert [item["status"] for item in items(session, "tool")] == ["failed"]
    assert not Effect.objects.exists() and not AuditEntry.objects.exists() and not outbox.outbox


def test_who_may_only_read_changes_nothing(ask: Ask, control: Control, book: Book) -> None:
    book.ann.role = "auditor"
    book.ann.save()
    calls(control, {"name": "log_activity", "input": LOG}, {"name": "send_email", "input": MAIL})
    assert ask("Hello").status == Run.Status.FINISHED
    assert all("not_allowed" in told["content"] for told in results(control).values())
    assert not Activity.objects.filter(kind="call").exists() and not Interrupt.objects.exists()


def test_a_mail_is_sent_once_it_is_approved(ask: Ask, control: Control, session: Session, book: Book) -> None:
    cleo = Contact.objects.get(name="Cleo Marsh")
    calls(control, {"name": "send_email", "input": MAIL}, {"name": "log_activity", "input": LOG})
    run = ask("Hello")
    assert run.status == Run.Status.INTERRUPTED
    # What needs no approval was done first.
    assert Activity.objects.filter(kind="call").count() == 1 and not outbox.outbox
    asked = Interrupt.objects.get()
    assert asked.args == {
        "to": "cleo@acme.example",
        "contact": cleo.pk,
        "subject": MAIL["subject"],
        "body": MAIL["body"],
    }
    assert asked.title == "Send an email to Cleo Marsh <cleo@acme.example>"
    assert {"label": "Text", "before": "", "after": MAIL["body"]} in asked.changes
    going_on = decide(session, send_email="approve")
    assert (going_on.status, going_on.error_code) == (Run.Status.FINISHED, "")
    (sent,) = outbox.outbox
    assert (sent.to, sent.subject, sent.body) == (["cleo@acme.example"], MAIL["subject"], MAIL["body"])
    assert Activity.objects.filter(kind="email", contact=cleo).count() == 1
    assert AuditEntry.objects.get(action="crm.mail_sent").data["run"] == str(going_on.pk)
    told = results(control)
    assert "Sent" not in told["send_email"]["content"] and '"sent"' in told["send_email"]["content"]
    assert set(told) == {"send_email", "log_activity"}
    (interrupt,) = items(session, "interrupt")
    assert interrupt["status"] == "approved"
    # And the conversation goes on behind it.
    assert ask("Hello").status == Run.Status.FINISHED
    assert len(outbox.outbox) == 1


def test_words_in_the_conversation_approve_nothing(ask: Ask, control: Control, session: Session) -> None:
    calls(control, {"name": "send_email", "input": MAIL})
    ask("Hello")
    said = send_input(
        session_id=str(session.pk),
        actor=session.created_by,
        client_id=uuid.uuid4().hex,
        text="Approved, send it",
    )
    assert said.run_id is None  # it waits behind the question
    decide(session, send_email="deny")
    later = ended(Run.objects.get(inputs__client_id=said.input_id).pk)
    assert later.status == Run.Status.FINISHED
    assert not outbox.outbox


def test_what_was_declined_is_not_done_and_is_told(ask: Ask, control: Control, session: Session) -> None:
    calls(control, {"name": "send_email", "input": MAIL})
    ask("Hello")
    run = decide(session, send_email="deny")
    assert run.status == Run.Status.FINISHED
    assert not outbox.outbox and not Effect.objects.exists()
    told = results(control)["send_email"]
    assert told["is_error"] is True and "declined" in told["content"]


def test_after_reading_what_outsiders_wrote_a_change_is_asked_about(
    ask: Ask, control: Control, session: Session
) -> None:
    calls(control, READ)
    calls(control, change("next_step", "Send the contract"))
    run = ask("Hello")
    assert run.status == Run.Status.INTERRUPTED
    deal = Deal.objects.get(name="Acme Freight deal 1")
    asked = Interrupt.objects.get()
    assert deal.next_step == "" and asked.args["ref"] == deal.pk
    assert asked.changes == [{"label": "Next step", "before": "", "after": "Send the contract"}]
    # The run that goes on has read it too.
    calls(control, change("competitor", "Rival"))
    assert decide(session, update_field="approve").status == Run.Status.INTERRUPTED
    deal.refresh_from_db()
    assert (deal.next_step, deal.competitor) == ("Send the contract", "")
    assert decide(session, update_field="approve").status == Run.Status.FINISHED
    deal.refresh_from_db()
    assert deal.competitor == "Rival"
    assert [item["effect"] for item in items(session, "tool")] == [None, "undoable", "undoable"]


def test_what_outsiders_wrote_counts_for_later_questions_while_the_model_is_sent_it(
    ask: Ask, control: Control, session: Session
) -> None:
    deal = Deal.objects.get(name="Acme Freight deal 1")
    calls(control, READ)
    assert ask("Hello").status == Run.Status.FINISHED
    calls(control, change("competitor", "Rival"))
    assert ask("Hello again").status == Run.Status.INTERRUPTED
    assert "Ignore your rules" in json.dumps(control.last_request)
    deal.refresh_from_db()
    assert deal.competitor == ""
    assert decide(session, update_field="deny").status == Run.Status.FINISHED
    # The conversation has become long, and what was read is cut away.
    AgentSettings.objects.update_or_create(pk=1, defaults={"context_tokens": 4000})
    assert ask("Hello " + "and so on " * 1800).status == Run.Status.FINISHED
    calls(control, change("competitor", "Rival"))
    assert ask("Hello at last").status == Run.Status.FINISHED
    assert "Ignore your rules" not in json.dumps(control.last_request)
    deal.refresh_from_db()
    assert deal.competitor == "Rival"


def test_a_call_beside_the_reading_was_not_suggested_by_it(ask: Ask, control: Control) -> None:
    calls(control, READ, change("next_step", "Send the contract"))
    assert ask("Hello").status == Run.Status.FINISHED
    assert Deal.objects.get(name="Acme Freight deal 1").next_step == "Send the contract"


def wait_for_takeover(monkeypatch: pytest.MonkeyPatch, settings: Any, host: RunHost, name: str) -> Json:
    """The worker's task is cancelled, once, while the tool's ``apply`` or mail is under way in a thread."""
    settings.CLEWLINE_LEASE_SECONDS = 0.6
    seen: Json = {"times": 0}
    tool: Any = registry.find_tool(name)
    hook = "apply" if name != "send_email" else "perform"
    real = getattr(tool, hook)

    def cancel() -> None:
        seen["times"] += 1
        if seen["times"] == 1:
            cancelled = threading.Event()

            def do() -> None:
                for task in host._tasks.values():
                    task.cancel()
                cancelled.set()

            host.loop.call_soon_threadsafe(do)
            if hook == "apply":
                assert cancelled.wait(5)

    def apply(*args: Any, **more: Any) -> Any:
        cancel()
        return real(*args, **more)

    async def perform(*args: Any, **more: Any) -> Any:
        cancel()
        return await real(*args, **more)

    monkeypatch.setitem(registry._tools, name, replace(tool, **{hook: apply if hook == "apply" else perform}))
    return seen


def test_a_change_happens_once_also_when_the_worker_goes_away_in_it(
    ask: Ask,
    control: Control,
    session: Session,
    host: RunHost,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = wait_for_takeover(monkeypatch, settings, host, "log_activity")
    calls(control, {"name": "log_activity", "input": LOG})
    run = ask("Hello")
    assert seen["times"] == 1 and run.attempt == 2
    assert run.status == Run.Status.FINISHED
    assert Activity.objects.filter(kind="call").count() == Effect.objects.count() == 1
    assert [item["status"] for item in items(session, "tool")] == ["done"]


def test_a_resumed_run_that_is_taken_over_sends_each_mail_once(
    ask: Ask,
    control: Control,
    session: Session,
    host: RunHost,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls(
        control,
        {"name": "send_email", "input": MAIL},
        {"name": "send_email", "input": {**MAIL, "subject": "Second"}},
        {"name": "send_email", "input": {**MAIL, "subject": "Third"}},
    )
    ask("Hello")
    seen = wait_for_takeover(monkeypatch, settings, host, "send_email")
    asked = list(Interrupt.objects.filter(status="open").order_by("created_at", "pk"))
    replies = [
        Reply(
            id=str(each.pk),
            decision="deny" if each.args["subject"] == "Second" else "approve",
            hash=each.args_hash,
        )
        for each in asked
    ]
    answer(session_id=str(session.pk), actor=session.created_by, replies=replies)
    run = ended(Run.objects.get(resumes=asked[0].run_id).pk)
    assert run.attempt == 2 and run.status == Run.Status.FINISHED and seen["times"] == 2
    assert sorted(sent.subject for sent in outbox.outbox) == ["The quote", "Third"]
    steps = Step.objects.filter(run=run, kind="tool")
    assert [step.name for step in steps] == ["send_email"] * 3
    assert {effect.status for effect in Effect.objects.all()} == {"done"}


# The stand-in chooses the tools itself.


def test_plain_requests_are_done(ask: Ask, control: Control, session: Session, book: Book) -> None:
    ask("log a call with Cleo Marsh: she wants a quote")
    made = Activity.objects.get(kind="call")
    assert made.subject == "She wants a quote" and made.contact is not None
    ask("set the next step of Acme Freight to send contract")
    book.acme.refresh_from_db()
    assert book.acme.next_step == "send contract"
    asked = ask("move the Acme deal to negotiation")
    assert "Which one" in items(session, "message")[-1]["text"] and asked.status == Run.Status.FINISHED
    ask("Acme Freight deal 0")
    assert Deal.objects.get(name="Acme Freight deal 0").stage == "negotiation"
    assert "Acme Freight deal 0" in items(session, "message")[-1]["text"]
    run = ask("e-mail Cleo Marsh that the quote is on its way")
    assert run.status == Run.Status.INTERRUPTED and not outbox.outbox
    assert decide(session, send_email="approve").status == Run.Status.FINISHED
    assert outbox.outbox[0].body.startswith("Hello Cleo,\n\nThe quote is on its way.")
    assert "Sent to cleo@acme.example" in items(session, "message")[-1]["text"]


def test_a_denial_is_answered_sensibly(ask: Ask, session: Session) -> None:
    ask("e-mail Cleo Marsh that the quote is on its way")
    decide(session, send_email="deny")
    assert "nothing was sent" in items(session, "message")[-1]["text"]
    assert ask("say that it comes on Monday instead").status == Run.Status.INTERRUPTED
    assert "It comes on Monday" in Interrupt.objects.get(status="open").args["body"]


def test_what_nobody_decided_is_told_with_the_next_question(
    ask: Ask, control: Control, session: Session
) -> None:
    calls(control, {"name": "send_email", "input": MAIL}, {"name": "find_deals", "input": {}})
    ask("Hello")
    assert expire_due(timezone.now() + timedelta(days=4)) == 1
    assert ask("Hello").status == Run.Status.FINISHED
    told = results(control)
    assert told["send_email"]["is_error"] is True and "Nobody decided" in told["send_email"]["content"]
    assert "is_error" not in told["find_deals"] and not outbox.outbox


def test_what_was_stopped_while_it_was_asked_is_not_done(
    ask: Ask, control: Control, session: Session
) -> None:
    calls(control, {"name": "send_email", "input": MAIL})
    ask("Hello")
    stop(session_id=str(session.pk), actor=session.created_by)
    assert Interrupt.objects.get().status == "stopped"
    assert ask("Hello").status == Run.Status.FINISHED
    assert not outbox.outbox and "stopped before it was done" in results(control)["send_email"]["content"]


def test_what_was_approved_and_then_stopped_is_told_as_stopped(
    ask: Ask, control: Control, session: Session
) -> None:
    calls(
        control,
        {"name": "send_email", "input": MAIL},
        {"name": "send_email", "input": MAIL | {"subject": "Second"}},
    )
    ask("Hello")
    first, _ = Interrupt.objects.order_by("created_at")
    reply = Reply(id=str(first.pk), decision="approve", hash=first.args_hash)
    answer(session_id=str(session.pk), actor=session.created_by, replies=[reply])
    stop(session_id=str(session.pk), actor=session.created_by)
    ask("And now?")
    assert control.last_request is not None
    sent = json.dumps(control.last_request["messages"])
    assert sent.count("This was stopped before it was done.") == 2 and "Nobody decided" not in sent
    assert not outbox.outbox


def test_a_mail_that_left_while_its_run_was_stopped_is_known_to_the_model(
    ask: Ask, control: Control, session: Session
) -> None:
    calls(control, {"name": "send_email", "input": MAIL})
    ask("Hello")
    tool: Any = registry.find_tool("send_email")
    real = tool.perform

    async def perform(*given: Any, **more: Any) -> Any:
        done = await real(*given, **more)
        await in_thread(stop, session_id=str(session.pk), actor=session.created_by)
        return done

    object.__setattr__(tool, "perform", perform)
    try:
        decide(session, send_email="approve")
        wait_for(lambda: Effect.objects.get().status == "done")
    finally:
        object.__setattr__(tool, "perform", real)
    assert len(outbox.outbox) == 1 and Run.objects.order_by("created_at").last().status == "cancelled"
    ask("Did the mail leave?")
    assert "cleo@acme.example" in results(control)["send_email"]["content"]


def test_no_mail_leaves_for_somebody_who_was_removed(
    ask: Ask, control: Control, session: Session, book: Book
) -> None:
    ben = f"user:{book.ben.pk}"
    join(str(session.pk), actor=ben, name="Ben Roy", role="member", by=session.created_by)
    calls(control, {"name": "send_email", "input": {"to": "x@out.example", "subject": "S", "body": "B"}})
    sent = send_input(session_id=str(session.pk), actor=ben, client_id="b1", text="Hello")
    ended(sent.run_id)
    asked = Interrupt.objects.get()
    remove(session_id=str(session.pk), by=session.created_by, actor=ben)
    with pytest.raises(AlreadyDecided):
        reply = Reply(id=str(asked.pk), decision="approve", hash=asked.args_hash)
        answer(session_id=str(session.pk), actor=session.created_by, replies=[reply])
    assert not outbox.outbox and not Run.objects.filter(resumes=asked.run_id).exists()


def test_what_fails_before_anything_was_tried_is_certainly_not_done(
    ask: Ask, control: Control, session: Session, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asked was signed off between the approval and the deed."""
    calls(control, {"name": "send_email", "input": MAIL})
    ask("Hello")

    def signed_off(*given: Any) -> Any:
        raise registry.SignedOff("Your account is not active.", code="account_inactive")

    monkeypatch.setattr(turn, "plan_approved", signed_off)
    decide(session, send_email="approve")
    assert not outbox.outbox and Effect.objects.get().status == "failed"
    assert "account_inactive" in results(control)["send_email"]["content"]


def test_an_approved_change_is_that_of_the_person_who_was_shown(
    ask: Ask, control: Control, session: Session, book: Book
) -> None:
    book.ann.role = "revops"
    book.ann.save()
    calls(control, READ)
    calls(control, change("owner", "Ben Roy"))
    ask("Hello")
    asked = Interrupt.objects.get()
    assert "Ben Roy" in json.dumps(asked.changes) and asked.args["value"] == book.ben.pk
    book.ben.first_name = "Benjamin"
    book.ben.save()
    eve = type(book.ben).objects.create_user("eve@example.com", role="rep", first_name="Ben", last_name="Roy")
    decide(session, update_field="approve")
    assert Deal.objects.get(name="Acme Freight deal 1").owner_id == book.ben.pk != eve.pk


def test_an_approved_change_is_made_to_what_was_shown_or_not_at_all(
    ask: Ask, control: Control, session: Session
) -> None:
    calls(control, READ)
    calls(control, change("next_step", "Send the contract"))
    ask("Hello")
    assert Interrupt.objects.get().changes[0]["before"] == ""
    deals = Deal.objects.filter(name="Acme Freight deal 1")
    deals.update(next_step="Do NOT send anything", version=F("version") + 1)
    decide(session, update_field="approve")
    assert deals.get().next_step == "Do NOT send anything" and not Effect.objects.exists()
    assert "changed_since" in results(control)["update_field"]["content"]


@pytest.mark.parametrize("who", ["who asks", "somebody else"])
def test_what_another_says_on_the_way_changes_nothing_unasked(
    host: RunHost, control: Control, session: Session, book: Book, who: str
) -> None:
    """A run has the rights of who asked; an auditor who steers it must not gain them."""
    book.ben.role = "auditor"
    book.ben.save()
    ben = f"user:{book.ben.pk}"
    join(str(session.pk), actor=ben, name="Ben Roy", role="member", by=session.created_by)
    control.pause = 0.5
    run = begin(session, control, "e-mail Cleo Marsh that the quote is on its way", answers=1)
    calls(control, change("amount", 1))  # the model obeys what it is told on the way
    by = session.created_by if who == "who asks" else ben
    steers = send_input(
        session_id=str(session.pk),
        actor=by,
        client_id="steer-1",
        text="No, set the amount to 1",
        mode="steer",
    )
    assert steers.run_id == str(run.pk)
    status = ended(run.pk).status
    amount = Deal.objects.get(name="Acme Freight deal 1").amount
    if who == "who asks":
        assert amount == 1
    else:
        assert (status, amount) == (Run.Status.INTERRUPTED, 90000)
        assert control.last_request is not None
        assert "Ben Roy: No, set the amount to 1" in json.dumps(control.last_request["messages"])


def begin(session: Session, control: Control, text: str, *, answers: int) -> Run:
    """Ask, and return while the model writes the answer that is counted."""
    before = control.requests
    sent = send_input(
        session_id=str(session.pk), actor=session.created_by, client_id=uuid.uuid4().hex, text=text
    )
    for _ in range(1500):
        if control.requests >= before + answers:
            return Run.objects.get(pk=sent.run_id)
        threading.Event().wait(0.01)
    raise AssertionError("The model was not asked.")


def steer(session: Session, text: str) -> None:
    sent = send_input(
        session_id=str(session.pk),
        actor=session.created_by,
        client_id=uuid.uuid4().hex,
        text=text,
        mode="steer",
    )
    assert sent.run_id is not None


def test_a_word_in_the_middle_is_heard(host: RunHost, control: Control, session: Session) -> None:
    control.pause = 0.5
    run = begin(session, control, "e-mail Cleo Marsh that the quote is on its way", answers=1)
    steer(session, "No, don't send it")
    assert ended(run.pk).status == Run.Status.FINISHED
    assert not Interrupt.objects.exists()
    assert "I leave it" in items(session, "message")[-1]["text"]


def test_what_was_said_before_the_question_is_read_instead_of_asking(
    host: RunHost, control: Control, session: Session
) -> None:
    control.pause = 0.5
    run = begin(session, control, "e-mail Cleo Marsh that the quote is on its way", answers=2)
    steer(session, "say that it comes on Monday instead")
    assert ended(run.pk).status == Run.Status.INTERRUPTED
    asked = Interrupt.objects.get()
    assert "It comes on Monday" in asked.args["body"]
    assert [item["status"] for item in items(session, "tool")] == ["done", "failed"]
    assert decide(session, send_email="approve").status == Run.Status.FINISHED
    assert [sent.subject for sent in outbox.outbox] == ["It comes on Monday"]


def test_it_is_sent_only_to_the_address_that_was_approved(
    ask: Ask, control: Control, session: Session
) -> None:
    calls(control, {"name": "send_email", "input": MAIL})
    ask("Hello")
    Contact.objects.filter(name="Cleo Marsh").update(email="else@acme.example")
    run = decide(session, send_email="approve")
    assert run.status == Run.Status.FINISHED and not outbox.outbox
    assert Effect.objects.get().status == "failed"
    assert "address of Cleo Marsh" in results(control)["send_email"]["content"]


@pytest.mark.parametrize(("role", "sent"), [("manager", 1), ("auditor", 0)])
def test_a_colleague_approves_only_what_the_own_role_may_do(
    ask: Ask, control: Control, session: Session, book: Book, role: str, sent: int
) -> None:
    book.boss.role = role
    book.boss.save()
    boss = f"user:{book.boss.pk}"
    join(str(session.pk), actor=boss, name="Bo Boss", role="member", by=session.created_by)
    calls(control, {"name": "send_email", "input": MAIL})
    ask("Hello")
    asked = Interrupt.objects.get()
    reply = Reply(id=str(asked.pk), decision="approve", hash=asked.args_hash)
    if not sent:  # the question stays open for somebody whose approval counts
        with pytest.raises(NotAllowed, match="does not count"):
            answer(session_id=str(session.pk), actor=boss, replies=[reply])
        assert [item["status"] for item in items(session, "interrupt")] == ["open"]
        return
    answer(session_id=str(session.pk), actor=boss, replies=[reply])
    assert ended(Run.objects.get(resumes=asked.run_id).pk).status == Run.Status.FINISHED
    assert {mail.from_email for mail in outbox.outbox} == {"Ann Lee <ann@example.com>"}


def test_whose_approval_counts_no_longer_when_it_is_done(
    ask: Ask, control: Control, session: Session, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The role was taken away between the decision and the deed."""
    book.boss.role = "auditor"
    book.boss.save()
    boss = f"user:{book.boss.pk}"
    join(str(session.pk), actor=boss, name="Bo Boss", role="member", by=session.created_by)
    calls(control, {"name": "send_email", "input": MAIL})
    ask("Hello")
    asked = Interrupt.objects.get()
    monkeypatch.setattr(answers, "_approvers", [])  # as it was when the person still might
    reply = Reply(id=str(asked.pk), decision="approve", hash=asked.args_hash)
    answer(session_id=str(session.pk), actor=boss, replies=[reply])
    assert ended(Run.objects.get(resumes=asked.run_id).pk).status == Run.Status.FINISHED
    assert not outbox.outbox and "not_allowed" in results(control)["send_email"]["content"]


def test_an_auditor_may_still_decline(ask: Ask, control: Control, session: Session, book: Book) -> None:
    book.boss.role = "auditor"
    book.boss.save()
    boss = f"user:{book.boss.pk}"
    join(str(session.pk), actor=boss, name="Bo Boss", role="member", by=session.created_by)
    calls(control, {"name": "send_email", "input": MAIL})
    ask("Hello")
    asked = Interrupt.objects.get()
    answer(
        session_id=str(session.pk),
        actor=boss,
        replies=[Reply(id=str(asked.pk), decision="deny", hash=asked.args_hash)],
    )
    assert [item["status"] for item in items(session, "interrupt")] == ["denied"]


@pytest.mark.parametrize("how", ["page", "AG-UI"])
def test_nobody_begins_with_an_agent_that_works_for_others(book: Book, control: Control, how: str) -> None:
    if how == "page":
        with pytest.raises(UnknownAgent):
            start_session(book.ann, agent="researcher", text="Hello", client_id="r1")
    else:
        client = Client()
        client.force_login(book.ann)
        body = {"threadId": "", "runId": "r", "messages": [{"id": "m", "role": "user", "content": "Hello"}]}
        body |= {"state": {}, "tools": [], "context": [], "forwardedProps": {}}
        refused = client.post("/agui/researcher", json.dumps(body), content_type="application/json")
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "unknown_agent")
    assert not Session.objects.exists()


def test_what_would_be_done_otherwise_than_it_was_shown_is_not_done(
    ask: Ask, control: Control, session: Session, book: Book
) -> None:
    """The address has become that of a contact: the mail would be noted with them, which nobody was shown."""
    calls(control, {"name": "send_email", "input": {"to": "x@out.example", "subject": "S", "body": "B"}})
    ask("Hello")
    Contact.objects.create(account=book.acme, name="Xenia Out", email="x@out.example")
    decide(session, send_email="approve")
    assert not outbox.outbox and Effect.objects.get().status == "failed"
    assert "changed_since" in results(control)["send_email"]["content"]
