"""What a use of a skill is about: names as people write them, references, the calendar, the chat's subject; or a question."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from sales_app.agent.skilled import slash
from sales_app.agent.skilled.definitions import Definition, Offered
from sales_app.agent.skilled.resolving import Question, Target, asking, resolve
from sales_app.crm.models import Account, Activity, Contact, Deal
from sales_app.people.models import User
from sessions_app.session.subjects import Subject

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # a Tuesday


def skill(about: str = "account meeting", *, optional: bool = False) -> Definition:
    kinds = tuple(about.split())
    return Definition(
        name="call-prep",
        description="x",
        version=1,
        produces="brief",
        about=kinds,
        optional=optional,
        parts=(),
        body="",
    )


@pytest.fixture
def ann() -> User:
    return User.objects.create_user("ann@example.com", role="rep", first_name="Ann", last_name="Lee")


@pytest.fixture
def book(ann: User) -> dict[str, Account]:
    """Ann's accounts by name, and one that is not hers."""
    ben = User.objects.create_user("ben@example.com", role="rep", first_name="Ben", last_name="Roy")
    names = [
        "Acme Freight",
        "Harbor Foods",
        "Harbor Logistics",
        "First National Bank",
        "Ökonomia AG",
        "Nordwind Energie GmbH",
    ]
    found = {name: Account.objects.create(name=name, owner=ann) for name in names}
    found["Bolt Bakery"] = Account.objects.create(name="Bolt Bakery", owner=ben)
    return found


def meet(ann: User, account: Account | None, at: datetime, subject: str = "Demo") -> Activity:
    return Activity.objects.create(kind="meeting", subject=subject, owner=ann, account=account, starts_at=at)


def found(
    ann: User,
    request: str,
    *,
    about: str = "",
    kinds: str = "account meeting",
    subject: Subject | None = None,
) -> Target | Question:
    return resolve(ann, skill(kinds), about=about, request=request, subject=subject, now=NOW)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Acme Freight", "Acme Freight"),
        ("acme freight", "Acme Freight"),
        ("acme", "Acme Freight"),
        ("Acme only risks, please", "Acme Freight"),
        ("for Acme Freight: keep it short", "Acme Freight"),
        ("prepare me for the Acme Freight call tomorrow", "Acme Freight"),
        ("what did we promise harbor foods?", "Harbor Foods"),
        ("a one-pager for Harbor Logistics' CFO", "Harbor Logistics"),
        ("okonomia", "Ökonomia AG"),
        ("Nordwind Energie", "Nordwind Energie GmbH"),
        ("nordwind", "Nordwind Energie GmbH"),
        ("Acme Frieght", "Acme Freight"),
        ("Acme Freigth's renewal", "Acme Freight"),
        ("Harbour Foods", "Harbor Foods"),
        ("first national bank", "First National Bank"),
    ],
)  # fmt: skip
def test_names_as_people_write_them(ann: User, book: dict[str, Account], said: str, name: str) -> None:
    target = found(ann, said)
    assert isinstance(target, Target), target
    assert target.account == book[name].pk


@pytest.mark.parametrize(
    ("said", "code", "offered"),
    [
        ("Harbor", "ambiguous", ["Harbor Foods", "Harbor Logistics"]),
        ("prep for harbor please", "ambiguous", ["Harbor Foods", "Harbor Logistics"]),
        ("Acme Bakery", "ambiguous", ["Acme Freight"]),  # another company, perhaps
        ("acme bakery", "ambiguous", ["Acme Freight"]),
        ("Globex Foods", "not_found", []),  # names nobody who deals in foods
        ("Globex", "not_found", []),
        ("globex", "not_found", []),
        ("Bolt Bakery", "not_found", []),  # is somebody else's
        ("Harbr Fudge", "not_found", ["Harbor Foods"]),
        ("account:999", "not_found", []),
        ("", "missing", []),
        ("please keep it short", "missing", []),
        ("the first one", "missing", []),
        ("next call", "missing", []),
    ],
)  # fmt: skip
def test_a_question_back(
    ann: User, book: dict[str, Account], said: str, code: str, offered: list[str]
) -> None:
    asked = found(ann, said)
    assert isinstance(asked, Question), asked
    assert asked.code == code
    names = [row["name"] for row in asked.candidates]
    assert names[: len(offered)] == offered
    for row in asked.candidates:
        assert f"[{row['name']}]({row['url']})" in asked.markdown()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("What did we promise Globex Corp?", "not_found"),
        ("what did we promise globex", "not_found"),
        ("Customer follow-up for Globex", "not_found"),
        ("Globex", "not_found"),
        ("What do we owe our customers?", ""),
        ("Summarise my open commitments", ""),
        ("Brief me, only renewals", ""),
        ("", ""),
    ],
)
def test_a_skill_that_works_without_any_takes_no_unknown_name_for_none(
    ann: User, book: dict[str, Account], said: str, code: str
) -> None:
    asked = resolve(ann, skill("account", optional=True), about="", request=said, subject=None, now=NOW)
    assert (asked.code if isinstance(asked, Question) else "") == code
    assert isinstance(asked, Question) or asked == Target()


def test_a_rival_is_not_who_it_is_about(ann: User, book: dict[str, Account]) -> None:
    target = found(ann, "battle card against Rivalsoft for Acme")
    assert isinstance(target, Target) and target.account == book["Acme Freight"].pk
    asked = found(ann, "battle card against Rivalsoft")
    assert isinstance(asked, Question) and asked.code == "missing"


def test_references(ann: User, book: dict[str, Account]) -> None:
    acme = book["Acme Freight"]
    deal = Deal.objects.create(
        account=acme, owner=ann, name="Acme rollout", stage="proposal", amount=Decimal(1)
    )
    for said in (f"account:{acme.pk}", f"[Acme]({acme.get_absolute_url()})", f"http://x/accounts/{acme.pk}/"):
        target = found(ann, "", about=said)
        assert isinstance(target, Target) and target.account == acme.pk
    target = found(ann, "", about=f"deal:{deal.pk}")
    assert isinstance(target, Target) and (target.deal, target.account) == (deal.pk, acme.pk)
    asked = found(ann, "", about=f"account:{book['Bolt Bakery'].pk}")
    assert isinstance(asked, Question) and asked.code == "not_found"


def test_deals_and_people(ann: User, book: dict[str, Account]) -> None:
    acme, harbor = book["Acme Freight"], book["Harbor Foods"]
    first = Deal.objects.create(
        account=harbor, owner=ann, name="Harbor Foods rollout", stage="proposal", amount=Decimal(1)
    )
    Deal.objects.create(
        account=harbor, owner=ann, name="Harbor Foods support", stage="proposal", amount=Decimal(1)
    )
    only = Deal.objects.create(
        account=acme, owner=ann, name="Acme Freight renewal 2027", stage="proposal", amount=Decimal(1)
    )
    Deal.objects.create(account=acme, owner=ann, name="Acme Freight pilot", stage="won", amount=Decimal(1))
    cleo = Contact.objects.create(account=acme, name="Cleo Marsh")
    target = found(ann, "proposal for the Harbor Foods rollout", kinds="deal account")
    assert isinstance(target, Target) and (target.deal, target.account) == (first.pk, harbor.pk)
    # An account with several open deals is no choice among them; with one, it is that.
    target = found(ann, "deck for Harbor Foods", kinds="deal account")
    assert isinstance(target, Target) and (target.deal, target.account) == (None, harbor.pk)
    target = found(ann, "deck for Acme", kinds="deal account")
    assert isinstance(target, Target) and target.deal == only.pk
    target = found(ann, "my call with Cleo Marsh")
    assert isinstance(target, Target) and (target.contact, target.account) == (cleo.pk, acme.pk)


def test_the_calendar(ann: User, book: dict[str, Account]) -> None:
    acme, harbor = book["Acme Freight"], book["Harbor Foods"]
    meet(ann, acme, NOW - timedelta(hours=2))
    meet(ann, None, NOW + timedelta(minutes=10), "Team")
    first = meet(ann, harbor, NOW + timedelta(hours=1))
    later = meet(ann, acme, NOW + timedelta(hours=5, minutes=30))
    tomorrow = meet(ann, acme, NOW + timedelta(days=1))
    for said in ("next call", "my next meeting", "next customer meeting please", "next"):
        target = found(ann, said)
        assert isinstance(target, Target) and (target.meeting, target.account) == (first.pk, harbor.pk)
    target = found(ann, "Acme")
    assert isinstance(target, Target) and target.meeting == later.pk
    target = found(ann, "tomorrow's call")
    assert isinstance(target, Target) and target.meeting == tomorrow.pk
    target = found(ann, "my 14:30 meeting")
    assert isinstance(target, Target) and target.meeting == later.pk
    target = found(ann, "the 2:30pm call today")
    assert isinstance(target, Target) and target.meeting == later.pk
    asked = found(ann, "my meeting today")
    assert isinstance(asked, Question) and len(asked.candidates) == 3
    asked = found(ann, "")
    assert isinstance(asked, Question) and asked.candidates[0]["id"] == f"meeting:{first.pk}"


def test_the_subject_of_the_chat(ann: User, book: dict[str, Account]) -> None:
    acme = book["Acme Freight"]
    here = Subject(kind="account", id=str(acme.pk), label=acme.name, url=acme.get_absolute_url())
    for said in ("", "only the risks", "keep it short please"):
        target = found(ann, said, subject=here)
        assert isinstance(target, Target) and target.account == acme.pk
    # A name that is not there is not replaced by what is at hand.
    asked = found(ann, "Globex", subject=here)
    assert isinstance(asked, Question) and asked.code == "not_found"
    target = found(ann, "Harbor Foods", subject=here)
    assert isinstance(target, Target) and target.account == book["Harbor Foods"].pk
    others = book["Bolt Bakery"]
    there = Subject(kind="account", id=str(others.pk), label=others.name, url="/")
    assert isinstance(found(ann, "", subject=there), Question)


def test_records_are_looked_up_again_with_the_rights_of_now(ann: User, book: dict[str, Account]) -> None:
    target = found(ann, "Acme Freight")
    assert isinstance(target, Target)
    assert asking(ann, target.as_json(), request="x", now=NOW).account == book["Acme Freight"]
    assert target.account is not None
    Account.objects.filter(pk=target.account).update(owner=None)
    assert asking(ann, target.as_json(), request="x", now=NOW).account is None


def test_queries_do_not_grow_with_the_book(
    ann: User, book: dict[str, Account], django_assert_max_num_queries: object
) -> None:
    Account.objects.bulk_create(Account(name=f"Firm {number}", owner=ann) for number in range(300))
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        found(ann, "prepare the Acme Freight call")


# Commands.

SKILLS = (
    Offered(name="call-prep", description="Prepares a call.", hint="[account]"),
    Offered(name="create-asset", description="Makes something."),
    Offered(name="morning-brief", description="The day."),
)


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [
        ("/call-prep Acme", "call-prep", "Acme"),
        ("  /Call-Prep   Acme ", "call-prep", "Acme"),
        ("/CALL_PREP acme", "call-prep", "acme"),
        ("/call prep Acme", "call-prep", "Acme"),
        ("/morning-brief", "morning-brief", ""),
        ("/create-asset one-pager\nfor Acme", "create-asset", "one-pager\nfor Acme"),
    ],
)
def test_commands(text: str, name: str, rest: str) -> None:
    chosen = slash.read(text, SKILLS)
    assert isinstance(chosen, slash.Chosen) and (chosen.name, chosen.rest) == (name, rest)


@pytest.mark.parametrize(
    "text", ["/accounts/12/ what is new?", "Write /call-prep", "/", "/ call-prep", "//x", "1/2", ""]
)
def test_no_commands(text: str) -> None:
    assert slash.read(text, SKILLS) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [("/call-perp x", "/call-prep x"), ("/morningbrief", "/morning-brief"), ("/creat-aset y", "/create-asset y"), ("/morning", "/morning-brief")],
)  # fmt: skip
def test_slips_are_asked_back(text: str, meant: str) -> None:
    told = slash.read(text, SKILLS)
    assert isinstance(told, slash.Told) and f"Did you mean `{meant}`?" in told.text


@pytest.mark.parametrize("text", ["/xyz", "/prep", "/brief"])
def test_what_is_far_from_all_gets_the_list(text: str) -> None:
    told = slash.read(text, SKILLS)
    assert isinstance(told, slash.Told) and "Did you mean" not in told.text
    assert all(f"/{each.name}" in told.text for each in SKILLS)


@pytest.mark.parametrize(
    ("one", "other", "far"), [("", "", 0), ("a", "", 1), ("ab", "ba", 1), ("call", "cal", 1), ("prep", "perp", 1), ("abc", "xyz", 3)]
)  # fmt: skip
def test_distance(one: str, other: str, far: int) -> None:
    assert slash.distance(one, other) == slash.distance(other, one) == far
