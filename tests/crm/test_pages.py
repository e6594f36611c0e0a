"""The pages: who sees what, fragments for htmx, edits that meet."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from sales_app.crm.models import Account, Activity, Contact, Deal
from tests.crm.world import World, activity, contact, deal, person

LISTS = ["/accounts/", "/contacts/", "/deals/", "/deals/?view=board", "/activities/", "/calendar/"]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def mine(world: World, client: Client) -> Client:
    client.force_login(world.rep)
    return client


def fill(world: World) -> dict[str, int]:
    """One record of each kind for the rep and for a stranger; the stranger's ids."""
    for owner, of in ((world.rep, world.mine), (world.stranger, world.strangers)):
        sale = deal(of, f"{of.name} deal", stage="proposal", next_step="Send the order form")
        contact(of, f"{of.name} person")
        activity(owner, f"{of.name} call", account=of, deal=sale, starts_at=timezone.now())
    return {
        "accounts": world.strangers.pk,
        "contacts": Contact.objects.get(account=world.strangers).pk,
        "deals": Deal.objects.get(account=world.strangers).pk,
        "activities": Activity.objects.get(account=world.strangers).pk,
    }


@pytest.mark.parametrize("url", LISTS)
def test_lists_show_the_own_book(world: World, mine: Client, url: str) -> None:
    fill(world)

    page = mine.get(url).content.decode()

    assert "Brixholm Foods" in page
    assert "Velmont Solar" not in page


@pytest.mark.parametrize("url", LISTS)
def test_pages_need_a_login(db: None, client: Client, url: str) -> None:
    answer = client.get(url)
    assert answer.status_code == 302
    assert answer["location"].startswith("/accounts/login/?next=")


def test_a_fragment_asked_after_the_login_ended_moves_the_whole_page(db: None, client: Client) -> None:
    answer = client.get(
        "/accounts/?q=x", headers={**HTMX, "HX-Current-URL": "http://testserver/accounts/?q=x"}
    )

    assert answer["HX-Redirect"] == "/accounts/login/?next=%2Faccounts%2F%3Fq%3Dx"


def without_tokens(page: bytes) -> bytes:
    """The form token is written anew each time."""
    return re.sub(rb"[A-Za-z0-9]{64}", b"", page)


@pytest.mark.parametrize("kind", ["accounts", "contacts", "deals", "activities"])
def test_a_foreign_record_and_none_look_alike(world: World, mine: Client, kind: str) -> None:
    foreign = fill(world)[kind]
    for suffix in ("", "edit/"):
        theirs, absent = mine.get(f"/{kind}/{foreign}/{suffix}"), mine.get(f"/{kind}/999999/{suffix}")
        assert (theirs.status_code, absent.status_code) == (404, 404)
        assert without_tokens(theirs.content) == without_tokens(absent.content)
    assert mine.post(f"/{kind}/{foreign}/edit/", {"name": "Taken"}).status_code == 404


@pytest.mark.parametrize(
    "url", ["/activities/new/?account={}", "/accounts/{}/deals/new/", "/accounts/{}/contacts/new/"]
)
def test_nothing_is_added_to_a_foreign_account(world: World, mine: Client, url: str) -> None:
    assert mine.get(url.format(world.strangers.pk)).status_code == 404
    assert mine.post(url.format(world.strangers.pk), {"name": "x"}).status_code == 404


def test_records_open(world: World, mine: Client) -> None:
    fill(world)
    for row in (world.mine, Contact.objects.get(account=world.mine), Deal.objects.get(account=world.mine)):
        assert row.name in mine.get(row.get_absolute_url()).content.decode()
    call = Activity.objects.get(account=world.mine)
    assert call.subject in mine.get(call.get_absolute_url()).content.decode()


def test_a_chat_begins_from_account_and_deal(world: World, mine: Client) -> None:
    sale = deal(world.mine)

    account_page = mine.get(world.mine.get_absolute_url()).content.decode()
    deal_page = mine.get(sale.get_absolute_url()).content.decode()

    for page, subject in ((account_page, f"account:{world.mine.pk}"), (deal_page, f"deal:{sale.pk}")):
        assert 'action="/chat/new/"' in page
        assert f'name="subject" value="{subject}"' in page


def test_htmx_gets_the_list_and_history_the_page(world: World, mine: Client) -> None:
    fragment = mine.get("/accounts/", headers=HTMX)
    whole = mine.get("/accounts/", headers={**HTMX, "HX-History-Restore-Request": "true"})

    assert "<html" not in fragment.content.decode()
    assert "<html" in whole.content.decode()
    assert "HX-Request" in fragment["vary"]


def test_filters_narrow_and_combine(world: World, client: Client) -> None:
    client.force_login(world.revops)

    both = client.get("/accounts/?country=Germany&industry=Energy").content.decode()
    none = client.get("/accounts/?country=Germany&industry=Logistics").content.decode()

    assert "Velmont Solar" in both and "Brixholm Foods" not in both
    assert "Nothing fits this filter" in none


@pytest.mark.parametrize(
    "query",
    [
        "?page=999",
        "?page=x",
        "?order=nonsense",
        "?status=nonsense",
        "?q=%00",
        "?q=" + "x" * 500,
        "?owner=99999999999999999999",
        "?min_amount=1e999999",
        "?close_from=0001-01-01&since=0001-01-01",
    ],
)
@pytest.mark.parametrize("path", ["/accounts/", "/deals/", "/activities/", "/contacts/"])
def test_odd_queries_are_answered(world: World, mine: Client, path: str, query: str) -> None:
    assert mine.get(path + query).status_code == 200


@pytest.mark.parametrize("query", ["?day=never", "?day=9999-12-31", "?day=0001-01-01"])
def test_odd_weeks_are_answered(world: World, mine: Client, query: str) -> None:
    assert mine.get(f"/calendar/{query}").status_code == 200


def test_a_bad_date_is_said_beside_its_field(world: World, mine: Client) -> None:
    deal(world.mine, "Stays listed")
    page = mine.get("/deals/?close_from=yesterday").content.decode()
    assert "Enter a valid date." in page
    assert "Stays listed" in page


def test_the_first_run_says_what_to_do(db: None, client: Client) -> None:
    client.force_login(person("first", "administrator"))
    for url in ("/accounts/", "/contacts/", "/deals/", "/activities/"):
        page = client.get(url).content.decode()
        assert "Import " in page and "manage.py demo" in page


def test_an_empty_book_is_not_a_first_run(world: World, client: Client) -> None:
    client.force_login(person("new", "rep"))
    page = client.get("/accounts/").content.decode()
    assert "No accounts in your book" in page


def test_numbers_follow_the_readers_country(world: World, client: Client) -> None:
    Account.objects.update(arr="1234567.50")
    client.force_login(world.stranger)
    assert "USD\u00a01.234.567,50" in client.get("/accounts/").content.decode()
    client.force_login(world.rep)
    assert "USD\u00a01,234,567.50" in client.get("/accounts/").content.decode()


def account_data(of: Account, **changes: object) -> dict[str, object]:
    return {
        "name": of.name,
        "status": of.status,
        "segment": of.segment,
        "arr": of.arr,
        "currency": of.currency,
        "owner": of.owner_id,
        "version": of.version,
        **changes,
    }


def test_an_edit_is_saved(world: World, mine: Client) -> None:
    answer = mine.post(f"/accounts/{world.mine.pk}/edit/", account_data(world.mine, name="Ärla Foods"))

    assert answer.status_code == 302
    saved = Account.objects.get(pk=world.mine.pk)
    assert (saved.name, saved.name_key, saved.version) == ("Ärla Foods", "arla foods", 2)


def test_two_people_editing_are_told(world: World, mine: Client) -> None:
    url = f"/accounts/{world.mine.pk}/edit/"
    first = account_data(world.mine, next_step="Call on Monday")
    second = account_data(world.mine, next_step="Send the offer")
    assert mine.post(url, first).status_code == 302

    met = mine.post(url, second)

    page = met.content.decode()
    assert met.status_code == 409
    assert "Call on Monday" in page and "Send the offer" in page
    assert Account.objects.get(pk=world.mine.pk).next_step == "Call on Monday"
    assert 'name="version" value="2"' in page
    assert mine.post(url, {**second, "version": 2}).status_code == 302
    assert Account.objects.get(pk=world.mine.pk).next_step == "Send the offer"


def test_a_rep_cannot_give_a_record_to_somebody_out_of_sight(world: World, mine: Client) -> None:
    answer = mine.post(f"/accounts/{world.mine.pk}/edit/", account_data(world.mine, owner=world.stranger.pk))

    assert answer.status_code == 400
    assert Account.objects.get(pk=world.mine.pk).owner == world.rep


def test_an_auditor_reads_only(world: World, client: Client) -> None:
    client.force_login(world.auditor)
    assert client.get(world.mine.get_absolute_url()).status_code == 200
    assert client.get(f"/accounts/{world.mine.pk}/edit/").status_code == 403
    assert client.get("/accounts/new/").status_code == 403
    assert "Edit</a>" not in client.get(world.mine.get_absolute_url()).content.decode()


def test_losing_a_deal_asks_why_and_moves_its_date(world: World, mine: Client) -> None:
    old = timezone.now() - timedelta(days=9)
    sale = deal(world.mine, stage="proposal", probability=60, stage_changed_at=old)
    data = {
        "name": sale.name,
        "stage": "lost",
        "amount": "10",
        "currency": "USD",
        "probability": 60,
        "version": 1,
    }

    refused = mine.post(f"/deals/{sale.pk}/edit/", data)
    assert refused.status_code == 400
    assert "why it was lost" in refused.content.decode()
    assert mine.post(f"/deals/{sale.pk}/edit/", {**data, "lost_reason": "Price"}).status_code == 302

    lost = Deal.objects.get(pk=sale.pk)
    assert (lost.stage, lost.probability) == ("lost", 0)
    assert lost.stage_changed_at > old


def test_an_activity_is_logged_in_the_own_zone(world: World, client: Client) -> None:
    client.force_login(world.stranger)
    other = contact(world.mine)
    data = {
        "kind": "meeting",
        "subject": "Review",
        "owner": world.stranger.pk,
        "starts_at": "2026-07-01T10:00",
        "ends_at": "2026-07-01T11:00",
    }
    url = f"/activities/new/?account={world.strangers.pk}"

    assert client.post(url, {**data, "contact": other.pk}).status_code == 400  # of another account
    assert client.post(url, {**data, "ends_at": "2026-07-01T09:00"}).status_code == 400
    assert client.post(url, data).status_code == 302

    made = Activity.objects.get(subject="Review")
    assert made.starts_at.isoformat() == "2026-07-01T08:00:00+00:00"
    assert made.account == world.strangers
    assert "10:00–11:00" in client.get("/calendar/?day=2026-07-01").content.decode()


def test_what_only_a_task_has_is_kept_of_a_task_alone(world: World, mine: Client) -> None:
    """A page that shows every field, or a kind that was changed, sends them all."""
    data = {
        "subject": "Review",
        "owner": world.rep.pk,
        "starts_at": "2026-07-01T10:00",
        "due": "2026-07-03",
        "done": "on",
    }
    for kind in ("call", "task"):
        assert (
            mine.post(f"/activities/new/?account={world.mine.pk}", {**data, "kind": kind}).status_code == 302
        )
    call, task = Activity.objects.get(kind="call"), Activity.objects.get(kind="task")
    assert (call.due, call.done) == (None, False)
    assert (str(task.due), task.done) == ("2026-07-03", True)


def test_a_task_is_done_and_open_again(world: World, mine: Client) -> None:
    task = activity(world.rep, "Write", kind="task")

    mine.post(f"/activities/{task.pk}/done/", {"done": "1"})
    assert Activity.objects.get(pk=task.pk).done
    mine.post(f"/activities/{task.pk}/done/", {"done": "0"})
    assert not Activity.objects.get(pk=task.pk).done


def test_a_manager_sees_the_teams_calendars_and_no_others(world: World, client: Client) -> None:
    activity(world.rep, "Team call", starts_at=timezone.now())
    client.force_login(world.manager)

    assert "Team call" in client.get(f"/calendar/?person={world.rep.pk}").content.decode()
    assert client.get(f"/calendar/?person={world.stranger.pk}").status_code == 404


def test_pagination_keeps_the_filter(world: World, mine: Client) -> None:
    Account.objects.bulk_create(
        Account(name=f"Elmstone {n:03}", owner=world.rep, country="Spain") for n in range(60)
    )

    page = mine.get("/accounts/?country=Spain").content.decode()

    assert "?country=Spain&amp;page=2" in page
    assert "Elmstone 059" in mine.get("/accounts/?country=Spain&page=2").content.decode()


def test_a_list_costs_few_queries(world: World, mine: Client, django_assert_max_num_queries) -> None:
    Account.objects.bulk_create(Account(name=f"Elmstone {n}", owner=world.rep) for n in range(60))
    with django_assert_max_num_queries(14):
        mine.get("/accounts/")


@pytest.mark.parametrize("kind", ["account", "contact", "deal", "activity", "importbatch"])
def test_the_admin_lists_and_filters(world: World, client: Client, kind: str) -> None:
    fill(world)
    world.revops.role = "administrator"
    world.revops.save()
    client.force_login(world.revops)

    assert client.get(f"/admin/sales_app/{kind}/").status_code == 200
    assert client.get(f"/admin/sales_app/{kind}/?q=velmont").status_code == 200


def test_an_edit_in_the_admin_counts_and_an_export_is_safe(world: World, client: Client) -> None:
    world.revops.role = "administrator"
    world.revops.save()
    client.force_login(world.revops)
    inlines = {
        f"{prefix}-{name}": 0 for prefix in ("contacts", "deals") for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    data = {
        key: value for key, value in account_data(world.mine, name="=Formula").items() if value is not None
    }

    saved = client.post(f"/admin/sales_app/account/{world.mine.pk}/change/", {**data, **inlines})
    assert saved.status_code == 302
    assert Account.objects.get(pk=world.mine.pk).version == world.mine.version + 1
    answer = client.post(
        "/admin/sales_app/account/", {"action": "export_as_csv", "_selected_action": [world.mine.pk]}
    )
    assert "'=Formula" in answer.content.decode()


def order_of(page: str, *names: str) -> list[str]:
    """The names in the order in which the page has them first."""
    return sorted(names, key=page.index)


def test_tasks_stand_by_what_is_due_next(world: World, mine: Client) -> None:
    today = timezone.localdate()
    for subject, noted, due in (("Second", 1, 5), ("First", 9, 2), ("Third", 3, None)):
        activity(
            world.rep,
            subject,
            kind="task",
            starts_at=timezone.now() - timedelta(days=noted),
            due=due and today + timedelta(days=due),
        )

    page = mine.get("/activities/?when=tasks").content.decode()

    assert "3 tasks" in page
    assert order_of(page, "Second", "First", "Third") == ["First", "Second", "Third"]


def test_stages_sort_as_a_deal_goes_through_them_and_back(world: World, mine: Client) -> None:
    for name, stage in (("Bid", "proposal"), ("Talk", "discovery"), ("Trial", "evaluation")):
        deal(world.mine, name, stage=stage)

    up, down = (mine.get(f"/deals/?order={order}").content.decode() for order in ("stage", "-stage"))

    assert order_of(up, ">Bid<", ">Talk<", ">Trial<") == [">Talk<", ">Trial<", ">Bid<"]
    assert order_of(down, ">Bid<", ">Talk<", ">Trial<") == [">Bid<", ">Trial<", ">Talk<"]


@pytest.mark.parametrize("order", ["contacted", "-contacted"])
def test_whoever_was_never_contacted_comes_last(world: World, mine: Client, order: str) -> None:
    contact(world.mine, "Never Met")
    contact(world.mine, "Well Known", last_contacted_at=timezone.now())

    page = mine.get(f"/contacts/?order={order}").content.decode()

    assert order_of(page, "Never Met", "Well Known") == ["Well Known", "Never Met"]


def test_every_heading_sorts_both_ways(world: World, mine: Client) -> None:
    fill(world)
    for path in ("/accounts/", "/contacts/", "/deals/", "/activities/"):
        for order in re.findall(r'id="sort--?([a-z]+)"', mine.get(path).content.decode()):
            for asked, words in ((order, "sorted upwards"), (f"-{order}", "sorted downwards")):
                assert words in mine.get(f"{path}?order={asked}").content.decode(), f"{path} {asked}"


def test_the_board_counts_its_deals(world: World, mine: Client) -> None:
    for name in ("One", "Two"):
        deal(world.mine, name)

    assert "2 deals" in mine.get("/deals/?view=board").content.decode()


def test_an_activity_of_no_customer_says_so(world: World, mine: Client) -> None:
    assert "belongs to no customer" in mine.get("/activities/new/").content.decode()
    about = mine.get(f"/activities/new/?account={world.mine.pk}").content.decode()
    assert "belongs to no customer" not in about


@pytest.mark.parametrize(
    ("asked", "columns"),
    [
        ("", ["prospecting", "discovery", "evaluation", "proposal", "negotiation"]),
        ("won", ["won"]),
        ("closed", ["won", "lost"]),
        ("all", ["prospecting", "discovery", "evaluation", "proposal", "negotiation", "won", "lost"]),
    ],
)
def test_the_board_has_the_stages_asked_for(
    world: World, mine: Client, asked: str, columns: list[str]
) -> None:
    deal(world.mine, "Signed", stage="won")
    deal(world.mine, "Open", stage="proposal")

    page = mine.get(f"/deals/?view=board&stage={asked}").content.decode()

    assert re.findall(r'<h2 id="stage-(\w+)"', page) == columns


def test_the_board_of_several_people_says_whose(world: World, client: Client, mine: Client) -> None:
    deal(world.colleagues, "Theirs")
    deal(world.mine, "Own")
    assert "Dana Test</p>" not in mine.get("/deals/?view=board").content.decode()

    client.force_login(world.manager)
    page = client.get("/deals/?view=board").content.decode()

    assert "Dana Test</p>" in page
    assert "Hector Test</p>" in page


def test_a_week_over_new_year_names_both_years(world: World, mine: Client) -> None:
    assert "30 Dec 2030 to 5 Jan 2031" in mine.get("/calendar/?day=2031-01-01").content.decode()
    assert "13 Jan to 19 Jan 2031" in mine.get("/calendar/?day=2031-01-15").content.decode()
