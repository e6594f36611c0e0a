"""What the palette of the chat is given: the published skills, and the reader's own names behind one; and the buttons of records."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from sales_app.agent.copilot import Copilot
from sales_app.crm.models import Account, Activity, Deal
from sales_app.people.models import User
from tests.agent.conftest import Book, book  # noqa: F401  the fixture
from tests.agent.skill_kit import BRIEF, PREP, write
from tests.skills.conftest import registered_gates  # noqa: F401  what the product registers has no say here


@pytest.fixture
def skills(book: Book) -> None:  # noqa: F811
    write("call-prep", PREP)
    write("morning-brief", BRIEF)


def of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def names(user: User, text: str, skill: str = "call-prep") -> list[dict[str, Any]]:
    answer = of(user).get(f"/skills/{skill}/names/", {"text": text})
    assert answer.status_code == 200
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_the_list_is_for_people_who_are_signed_in(book: Book, skills: None) -> None:  # noqa: F811
    for path in ("/skills/", "/skills/call-prep/names/?text=Acme"):
        answer = Client().get(path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "signed_out")
    found = {each["name"]: each for each in of(book.ann).get("/skills/").json()["skills"]}
    assert list(found) == ["call-prep", "morning-brief", "help"]
    assert found["call-prep"]["hint"] == "[account or meeting]"
    assert found["call-prep"]["help"] == "Prepares a call or meeting with a customer."
    assert found["morning-brief"]["about"] == []


def test_names_come_from_the_own_book(book: Book, skills: None) -> None:  # noqa: F811
    assert [each["value"] for each in names(book.ann, " acm")] == ["Acme Freight"]
    assert names(book.ann, " bolt") == []  # Ben's
    assert [each["value"] for each in names(book.boss, " bolt")] == ["Bolt Bakery"]
    assert names(book.ann, " Acme", skill="morning-brief") == []  # about nothing
    assert names(book.ann, " Acme", skill="no-such") == []
    assert names(book.ann, " a") == names(book.ann, " for the") == []


def test_what_is_replaced_is_the_name_alone(book: Book, skills: None) -> None:  # noqa: F811
    (found,) = names(book.ann, " keep it short for acme fr")
    assert (found["at"], found["value"]) == (len(" keep it short for "), "Acme Freight")
    assert names(book.ann, " Acme Freight") == []  # whole already


def test_two_of_one_name_are_told_apart(book: Book, skills: None) -> None:  # noqa: F811
    twin = Account.objects.create(name="Acme Freight", owner=book.ann)
    values = {each["value"] for each in names(book.ann, " acme")}
    assert values == {f"Acme Freight (account:{book.acme.pk})", f"Acme Freight (account:{twin.pk})"}


def test_before_a_letter_the_next_meetings(book: Book, skills: None) -> None:  # noqa: F811
    def meet(days: float, owner: User) -> Activity:
        return Activity.objects.create(
            kind="meeting",
            subject="Demo",
            account=book.acme,
            owner=owner,
            starts_at=timezone.now() + timedelta(days=days),
        )

    meet(-1, book.ann), meet(1, book.ben)
    own = meet(2, book.ann)
    (found,) = names(book.ann, " ")
    assert (found["at"], found["value"]) == (1, f"Acme Freight (meeting:{own.pk})")


def test_records_have_buttons_for_what_is_published(book: Book, skills: None) -> None:  # noqa: F811
    page = of(book.ann).get(f"/accounts/{book.acme.pk}/").content.decode()
    assert "Prep this call" in page and 'value="/call-prep"' in page
    assert "Battle card" not in page
    ahead = Activity.objects.create(
        kind="call",
        subject="Terms",
        account=book.acme,
        owner=book.ann,
        starts_at=timezone.now() + timedelta(minutes=5),
    )
    week = of(book.ann).get("/calendar/").content.decode()
    assert f"/call-prep Acme Freight (meeting:{ahead.pk})" in week


def test_one_example_asks_about_several_accounts(book: Book) -> None:  # noqa: F811
    assert Copilot().examples_of(book.ann) == []
    for name in ("Corn Mill", "Dune Hotel"):
        account = Account.objects.create(name=name, owner=book.ann)
        Deal.objects.create(
            account=account, owner=book.ann, name=name, stage="proposal", amount=5, probability=50
        )
    (example,) = Copilot().examples_of(book.ann)
    assert example.startswith("Research Acme Freight, ") and example.endswith(": what happened lately?")
    assert example in of(book.ann).get("/chat/new/").content.decode()
