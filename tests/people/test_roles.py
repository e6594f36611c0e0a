"""What each role may do, in the product and in the admin, and whose book it sees."""

import pytest

from sales_app.people.access import ALLOWED, book_owner_ids, can, display_name
from sales_app.people.models import User
from sessions_app.models import AgentKey
from sessions_app.runs.remote import create_key
from tests.people.conftest import Person, SignedIn

Role = User.Role

MATRIX = {
    Role.REP: {"crm.read", "crm.write", "crm.export"},
    Role.BDR: {"crm.read", "crm.write"},
    Role.MANAGER: {"crm.read", "crm.write", "crm.export", "crm.import"},
    Role.REVOPS: set(ALLOWED),
    Role.AUDITOR: {"crm.read", "crm.export", "session.inspect", "admin.open"},
    Role.ADMINISTRATOR: set(ALLOWED),
}

ADMIN_PAGES = ("user", "invitation", "auditentry")


def test_every_role_has_a_row() -> None:
    assert set(MATRIX) == set(Role)


@pytest.mark.parametrize(("role", "allowed"), MATRIX.items())
def test_what_a_role_may_do(person: Person, role: str, allowed: set[str]) -> None:
    user = person(role)
    assert {action for action in ALLOWED if can(user, action)} == allowed
    assert user.has_perm("sessions_app.inspect_session") == ("session.inspect" in allowed)
    user.is_active = False
    assert not any(can(user, action) for action in ALLOWED)


def test_an_action_that_does_not_exist_is_a_mistake_in_the_code(person: Person) -> None:
    with pytest.raises(KeyError):
        can(person(), "crm.raed")


@pytest.mark.parametrize("role", list(Role))
def test_the_admin_opens_for_staff_only(person: Person, signed_in: SignedIn, role: str) -> None:
    client = signed_in(person(role))
    expected = 200 if "admin.open" in MATRIX[Role(role)] else 302
    assert client.get("/admin/").status_code == expected
    for page in ADMIN_PAGES:
        assert client.get(f"/admin/sales_app/{page}/").status_code == expected, page
    link = b'href="/admin/"' in client.get("/team/").content
    assert link is (expected == 200)


@pytest.mark.parametrize(
    ("role", "target", "status"),
    [
        (Role.REVOPS, Role.REP, 302),
        (Role.REVOPS, Role.REVOPS, 302),
        (Role.REVOPS, Role.ADMINISTRATOR, 403),
        (Role.AUDITOR, Role.REP, 403),
        (Role.ADMINISTRATOR, Role.ADMINISTRATOR, 302),
    ],
)
def test_who_corrects_whom_in_the_admin(
    person: Person, signed_in: SignedIn, role: str, target: str, status: int
) -> None:
    found = person(target, first_name="Old", last_name="Name")
    form = {
        "email": found.email,
        "first_name": "New",
        "last_name": "Name",
        "title": "",
        "time_zone": "UTC",
        "locale": "en-US",
        "working_hours": "{}",
        # None of these is a field of the form; a forged one must be without effect.
        "role": "administrator",
        "is_superuser": "on",
        "is_staff": "on",
    }
    answer = signed_in(person(role)).post(f"/admin/sales_app/user/{found.pk}/change/", form)
    assert answer.status_code == status
    found.refresh_from_db()
    assert found.first_name == ("New" if status == 302 else "Old")
    assert (found.role, found.is_superuser) == (target, False)


@pytest.mark.parametrize("role", [Role.REVOPS, Role.AUDITOR, Role.ADMINISTRATOR])
def test_nothing_of_people_is_added_or_deleted_in_the_admin(
    person: Person, signed_in: SignedIn, role: str
) -> None:
    client = signed_in(person(role))
    found = person()
    for page in ADMIN_PAGES:
        assert client.get(f"/admin/sales_app/{page}/add/").status_code == 403, page
    assert client.post(f"/admin/sales_app/user/{found.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post("/admin/sales_app/user/", {"action": "delete_selected", "_selected_action": [found.pk]})
    assert User.objects.filter(pk=found.pk).exists()


@pytest.mark.parametrize(
    ("role", "may"), [(Role.AUDITOR, False), (Role.REVOPS, True), (Role.ADMINISTRATOR, True)]
)
def test_who_looks_at_agent_keys_does_not_therefore_revoke_them(
    person: Person, signed_in: SignedIn, role: str, may: bool
) -> None:
    create_key(agent="echo", name="kept")
    key = AgentKey.objects.get()
    client = signed_in(person(role))
    assert client.get("/admin/sessions_app/agentkey/").status_code == 200
    client.post("/admin/sessions_app/agentkey/", {"action": "revoke", "_selected_action": [key.pk]})
    key.refresh_from_db()
    assert (key.revoked_at is not None) is may


def test_whose_book_somebody_sees(person: Person) -> None:
    boss = person(Role.MANAGER)
    lead = person(Role.MANAGER, manager=boss)
    rep = person(Role.REP, manager=lead)
    other = person(Role.REP)
    bdr = person(Role.BDR, manager=boss)
    assert book_owner_ids(rep) == {rep.pk}
    assert book_owner_ids(bdr) == {bdr.pk}
    assert book_owner_ids(lead) == {lead.pk, rep.pk}
    assert book_owner_ids(boss) == {boss.pk, lead.pk, rep.pk, bdr.pk}
    assert other.pk not in (book_owner_ids(boss) or set())
    for role in (Role.REVOPS, Role.AUDITOR, Role.ADMINISTRATOR):
        assert book_owner_ids(person(role)) is None


def test_a_circle_of_managers_hangs_nobody(person: Person) -> None:
    boss = person(Role.MANAGER)
    lead = person(Role.MANAGER, manager=boss)
    User.objects.filter(pk=boss.pk).update(manager=lead)
    assert book_owner_ids(lead) == book_owner_ids(boss) == {boss.pk, lead.pk}


def test_names(person: Person) -> None:
    assert display_name(person(first_name="Ann", last_name="Lee")) == "Ann Lee"
    assert display_name(person(email="ann@example.com")) == "ann@example.com"
