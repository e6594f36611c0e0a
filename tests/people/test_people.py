"""Roles, row access, invitations, deactivation."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from sales_app.people.access import ALLOWED, book_owner_ids, can
from sales_app.people.models import AuditEntry, Invitation, User

pytestmark = pytest.mark.django_db

Role = User.Role


def person(role: str, **values: Any) -> User:
    return User.objects.create_user(
        f"{role}{User.objects.count()}@example.com", "a-good-password-1", role=role, **values
    )


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.REP, {"crm.read", "crm.write", "crm.export"}),
        (Role.BDR, {"crm.read", "crm.write"}),
        (Role.MANAGER, {"crm.read", "crm.write", "crm.export", "crm.import"}),
        (Role.REVOPS, set(ALLOWED)),
        (Role.AUDITOR, {"crm.read", "crm.export", "session.inspect", "admin.open"}),
        (Role.ADMINISTRATOR, set(ALLOWED)),
    ],
)
def test_what_a_role_may_do(role: str, allowed: set[str]) -> None:
    user = person(role)
    assert {action for action in ALLOWED if can(user, action)} == allowed
    assert user.has_perm("sessions_app.inspect_session") == ("session.inspect" in allowed)
    user.is_active = False
    assert not any(can(user, action) for action in ALLOWED)


@pytest.mark.parametrize(
    ("role", "perm", "expected"),
    [
        (Role.AUDITOR, "sessions_app.view_run", True),
        (Role.AUDITOR, "sales_app.change_user", False),
        (Role.REVOPS, "sales_app.change_user", True),
        (Role.REP, "sales_app.view_user", False),
        (Role.ADMINISTRATOR, "sales_app.delete_user", True),
    ],
)
def test_permissions_in_the_admin_follow_the_role(role: str, perm: str, expected: bool) -> None:
    assert person(role).has_perm(perm) is expected


def test_whose_book_somebody_sees() -> None:
    boss = person(Role.MANAGER)
    lead = person(Role.MANAGER, manager=boss)
    rep = person(Role.REP, manager=lead)
    other = person(Role.REP)
    assert book_owner_ids(rep) == {rep.pk}
    assert book_owner_ids(lead) == {lead.pk, rep.pk}
    assert book_owner_ids(boss) == {boss.pk, lead.pk, rep.pk}
    assert other.pk not in (book_owner_ids(boss) or set())
    assert book_owner_ids(person(Role.REVOPS)) is None
    boss.manager = rep  # a circle, made by mistake, must not hang anybody
    boss.save()
    assert book_owner_ids(rep) == {rep.pk}
    assert book_owner_ids(lead) == {boss.pk, lead.pk, rep.pk}


def invite(client: Client, by: User, email: str = "new@example.com", role: str = "rep") -> str:
    client.force_login(by, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post("/team/", {"email": email, "role": role})
    assert answer.status_code == 302, answer.content.decode()
    found = re.search(r"http://testserver(/invitation/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def test_an_invitation_works_once(client: Client) -> None:
    link = invite(client, person(Role.REVOPS))
    guest = Client()
    assert guest.get(link).status_code == 200
    form = {"first_name": "Nina", "last_name": "New", "password": "korrekt-horse-battery"}
    assert guest.post(link, {**form, "password": "123"}).status_code == 400
    assert guest.post(link, form).status_code == 302
    user = User.objects.get(email="new@example.com")
    assert (user.role, str(user)) == ("rep", "Nina New")
    assert guest.get("/me/").status_code == 200
    assert Client().get(link).status_code == 404
    assert set(AuditEntry.objects.values_list("action", flat=True)) == {"people.invited", "people.joined"}


def test_an_invitation_expires_and_a_newer_one_replaces_it(client: Client) -> None:
    revops = person(Role.REVOPS)
    first = invite(client, revops)
    second = invite(client, revops)
    assert Client().get(first).status_code == 404
    Invitation.objects.update(expires_at="2020-01-01T00:00:00Z")
    assert Client().get(second).status_code == 404


@pytest.mark.parametrize("role", [Role.REP, Role.BDR, Role.MANAGER, Role.AUDITOR])
def test_others_cannot_invite(client: Client, role: str) -> None:
    client.force_login(person(role), backend="django.contrib.auth.backends.ModelBackend")
    assert client.post("/team/", {"email": "new@example.com", "role": "administrator"}).status_code == 400
    assert not Invitation.objects.exists() and not mail.outbox


def test_revops_cannot_make_administrators(client: Client) -> None:
    client.force_login(person(Role.REVOPS), backend="django.contrib.auth.backends.ModelBackend")
    assert client.post("/team/", {"email": "new@example.com", "role": "administrator"}).status_code == 400


def test_deactivation_signs_out_at_once_and_can_be_undone(client: Client) -> None:
    rep, revops = person(Role.REP), person(Role.REVOPS)
    theirs = Client()
    assert theirs.login(username=rep.email, password="a-good-password-1")
    assert theirs.get("/me/").status_code == 200
    client.force_login(revops, backend="django.contrib.auth.backends.ModelBackend")
    client.post(f"/team/{rep.pk}/active/", {"active": "0"})
    assert theirs.get("/me/").status_code == 302
    assert not Client().login(username=rep.email, password="a-good-password-1")
    client.post(f"/team/{rep.pk}/active/", {"active": "1"})
    assert Client().login(username=rep.email, password="a-good-password-1")
    client.post(f"/team/{revops.pk}/active/", {"active": "0"})
    assert User.objects.get(pk=revops.pk).is_active


def test_the_profile_keeps_hours_and_zone(client: Client) -> None:
    rep = person(Role.REP)
    client.force_login(rep, backend="django.contrib.auth.backends.ModelBackend")
    form = {
        "first_name": "Ann",
        "last_name": "Rep",
        "title": "AE",
        "time_zone": "Asia/Tokyo",
        "locale": "en-GB",
    }
    assert client.post("/me/", {**form, "mon_start": "08:00"}).status_code == 400
    assert client.post("/me/", {**form, "mon_start": "08:00", "mon_end": "12:00"}).status_code == 302
    rep.refresh_from_db()
    assert (rep.time_zone, rep.working_hours) == ("Asia/Tokyo", {"mon": ["08:00", "12:00"]})


def test_the_login_page_is_ours_and_signing_up_is_closed(client: Client) -> None:
    page = client.get("/accounts/login/")
    assert b"Accounts are made by invitation" in page.content
    assert b"<script>" not in page.content
    assert b"Sign Up Closed" in client.get("/accounts/signup/").content


def test_a_reset_answers_alike_for_unknown_addresses(client: Client) -> None:
    known = person(Role.REP)
    first = client.post("/accounts/password/reset/", {"email": known.email})
    second = client.post("/accounts/password/reset/", {"email": "nobody@example.com"})
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    assert [message.to for message in mail.outbox] == [[known.email]]
