"""Changing what waits: any member may reorder and withdraw, only the author may edit: the words are answered with their rights. First come, first served: an input that a
run has taken meanwhile can no longer be changed, and whoever tries is told.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sessions_app.control.rights import member
from sessions_app.control.send import BadMode, checked_text
from sessions_app.errors import SessionsError
from sessions_app.runs.models import Input
from sessions_app.session import events
from sessions_app.session.access import NotAllowed
from sessions_app.session.log import SessionLog, session_log
from sessions_app.session.models import Participant, Session


class NoLongerWaiting(SessionsError):
    """This message waits no longer: it was taken up or withdrawn."""

    code = "not_waiting"
    status = 409


class UnknownInput(SessionsError):
    """There is no such message in this session."""

    code = "unknown_input"
    status = 404


class EditedMeanwhile(SessionsError):
    """You changed this message on another device meanwhile, and that is kept. Look at it, then change it again."""

    code = "edited_meanwhile"
    status = 409


def edit_input(*, session_id: str, actor: str, input_id: str, text: str, seen: str | None = None) -> int:
    """Returns the head. ``seen`` is the wording that was on the page when the editing began, None: whatever it is now.

    Raises UnknownSession, NotAllowed, UnknownInput, NoLongerWaiting, EditedMeanwhile, TextEmpty, TextTooLong.
    """
    text = checked_text(text)
    with _waiting(session_id, actor, input_id) as (log, _, waiting):
        if waiting.actor != actor:
            raise NotAllowed("Only its author may change this message. You may withdraw it.")
        if waiting.text != text:
            if seen is not None and waiting.text != seen:
                raise EditedMeanwhile()
            waiting.text, waiting.edited = text, True
            waiting.save(update_fields=["text", "edited"])
            log.add(events.input_edited(input_id=input_id, text=text), actor=actor)
        return log.head


def withdraw_input(*, session_id: str, actor: str, input_id: str) -> int:
    """Withdrawing twice is harmless. Raises UnknownSession, NotAllowed, UnknownInput, NoLongerWaiting."""
    with _waiting(session_id, actor, input_id, withdrawn=True) as (log, _, waiting):
        if waiting.status != Input.Status.WITHDRAWN:
            waiting.status, waiting.run = Input.Status.WITHDRAWN, None
            waiting.save(update_fields=["status", "run"])
            log.add(events.input_withdrawn(input_id), actor=actor)
        return log.head


def move_input(*, session_id: str, actor: str, input_id: str, before: str | None) -> int:
    """Put it in front of another waiting input, or at the end. Raises as ``withdraw_input``."""
    with _waiting(session_id, actor, input_id) as (log, person, moved):
        # With those that steer: they keep their place among the others, for when they are missed.
        queue = list(
            Input.objects.filter(session=person.session_id, status__in=Input.WAITING).order_by("place", "id")
        )
        if moved.status != Input.Status.QUEUED:
            raise NoLongerWaiting(
                "This message steers the answer that is being written; it has no place in the queue."
            )
        rest = [each for each in queue if each != moved]
        at = next(
            (
                n
                for n, each in enumerate(rest)
                if each.client_id == before and each.status == Input.Status.QUEUED
            ),
            None,
        )
        if at is None and before is not None:
            raise NoLongerWaiting("The message to put it in front of waits no longer.")
        ordered = [*rest, moved] if at is None else [*rest[:at], moved, *rest[at:]]
        if ordered != queue:
            places = sorted(each.place for each in queue)
            for place, each in zip(places, ordered, strict=True):
                Input.objects.filter(pk=each.pk).update(place=place)
            log.add(events.input_moved(input_id=input_id, before=before), actor=actor)
        return log.head


def set_policy(*, session_id: str, actor: str, while_busy: str) -> int:
    """What becomes of messages that are sent while a run is at work. Raises UnknownSession, NotAllowed, BadMode."""
    if while_busy not in Session.WhileBusy:
        raise BadMode()
    person = member(session_id, actor)
    with session_log(person.session.stream_id) as log:
        member(session_id, actor)
        if Session.objects.filter(pk=session_id).exclude(while_busy=while_busy).update(while_busy=while_busy):
            log.add(events.session_policy(while_busy), actor=actor)
        return log.head


def withdraw_all(log: SessionLog, session: Session, *, of: str, by: str) -> None:
    """Nobody answers with the rights of somebody who has left."""
    for each in Input.objects.filter(session=session, actor=of, status__in=Input.WAITING).order_by("place"):
        each.status, each.run = Input.Status.WITHDRAWN, None
        each.save(update_fields=["status", "run"])
        log.add(events.input_withdrawn(each.client_id), actor=by)


@contextmanager
def _waiting(
    session_id: str, actor: str, input_id: str, *, withdrawn: bool = False
) -> Iterator[tuple[SessionLog, Participant, Input]]:
    person = member(session_id, actor)
    with session_log(person.session.stream_id) as log:
        person = member(session_id, actor)
        found = Input.objects.filter(session=person.session_id, client_id=input_id).first()
        if found is None:
            raise UnknownInput()
        fine = found.status in Input.WAITING or (withdrawn and found.status == Input.Status.WITHDRAWN)
        if not fine:
            raise NoLongerWaiting()
        yield log, person, found
