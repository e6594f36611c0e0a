"""Approvals and questions: the first answer counts, bound to what was seen; the loser is told who was first."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from sessions_app.control.answer import (
    AlreadyDecided,
    ArgumentsChanged,
    BadAnswer,
    Expired,
    Reply,
    UnknownInterrupt,
    answer,
)
from sessions_app.control.handover import take
from sessions_app.control.stop import stop
from sessions_app.errors import SessionsError
from sessions_app.runs import claim as claims
from sessions_app.runs.agents import Ask, Decision
from sessions_app.runs.effects import claim_external
from sessions_app.runs.interrupts import args_hash, expire_due
from sessions_app.runs.models import Interrupt, Run
from sessions_app.session.access import NotAllowed, UnknownSession
from sessions_app.session.models import Session
from sessions_app.session.participants import leave, list_entries
from tests.control.world import (
    ANN,
    BEN,
    CLEO,
    NOBODY,
    OLGA,
    Worker,
    approval,
    due,
    log_of,
    names,
    new_session,
    refused,
    say,
    together,
    view_of,
    waiting,
)

pytestmark = pytest.mark.django_db(transaction=True)

QUESTION = Ask(kind="question", call_id="q", title="Which of the two?")


def ask(session: Session, *asks: Ask) -> list[Interrupt]:
    return Worker(say(session, uuid4().hex).run_id).ask(*asks)


def decide(session: Session, by: str, asked: Interrupt, decision: str, text: str = "", **other: Any) -> int:
    reply = Reply(id=str(asked.pk), decision=decision, hash=other.get("hash", asked.args_hash), text=text)
    return answer(session_id=str(session.pk), actor=by, replies=[reply])


def resumed() -> tuple[Decision, ...]:
    """What the run that goes on is told."""
    info = Worker(due()).claimed.info
    assert info.resumes is not None
    return info.resumes.decisions


@pytest.mark.parametrize(
    ("decision", "status"), [("approve", "approved"), ("deny", "denied")]
)  # fmt: skip
def test_a_decision_is_logged_and_the_run_goes_on(session: Session, decision: str, status: str) -> None:
    (asked,) = ask(session, approval())
    shown = view_of(session)["items"][-1]
    assert (shown["status"], shown["args"], shown["hash"]) == ("open", asked.args, asked.args_hash)
    asked_by = view_of(session)["runs"][str(asked.run_id)]
    assert asked_by["status"] == "interrupted"
    head = len(log_of(session))
    assert decide(session, BEN, asked, decision, "as discussed") == head + 2
    assert names(session, head) == ["interrupt.closed", "run.queued"]
    shown = view_of(session)["items"][-1]
    assert (shown["status"], shown["by"], shown["answer"]) == (status, BEN, "as discussed")
    run = Run.objects.get(pk=due())
    assert (run.resumes_id, run.requested_by) == (asked.run_id, ANN)
    assert view_of(session)["runs"][str(run.pk)]["resumes"] == str(asked.run_id)
    (told,) = resumed()
    assert told == Decision(
        id=str(asked.pk), call_id="call-1", tool="send_email", args=asked.args, status=status, by=BEN,
        answer="as discussed",
    )  # fmt: skip


def test_a_question_is_answered_with_words(session: Session) -> None:
    (asked,) = ask(session, QUESTION)
    for decision, text in (("approve", ""), ("deny", ""), ("answer", ""), ("answer", " "), ("nod", "x"), ("answer", "x" * 20_001)):  # fmt: skip
        refused(BadAnswer, lambda d=decision, t=text: decide(session, ANN, asked, d, t), session)
    decide(session, CLEO, asked, "answer", "The second.")
    assert [(each.status, each.answer, each.by) for each in resumed()] == [("answered", "The second.", CLEO)]


def test_an_approval_is_not_answered_with_words_alone(session: Session) -> None:
    (asked,) = ask(session, approval())
    refused(BadAnswer, lambda: decide(session, ANN, asked, "answer", "yes"), session)
    refused(BadAnswer, lambda: answer(session_id=str(session.pk), actor=ANN, replies=[]), session)


def test_several_go_on_when_the_last_is_decided(session: Session) -> None:
    first, second, third = ask(session, approval("a"), approval("b"), QUESTION)
    decide(session, BEN, second, "deny")
    decide(session, ANN, third, "answer", "The first.")
    assert claims.due_runs() == []
    say(session, "meanwhile")
    assert waiting(session) == ["meanwhile-id"]
    decide(session, CLEO, first, "approve")
    assert [each.status for each in resumed()] == ["approved", "denied", "answered"]
    assert waiting(session) == ["meanwhile-id"]


def test_they_stand_in_the_order_in_which_they_were_asked(session: Session) -> None:
    asked = ask(session, *[approval(f"c{n}") for n in range(8)])
    shown = [i["call"] for i in view_of(session)["items"] if i["kind"] == "interrupt"]
    assert shown == [f"c{n}" for n in range(8)] == [each.call_id for each in asked]
    replies = [Reply(id=str(each.pk), decision="approve", hash=each.args_hash) for each in reversed(asked)]
    answer(session_id=str(session.pk), actor=BEN, replies=replies)
    assert [each.call_id for each in resumed()] == shown


def test_several_at_once_all_or_none(session: Session) -> None:
    first, second = ask(session, approval("a"), approval("b"))
    good = Reply(id=str(first.pk), decision="approve", hash=first.args_hash)

    def both(second_reply: Reply) -> int:
        return answer(session_id=str(session.pk), actor=BEN, replies=[good, second_reply])

    refused(ArgumentsChanged, lambda: both(Reply(id=str(second.pk), decision="deny", hash="0" * 64)), session)
    refused(UnknownInterrupt, lambda: both(Reply(id=str(uuid4()), decision="deny", hash="")), session)
    first.refresh_from_db()
    assert first.status == "open"
    both(Reply(id=str(second.pk), decision="deny", hash=second.args_hash))
    assert [each.status for each in resumed()] == ["approved", "denied"]


def test_ones_own_decision_again_is_harmless_another_is_not(session: Session) -> None:
    (asked,) = ask(session, approval())
    head = decide(session, BEN, asked, "approve")
    assert decide(session, BEN, asked, "approve") == head
    assert Run.objects.count() == 2
    problem = refused(AlreadyDecided, lambda: decide(session, BEN, asked, "deny"), session)
    assert problem.code == "already_decided"


def test_the_loser_is_told_who_was_first(session: Session) -> None:
    (asked,) = ask(session, approval())
    decide(session, BEN, asked, "deny")
    for by in (CLEO, ANN):
        told = str(refused(AlreadyDecided, lambda by=by: decide(session, by, asked, "approve"), session))
        assert told == "Ben has already decided this: denied."


def test_of_two_at_once_one_wins_and_the_other_learns_it(session: Session) -> None:
    for _ in range(6):
        (asked,) = ask(session, approval())
        made = together(
            lambda a=asked: decide(session, BEN, a, "approve"),
            lambda a=asked: decide(session, CLEO, a, "deny"),
        )
        asked.refresh_from_db()
        (lost,) = [each for each in made if isinstance(each, AlreadyDecided)]
        winner = "Ben" if asked.answered_by == BEN else "Cleo"
        assert str(lost) == f"{winner} has already decided this: {asked.status}."
        assert asked.status == ("approved" if winner == "Ben" else "denied")
        closed = [r for r in log_of(session) if r["event"].get("name") == "interrupt.closed"]
        assert [r["actor"] for r in closed if r["event"]["value"]["id"] == str(asked.pk)] == [
            asked.answered_by
        ]
        Worker(due()).finish()
    assert Run.objects.count() == 12


def test_two_questions_decided_at_once_resume_once(session: Session) -> None:
    for n in range(5):
        first, second = ask(session, approval(f"a{n}"), approval(f"b{n}"))
        together(
            lambda a=first: decide(session, BEN, a, "approve"),
            lambda b=second: decide(session, CLEO, b, "approve"),
        )
        assert [each.status for each in resumed()] == ["approved", "approved"]
        stop(session_id=str(session.pk), actor=ANN)


@pytest.mark.parametrize("args", [{"to": "y@example.com"}, {}, {"to": "x@example.com", "cc": None}])
def test_what_was_seen_must_be_what_was_asked(session: Session, args: Any) -> None:
    (asked,) = ask(session, approval())
    seen = args_hash("send_email", args)
    problem = refused(ArgumentsChanged, lambda: decide(session, ANN, asked, "approve", hash=seen), session)
    assert problem.code == "arguments_changed"
    refused(ArgumentsChanged, lambda: decide(session, ANN, asked, "deny", hash=""), session)


def test_the_hash_says_nothing_about_order_and_everything_else() -> None:
    assert args_hash("t", {"a": 1, "b": [1, 2]}) == args_hash("t", {"b": [1, 2], "a": 1})
    asked: list[tuple[str, Any]] = [("t", {"a": 1}), ("u", {"a": 1}), ("t", {"a": "1"}), ("t", {"a": True})]
    asked += [("t", {"a": 1, "b": None}), ("t", [1]), ("t", None)]
    different = [args_hash(tool, args) for tool, args in asked]
    assert len(set(different)) == len(different)


@pytest.mark.parametrize(
    ("who", "may"),
    [("members", {ANN, BEN, CLEO}), ("owner", {ANN}), (CLEO, {CLEO}), (OLGA, set()), (NOBODY, set())],
)
def test_who_may_answer(session: Session, who: str, may: set[str]) -> None:
    for by in (ANN, BEN, CLEO, OLGA):
        (asked,) = ask(session, approval(who=who))
        if by in may:
            decide(session, by, asked, "approve")
        else:
            refused(NotAllowed, lambda by=by, a=asked: decide(session, by, a, "approve"), session)
        stop(session_id=str(session.pk), actor=ANN)


def test_strangers_and_who_was_removed(session: Session) -> None:
    (asked,) = ask(session, approval())
    leave(str(session.pk), actor=BEN, by=ANN, reason="removed")
    for by in (BEN, NOBODY):
        refused(UnknownSession, lambda by=by: decide(session, by, asked, "approve"), session)


def test_unknown_questions(session: Session) -> None:
    other = new_session()
    (elsewhere,) = ask(other, approval())
    for spelled in ("", "x", str(uuid4()), str(elsewhere.pk)):
        reply = Reply(id=spelled, decision="approve", hash=elsewhere.args_hash)
        problem = refused(
            UnknownInterrupt,
            lambda r=reply: answer(session_id=str(session.pk), actor=ANN, replies=[r]),
            session,
        )
        assert problem.code == "unknown_interrupt"


def test_stopped_it_is_no_longer_asked(session: Session) -> None:
    (asked,) = ask(session, approval())
    say(session, "waits")
    assert stop(session_id=str(session.pk), actor=BEN).run_ids == ()
    shown = [i for i in view_of(session)["items"] if i["kind"] == "interrupt"]
    assert [(i["status"], i["by"]) for i in shown] == [("stopped", BEN)]
    assert view_of(session)["runs"][due()]["input"] == "waits-id"
    told = refused(AlreadyDecided, lambda: decide(session, ANN, asked, "approve"), session)
    assert str(told) == "The answer was stopped, so this is no longer asked."


# Time


def test_late_is_expired_also_before_anybody_noticed(session: Session) -> None:
    (asked,) = ask(session, approval(lasts=timedelta(0)))
    assert refused(Expired, lambda: decide(session, ANN, asked, "approve"), session).code == "expired"
    asked.refresh_from_db()
    assert asked.status == "open"


def test_what_nobody_answers_expires_and_the_queue_goes_on(session: Session) -> None:
    (asked,) = ask(session, approval(lasts=timedelta(hours=1)))
    say(session, "waits")
    now = timezone.now()
    assert expire_due(now + timedelta(minutes=59)) == 0
    assert expire_due(now + timedelta(minutes=61)) == 1
    assert expire_due(now + timedelta(minutes=61)) == 0
    closed = [r for r in log_of(session) if r["event"].get("name") == "interrupt.closed"]
    assert [(r["actor"], r["event"]["value"]["status"]) for r in closed] == [("system", "expired")]
    assert view_of(session)["runs"][due()]["input"] == "waits-id"
    refused(Expired, lambda: decide(session, ANN, asked, "approve"), session)


def test_decided_and_expired_together_resume_with_both(session: Session) -> None:
    first, _ = ask(session, approval("a"), approval("b", lasts=timedelta(hours=1)))
    decide(session, BEN, first, "approve")
    assert expire_due(timezone.now() + timedelta(hours=2)) == 1
    assert [each.status for each in resumed()] == ["approved", "expired"]


def test_nothing_expires_that_was_decided(session: Session) -> None:
    (asked,) = ask(session, approval())
    decide(session, BEN, asked, "approve")
    assert expire_due(timezone.now() + timedelta(days=30)) == 0
    asked.refresh_from_db()
    assert asked.status == "approved"


def test_the_list_marks_what_waits_for_those_who_may_decide() -> None:
    session = new_session()
    asked = ask(session, approval("a"), replace(QUESTION, who="owner"))

    def marked() -> set[str]:
        return {actor for actor, entry in list_entries(str(session.pk)) if entry["waits"]}

    assert marked() == {ANN, BEN, CLEO}
    decide(session, BEN, asked[0], "deny")
    assert marked() == {ANN}, "the other one is for the owner"
    decide(session, ANN, asked[1], "answer", "The second.")
    assert marked() == set()


@pytest.mark.parametrize("how", ["stop", "take", "interrupt"])
@pytest.mark.parametrize("both", [False, True])
def test_what_was_approved_and_not_done_before_all_was_stopped_says_so(
    session: Session, how: str, both: bool
) -> None:
    """Approved with another question still open, or taken up by a run that had not come to it."""
    asked = Worker(say(session, "one").run_id).ask(approval("a"), approval("b"))
    approved = asked if both else asked[:1]
    for each in approved:
        reply = Reply(id=str(each.pk), decision="approve", hash=each.args_hash)
        answer(session_id=str(session.pk), actor=ANN, replies=[reply])
    if how == "stop":
        stop(session_id=str(session.pk), actor=BEN)
    elif how == "take":
        take(session_id=str(session.pk), actor=BEN)
    else:
        say(session, "no, this", by=BEN, mode="interrupt")
    items = [item for item in view_of(session)["items"] if item["kind"] == "interrupt"]
    assert [(item["status"], item["by"]) for item in items] == [("stopped", BEN)] * 2
    assert {each.status for each in Interrupt.objects.all()} == {"stopped"}


def test_what_was_approved_and_done_stays_approved(session: Session) -> None:
    (asked,) = Worker(say(session, "one").run_id).ask(approval("a"))
    reply = Reply(id=str(asked.pk), decision="approve", hash=asked.args_hash)
    answer(session_id=str(session.pk), actor=ANN, replies=[reply])
    worker = Worker(due())
    assert claim_external(
        run_id=worker.run_id, stream_id=worker.stream_id, epoch=worker.epoch, call_id="a", tool=asked.tool,
        args=asked.args, interrupt_id=str(asked.pk),
    )  # fmt: skip
    stop(session_id=str(session.pk), actor=BEN)
    asked.refresh_from_db()
    assert asked.status == "approved"  # it may have happened: the effect says


def test_stopping_one_run_closes_what_that_run_asks_and_nothing_else(session: Session) -> None:
    first = Worker(say(session, "one").run_id)
    (asked,) = first.ask(approval("a"))
    other = new_session()
    (elsewhere,) = Worker(say(other, "one").run_id).ask(approval("a"))
    stop(session_id=str(session.pk), actor=BEN, run_id=first.run_id)
    assert [Interrupt.objects.get(pk=each.pk).status for each in (asked, elsewhere)] == ["stopped", "open"]


def test_stopping_a_run_that_asks_nothing_closes_no_question(session: Session) -> None:
    """One that ended before: its questions are not those that are open now."""
    before = Worker(say(session, "one").run_id)
    before.finish()
    (asked,) = Worker(say(session, "two").run_id).ask(approval("a"))
    stop(session_id=str(session.pk), actor=BEN, run_id=before.run_id)
    asked.refresh_from_db()
    assert asked.status == "open"


def test_stop_and_approve_at_once(session: Session) -> None:
    """Whichever comes first counts for both."""
    for n in range(6):
        (asked,) = Worker(say(session, f"m{n}").run_id).ask(approval(f"c{n}"))
        reply = Reply(id=str(asked.pk), decision="approve", hash=asked.args_hash)
        made = together(
            partial(answer, session_id=str(session.pk), actor=ANN, replies=[reply]),
            partial(stop, session_id=str(session.pk), actor=BEN),
        )
        asked.refresh_from_db()
        resumed = Run.objects.filter(resumes=asked.run_id)
        # Approved first, the stop ends the run that would do it; stopped first, nothing is approved.
        assert asked.status == "stopped" and claims.due_runs() == []
        assert isinstance(made[0], SessionsError) == (not resumed.exists())
