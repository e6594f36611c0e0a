"""Versions of the prices: one is published, none changes, who and why stays, and a day on which they begin to count."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from sales_app.people.models import User
from sales_app.pricing import PolicyInvalid, immutable, store
from sales_app.pricing.models import PriceChange, PriceVersion
from sales_app.pricing.shipped import install_shipped, shipped_terms
from sales_app.pricing.store import PricingError

TODAY = date(2026, 3, 3)


@pytest.fixture
def ops(db: None) -> User:
    return User.objects.create_user("ops@example.com", role="revops")


def version(note: str = "Dearer", *, days: int = 0) -> PriceVersion:
    return store.draft(shipped_terms(), by=None, note=note, effective_from=TODAY + timedelta(days=days))


def test_installed_once_and_then_left_alone(db: None) -> None:
    first = install_shipped()
    assert first is not None and first.number == 1 and first.state == "published"
    assert install_shipped() is None and PriceVersion.objects.count() == 1
    policy = store.policy_on(TODAY)
    assert policy is not None and policy.version == 1 and policy.plan("Business") is not None


def test_publish_and_roll_back_leave_a_trail(ops: User) -> None:
    one = store.publish(version("First"), by=ops, note="Go")
    two = store.publish(version("Second"), by=ops, note="Dearer from March")
    assert store.published() == two
    assert PriceVersion.objects.get(pk=one.pk).state == "retired"
    back = store.roll_back(by=ops, note="A typing error in Business", seen=2)
    assert back == one == store.published()
    trail = [(str(each.version), each.action, each.note) for each in PriceChange.objects.order_by("id")]
    assert trail[-1] == ("Prices v1", "rolled_back", "A typing error in Business") and len(trail) == 5
    with pytest.raises(PricingError, match="No other version"):
        store.roll_back(by=ops, note="Once more")


def test_until_its_day_the_version_before_counts(ops: User) -> None:
    store.publish(version("First"), by=ops, note="Go")
    store.publish(version("Second", days=10), by=ops, note="From the 13th on")
    counts = [store.in_force(TODAY + timedelta(days=ahead)) for ahead in (-1, 0, 9, 10)]
    assert [each.number if each else 0 for each in counts] == [0, 1, 1, 2]
    assert store.policy_on(TODAY - timedelta(days=1)) is None


def test_whoever_saw_something_else_is_refused(ops: User) -> None:
    store.publish(version("First"), by=ops, note="Go", seen=0)
    second = version("Second")
    with pytest.raises(PricingError) as moved:
        store.publish(second, by=ops, note="Go", seen=0)
    assert moved.value.code == "prices_moved"
    with pytest.raises(PricingError) as stale:
        store.draft(shipped_terms(), by=ops, note="x", effective_from=TODAY, latest_seen=1)
    assert stale.value.code == "prices_stale" and PriceVersion.objects.count() == 2
    with pytest.raises(PricingError) as silent:
        store.publish(second, by=ops, note="  ")
    assert silent.value.code == "prices_note"
    with pytest.raises(PolicyInvalid):
        store.draft({"currency": "USD"}, by=ops, note="x", effective_from=TODAY)


def test_no_version_changes_whoever_writes(transactional_db: None) -> None:
    made = version()
    with pytest.raises(TypeError):
        made.save()
    with pytest.raises(TypeError):
        made.delete()
    immutable.install(connection)
    try:
        for change in ({"terms": {}}, {"number": 9}, {"effective_from": TODAY + timedelta(days=1)}):
            with pytest.raises(IntegrityError), transaction.atomic():
                PriceVersion.objects.filter(pk=made.pk).update(**change)
        with pytest.raises(IntegrityError), transaction.atomic():
            PriceVersion.objects.filter(pk=made.pk)._raw_delete("default")
        assert store.publish(made, by=None, note="Its state may move").state == "published"
    finally:
        immutable.remove(connection)


def test_of_two_who_publish_at_once_one_is_published(transactional_db: None) -> None:
    first = store.publish(version("First"), by=None, note="Go")
    rivals = [version("Second"), version("Third")]
    together = Barrier(2)

    def press(each: PriceVersion) -> str:
        try:
            together.wait()
            return store.publish(each, by=None, note="Mine", seen=first.number).state
        except PricingError as refused:
            return refused.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        ends = sorted(threads.map(press, rivals))
    assert ends == ["prices_moved", "published"]
    assert PriceVersion.objects.filter(state="published").count() == 1


class TestControlPanel:
    URL = "/admin/sales_app/priceversion/"

    @pytest.fixture(autouse=True)
    def prices(self, ops: User) -> None:
        install_shipped()

    def draft(self, client: Any, **more: Any) -> Any:
        page = client.get(f"{self.URL}add/").context["adminform"].form
        values = {name: page[name].initial for name in ("terms", "latest_seen")}
        return client.post(
            f"{self.URL}add/", {**values, "note": "Dearer", "effective_from": "2026-03-01", **more}
        )

    def act(self, client: Any, made: PriceVersion, **values: Any) -> Any:
        trail = {"changes-TOTAL_FORMS": 0, "changes-INITIAL_FORMS": 0}
        return client.post(f"{self.URL}{made.pk}/change/", {**trail, **values})

    def test_a_save_is_a_draft_and_publishing_wants_a_note(self, client: Any, ops: User) -> None:
        client.force_login(ops)
        assert self.draft(client).status_code == 302
        made = PriceVersion.objects.get(number=2)
        assert made.state == "draft" and made.created_by == ops
        silent = self.act(client, made, act="publish", why="", seen=1)
        assert silent.status_code == 200 and "Say why" in silent.content.decode()
        assert self.act(client, made, act="publish", why="From now on", seen=1).status_code == 302
        assert store.published() == made
        self.act(client, made, act="roll_back", why="Too dear", seen=2)
        assert store.in_force(timezone.localdate()).number == 1  # type: ignore[union-attr]

    def test_wrong_terms_and_a_stale_editor_are_told(self, client: Any, ops: User) -> None:
        client.force_login(ops)
        assert "This is no JSON" in self.draft(client, terms="{").content.decode()
        assert "terms: a list of objects" in self.draft(client, terms="{}").content.decode()
        version("By somebody else")
        assert "was saved meanwhile" in self.draft(client, latest_seen=1).content.decode()
        assert PriceVersion.objects.count() == 2

    def test_auditors_read_and_reps_do_not(self, client: Any) -> None:
        made = store.published()
        assert made is not None
        client.force_login(User.objects.create_user("aud@example.com", role="auditor"))
        page = client.get(f"{self.URL}{made.pk}/change/")
        assert page.status_code == 200 and "roll_back" not in page.content.decode()
        assert client.get(f"{self.URL}add/").status_code == 403
        client.force_login(User.objects.create_user("rep@example.com", role="rep"))
        assert client.get(self.URL).status_code == 302
