"""Whatever people change in the CRM leaves a line in the audit trail: on pages, in the admin and by import."""

from typing import Any

import pytest
from django.test import Client

from sales_app.crm.imports.applying import apply
from sales_app.crm.imports.staging import stage
from sales_app.crm.models import Account, Activity, Contact, Deal
from sales_app.people.models import AuditEntry, User

pytestmark = pytest.mark.django_db


def signed_in(role: str) -> tuple[Client, User]:
    user = User.objects.create_user(f"{role}@example.com", role=role, first_name="Ann", last_name="Lee")
    client = Client()
    client.force_login(user)
    return client, user


def trail() -> list[tuple[str, str, Any]]:
    return [(row.action, row.target, row.data) for row in AuditEntry.objects.order_by("pk")]


def test_pages() -> None:
    client, ann = signed_in("rep")
    account = Account.objects.create(name="Acme", owner=ann)
    form = {"name": "Cleo", "title": "CFO", "role": "", "email": "", "phone": "", "version": "1"}
    client.post(f"/accounts/{account.pk}/contacts/new/", form)
    cleo = Contact.objects.get()
    assert trail() == [("crm.created", f"contact {cleo.pk}: Cleo", {})]
    client.post(f"/contacts/{cleo.pk}/edit/", {**form, "title": "CEO"})
    assert trail()[-1] == ("crm.changed", f"contact {cleo.pk}: Cleo", {"title": ["CFO", "CEO"]})
    assert {row.actor for row in AuditEntry.objects.all()} == {ann}
    # Nothing changed, an old form, and a form that is not valid: no line.
    client.post(f"/contacts/{cleo.pk}/edit/", {**form, "title": "CEO", "version": "2"})
    assert client.post(f"/contacts/{cleo.pk}/edit/", {**form, "version": "1"}).status_code == 409
    client.post(f"/contacts/{cleo.pk}/edit/", {**form, "name": "", "version": "3"})
    assert len(trail()) == 2
    task = Activity.objects.create(kind="task", subject="Call", owner=ann)
    for _ in range(2):
        client.post(f"/activities/{task.pk}/done/", {"done": "1"})
    assert trail()[2:] == [("crm.changed", f"activity {task.pk}: Call", {"done": [False, True]})]


def test_the_admin() -> None:
    client, boss = signed_in("administrator")
    account = Account.objects.create(name="Acme", owner=boss)
    deal = Deal.objects.create(name="Renewal", account=account, owner=boss)
    form = {
        "account": account.pk, "name": "Renewal", "owner": boss.pk, "stage": "proposal", "amount": "0",
        "currency": "USD", "probability": "10", "next_step": "", "competitor": "", "lost_reason": "",
    }  # fmt: skip
    answered = client.post(f"/admin/sales_app/deal/{deal.pk}/change/", form)
    assert answered.status_code == 302, answered.context["errors"]
    assert trail() == [
        ("crm.changed", f"deal {deal.pk}: Renewal", {"stage": ["prospecting", "proposal"]}),
    ]
    client.post(f"/admin/sales_app/deal/{deal.pk}/delete/", {"post": "yes"})
    assert not Deal.objects.exists() and trail()[-1] == ("crm.deleted", f"deal {deal.pk}: Renewal", {})
    many = {"action": "delete_selected", "_selected_action": [account.pk], "post": "yes"}
    client.post("/admin/sales_app/account/", many)
    assert trail()[-1] == ("crm.deleted", f"account {account.pk}: Acme", {})
    assert {row.actor for row in AuditEntry.objects.all()} == {boss}


@pytest.mark.django_db(transaction=True)
def test_an_import() -> None:
    _, boss = signed_in("manager")
    batch = stage(
        b"name,owner\nAcme,manager@example.com\nBolt,\n", kind="accounts", file_name="a.csv", user=boss
    )
    apply(batch)
    assert trail() == [
        ("crm.imported", "accounts: a.csv", {"batch": str(batch.pk), "created": 2, "updated": 0}),
    ]
    assert AuditEntry.objects.get().actor == boss
