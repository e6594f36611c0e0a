"""Changing and ending access; the profile; the list."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from sales_app.people import changes
from sales_app.people.errors import PeopleError
from sales_app.people.models import AuditEntry, User, check_hours
from sessions_app.live import kick
from tests.people.conftest import PASSWORD, Person, SignedIn

Role = User.Role


def refusal(*args: Any, **kwargs: Any) -> str:
    action, *rest = args
    with pytest.raises(PeopleError) as refused:
        action(*rest, **kwargs)
    return refused.value.code


def test_an_address_is_one_login_however_it_is_written(person: Person) -> None:
    person(email="Ann@Example.com")
    assert Client().login(username="aNN@example.COM", password=PASSWORD)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(email="ANN@example.com")])  # past save(), which lowers it


@pytest.mark.parametrize(
    "hours",
    [[], {"mo": ["09:00", "17:00"]}, {"mon": ["09:00"]}, {"mon": ["9", "17"]}, {"mon": ["17:00", "09:00"]}],
)
def test_hours_that_make_no_sense(hours: object) -> None:
    with pytest.raises(ValidationError):
        check_hours(hours)


def test_deactivation_signs_out_at_once_and_can_be_undone(
    person: Person,
    signed_in: SignedIn,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    kicked: list[str] = []
    monkeypatch.setattr("sales_app.people.logins.kick_user", kicked.append)
    assert callable(kick.kick_user)
    rep, other, revops = person(), person(), signed_in(person(Role.REVOPS))
    theirs, bystander = Client(), signed_in(other)
    assert theirs.login(username=rep.email, password=PASSWORD)
    assert theirs.get("/me/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        assert revops.post(f"/team/{rep.pk}/access/", {"active": "0"}).status_code == 302
    assert theirs.get("/me/").status_code == 302
    assert bystander.get("/me/").status_code == 200
    assert kicked == [rep.pk]
    assert not Client().login(username=rep.email, password=PASSWORD)
    revops.post(f"/team/{rep.pk}/access/", {"active": "1"})
    assert theirs.get("/me/").status_code == 302, "the old login stays gone"
    assert Client().login(username=rep.email, password=PASSWORD)
    actions = AuditEntry.objects.filter(target=rep.email).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["people.deactivated", "people.reactivated"]


def test_who_may_end_whose_access(person: Person, signed_in: SignedIn) -> None:
    rep, revops, administrator = person(), person(Role.REVOPS), person(Role.ADMINISTRATOR)
    assert refusal(changes.deactivate, rep, by=person(Role.MANAGER)) == "not_allowed"
    assert refusal(changes.deactivate, administrator, by=revops) == "not_allowed"
    assert refusal(changes.deactivate, revops, by=revops) == "not_yourself"
    assert signed_in(rep).get(f"/team/{revops.pk}/access/").status_code == 403
    assert signed_in(rep).post(f"/team/{revops.pk}/access/", {"active": "0"}).status_code == 403
    assert User.objects.filter(is_active=False).count() == 0


def test_one_administrator_always_remains(person: Person) -> None:
    first, second = person(Role.ADMINISTRATOR), person(Role.ADMINISTRATOR)
    changes.deactivate(second, by=first)
    assert refusal(changes.change_place, first, role="rep", manager=None, by=first) == "not_yourself"
    # Read before the other one was gone.
    assert refusal(changes.deactivate, first, by=User(pk=0, role="administrator")) == "last_administrator"
    assert User.objects.get(pk=first.pk).is_active


def test_a_changed_role_counts_at_once_and_is_recorded(person: Person, signed_in: SignedIn) -> None:
    rep, lead = person(), person(Role.MANAGER)
    theirs = signed_in(rep)
    assert theirs.get("/admin/").status_code == 302
    revops = signed_in(person(Role.REVOPS))
    form = {"role": "auditor", "manager": lead.pk}
    assert revops.post(f"/team/{rep.pk}/", form).status_code == 302
    assert theirs.get("/admin/").status_code == 200
    entry = AuditEntry.objects.get(target=rep.email)
    assert entry.data == {"role": ["rep", "auditor"], "manager": [None, lead.email]}
    assert entry.words == f"changed, role: rep to auditor, manager: nobody to {lead.email}"
    revops.post(f"/team/{rep.pk}/", form)
    assert AuditEntry.objects.filter(target=rep.email).count() == 1, "nothing changed, nothing to record"
    assert revops.post(f"/team/{rep.pk}/", {"role": "administrator"}).status_code == 400
    assert theirs.post(f"/team/{lead.pk}/", {"role": "rep"}).status_code == 403


def test_nobody_reports_to_their_own_report(person: Person) -> None:
    boss = person(Role.MANAGER)
    lead = person(Role.MANAGER, manager=boss)
    by = person(Role.REVOPS)
    assert refusal(changes.change_place, boss, role="manager", manager=lead, by=by) == "circle"
    assert refusal(changes.change_place, boss, role="manager", manager=boss, by=by) == "circle"


def test_an_audit_entry_stays_as_it_is(person: Person) -> None:
    entry = AuditEntry.objects.create(action="people.joined", target="a@example.com")
    entry.target = "b@example.com"
    with pytest.raises(TypeError):
        entry.save()
    with pytest.raises(TypeError):
        entry.delete()


PROFILE = {
    "first_name": "Ann",
    "last_name": "Rep",
    "title": "AE",
    "time_zone": "Asia/Tokyo",
    "locale": "en-GB",
}


def test_the_profile_keeps_hours_and_zone(person: Person, signed_in: SignedIn) -> None:
    rep = person()
    client = signed_in(rep)
    for hours in ({"mon_start": "08:00"}, {"mon_start": "18:00", "mon_end": "08:00"}, {"mon_start": "noon"}):
        answer = client.post("/me/", {**PROFILE, **hours})
        assert answer.status_code == 400 and b"Not saved yet" in answer.content
    assert client.post("/me/", {**PROFILE, "time_zone": "Mars/Olympus"}).status_code == 400
    assert client.post("/me/", {**PROFILE, "mon_start": "08:00", "mon_end": "12:00"}).status_code == 302
    rep.refresh_from_db()
    assert (rep.time_zone, rep.working_hours) == ("Asia/Tokyo", {"mon": ["08:00", "12:00"]})


def test_midnight_is_a_time_like_any_other(person: Person, signed_in: SignedIn) -> None:
    rep = person()
    assert (
        signed_in(rep).post("/me/", {**PROFILE, "mon_start": "00:00", "mon_end": "08:00"}).status_code == 302
    )
    rep.refresh_from_db()
    assert rep.working_hours == {"mon": ["00:00", "08:00"]}


def test_nobody_gives_themselves_a_role(person: Person, signed_in: SignedIn) -> None:
    rep = person()
    signed_in(rep).post(
        "/me/", {**PROFILE, "role": "administrator", "is_superuser": "on", "email": "x@example.com"}
    )
    rep.refresh_from_db()
    assert (rep.role, rep.is_superuser, rep.email, rep.first_name) == (
        "rep",
        False,
        "rep1@example.com",
        "Ann",
    )


def test_the_list_filters_and_hides_who_left(person: Person, signed_in: SignedIn) -> None:
    person(first_name="Ann", last_name="Lee")
    person(Role.BDR, first_name="Bob", last_name="Lee")
    gone = person(first_name="Gone", last_name="Lee", is_active=False)
    rep, revops = signed_in(person()), signed_in(person(Role.REVOPS))

    def names(client: Client, query: str) -> list[str]:
        return [str(found) for found in client.get(f"/team/?{query}").context["page"]]

    assert names(rep, "q=lee") == ["Ann Lee", "Bob Lee"]
    assert names(rep, "q=lee+bo") == ["Bob Lee"]
    assert names(rep, "role=bdr") == ["Bob Lee"]
    assert names(rep, "q=lee&state=all") == ["Ann Lee", "Bob Lee"]
    assert names(revops, "q=lee&state=all") == ["Ann Lee", "Bob Lee", "Gone Lee"]
    assert names(revops, "state=deactivated") == ["Gone Lee"]
    assert names(revops, "role=%00") == names(revops, "q=%00no+such") == []
    assert rep.get(f"/team/{gone.pk}/").status_code == 404
    assert revops.get(f"/team/{gone.pk}/").status_code == 200


def test_last_seen_is_written_once_per_period(
    person: Person, signed_in: SignedIn, django_assert_num_queries: Any
) -> None:
    rep = person()
    client = signed_in(rep)
    client.get("/me/")
    first = User.objects.get(pk=rep.pk).last_seen_at
    assert first is not None
    client.get("/me/")
    assert User.objects.get(pk=rep.pk).last_seen_at == first
    Client().get("/accounts/login/")
    assert b"not yet" not in client.get(f"/team/{rep.pk}/").content


@pytest.mark.parametrize("path", ["/team/", "/team/invite/", "/team/1/", "/team/1/access/", "/me/"])
def test_strangers_are_asked_to_sign_in(db: None, path: str) -> None:
    answer = Client().get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={path}")
