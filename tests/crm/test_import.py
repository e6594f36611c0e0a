"""CSV in: what is wrong is said by line and column, and it is all or nothing."""

import csv
import io
import threading
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test import Client

from sales_app.crm.imports.applying import NotApplied, apply
from sales_app.crm.imports.reading import MAX_ROWS, FileRefused
from sales_app.crm.imports.staging import ROWS_PER_TRANSACTION, stage
from sales_app.crm.models import Account, Activity, Contact, Deal, ImportBatch, ImportRow
from sales_app.people.models import User
from tests.crm.world import World, deal, make_world


def staged(kind: str, text: str | bytes, user: User) -> ImportBatch:
    data = text if isinstance(text, bytes) else text.encode()
    return stage(data, kind=kind, file_name="file.csv", user=user)


def errors(batch: ImportBatch) -> list[tuple[int, str]]:
    return [(error["line"], error["column"]) for error in batch.errors]


REFUSED = [
    (b"", "empty"),
    (b" \n\n", "empty"),
    (b"name\n", "no_rows"),
    (b"name,colour\nA,red\n", "unknown_column"),
    (b"domain\na.example\n", "missing_column"),
    (b"name,name\nA,B\n", "column_twice"),
    (b"name\nCaf\xe9\n", "encoding"),
    (b"PK\x03\x04rest", "spreadsheet"),
    (b"name\nA\x00B\n", "binary"),
    ("name\nA\x00B\n".encode("utf-16"), "binary"),
    (b'name\n"never closed\n', "malformed"),
    (b"name\n" + b"A" * 200_000 + b"\n", "malformed"),
    (b",".join(b"c%d" % n for n in range(61)) + b"\nA\n", "too_many_columns"),
    (b"x" * (10 * 1024**2 + 1), "too_large"),
    (b"name\n" + b"A\n" * (MAX_ROWS + 1), "too_many_rows"),
]


@pytest.mark.parametrize(("data", "code"), REFUSED, ids=[code for _, code in REFUSED])
def test_a_file_that_cannot_be_read_says_why(world: World, data: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as refused:
        staged("accounts", data, world.revops)
    assert refused.value.code == code
    assert refused.value.fix
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        "name,country\nBrödkorb AB,Sweden\n".encode("utf-8-sig"),
        "name;country\r\nBrödkorb AB;Sweden\r\n".encode(),
        "Name\tCountry\nBrödkorb AB\tSweden\n".encode("utf-16"),
        "\n\nname,country\n\nBrödkorb AB,Sweden\n,\n".encode(),
    ],
    ids=["utf-8 with mark", "semicolons", "utf-16 with tabs", "empty lines"],
)
def test_what_spreadsheets_write_is_read(world: World, data: bytes) -> None:
    batch = staged("accounts", data, world.revops)
    apply(batch)
    assert Account.objects.get(name="Brödkorb AB").country == "Sweden"


def test_errors_name_line_and_column_and_nothing_is_touched(world: World) -> None:
    text = (
        "external_id,name,status,arr,employees,currency,owner\n"
        'A1,"Two\nlines",customer,"1,250.50",12,eur,dana@test.example\n'
        "A2,Bad status,gone,10,1,USD,\n"
        "A3,Bad money,customer,€10,1,USD,\n"
        "A1,Twice,customer,10,1,USD,\n"
        "A5,,customer,10,many,USDollar,nobody@test.example\n"
    )
    before = list(Account.objects.values())

    batch = staged("accounts", text, world.revops)

    assert batch.state == ImportBatch.State.REFUSED
    # The first record spans lines 2 and 3.
    assert errors(batch) == [
        (4, "status"),
        (5, "arr"),
        (6, "external_id"),
        (7, "name"),
        (7, "employees"),
        (7, "currency"),
        (7, "owner"),
    ]
    assert "prospect, customer, churned" in batch.errors[0]["message"]
    assert batch.errors[0]["value"] == "gone"
    assert list(Account.objects.values()) == before
    assert not ImportRow.objects.exists()
    with pytest.raises(NotApplied):
        apply(batch)


def test_a_dry_run_counts_and_changes_nothing(world: World) -> None:
    Account.objects.filter(pk=world.mine.pk).update(external_id="A1")

    batch = staged("accounts", "external_id,name\nA1,New name\nA2,Fresh\n", world.revops)

    assert (batch.state, batch.to_create, batch.to_update) == (ImportBatch.State.READY, 1, 1)
    assert not Account.objects.filter(name__in=["New name", "Fresh"]).exists()


def test_upsert_changes_what_is_given_and_keeps_the_rest(world: World) -> None:
    Account.objects.filter(pk=world.mine.pk).update(external_id="A1", plan="Team")

    apply(staged("accounts", "external_id,name,plan,arr\nA1,Ärla Foods,,6000\nA2,Fresh,,\n", world.revops))

    changed, fresh = Account.objects.get(external_id="A1"), Account.objects.get(external_id="A2")
    assert (changed.pk, changed.name, changed.name_key) == (world.mine.pk, "Ärla Foods", "arla foods")
    assert (changed.plan, changed.arr, changed.owner_id) == ("Team", 6000, world.rep.pk)
    assert changed.version == world.mine.version + 1
    assert (fresh.status, fresh.currency, fresh.arr, fresh.version) == ("prospect", "USD", 0, 1)


def test_a_whole_company_comes_in(world: World) -> None:
    apply(
        staged("accounts", "external_id,name,domain\nA1,Northgate Bakery,northgate.example\n", world.revops)
    )
    apply(
        staged(
            "contacts",
            "account,name,email\nnorthgate.example,Tessa Marchetti,tessa@n.example\n",
            world.revops,
        )
    )
    apply(
        staged(
            "deals",
            "external_id,account,name,stage,amount\nD1,northgate bakery,More,won,12.50\n",
            world.revops,
        )
    )
    apply(
        staged(
            "activities",
            "kind,subject,account,contact,deal,starts_at,due,done,owner\n"
            "Call,Hello,A1,tessa@n.example,D1,2026-03-01 10:00,,,dana@test.example\n"
            "task,Write,A1,,,2026-03-01T10:00:00+05:30,2026-03-04,yes,\n",
            world.revops,
        )
    )

    call = Activity.objects.get(subject="Hello")
    assert call.contact == Contact.objects.get(name_key="tessa marchetti")
    assert call.deal == Deal.objects.get(external_id="D1")
    assert call.deal.probability == 100
    assert call.owner == world.rep
    task = Activity.objects.get(subject="Write")
    assert (task.done, task.starts_at.isoformat()) == (True, "2026-03-01T04:30:00+00:00")


def test_a_new_stage_begins_now(world: World) -> None:
    moved = deal(world.mine, external_id="D1", stage="discovery")
    kept = deal(world.mine, "Same", external_id="D2", stage="proposal")

    apply(staged("deals", "external_id,stage\nD1,proposal\nD2,proposal\n", world.revops))

    assert Deal.objects.get(pk=moved.pk).stage_changed_at > moved.stage_changed_at
    assert Deal.objects.get(pk=kept.pk).stage_changed_at == kept.stage_changed_at


def test_references_that_fit_nothing_or_several(world: World) -> None:
    Account.objects.create(name="Brixholm Foods", owner=world.rep)

    batch = staged("contacts", "account,name\nBrixholm Foods,A\nNowhere,B\n", world.revops)

    assert errors(batch) == [(2, "account"), (3, "account")]
    assert "2 records fit" in batch.errors[0]["message"]


def test_a_manager_imports_into_the_own_team_only(world: World) -> None:
    Account.objects.filter(pk=world.strangers.pk).update(external_id="A9")
    text = "external_id,name,owner\nA9,Taken over,\nA1,Given away,katja@test.example\n"

    batch = staged("accounts", text, world.manager)

    assert errors(batch) == [(2, "external_id"), (3, "owner")]
    assert errors(staged("contacts", "account,name\nVelmont Solar,A\n", world.manager)) == [(2, "account")]


def test_a_record_deleted_meanwhile_stops_all(world: World) -> None:
    Account.objects.filter(pk=world.mine.pk).update(external_id="A1")
    batch = staged("accounts", "external_id,name\nA2,Fresh\nA1,Changed\n", world.revops)
    world.mine.delete()

    with pytest.raises(NotApplied, match="Check it again"):
        apply(batch)

    assert not Account.objects.filter(name="Fresh").exists()
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.READY


@pytest.mark.django_db(transaction=True)
def test_an_id_taken_meanwhile_stops_all() -> None:
    world = make_world()
    batch = staged("accounts", "external_id,name\nA1,One\nA2,Two\n", world.revops)
    Account.objects.create(name="Faster", external_id="A2")

    with pytest.raises(NotApplied, match="changed since"):
        apply(batch)

    assert not Account.objects.filter(external_id="A1").exists()


def test_a_second_click_imports_nothing_twice(world: World) -> None:
    batch = staged("accounts", "name\nOnly one\n", world.revops)
    second = ImportBatch.objects.get(pk=batch.pk)
    apply(batch)

    with pytest.raises(NotApplied, match="already"):
        apply(second)
    assert Account.objects.filter(name="Only one").count() == 1


def five_thousand() -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["external_id", "name", "country", "arr", "status", "owner", "next_step"])
    for n in range(5000):
        writer.writerow(
            [f"big-{n}", f"Company {n}", "Germany", n, "prospect", "dana@test.example", "Call them"]
        )
    return out.getvalue().encode()


class Writer(threading.Thread):
    """Commits small changes one after the other, as a streaming answer does."""

    def __init__(self, pk: int) -> None:
        super().__init__()
        self.pk = pk
        self.ended = threading.Event()
        self.written = 0
        self.problem: BaseException | None = None

    def run(self) -> None:
        try:
            while not self.ended.wait(0.005):
                Activity.objects.filter(pk=self.pk).update(body=str(self.written))
                self.written += 1
        except BaseException as problem:
            self.problem = problem
        finally:
            connections.close_all()


class Begun:
    """Counts the staged rows of each transaction. Without one of its own, a statement is one."""

    def __init__(self) -> None:
        self.rows = self.most_at_a_time = 0
        self._now = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(f'INSERT INTO "{ImportRow._meta.db_table}"'):
            # SQLite is given the rows one after the other, PostgreSQL one list for each column.
            rows = len(params[0]) if isinstance(params[0], list) else sql.count("(%s")
            self.rows += rows
            self._now += rows
            self.most_at_a_time = max(self.most_at_a_time, self._now)
            transaction.on_commit(self._committed)  # at once, where there is no transaction
        return execute(sql, params, many, context)

    def _committed(self) -> None:
        self._now = 0


@pytest.mark.django_db(transaction=True)
def test_others_write_while_5000_rows_come_in() -> None:
    world = make_world()
    note = Activity.objects.create(kind="note", subject="Streaming", owner=world.rep)
    writer = Writer(note.pk)
    writer.start()
    begun = Begun()
    try:
        with connection.execute_wrapper(begun):
            batch = stage(five_thousand(), kind="accounts", file_name="big.csv", user=world.revops)
        apply(batch)
        data = five_thousand().replace(b"Call them", b"Mail")
        update = stage(data, kind="accounts", file_name="again.csv", user=world.revops)
        apply(update)
    finally:
        writer.ended.set()
        writer.join()

    assert writer.problem is None
    assert (batch.to_create, update.to_update) == (5000, 5000)
    assert Account.objects.filter(external_id__startswith="big-", next_step="Mail", version=2).count() == 5000
    assert writer.written > 0
    # How long others wait depends on the machine; how much is written at a time does not.
    assert begun.rows == 5000
    assert begun.most_at_a_time <= ROWS_PER_TRANSACTION


def upload(client: Client, text: str, kind: str = "accounts") -> Any:
    file = io.BytesIO(text.encode())
    file.name = "mine.csv"
    return client.post("/import/", {"kind": kind, "file": file})


def test_from_upload_to_list(world: World, client: Client) -> None:
    client.force_login(world.revops)

    checked = upload(client, "name,country\nElmstone Works,Spain\n")
    page = client.get(checked["location"])
    assert "Import 1 row" in page.content.decode()
    done = client.post(f"{checked['location']}apply/", follow=True)

    assert "1 added, 0 changed from mine.csv" in done.content.decode()
    assert "Elmstone Works" in client.get("/accounts/?q=elmstone").content.decode()


def test_a_refused_file_answers_400_with_code_and_way_out(world: World, client: Client) -> None:
    client.force_login(world.revops)

    answer = upload(client, "name,colour\nA,red\n")

    assert answer.status_code == 400
    assert 'data-code="unknown_column"' in answer.content.decode()
    assert "Known are: external_id, name" in answer.content.decode()
    missing = client.post("/import/", {"kind": "accounts"})
    assert (missing.status_code, 'data-code="no_file"' in missing.content.decode()) == (400, True)


def test_row_errors_are_shown(world: World, client: Client) -> None:
    client.force_login(world.revops)

    page = client.get(upload(client, "name,status\nA,<b>gone</b>\n")["location"]).content.decode()

    assert "1 error in 1 row" in page
    assert "&lt;b&gt;gone&lt;/b&gt;" in page


@pytest.mark.parametrize(
    ("who", "status"), [("rep", 403), ("auditor", 403), ("manager", 200), ("revops", 200)]
)
def test_who_may_import(world: World, client: Client, who: str, status: int) -> None:
    client.force_login(getattr(world, who))
    assert client.get("/import/").status_code == status
    assert client.get("/import/template/deals.csv").status_code == status


def test_another_persons_file_does_not_exist(world: World, client: Client) -> None:
    batch = staged("accounts", "name\nSecret\n", world.revops)
    client.force_login(world.manager)

    assert client.get(f"/import/{batch.pk}/").status_code == 404
    assert client.post(f"/import/{batch.pk}/apply/").status_code == 404


@pytest.mark.parametrize("kind", ["accounts", "contacts", "deals", "activities"])
def test_the_templates_are_accepted(world: World, client: Client, kind: str) -> None:
    client.force_login(world.revops)
    Account.objects.create(name="Northgate", external_id="A-1001")
    Contact.objects.create(
        account=Account.objects.get(external_id="A-1001"),
        name="Tessa",
        email="tessa@northgate-bakery.example",
    )

    template = client.get(f"/import/template/{kind}.csv").content
    batch = staged(kind, template, world.revops)

    assert batch.errors == []
    apply(batch)


def test_imports_leave_no_sql_in_names(world: World) -> None:
    apply(staged("accounts", 'name\n"Robert\'); DROP TABLE x;--"\n', world.revops))
    assert Account.objects.filter(name="Robert'); DROP TABLE x;--").exists()
    assert connection.introspection.table_names()
