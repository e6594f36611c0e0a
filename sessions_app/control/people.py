"""Letting colleagues in, changing what they may do, and letting them go. Access ends at once, for open connections too."""

from typing import Any

from sessions_app.control.handover import release_of
from sessions_app.control.rights import member, owner, taking_part
from sessions_app.control.stop import stop_for
from sessions_app.control.waiting import withdraw_all
from sessions_app.errors import SessionsError
from sessions_app.runs.attention import Cause, Kind, ask_for_attention
from sessions_app.runs.interrupts import readdress
from sessions_app.runs.lifecycle import start_following
from sessions_app.runs.listing import entry_changed
from sessions_app.session.access import NotAllowed, actor_of
from sessions_app.session.directory import find_person
from sessions_app.session.log import session_log
from sessions_app.session.models import Participant
from sessions_app.session.participants import let_in, let_out, was_removed

PEOPLE_MAX = 50
INVITED = (Participant.Role.MEMBER, Participant.Role.OBSERVER)


class UnknownPerson(SessionsError):
    """There is nobody like that whom you could invite."""

    code = "unknown_person"
    status = 404


class TooManyPeople(SessionsError):
    """A session has at most 50 people. Remove somebody first."""

    code = "too_many_people"
    status = 409


class BadRole(SessionsError):
    """People are invited as member or observer."""

    code = "bad_request"


class OwnerStays(SessionsError):
    """The owner cannot leave or be removed. Archive the session instead."""

    code = "owner_stays"
    status = 409


def invite(*, session_id: str, user: Any, actor: str, role: str) -> int:
    """Let somebody in, who then sees everything from the beginning; or change the role of who is in. Returns the head.

    Members invite; only the owner changes roles, and lets in again whom the owner removed. Who observes from now on lets go of
    control, and what they have waiting is withdrawn. Raises UnknownSession, NotAllowed, UnknownPerson, BadRole,
    TooManyPeople, OwnerStays.
    """
    by = member(session_id, actor_of(user))
    if role not in INVITED:
        raise BadRole()
    person = find_person(actor, user)
    if person is None:
        raise UnknownPerson()
    with session_log(by.session.stream_id) as log:
        by = member(session_id, by.actor)
        here = Participant.objects.filter(session=by.session, actor=actor, left_at=None).first()
        if here is not None:
            if here.role == role:
                return log.head
            if here.role == Participant.Role.OWNER:
                raise OwnerStays("The owner's role cannot be changed.")
            if by.role != Participant.Role.OWNER:
                raise NotAllowed("Only the owner of this session may change roles.")
        elif by.role != Participant.Role.OWNER and was_removed(by.session, actor):
            raise NotAllowed("The owner removed this person. Only the owner may let them in again.")
        elif Participant.objects.filter(session=by.session, left_at=None).count() >= PEOPLE_MAX:
            raise TooManyPeople()
        observes = here is not None and role == Participant.Role.OBSERVER
        if observes:
            withdraw_all(log, by.session, of=actor, by=by.actor)
        offset = let_in(log, by.session, actor=actor, name=person.name, role=role, by=by.actor)
        if observes:
            release_of(log, by.session, actor)
            readdress(log, by.session, gone=actor, by=by.actor)
        if here is None:
            named = f"{by.session_id}:{offset}"
            cause = Cause(kind=Kind.INVITATION, id=named, session_id=by.session_id, offset=offset, who=actor)
            ask_for_attention(cause)
        entry_changed(by.session_id)
        return log.head


def remove(*, session_id: str, by: str, actor: str) -> int:
    """The owner removes anybody, everybody themselves. Removing who is gone changes nothing. Returns the head.

    Nobody acts here any longer for who is gone: their answers under way end *cancelled*, with what those asked. Raises UnknownSession, NotAllowed, OwnerStays.
    """
    allowed = taking_part if by == actor else owner
    person = allowed(session_id, by)
    with session_log(person.session.stream_id) as log:
        person = allowed(session_id, by)
        gone = Participant.objects.filter(session=person.session, actor=actor, left_at=None).first()
        if gone is None:
            return log.head
        if gone.role == Participant.Role.OWNER:
            raise OwnerStays()
        withdraw_all(log, person.session, of=actor, by=by)  # before control is free and what waits begins
        stop_for(log, person.session, asker=actor, by=by)
        release_of(log, person.session, actor)
        let_out(log, person.session, actor=actor, by=by, reason="left" if by == actor else "removed")
        readdress(log, person.session, gone=actor, by=by)
        start_following(log, person.session)
        return log.head
