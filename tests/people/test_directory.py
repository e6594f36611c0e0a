"""Whom one may invite, and how they are found."""

from typing import Any

import pytest
from django.test import Client

from sales_app.people import directory
from sales_app.people.models import User
from sessions_app.control.people import UnknownPerson, invite
from sessions_app.session.access import actor_of, name_of
from sessions_app.session.models import Participant
from sessions_app.session.sessions import create_session
from tests.people.conftest import Person, SignedIn


def names(client: Client, q: str | None = None) -> list[str]:
    answer = client.get("/api/people/", {} if q is None else {"q": q})
    assert answer.status_code == 200
    return [person["name"] for person in answer.json()["people"]]


def test_by_name_and_address_without_oneself_and_who_left(person: Person, signed_in: SignedIn) -> None:
    mia = person(first_name="Mia", last_name="Stone", email="mia@example.com")
    ugur = person(first_name="Ünal", last_name="Öz", email="u.oz@example.com")
    person(first_name="Mia", last_name="Gone", email="gone@example.com", is_active=False)
    client = signed_in(mia)
    answer = client.get("/api/people/", {"q": "u.OZ@"})
    assert answer.json() == {
        "people": [{"actor": f"user:{ugur.pk}", "name": "Ünal Öz", "detail": "u.oz@example.com"}]
    }
    assert names(client, "ünal") == names(client, "öz ünal") == names(client, "example oz") == ["Ünal Öz"]
    assert names(client, "mia") == names(client, "ünal stone") == names(client, "100%") == []
    assert names(client, "ünal\0") == ["Ünal Öz"]


def test_without_words_the_team_comes_first_and_twenty_at_most(person: Person, signed_in: SignedIn) -> None:
    boss = person(User.Role.MANAGER, first_name="Zoe")
    me = person(first_name="Me", manager=boss)
    person(first_name="Yan", manager=boss)
    person(first_name="Xena", manager=me)
    for n in range(25):
        person(first_name=f"A{n:02}")
    shown = names(signed_in(me))
    assert shown == ["Xena", "Yan", "Zoe", *(f"A{n:02}" for n in range(17))]
    nobodys = person(first_name="Loner")
    assert names(signed_in(nobodys))[:2] == ["A00", "A01"]


def test_only_for_who_is_signed_in(db: None) -> None:
    answer = Client().get("/api/people/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "signed_out")


@pytest.mark.parametrize(
    "spelled", ["guest:{pk}", "user:0{pk}", "user:", "user:x", "user:²", "user:99999999999999999", "{pk}"]
)
def test_an_actor_has_one_spelling(person: Person, spelled: str) -> None:
    me, other = person(), person()
    assert directory.find(spelled.format(pk=other.pk), me) is None
    found = directory.find(actor_of(other), me)
    assert found is not None
    assert found.actor == actor_of(other)


def test_who_is_found_can_be_invited_and_others_not(person: Person, transactional_db: Any) -> None:
    me, other, gone = person(), person(first_name="Bo", last_name="Li"), person(is_active=False)
    session = create_session(actor=actor_of(me), name=name_of(me), agent="nobody", title="Talk")
    invite(session_id=str(session.pk), user=me, actor=actor_of(other), role="member")
    assert Participant.objects.get(session=session, actor=actor_of(other)).name == "Bo Li"
    for actor in (actor_of(gone), actor_of(me), "user:123456"):
        with pytest.raises(UnknownPerson):
            invite(session_id=str(session.pk), user=me, actor=actor, role="member")
