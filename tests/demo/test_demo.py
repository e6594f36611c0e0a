"""The demo company: always the same, complete, loaded once."""

import gzip
from datetime import date, datetime
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.utils import timezone

from sales_app.crm import queries
from sales_app.crm.models import Account, Activity, Contact, Deal
from sales_app.crm.models.deal import OPEN_STAGES
from sales_app.demo.base import read_base
from sales_app.demo.generate import DATA, Generator, files
from sales_app.demo.load import load
from sales_app.demo.logins import demo_logins
from sales_app.demo.rows import read
from sales_app.demo.when import Calendar
from sales_app.people.models import User


def run(**options: bool) -> str:
    out = StringIO()
    call_command("demo", stdout=out, **options)
    return out.getvalue()


def test_the_committed_files_are_what_the_generator_makes() -> None:
    for name, lines in files(Generator().run()).items():
        with gzip.open(DATA / name, "rt", encoding="utf-8") as committed:
            assert committed.read().splitlines() == lines, name


def test_it_is_large_enough_and_invented() -> None:
    accounts, deals = read("accounts"), read("deals")
    assert len(accounts) >= 1500
    assert sum(1 for deal in deals if deal["stage"] in {stage.value for stage in OPEN_STAGES}) >= 400
    assert len(read("activities")) >= 4000
    assert len({account["name"] for account in accounts}) == len(accounts)
    assert all(account["domain"].endswith(".example") for account in accounts)
    assert all(contact["email"].endswith(".example") for contact in read("contacts"))
    assert {account["segment"] for account in accounts} == {"smb", "mid", "enterprise"}
    assert len(read_base()) > 400


def test_notes_have_no_gap_left_to_fill() -> None:
    for row in read("activities"):
        text = Calendar(date(2026, 11, 24)).text(row["subject"] + row["body"])
        assert "{" not in text and "[Q" not in text and "[Y" not in text


def test_days_count_from_the_day_of_loading() -> None:
    zone = ZoneInfo("Europe/Berlin")
    when = Calendar(date(2026, 11, 24))  # a Tuesday in the fourth quarter

    assert when.instant("-1 10:30", zone) == datetime(2026, 11, 23, 10, 30, tzinfo=zone)
    assert when.instant("-2 10:30", zone).date() == date(2026, 11, 20)  # a Sunday moves to Friday
    assert when.instant("w0.0 09:00", zone).date() == date(2026, 11, 23)
    assert when.instant("w1.4 09:00", zone).date() == date(2026, 12, 4)
    assert when.text("until [Q+1], then [Q+2] of [Y+1]") == "until Q1, then Q2 of 2027"


@pytest.fixture
def loaded(db: None) -> str:
    return run(once=True)


def test_it_loads_and_says_so(loaded: str) -> None:
    assert "12 people" in loaded and "activities" in loaded
    assert Account.objects.count() == len(read("accounts"))
    assert Contact.objects.count() == len(read("contacts"))
    assert Deal.objects.count() == len(read("deals"))
    assert Activity.objects.count() == len(read("activities"))
    assert not Activity.objects.filter(owner=None).exists()
    assert (
        not Activity.objects.exclude(kind__in=["meeting", "call"])
        .filter(starts_at__gt=timezone.now())
        .exists()
    )

    # Twelve people who can sign in, in teams, each with something to do.
    logins = demo_logins()
    assert len(logins) == 12
    email, password, role = logins[0]
    assert authenticate(None, username=email, password=password) == User.objects.get(email=email)
    assert User.objects.filter(role=role).exists()
    assert sorted(User.objects.values_list("role", flat=True)) == sorted(
        ["administrator", "revops", "auditor", *["manager"] * 2, *["rep"] * 5, *["bdr"] * 2]
    )
    today = timezone.localdate()
    monday = today.fromordinal(today.toordinal() - today.weekday())
    for person in User.objects.filter(role__in=["rep", "bdr"]):
        assert queries.find_accounts(person)["total"] > 50
        week = queries.calendar(person, monday, monday.fromordinal(monday.toordinal() + 11))["days"]
        working = [day for day in week if day["weekday"] not in {"Saturday", "Sunday"}]
        assert all(len(day["events"]) >= 2 for day in working)
        assert all("08:00" <= event["local_time"] <= "18:30" for day in working for event in day["events"])
    manager = User.objects.filter(role="manager").first()
    assert manager is not None
    assert len(queries.deal_summary(manager, group_by="owner")["groups"]) >= 2

    # The notes are worth asking about.
    assert queries.recent_activities(User.objects.get(role="revops"), text="on hold")["total"] > 10

    # The second time nothing happens, whatever was deleted.
    Account.objects.filter(external_id="demo:account:3").delete()
    assert run(once=True) == ""
    assert "there already" in run()
    assert not Account.objects.filter(external_id="demo:account:3").exists()

    # And out again, without what people brought themselves.
    own = Account.objects.create(name="Our own", owner=manager)
    assert "removed" in run(remove=True)
    assert list(Account.objects.all()) == [own]
    assert not Activity.objects.exists()
    assert not User.objects.filter(is_active=True).exists()


def test_an_interrupted_load_is_completed(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(line: str) -> None:
        if line.endswith("contacts"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load(interrupted)
    before = set(Contact.objects.values_list("pk", flat=True))
    assert before and not Deal.objects.exists()

    run(once=True)

    assert set(Contact.objects.values_list("pk", flat=True)) == before
    assert Deal.objects.count() == len(read("deals"))


def test_it_is_refused_in_production(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PRODUCTION", True)
    with pytest.raises(CommandError, match="public password"):
        run(once=True)
    assert not User.objects.exists()
