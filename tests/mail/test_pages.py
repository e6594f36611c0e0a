"""The mailbox shows the own mails; managers see those of their team."""

import uuid
from typing import Any

import pytest
from django.test import Client

from sales_app.mail.models import Mail
from sales_app.people.models import User
from tests.agent.conftest import Book, book  # noqa: F401  the fixture


def page(user: User, path: str) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(path)


@pytest.fixture
def mails(book: Book) -> list[Mail]:  # noqa: F811
    def mail(owner: User, number: int, **more: Any) -> Mail:
        return Mail.objects.create(
            owner=owner, direction="sent", status="delivered", sender=owner.email, recipient="cleo@acme.example",
            subject=f"Letter {number} of {owner.first_name}", body="Words", message_id=uuid.uuid4().hex, **more,
        )  # fmt: skip

    return [*(mail(book.ann, n, account=book.acme) for n in range(60)), mail(book.ben, 1)]


def test_own_mails_only_and_the_teams_for_a_manager(book: Book, mails: list[Mail]) -> None:  # noqa: F811
    bens = mails[-1]
    assert "Letter 59 of Ann" in page(book.ann, "/mail/").content.decode()
    assert "of Ben" not in page(book.ann, "/mail/?q=Letter").content.decode()
    assert page(book.ann, bens.get_absolute_url()).status_code == 404
    assert page(book.ben, bens.get_absolute_url()).status_code == 200
    assert page(book.boss, bens.get_absolute_url()).status_code == 200
    whose = page(book.boss, f"/mail/?owner={book.ben.pk}").content.decode()
    assert "Letter 1 of Ben" in whose and "of Ann" not in whose


def test_filters_and_pages(book: Book, mails: list[Mail]) -> None:  # noqa: F811
    second = page(book.ann, "/mail/?page=2").content.decode()
    assert "Letter 0 of Ann" in second and "Letter 59 of Ann" not in second
    found = page(book.ann, "/mail/?q=Letter 7&direction=sent").content.decode()
    assert "Letter 7 of Ann" in found and "Letter 8 of Ann" not in found
    assert "Nothing fits" in page(book.ann, "/mail/?direction=received").content.decode()


def test_a_mail_that_did_not_leave_says_so(book: Book, mails: list[Mail]) -> None:  # noqa: F811
    mail = mails[0]
    assert "not sent" not in page(book.ann, mail.get_absolute_url()).content.decode()
    Mail.objects.filter(pk=mail.pk).update(status="failed", problem="The mail server refused it: <550>")
    text = page(book.ann, mail.get_absolute_url()).content.decode()
    assert "was not sent" in text and "&lt;550&gt;" in text and "Acme Freight" in text


def test_it_stands_in_the_navigation_and_asks_for_a_login(book: Book) -> None:  # noqa: F811
    assert 'href="/mail/"' in page(book.ann, "/chat/").content.decode()
    assert "No mails yet" in page(book.ann, "/mail/").content.decode()
    assert Client().get("/mail/").status_code == 302
