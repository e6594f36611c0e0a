"""Changing what waits, and meeting the run that takes it."""

from functools import partial

import pytest

from sessions_app.control.send import TextEmpty, TextTooLong
from sessions_app.control.waiting import (
    EditedMeanwhile,
    NoLongerWaiting,
    UnknownInput,
    edit_input,
    move_input,
    withdraw_input,
)
from sessions_app.runs.models import Input
from sessions_app.session.access import NotAllowed, UnknownSession
from sessions_app.session.models import Session
from tests.control.world import (
    ANN,
    BEN,
    CLEO,
    NOBODY,
    OLGA,
    Worker,
    due,
    log_of,
    names,
    refused,
    say,
    spoken,
    states,
    together,
    view_of,
    waiting,
    work_off,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def busy(session: Session) -> Session:
    """A run is at work; behind it wait a (Ann), b (Ben), c (Cleo)."""
    say(session, "first")
    for text, by in (("a", ANN), ("b", BEN), ("c", CLEO)):
        say(session, text, by=by)
    return session


def edit(session: Session, by: str, which: str, text: str) -> int:
    return edit_input(session_id=str(session.pk), actor=by, input_id=f"{which}-id", text=text)


def withdraw(session: Session, by: str, which: str) -> int:
    return withdraw_input(session_id=str(session.pk), actor=by, input_id=f"{which}-id")


def move(session: Session, by: str, which: str, before: str | None) -> int:
    to = None if before is None else f"{before}-id"
    return move_input(session_id=str(session.pk), actor=by, input_id=f"{which}-id", before=to)


def queue(session: Session) -> str:
    """What waits, as shown and as it will be taken up."""
    stored = Input.objects.filter(session=session, status="queued").order_by("place", "id")
    shown = [each["id"] for each in view_of(session)["inputs"] if each["steer"] is None]
    assert shown == [each.client_id for each in stored]
    return "".join(each.removesuffix("-id") for each in waiting(session))


def test_the_author_edits(busy: Session) -> None:
    edit(busy, BEN, "b", "b, better")
    assert [each["text"] for each in view_of(busy)["inputs"]] == ["a", "b, better", "c"]
    head = len(log_of(busy))
    assert edit(busy, BEN, "b", "b, better") == head  # the same again
    work_off(busy)
    assert spoken(busy) == ["first", "a", "b, better", "c"]
    assert say(busy, "b", by=BEN).run_id  # a late retry of the first text is still known
    assert spoken(busy) == ["first", "a", "b, better", "c"]


def test_others_do_not_edit_nor_does_the_owner(busy: Session) -> None:
    """A run acts with the rights of whose message it answers, so nobody else chooses its words."""
    refused(NotAllowed, lambda: edit(busy, BEN, "a", "x"), busy)
    refused(NotAllowed, lambda: edit(busy, ANN, "c", "x"), busy)
    refused(TextEmpty, lambda: edit(busy, ANN, "a", " \n"), busy)
    refused(TextTooLong, lambda: edit(busy, ANN, "a", "x" * 20_001), busy)


def test_what_was_changed_on_another_device_is_not_lost(busy: Session) -> None:
    key = str(busy.pk)
    edit_input(session_id=key, actor=BEN, input_id="b-id", text="from the desk", seen="b")
    stale = lambda: edit_input(session_id=key, actor=BEN, input_id="b-id", text="from the phone", seen="b")  # noqa: E731
    assert refused(EditedMeanwhile, stale, busy).code == "edited_meanwhile"
    assert view_of(busy)["inputs"][1]["text"] == "from the desk"
    head = edit_input(
        session_id=key, actor=BEN, input_id="b-id", text="from the desk", seen="b"
    )  # the first, repeated
    assert head == len(log_of(busy))
    edit_input(session_id=key, actor=BEN, input_id="b-id", text="from the phone", seen="from the desk")
    assert view_of(busy)["inputs"][1]["text"] == "from the phone"


def test_any_member_withdraws_and_twice_is_harmless(busy: Session) -> None:
    head = withdraw(busy, CLEO, "a")
    assert withdraw(busy, CLEO, "a") == head and withdraw(busy, BEN, "a") == head
    assert queue(busy) == "bc" and states(busy)["a-id"] == "withdrawn"
    refused(NoLongerWaiting, lambda: edit(busy, ANN, "a", "x"), busy)
    refused(NoLongerWaiting, lambda: move(busy, ANN, "a", None), busy)
    work_off(busy)
    assert spoken(busy) == ["first", "b", "c"]


@pytest.mark.parametrize(
    ("which", "before", "then"),
    [("c", "a", "cab"), ("a", None, "bca"), ("c", "b", "acb"), ("a", "c", "bac"), ("c", None, "abc"), ("a", "b", "abc")],
)  # fmt: skip
def test_any_member_moves(busy: Session, which: str, before: str | None, then: str) -> None:
    head = len(log_of(busy))
    assert move(busy, BEN, which, before) == head + (then != "abc")
    assert queue(busy) == then
    assert move(busy, ANN, which, before) == head + (then != "abc")
    work_off(busy)
    assert "".join(spoken(busy)[1:]) == then


def test_a_moved_input_stays_where_it_is_when_others_come(busy: Session) -> None:
    move(busy, BEN, "c", "a")
    say(busy, "d")
    withdraw(busy, ANN, "a")
    move(busy, ANN, "d", "b")
    assert queue(busy) == "cdb"


def test_what_steers_has_its_place_when_it_is_missed(busy: Session) -> None:
    """Everybody sees one order, also of what stood between the moved ones and comes to wait."""
    say(busy, "s", mode="steer")
    say(busy, "d")
    move(busy, BEN, "d", "a")
    assert waiting(busy) == ["d-id", "a-id", "b-id", "c-id", "s-id"]
    move(busy, BEN, "c", None)
    Worker(due()).finish()
    assert queue(busy) == "absc"


def test_what_steers_is_edited_and_withdrawn_but_not_moved(busy: Session) -> None:
    for text in ("s", "t"):
        say(busy, text, mode="steer")
    edit(busy, ANN, "s", "s, better")
    withdraw(busy, BEN, "t")
    refused(NoLongerWaiting, lambda: move(busy, ANN, "s", "a"), busy)
    refused(NoLongerWaiting, lambda: move(busy, ANN, "a", "s"), busy)
    worker = Worker(due())
    assert [each.text for each in worker.steering()] == ["s, better"]
    refused(NoLongerWaiting, lambda: edit(busy, ANN, "s", "too late"), busy)
    refused(NoLongerWaiting, lambda: withdraw(busy, ANN, "s"), busy)


def test_what_was_taken_up_waits_no_longer(busy: Session) -> None:
    Worker(due()).finish()  # takes up a
    for call in (partial(edit, busy, ANN, "a", "x"), partial(withdraw, busy, ANN, "a")):
        assert refused(NoLongerWaiting, call, busy).code == "not_waiting"
    refused(NoLongerWaiting, lambda: move(busy, ANN, "a", "c"), busy)
    refused(NoLongerWaiting, lambda: move(busy, ANN, "c", "a"), busy)
    refused(NoLongerWaiting, lambda: move(busy, ANN, "c", "c"), busy)


def test_who_may_not(busy: Session) -> None:
    for problem, by in ((NotAllowed, OLGA), (UnknownSession, NOBODY)):
        refused(problem, lambda by=by: edit(busy, by, "a", "x"), busy)
        refused(problem, lambda by=by: withdraw(busy, by, "a"), busy)
        refused(problem, lambda by=by: move(busy, by, "a", None), busy)
    for call in (partial(edit, busy, ANN, "z", "x"), partial(withdraw, busy, ANN, "z")):
        assert refused(UnknownInput, call, busy).code == "unknown_input"
    refused(UnknownInput, lambda: move(busy, ANN, "z", None), busy)


@pytest.mark.parametrize("change", ["edit", "withdraw", "move"])
def test_a_change_meets_the_run_that_takes_the_input(session: Session, change: str) -> None:
    """Either the change was first and counts, or it is refused: what is said is what everybody was shown."""
    for n in range(8):
        worker = Worker(say(session, f"q{n}").run_id)
        a, b = f"a{n}", f"b{n}"
        say(session, a)
        say(session, b)
        call = {
            "edit": partial(edit, session, ANN, a, f"{a}!"),
            "withdraw": partial(withdraw, session, BEN, a),
            "move": partial(move, session, BEN, a, None),
        }[change]
        made, _ = together(call, worker.finish)
        late = isinstance(made, NoLongerWaiting)
        assert late or isinstance(made, int), made
        work_off(session)
        then = {"edit": [f"{a}!", b], "withdraw": [b], "move": [b, a]}[change]
        assert spoken(session)[-2:] == ([a, b] if late else [f"q{n}", b] if change == "withdraw" else then)
        assert waiting(session) == []


def test_two_changes_at_once_both_count_in_one_order(busy: Session) -> None:
    made = together(partial(move, busy, ANN, "c", "a"), partial(withdraw, busy, BEN, "b"))
    assert all(isinstance(each, int) for each in made)
    assert queue(busy) == "ca"
    made = together(partial(withdraw, busy, ANN, "a"), partial(edit, busy, ANN, "a", "x"))
    assert names(busy).count("input.withdrawn") == 2
    assert isinstance(made[1], int | NoLongerWaiting)
    assert queue(busy) == "c"
