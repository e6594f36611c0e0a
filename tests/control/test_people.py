"""Letting people in, changing what they may do, letting them go."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from sessions_app.control import people as control
from sessions_app.control import rights
from sessions_app.control.answer import AlreadyDecided, Reply, answer
from sessions_app.control.handover import heard, holds_control, take
from sessions_app.control.people import (
    BadRole,
    OwnerStays,
    TooManyPeople,
    UnknownPerson,
    invite,
    remove,
)
from sessions_app.runs import attention
from sessions_app.runs import claim as claims
from sessions_app.runs.attention import Cause
from sessions_app.runs.models import Run
from sessions_app.session import directory
from sessions_app.session.access import NotAllowed, UnknownSession, actor_of
from sessions_app.session.models import Participant, Session
from sessions_app.session.participants import list_entries
from sessions_app.session.sessions import create_session
from sessions_app.streams.append import StaleEpoch
from tests.control.world import (
    Worker,
    approval,
    due,
    log_of,
    names,
    refused,
    say,
    states,
    together,
    view_of,
    waiting,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def users(transactional_db: None) -> Iterator[dict[str, Any]]:
    """Ann, Ben, Cleo, Olga and Dora. Everybody may invite everybody but Dora, whom nobody finds."""
    made = {
        name: get_user_model().objects.create_user(email=f"{name}@example.com")
        for name in ("ann", "ben", "cleo", "olga", "dora")
    }
    known = {actor_of(user): name for name, user in made.items() if name != "dora"}

    def find(actor: str, user: Any) -> directory.Person | None:
        return directory.Person(actor=actor, name=known[actor].title()) if actor in known else None

    before = list(directory._directory)
    directory.register_directory(search=lambda text, user: [], find=find)
    yield made
    directory._directory[:] = before


@pytest.fixture
def session(users: dict[str, Any]) -> Session:
    """Ann's, with Ben as member and Olga as observer."""
    made = create_session(actor=actor_of(users["ann"]), name="Ann", agent="nobody", title="Talk")
    invite(session_id=str(made.pk), user=users["ann"], actor=actor_of(users["ben"]), role="member")
    invite(session_id=str(made.pk), user=users["ann"], actor=actor_of(users["olga"]), role="observer")
    return made


def roles(session: Session) -> dict[str, str]:
    """Who is here as what, in the rows and for everybody."""
    rows = Participant.objects.filter(session=session, left_at=None).values_list("actor", "role")
    people = view_of(session)["participants"]
    shown = {actor: each["role"] for actor, each in people.items() if each["here"]}
    assert dict(rows) == shown
    return {people[actor]["name"].lower(): role for actor, role in shown.items()}


def test_a_member_invites_and_the_invited_takes_part(session: Session, users: dict[str, Any]) -> None:
    cleo = actor_of(users["cleo"])
    refused(UnknownSession, lambda: say(session, "too early", by=cleo), session)
    invite(session_id=str(session.pk), user=users["ben"], actor=cleo, role="member")
    assert roles(session) == {"ann": "owner", "ben": "member", "olga": "observer", "cleo": "member"}
    record = log_of(session)[-1]
    assert record["actor"] == actor_of(users["ben"])
    assert record["event"]["value"] == {"actor": cleo, "name": "Cleo", "role": "member"}
    say(session, "here I am", by=cleo)


def test_inviting_who_is_here_changes_nothing(session: Session, users: dict[str, Any]) -> None:
    head = len(log_of(session))
    again = invite(
        session_id=str(session.pk), user=users["ben"], actor=actor_of(users["olga"]), role="observer"
    )
    assert again == head == len(log_of(session))


def test_only_the_owner_changes_roles_and_they_count_at_once(session: Session, users: dict[str, Any]) -> None:
    key, olga, ben = str(session.pk), actor_of(users["olga"]), actor_of(users["ben"])
    refused(NotAllowed, lambda: invite(session_id=key, user=users["ben"], actor=olga, role="member"), session)
    refused(NotAllowed, lambda: say(session, "no", by=olga), session)
    invite(session_id=key, user=users["ann"], actor=olga, role="member")
    say(session, "yes", by=olga)
    invite(session_id=key, user=users["ann"], actor=ben, role="observer")
    refused(NotAllowed, lambda: say(session, "no", by=ben), session)
    assert roles(session) == {"ann": "owner", "ben": "observer", "olga": "member"}


def test_who_and_what_cannot_be(session: Session, users: dict[str, Any]) -> None:
    key, ann, cleo = str(session.pk), actor_of(users["ann"]), actor_of(users["cleo"])
    for role in ("owner", "", "boss"):
        refused(
            BadRole, lambda r=role: invite(session_id=key, user=users["ann"], actor=cleo, role=r), session
        )
    for actor in (actor_of(users["dora"]), "user:0", "agent:copilot", "system", "", "x" * 500):
        problem = refused(
            UnknownPerson,
            lambda a=actor: invite(session_id=key, user=users["ann"], actor=a, role="member"),
            session,
        )
        assert problem.code == "unknown_person"
    for by in ("ann", "ben"):
        refused(
            OwnerStays, lambda b=by: invite(session_id=key, user=users[b], actor=ann, role="member"), session
        )
    refused(
        NotAllowed, lambda: invite(session_id=key, user=users["olga"], actor=cleo, role="member"), session
    )
    refused(
        UnknownSession, lambda: invite(session_id=key, user=users["cleo"], actor=cleo, role="member"), session
    )


def test_a_session_has_a_most(
    session: Session, users: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "PEOPLE_MAX", 3)
    cleo = actor_of(users["cleo"])
    call = partial(invite, session_id=str(session.pk), user=users["ann"], actor=cleo, role="member")
    assert refused(TooManyPeople, call, session).code == "too_many_people"
    remove(session_id=str(session.pk), by=actor_of(users["ann"]), actor=actor_of(users["olga"]))
    call()
    assert roles(session) == {"ann": "owner", "ben": "member", "cleo": "member"}


def test_the_owner_removes(session: Session, users: dict[str, Any]) -> None:
    key, ann, ben, olga = str(session.pk), *[actor_of(users[n]) for n in ("ann", "ben", "olga")]
    for by, problem in ((ben, NotAllowed), (olga, NotAllowed), (actor_of(users["cleo"]), UnknownSession)):
        refused(problem, lambda b=by: remove(session_id=key, by=b, actor=olga if b != olga else ben), session)
    head = remove(session_id=key, by=ann, actor=ben)
    assert log_of(session)[-1]["event"]["value"] == {"actor": ben, "reason": "removed"}
    assert remove(session_id=key, by=ann, actor=ben) == head  # again
    assert remove(session_id=key, by=ann, actor="user:0") == head  # never was here
    assert roles(session) == {"ann": "owner", "olga": "observer"}
    refused(UnknownSession, lambda: say(session, "x", by=ben), session)
    refused(UnknownSession, lambda: remove(session_id=key, by=ben, actor=ben), session)


def test_everybody_may_leave_but_the_owner(session: Session, users: dict[str, Any]) -> None:
    key = str(session.pk)
    for name in ("ben", "olga"):
        remove(session_id=key, by=actor_of(users[name]), actor=actor_of(users[name]))
        assert log_of(session)[-1]["event"]["value"]["reason"] == "left"
    ann = actor_of(users["ann"])
    assert (
        refused(OwnerStays, lambda: remove(session_id=key, by=ann, actor=ann), session).code == "owner_stays"
    )
    assert roles(session) == {"ann": "owner"}


def test_who_comes_back_is_here_again(session: Session, users: dict[str, Any]) -> None:
    key, ann, ben = str(session.pk), actor_of(users["ann"]), actor_of(users["ben"])
    remove(session_id=key, by=ann, actor=ben)
    invite(session_id=key, user=users["ann"], actor=ben, role="observer")
    assert roles(session)["ben"] == "observer"
    assert Participant.objects.filter(session=session, actor=ben).count() == 1


@pytest.mark.parametrize("how", ["left", "removed"])
def test_who_leaves_lets_go_of_control(session: Session, users: dict[str, Any], how: str) -> None:
    key, ann, ben = str(session.pk), actor_of(users["ann"]), actor_of(users["ben"])
    say(session, "one", by=ann)
    say(session, "two", by=ann)
    take(session_id=key, actor=ben)
    head = len(log_of(session))
    remove(session_id=key, by=ben if how == "left" else ann, actor=ben)
    assert Session.objects.get(pk=session.pk).controller == ""
    assert view_of(session)["session"]["control"] is None
    kinds = names(session, head)
    assert kinds[0] == "control.released" and kinds[-1] == "participant.left"
    assert view_of(session)["runs"][due()]["input"] == "two-id" and waiting(session) == []


def test_who_goes_while_another_holds_changes_nothing_of_that(
    session: Session, users: dict[str, Any]
) -> None:
    key, ann = str(session.pk), actor_of(users["ann"])
    take(session_id=key, actor=ann)
    remove(session_id=key, by=ann, actor=actor_of(users["ben"]))
    assert Session.objects.get(pk=session.pk).controller == ann and claims.due_runs() == []


def test_invited_twice_at_once_somebody_joins_once(session: Session, users: dict[str, Any]) -> None:
    cleo = actor_of(users["cleo"])
    calls = [
        partial(invite, session_id=str(session.pk), user=users[by], actor=cleo, role="member")
        for by in ("ann", "ben")
    ]
    head = len(log_of(session))
    made = together(*calls)
    assert all(isinstance(each, int) for each in made)
    assert names(session, head) == ["participant.joined"]


def test_what_somebody_had_waiting_goes_with_them(session: Session, users: dict[str, Any]) -> None:
    ann, ben = actor_of(users["ann"]), actor_of(users["ben"])
    say(session, "one", by=ann)
    say(session, "two", by=ben)
    say(session, "three", by=ann)
    say(session, "four", by=ben, mode="steer")
    remove(session_id=str(session.pk), by=ann, actor=ben)
    assert waiting(session) == ["three-id"]
    assert names(session)[-3:] == ["input.withdrawn", "input.withdrawn", "participant.left"]


def test_a_removal_comes_between_a_command_and_its_lock(
    session: Session, users: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben = actor_of(users["ann"]), actor_of(users["ben"])
    asked = []

    def first_then_removed(session_id: str, actor: str) -> Participant:
        person = rights.taking_part(session_id, actor)
        asked.append(actor)
        if asked == [ben]:
            remove(session_id=session_id, by=ann, actor=ben)
        return person

    monkeypatch.setattr("sessions_app.control.send.member", first_then_removed)
    with pytest.raises(UnknownSession):
        say(session, "too late", by=ben)
    assert "input.accepted" not in names(session)


@pytest.mark.parametrize("how", ["leaves", "removed", "observer"])
def test_what_was_asked_of_somebody_who_can_no_longer_answer_is_for_all(
    session: Session, users: dict[str, Any], how: str
) -> None:
    """At once, not after the days that a question lasts; and the members are told of it."""
    ann, ben = actor_of(users["ann"]), actor_of(users["ben"])
    told: list[Cause] = []
    before = list(attention._called)
    worker = Worker(say(session, "Look", by=ann).run_id)
    asked, other = worker.ask(approval("a", who=ben), approval("b", who="owner"))
    attention.on_attention(told.append)
    try:
        if how == "observer":
            invite(session_id=str(session.pk), user=users["ann"], actor=ben, role="observer")
        else:
            remove(session_id=str(session.pk), by=ben if how == "leaves" else ann, actor=ben)
    finally:
        attention._called[:] = before
    shown = {i["id"]: i["who"] for i in view_of(session)["items"] if i["kind"] == "interrupt"}
    assert shown == {str(asked.pk): "members", str(other.pk): "owner"}
    assert [(each.id, each.who, each.kind) for each in told] == [(str(asked.pk), "members", "approval")]
    (record,) = [r for r in log_of(session) if r["event"].get("name") == "interrupt.readdressed"]
    assert record["actor"] == (ben if how == "leaves" else ann)
    replies = [Reply(id=str(each.pk), decision="approve", hash=each.args_hash) for each in (asked, other)]
    answer(session_id=str(session.pk), actor=ann, replies=replies)
    assert due()


@pytest.mark.parametrize("who", ["ben", "owner"])
def test_somebody_removed_while_they_hold_control_starts_nothing(
    session: Session, users: dict[str, Any], who: str
) -> None:
    """What they had waiting is withdrawn before control is free, else it would begin with their rights."""
    ann, ben = actor_of(users["ann"]), actor_of(users["ben"])
    say(session, "First", by=ann)
    say(session, "Ben's", by=ben)
    if who == "owner":
        say(session, "Ann's", by=ann)
    take(session_id=str(session.pk), actor=ben)
    remove(session_id=str(session.pk), by=ann, actor=ben)
    assert states(session)["Ben's-id"] == "withdrawn"
    started = Run.objects.filter(session=session, status="queued")
    assert [run.requested_by for run in started] == ([ann] if who == "owner" else [])


@pytest.mark.parametrize("how", ["left", "removed"])
def test_who_is_gone_acts_no_longer(session: Session, users: dict[str, Any], how: str) -> None:
    key, ann, ben = str(session.pk), actor_of(users["ann"]), actor_of(users["ben"])
    worker = Worker(say(session, "list everything", by=ben).run_id)
    say(session, "mine", by=ann)
    remove(session_id=key, by=ben if how == "left" else ann, actor=ben)
    with pytest.raises(StaleEpoch):
        worker.say("Here is everything")
    view = view_of(session)
    assert view["runs"][worker.run_id]["status"] == "cancelled"
    assert view["runs"][worker.run_id]["stopped"]["reason"] == "removed"
    assert view["runs"][due()]["input"] == "mine-id"  # what others have waiting goes on


@pytest.mark.parametrize("approved", [False, True])
def test_what_is_asked_for_who_is_gone_is_decided_no_longer(
    session: Session, users: dict[str, Any], approved: bool
) -> None:
    key, ann, ben = str(session.pk), actor_of(users["ann"]), actor_of(users["ben"])
    asked = Worker(say(session, "write to them", by=ben).run_id).ask(approval("a"), approval("b"))
    replies = [Reply(id=str(each.pk), decision="approve", hash=each.args_hash) for each in asked]
    if approved:
        answer(session_id=key, actor=ann, replies=replies)  # and nobody has taken the run up that does it
    remove(session_id=key, by=ann, actor=ben)
    statuses = {item["status"] for item in view_of(session)["items"] if item["kind"] == "interrupt"}
    assert statuses == {"stopped"} and claims.due_runs() == []
    with pytest.raises(AlreadyDecided):
        answer(session_id=key, actor=ann, replies=replies)


def test_what_is_asked_for_others_stays(session: Session, users: dict[str, Any]) -> None:
    key, ann, ben = str(session.pk), actor_of(users["ann"]), actor_of(users["ben"])
    (asked,) = Worker(say(session, "one", by=ann).run_id).ask(approval())
    remove(session_id=key, by=ann, actor=ben)
    asked.refresh_from_db()
    assert asked.status == "open"


def test_who_becomes_an_observer_lets_go_of_control_and_of_what_waits(
    session: Session, users: dict[str, Any]
) -> None:
    key, ann, ben = str(session.pk), actor_of(users["ann"]), actor_of(users["ben"])
    say(session, "one", by=ann)
    say(session, "two", by=ann)
    say(session, "three", by=ben)
    take(session_id=key, actor=ben)
    invite(session_id=key, user=users["ann"], actor=ben, role="observer")
    assert Session.objects.get(pk=session.pk).controller == ""
    assert view_of(session)["session"]["control"] is None
    assert view_of(session)["runs"][due()]["input"] == "two-id" and waiting(session) == []


def test_typing_keeps_control_for_its_holder_alone(session: Session, users: dict[str, Any]) -> None:
    key, ann, ben = str(session.pk), actor_of(users["ann"]), actor_of(users["ben"])
    take(session_id=key, actor=ben)
    soon = timezone.now() + timedelta(seconds=1)
    Session.objects.filter(pk=key).update(control_until=soon)
    heard(key, ann)
    assert Session.objects.get(pk=key).control_until == soon
    assert holds_control(key, ben) and not holds_control(key, ann)
    heard(key, ben)
    assert Session.objects.get(pk=key).control_until > soon
    Participant.objects.filter(session=session, actor=ben).update(role="observer")
    assert not holds_control(key, ben)


def test_only_the_owner_lets_in_again_whom_the_owner_removed(session: Session, users: dict[str, Any]) -> None:
    key, ann, ben, cleo = str(session.pk), *[actor_of(users[n]) for n in ("ann", "ben", "cleo")]
    brings = lambda by: invite(session_id=key, user=users[by], actor=cleo, role="member")  # noqa: E731
    brings("ben")
    remove(session_id=key, by=cleo, actor=cleo)
    brings("ben")  # who left by themselves may be asked back by anybody
    remove(session_id=key, by=ann, actor=cleo)
    assert "owner removed" in str(refused(NotAllowed, lambda: brings("ben"), session))
    brings("ann")
    remove(session_id=key, by=cleo, actor=cleo)
    brings("ben")
    assert ben in {each.actor for each in Participant.objects.filter(session=session, left_at=None)}


def test_who_left_hears_nothing_of_the_session_in_their_list(session: Session, users: dict[str, Any]) -> None:
    ben = actor_of(users["ben"])
    assert ben in {actor for actor, _ in list_entries(str(session.pk))}
    remove(session_id=str(session.pk), by=actor_of(users["ann"]), actor=ben)
    assert ben not in {actor for actor, _ in list_entries(str(session.pk))}
