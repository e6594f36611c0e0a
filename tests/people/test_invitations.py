import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from sales_app.people.errors import PeopleError
from sales_app.people.invitations import accept, invite
from sales_app.people.models import AuditEntry, Invitation, User
from tests.people.conftest import Person, SignedIn

Role = User.Role
FORM = {
    "first_name": "Nina",
    "last_name": "New",
    "time_zone": "Europe/Madrid",
    "password": "korrekt-horse-battery",
}


def sent(client: Client, email: str = "new@example.com", role: str = "rep", **more: Any) -> str:
    answer = client.post("/team/invite/", {"email": email, "role": role, **more})
    assert answer.status_code == 302, answer.content.decode()
    found = re.search(r"http://testserver(/invitation/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


@pytest.fixture
def revops(person: Person, signed_in: SignedIn) -> Client:
    return signed_in(person(Role.REVOPS, first_name="Rita"))


def test_an_invitation_works_once(revops: Client, person: Person) -> None:
    lead = person(Role.MANAGER)
    link = sent(revops, "New@Example.com", manager=lead.pk)
    assert "Rita invites you" in mail.outbox[-1].subject
    guest = Client()
    page = guest.get(link)
    assert page.status_code == 200 and "no-store" in page["Cache-Control"]
    assert guest.post(link, FORM).status_code == 302
    user = User.objects.get(email="new@example.com")
    assert (user.role, str(user), user.manager, user.time_zone) == ("rep", "Nina New", lead, "Europe/Madrid")
    assert guest.get("/me/").status_code == 200
    assert Client().get(link).status_code == 404
    assert Client().post(link, FORM).status_code == 404
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {"people.invited", "people.joined"}


@pytest.mark.parametrize("password", ["123", "new@example.com", "1234567890", "password12"])
def test_a_weak_password_is_refused_and_the_link_keeps(revops: Client, password: str) -> None:
    link = sent(revops)
    guest = Client()
    answer = guest.post(link, {**FORM, "password": password})
    assert answer.status_code == 400 and b'role="alert"' in answer.content
    assert guest.post(link, FORM).status_code == 302


def test_the_token_is_not_kept(revops: Client) -> None:
    token = sent(revops).strip("/").split("/")[-1]
    assert token not in str(Invitation.objects.values().get())
    assert not any(token in str(row) for row in AuditEntry.objects.values())


def test_an_invitation_expires_and_a_newer_one_replaces_it(revops: Client) -> None:
    first = sent(revops)
    second = sent(revops)
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    Invitation.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert Client().get(second).status_code == 404
    assert "expired" in revops.get("/team/").content.decode()


def test_a_withdrawn_invitation_does_not_work(revops: Client, person: Person, signed_in: SignedIn) -> None:
    link = sent(revops)
    path = f"/team/invitations/{Invitation.objects.get().pk}/withdraw/"
    assert signed_in(person()).post(path).status_code == 403
    assert Client().get(link).status_code == 200
    assert revops.post(path).status_code == 302
    assert Client().get(link).status_code == 404
    assert revops.post(path, follow=True).status_code == 200
    assert AuditEntry.objects.filter(action="people.invitation_withdrawn").count() == 1


@pytest.mark.parametrize("role", [Role.REP, Role.BDR, Role.MANAGER, Role.AUDITOR])
def test_others_cannot_invite(person: Person, signed_in: SignedIn, role: str) -> None:
    client = signed_in(person(role))
    assert client.get("/team/invite/").status_code == 403
    assert client.post("/team/invite/", {"email": "new@example.com", "role": "rep"}).status_code == 403
    assert not Invitation.objects.exists() and not mail.outbox


def test_only_administrators_make_administrators(revops: Client, person: Person, signed_in: SignedIn) -> None:
    form = {"email": "new@example.com", "role": "administrator"}
    assert revops.post("/team/invite/", form).status_code == 400
    with pytest.raises(PeopleError) as refused:
        invite(
            by=person(Role.REVOPS),
            email="new@example.com",
            role="administrator",
            manager=None,
            link=str,
            now=datetime.now(UTC),
        )
    assert refused.value.code == "not_allowed"
    assert not mail.outbox
    sent(signed_in(person(Role.ADMINISTRATOR)), role="administrator")


def test_somebody_who_is_here_is_not_invited(revops: Client, person: Person) -> None:
    person(email="new@example.com")
    answer = revops.post("/team/invite/", {"email": "NEW@example.com", "role": "rep"})
    assert answer.status_code == 400 and b"has an account already" in answer.content


def test_without_a_mail_server_the_link_is_shown(revops: Client) -> None:
    answer = revops.post("/team/invite/", {"email": "new@example.com", "role": "rep"}, follow=True)
    assert b"There is no mail server yet" in answer.content
    assert b"http://testserver/invitation/" in answer.content


def test_a_message_that_cannot_be_sent_leaves_no_invitation(revops: Client, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody listens there
    answer = revops.post("/team/invite/", {"email": "new@example.com", "role": "rep"})
    assert answer.status_code == 400 and b"could not be sent" in answer.content
    assert not Invitation.objects.exists()


def test_an_account_made_in_the_meantime_is_not_taken_over(revops: Client, person: Person) -> None:
    token = sent(revops).strip("/").split("/")[-1]
    person(email="new@example.com", first_name="First")
    with pytest.raises(PeopleError) as refused:
        accept(token, now=datetime.now(UTC), **FORM)
    assert refused.value.code == "already_here"
    assert User.objects.get(email="new@example.com").first_name == "First"
