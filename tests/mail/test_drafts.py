"""A draft is its owner's alone, is made once, is never overwritten unseen, and leaves once when its owner presses send."""

import smtplib
from typing import Any

import pytest
from django.core import mail as outbox
from django.test import Client

from sales_app.collect.drafts import drafts_for
from sales_app.crm.models import Activity
from sales_app.documents.document import Block, Document, Section
from sales_app.facts import Fact, Source
from sales_app.mail.access import mails_for
from sales_app.mail.drafts import (
    NotADraft,
    StaleDraft,
    Unsendable,
    discard,
    edit_draft,
    make_draft,
    make_drafts,
    send_draft,
)
from sales_app.mail.models import Mail
from sales_app.people.models import AuditEntry, User
from tests.agent.conftest import Book, book  # noqa: F401  the fixture

SOURCE = Source(
    category="email",
    provider="test",
    ref="7",
    label="Mail",
    url="/mail/7/",
    as_of="2026-03-02T09:00:00+00:00",
)


def draft_of(owner: User, *, reply: str = "<one@acme.example>", key: str = "run:1") -> Mail:
    return make_draft(owner, "cleo@acme.example", "Re: The quote", "It is on its way.", reply, key)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_it_is_made_once_for_its_key_and_for_the_mail_that_it_answers(book: Book) -> None:  # noqa: F811
    first = draft_of(book.ann)
    assert (
        first.status == "draft" and first.account == book.acme and first.sender == "Ann Lee <ann@example.com>"
    )
    assert draft_of(book.ann).pk == first.pk
    assert draft_of(book.ann, key="run:2").pk == first.pk
    assert draft_of(book.ann, reply="<two@acme.example>", key="run:2").pk != first.pk
    assert draft_of(book.ben).pk != first.pk
    assert outbox.outbox == [] and not Activity.objects.filter(kind="email").exists()


def test_a_discarded_one_is_not_made_again_by_the_run_that_made_it(book: Book) -> None:  # noqa: F811
    first = discard(draft_of(book.ann), version=1, by=book.ann)
    assert (first.status, first.body) == ("discarded", "")
    assert draft_of(book.ann).status == "discarded"
    assert draft_of(book.ann, key="another:1").status == "draft"
    assert [mail.status for mail in mails_for(book.ann)] == ["draft"]


def test_nobody_else_sees_it_not_even_a_manager_or_revops(book: Book) -> None:  # noqa: F811
    draft = draft_of(book.ann)
    revops = User.objects.create_user("ops@example.com", role="revops")
    for user in (book.ben, book.boss, revops):
        client = client_of(user)
        assert draft not in mails_for(user)
        for path in ("", "edit/", "send/"):
            assert client.get(f"/mail/{draft.pk}/{path}").status_code == 404
        assert client.post(f"/mail/{draft.pk}/send/", {"version": 1}).status_code == 404
        assert client.post(f"/mail/{draft.pk}/discard/", {"version": 1}).status_code == 404
        assert "The quote" not in client.get("/mail/drafts/").content.decode()
    assert "The quote" not in client_of(revops).get("/admin/sales_app/mail/").content.decode()
    assert outbox.outbox == [] and Mail.objects.get().status == "draft"


def test_it_is_sent_once_as_it_was_seen(book: Book) -> None:  # noqa: F811
    draft = draft_of(book.ann)
    sent = send_draft(draft, version=1, by=book.ann)
    assert sent.status == "delivered" and sent.pk == draft.pk
    with pytest.raises(NotADraft):
        send_draft(draft, version=1, by=book.ann)
    (letter,) = outbox.outbox
    assert letter.extra_headers["In-Reply-To"] == "<one@acme.example>" and letter.to == ["cleo@acme.example"]
    assert Activity.objects.get(kind="email").account == book.acme
    assert AuditEntry.objects.filter(action="crm.mail_sent").count() == 1


def test_a_stale_edit_or_send_is_refused_and_nothing_is_lost(book: Book) -> None:  # noqa: F811
    draft = draft_of(book.ann)
    edit_draft(draft, to=draft.recipient, subject="Re: Quote", body="New words", version=1, by=book.ann)
    with pytest.raises(StaleDraft) as stale:
        edit_draft(draft, to=draft.recipient, subject="Other", body="Old words", version=1, by=book.ann)
    assert (stale.value.current.body, stale.value.current.version) == ("New words", 2)
    with pytest.raises(StaleDraft):
        send_draft(draft, version=1, by=book.ann)
    with pytest.raises(NotADraft):
        edit_draft(draft, to=draft.recipient, subject="Mine", body="Ben's", version=2, by=book.ben)
    assert outbox.outbox == [] and Mail.objects.get().body == "New words"


class Refusing:
    """A mail server that takes nothing."""

    def __init__(self, **options: Any) -> None: ...
    def open(self) -> None: ...
    def close(self) -> None: ...
    def send_messages(self, messages: Any) -> int:
        raise smtplib.SMTPRecipientsRefused({"cleo@acme.example": (550, b"unknown")})


def test_what_certainly_did_not_leave_is_a_draft_again(book: Book, settings: Any) -> None:  # noqa: F811
    draft = draft_of(book.ann)
    settings.EMAIL_BACKEND = "tests.mail.test_drafts.Refusing"
    kept = send_draft(draft, version=1, by=book.ann)
    assert kept.status == "draft" and "refused" in kept.problem and kept.body == "It is on its way."
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_draft(kept, version=kept.version, by=book.ann).status == "delivered"


def test_what_cannot_be_sent_is_said_before_it_is_tried(book: Book) -> None:  # noqa: F811
    draft = make_draft(book.ann, "nobody", "Hello", "Text", "", "k")
    with pytest.raises(Unsendable):
        send_draft(draft, version=1, by=book.ann)
    assert Mail.objects.get().status == "draft"


def test_the_pages_show_edit_confirm_and_send(book: Book) -> None:  # noqa: F811
    draft, client = draft_of(book.ann), client_of(book.ann)
    assert "Drafts (1)" in client.get("/mail/").content.decode()
    assert "Re: The quote" in client.get("/mail/drafts/").content.decode()
    assert "Only you see this draft" in client.get(f"/mail/{draft.pk}/").content.decode()
    form = {"recipient": "cleo@acme.example", "subject": "Re: Quote", "body": "Better words", "version": "1"}
    assert client.post(f"/mail/{draft.pk}/edit/", form).status_code == 302
    refused = client.post(f"/mail/{draft.pk}/edit/", {**form, "body": "Words of the other tab"})
    text = refused.content.decode()
    assert refused.status_code == 409 and "Better words" in text and "Words of the other tab" in text
    looked = client.get(f"/mail/{draft.pk}/send/").content.decode()
    assert "Better words" in looked and 'name="version" value="2"' in looked
    assert client.post(f"/mail/{draft.pk}/send/", {"version": 1}).status_code == 409
    assert outbox.outbox == []
    assert client.post(f"/mail/{draft.pk}/send/", {"version": 2}).status_code == 302
    assert client.post(f"/mail/{draft.pk}/send/", {"version": 2}).url == "/mail/drafts/"  # type: ignore[attr-defined]
    assert [letter.body for letter in outbox.outbox] == ["Better words"]


def test_a_draft_is_discarded_from_its_page_unless_it_changed(book: Book) -> None:  # noqa: F811
    draft, client = draft_of(book.ann), client_of(book.ann)
    client.post(f"/mail/{draft.pk}/discard/", {"version": 9})
    assert Mail.objects.get().status == "draft"
    client.post(f"/mail/{draft.pk}/discard/", {"version": 1})
    assert Mail.objects.get().status == "discarded"
    assert client.get(f"/mail/{draft.pk}/").status_code == 404


def proposal(number: int, **values: Any) -> Fact:
    draft = {
        "to": "cleo@acme.example",
        "subject": "Re: Quote",
        "body": "Hi Cleo,\n\nUsual words.\n\nAnn",
        "greeting": "Hi Cleo,",
        "closing": "Ann",
        "in_reply_to": f"<{number}@acme.example>",
        **values,
    }
    return Fact(
        id=f"f{number}",
        kind="reply_draft",
        text="A reply is drafted.",
        sources=(SOURCE,),
        values={"draft": draft},
    )


def document(*blocks: Block, facts: tuple[Fact, ...]) -> Document:
    return Document(
        kind="brief", title="Follow-up", sections=(Section(title="Replies", blocks=blocks),), facts=facts
    )


def test_a_document_becomes_drafts_once(book: Book) -> None:  # noqa: F811
    made = document(
        Block(kind="item", text="A reply is drafted.", cites=("f1",)),
        Block(kind="quote", text="The quote follows on Friday.", cites=("f2",)),
        Block(kind="quote", text="We give 90% off.", cites=("f3",), flag="unsupported"),
        facts=tuple(proposal(number) for number in (1, 2, 3, 4)),
    )
    drafts = make_drafts(book.ann, made, "run:call")
    assert [draft.body for draft in drafts] == [
        "Hi Cleo,\n\nUsual words.\n\nAnn",
        "Hi Cleo,\n\nThe quote follows on Friday.\n\nAnn",
        "Hi Cleo,\n\nUsual words.\n\nAnn",
    ]
    again = make_drafts(book.ann, made, "run:call")
    assert [draft.pk for draft in again] == [draft.pk for draft in drafts] and Mail.objects.count() == 3


def test_what_makes_no_mail_makes_no_draft() -> None:
    bad = [{"to": "nobody", "subject": "a", "body": "b"}, {"to": "a@b.example"}, "words", {}]
    good = {"to": "a@b.example", "subject": "Hello", "body": "Text"}
    made = Document(kind="brief", title="x", data={"drafts": [*bad, good, good]})
    assert [draft.to for draft in drafts_for(made)] == ["a@b.example"]
