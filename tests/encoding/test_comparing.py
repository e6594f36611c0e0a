"""A comparison from closed deals to proposed lines: what is read, counted and worded; and taken over half-way."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from sales_app.connectors.base import ConnectorDown
from sales_app.crm.models import Deal
from sales_app.encoding import comparing, wording
from sales_app.encoding.choosing import Criteria
from sales_app.encoding.contrast import contrast_from_json
from sales_app.encoding.errors import EncodingError
from sales_app.encoding.models import Encoding
from sales_app.encoding.tasks import compare, sweep
from sales_app.people.models import User
from sales_app.skills.models import Skill
from sales_app.standin.control import Control
from tests.encoding.conftest import Recordings

pytestmark = pytest.mark.django_db(transaction=True)
Deals = Callable[..., list[Deal]]
ASKS = ("us: What does that cost you in a year?", "them: About USD 40,000.")
IDLE = ("us: Hello to all of you there.", "them: Hello.")


def criteria(**more: Any) -> Criteria:
    today = timezone.localdate()
    return Criteria(since=today - timedelta(days=365), until=today, **more)


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What would be sent to the workers."""
    sent: list[int] = []
    monkeypatch.setattr(compare, "delay", lambda *, encoding_id: sent.append(encoding_id))
    return sent


@pytest.fixture
def begun(skill: Skill, revops: User, recordings: Recordings, deals: Deals, queued: list[int]) -> Encoding:
    """Six won deals in whose calls we asked for the cost, six lost ones in which we did not."""
    for deal in deals("won", 6):
        recordings.add(deal, *ASKS)
    for deal in deals("lost", 6):
        recordings.add(deal, *IDLE)
    return comparing.begin(skill, by=revops, criteria=criteria())


def fresh(encoding: Encoding) -> Encoding:
    return Encoding.objects.get(pk=encoding.pk)


def test_from_calls_to_a_line(
    begun: Encoding, queued: list[int], standin: Control, recordings: Recordings
) -> None:
    assert queued == [begun.pk] and fresh(begun).state == "queued"
    assert comparing.work(begun.pk)
    done = fresh(begun)
    assert (done.state, done.error, comparing.progress(done)) == ("ready", "", (12, 12))
    found = contrast_from_json(done.contrast)
    assert (found.won, found.lost, found.calls, found.is_small) == (6, 6, 12, True)
    (line,) = done.lines.all()
    assert line.proposed == (
        "Ask what the problem costs, and get to a number (in 6 of 6 won deals, in 0 of 6 lost ones)."
    )
    assert (line.key, line.change, line.refused, line.state) == ("cost_in_numbers", "add", "", "open")
    source = line.fact["sources"][0]
    assert source["url"].startswith("/sources/calls/c") and source["url"].endswith("#t0")
    assert source["quote"] == "us: What does that cost you in a year?" and source["untrusted"]
    assert any("Fewer than 20" in warning for warning in line.warnings)
    assert done.usage["stand_in"] is True and done.usage["output_tokens"] > 0
    # What the model read holds counts, and no word of a customer.
    assert "40,000" not in str(standin.last_request) and "6 of 6" in str(standin.last_request)
    assert not comparing.work(begun.pk), "there is nothing left to do"


def test_its_page_asks_only_for_progress_until_it_is_done(
    begun: Encoding, revops: User, signed_in: Callable[[User], Client], standin: Control
) -> None:
    client, page = signed_in(revops), f"/admin/sales_app/encoding/{begun.pk}/change/"
    waiting = client.get(page, headers={"HX-Request": "true"})
    assert waiting.content.startswith(b'<section id="progress"') and "HX-Refresh" not in waiting
    comparing.work(begun.pk)
    assert client.get(page, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    whole = client.get(page)
    assert b"6 won against 6 lost deals" in whole.content and "HX-Refresh" not in whole


def test_a_wrong_number_of_the_model_is_not_taken(
    begun: Encoding, standin: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model turns the counts round."""
    from sales_app.standin.mind import lining  # noqa: PLC0415

    monkeypatch.setattr(
        lining,
        "line_up",
        lambda request: "cost_in_numbers | Ask for the cost (in 0 of 6 won deals, in 6 of 6 lost ones).",
    )
    comparing.work(begun.pk)
    (line,) = fresh(begun).lines.all()
    assert "6 of 6 won" in line.proposed and "0 of 6" in line.refused


def test_lines_without_a_model_are_plain(begun: Encoding, settings: Any) -> None:
    settings.CLEWLINE_ANTHROPIC_API_KEY = ""
    settings.CLEWLINE_ANTHROPIC_BASE_URL = "http://127.0.0.1:9"
    comparing.work(begun.pk)
    done = fresh(begun)
    assert (done.state, done.note) == ("ready", wording.UNASKED)
    assert "6 of 6 won" in done.lines.get().proposed


def test_taken_over_half_way_it_reads_each_call_once(
    begun: Encoding, recordings: Recordings, standin: Control
) -> None:
    def dies(id: str) -> None:
        if len(recordings.asked) == 5:
            raise RuntimeError("the worker is gone")

    recordings.before = dies
    with pytest.raises(RuntimeError):
        comparing.work(begun.pk)
    assert comparing.progress(begun) == (4, 12) and fresh(begun).state == "reading"
    recordings.before = lambda id: None
    assert comparing.abandoned() == [begun.pk]
    assert comparing.work(begun.pk)
    assert fresh(begun).state == "ready" and fresh(begun).attempts == 2
    assert len(recordings.asked) == 13 and len(set(recordings.asked)) == 12


def test_who_lost_the_claim_leaves(begun: Encoding, recordings: Recordings, standin: Control) -> None:
    """Another worker took it over while this one hung in a call: nothing of this one counts any more."""

    def taken(id: str) -> None:
        if len(recordings.asked) == 3:
            Encoding.objects.filter(pk=begun.pk).update(claim=uuid.uuid4())

    recordings.before = taken
    assert not comparing.work(begun.pk)
    assert comparing.progress(begun) == (2, 12) and fresh(begun).state == "reading"


def test_one_at_a_time(begun: Encoding, recordings: Recordings, standin: Control) -> None:
    second: list[bool] = []

    def meanwhile(id: str) -> None:
        if not second:
            second.append(comparing.work(begun.pk))

    recordings.before = meanwhile
    assert comparing.work(begun.pk)
    assert second == [False] and len(recordings.asked) == 12


def test_the_sweep_begins_what_was_left(begun: Encoding, queued: list[int]) -> None:
    assert sweep() == 0, "it was only just asked for"
    Encoding.objects.filter(pk=begun.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    queued.clear()
    assert sweep() == 1 and queued == [begun.pk]
    Encoding.objects.filter(pk=begun.pk).update(claimed_until=timezone.now() + timedelta(minutes=1))
    assert sweep() == 0


def test_a_system_that_is_down_is_told_and_tried_again(
    begun: Encoding, recordings: Recordings, queued: list[int], standin: Control
) -> None:
    def down(id: str) -> None:
        raise ConnectorDown("Recordings cannot be reached.")

    recordings.before = down
    comparing.work(begun.pk)
    failed = fresh(begun)
    assert failed.state == "failed" and "cannot be reached" in failed.error
    recordings.before = lambda id: None
    comparing.again(failed)
    assert queued[-1] == begun.pk
    comparing.work(begun.pk)
    assert fresh(begun).state == "ready"


def test_it_is_not_tried_for_ever(begun: Encoding, recordings: Recordings) -> None:
    def dies(id: str) -> None:
        raise RuntimeError

    recordings.before = dies
    for _ in range(comparing.MAX_ATTEMPTS):
        with pytest.raises(RuntimeError):
            comparing.work(begun.pk)
    assert not comparing.work(begun.pk)
    assert fresh(begun).state == "failed" and "5 times" in fresh(begun).error


def test_too_few_deals_propose_nothing(
    skill: Skill, revops: User, recordings: Recordings, deals: Deals, queued: list[int], standin: Control
) -> None:
    for deal in deals("won", 4):
        recordings.add(deal, *ASKS)
    for deal in deals("lost", 9):
        recordings.add(deal, *IDLE)
    encoding = comparing.begin(skill, by=revops, criteria=criteria())
    comparing.work(encoding.pk)
    done = fresh(encoding)
    assert done.state == "ready" and not done.lines.exists()
    assert contrast_from_json(done.contrast).is_too_small


def test_a_deal_counts_once_and_calls_after_it_was_decided_do_not(
    skill: Skill, revops: User, recordings: Recordings, deals: Deals, queued: list[int], standin: Control
) -> None:
    won, lost = deals("won", 6), deals("lost", 6)
    for deal in won:
        recordings.add(deal, *ASKS, days=9)
        recordings.add(deal, *IDLE, days=3)
    for deal in lost:
        recordings.add(deal, *IDLE, days=3)
        recordings.add(deal, *ASKS, days=0)
    encoding = comparing.begin(skill, by=revops, criteria=criteria())
    comparing.work(encoding.pk)
    found = contrast_from_json(fresh(encoding).contrast)
    row = next(row for row in found.rows if row.key == "cost_in_numbers")
    assert (row.won, row.won_of, row.lost, row.lost_of, found.calls) == (6, 6, 0, 6, 18)


def test_filters_and_rights(
    skill: Skill, revops: User, dana: User, recordings: Recordings, deals: Deals, queued: list[int]
) -> None:
    other = User.objects.create_user("ben@example.com", role="rep")
    mine, theirs = deals("won", 2), deals("lost", 3, owner=other)
    for deal in (*mine, *theirs):
        recordings.add(deal, *IDLE)
    from sales_app.encoding.choosing import deals_of  # noqa: PLC0415

    assert deals_of(revops, criteria()).count() == 5
    assert deals_of(dana, criteria()).count() == 2, "a rep sees their own book"
    assert deals_of(revops, criteria(reps=(other.pk,))).count() == 3
    assert deals_of(revops, criteria(segment="enterprise")).count() == 0
    day = date(2020, 1, 1)
    assert deals_of(revops, Criteria(since=day, until=day)).count() == 0
    for wrong, code in [
        (criteria(reps=(other.pk,)), "encoding_no_deals"),
        (Criteria(since=day + timedelta(1), until=day), "encoding_period"),
    ]:
        with pytest.raises(EncodingError) as refused:
            comparing.begin(skill, by=revops, criteria=wrong)
        assert refused.value.code == code


def test_a_second_comparison_proposes_the_change_and_the_removal(
    begun: Encoding, standin: Control, skill: Skill, revops: User, recordings: Recordings, deals: Deals
) -> None:
    from sales_app.encoding import deciding  # noqa: PLC0415
    from sales_app.skills import store  # noqa: PLC0415

    comparing.work(begun.pk)
    line = fresh(begun).lines.get()
    deciding.decide(line, "accept", by=revops, seen=0)
    draft = deciding.make_draft(fresh(begun), by=revops, note="")
    store.publish(draft, by=revops, note="")
    skill.refresh_from_db()

    # The same again: nothing new to say.
    again = comparing.begin(skill, by=revops, criteria=criteria())
    comparing.work(again.pk)
    assert not fresh(again).lines.exists()

    for deal in deals("won", 2):
        recordings.add(deal, *ASKS)
    again = comparing.begin(skill, by=revops, criteria=criteria())
    comparing.work(again.pk)
    (line,) = fresh(again).lines.all()
    assert line.change == "replace" and "6 of 6 won" in line.before
    assert "8 of 8 won" in line.proposed

    for deal in deals("lost", 12):
        recordings.add(deal, *ASKS)
    again = comparing.begin(skill, by=revops, criteria=criteria())
    comparing.work(again.pk)
    (line,) = fresh(again).lines.all()
    assert (line.change, line.proposed) == ("remove", "") and "6 of 6 won" in line.before
    assert "no longer differs" in line.warnings[0]
    deciding.decide(line, "accept", by=revops, seen=0)
    draft = deciding.make_draft(fresh(again), by=revops, note="")
    assert b"6 of 6 won" not in store.files_of(draft)["SKILL.md"]
