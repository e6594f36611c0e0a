"""CSV out: what the filter shows, safe to open in a spreadsheet, and good to be imported again."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from sales_app.crm.imports.applying import apply
from sales_app.crm.imports.formulas import escape, unescape
from sales_app.crm.imports.staging import stage
from sales_app.crm.models import Account, Contact, Deal
from tests.crm.world import World, activity, contact, deal


def exported(client: Client, url: str) -> list[dict[str, Any]]:
    answer = client.get(url)
    assert answer.status_code == 200
    assert answer["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer["content-disposition"]
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "  ="])
def test_a_formula_is_escaped(world: World, client: Client, start: str) -> None:
    Account.objects.filter(pk=world.mine.pk).update(name=f"{start}HYPERLINK(1)", next_step=f"{start}1+1")
    client.force_login(world.rep)

    row = exported(client, "/export/accounts.csv")[0]

    assert row["name"].startswith("'")
    assert row["next_step"].startswith("'")


@given(st.text())
def test_no_cell_begins_a_formula_and_the_way_back_is_exact(text: str) -> None:
    safe = escape(text)
    assert not safe.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    if not text.startswith("'"):
        assert unescape(safe) == text


def test_an_export_holds_what_the_filter_shows(world: World, client: Client) -> None:
    client.force_login(world.revops)

    rows = exported(client, "/export/accounts.csv?country=Germany&order=-name")

    assert [row["name"] for row in rows] == ["Velmont Solar", "Brixholm Foods"]


def test_an_export_knows_row_access(world: World, client: Client) -> None:
    deal(world.strangers)
    contact(world.strangers)
    activity(world.stranger, account=world.strangers)
    client.force_login(world.rep)

    assert [row["name"] for row in exported(client, "/export/accounts.csv")] == ["Brixholm Foods"]
    for kind in ("contacts", "deals", "activities"):
        assert exported(client, f"/export/{kind}.csv") == []


def test_a_bdr_may_not_export(world: World, client: Client) -> None:
    world.rep.role = "bdr"
    world.rep.save()
    client.force_login(world.rep)

    assert client.get("/export/accounts.csv").status_code == 403
    assert "Export as CSV" not in client.get("/accounts/").content.decode()


def test_an_export_comes_back_unchanged(world: World, client: Client) -> None:
    made = contact(world.mine, "-Tessa", phone="+49 30 23125 001", external_id="C1")
    sale = deal(
        world.mine, "=Deal", external_id="D1", stage="proposal", amount="12.50", competitor="@Quillbuy"
    )
    Account.objects.filter(pk=world.mine.pk).update(external_id="A1")
    client.force_login(world.revops)

    for kind in ("contacts", "deals"):
        data = client.get(f"/export/{kind}.csv?stage=all").content
        batch = stage(data, kind=kind, file_name="again.csv", user=world.revops)
        assert (batch.errors, batch.to_create) == ([], 0)
        apply(batch)

    again = Contact.objects.get(pk=made.pk)
    assert (again.name, again.phone, again.version) == ("-Tessa", "+49 30 23125 001", 2)
    same = Deal.objects.get(pk=sale.pk)
    assert (same.name, same.competitor, str(same.amount)) == ("=Deal", "@Quillbuy", "12.50")
