"""Saying something else, asking again, and going back: each makes or shows a branch, nothing is destroyed.

Turns form a tree: a run names the run that it follows. What is shown, and what the next message follows, is the branch that
ends with ``Session.branch``, the same for everybody.
"""

from dataclasses import replace
from uuid import UUID

from sessions_app.control.handover import HeldByOther
from sessions_app.control.rights import member, not_archived
from sessions_app.control.send import (
    Accepted,
    Busy,
    InputConflict,
    checked_id,
    checked_text,
    may_start,
    unused,
)
from sessions_app.control.stop import UnknownRun
from sessions_app.runs.dispatch import wake_after_commit
from sessions_app.runs.models import Input, Run
from sessions_app.runs.queue import consume, enqueue, is_busy
from sessions_app.session import events
from sessions_app.session.log import SessionLog, session_log
from sessions_app.session.models import Session


def revise(*, session_id: str, actor: str, run_id: str, client_id: str, text: str) -> Accepted:
    """Say ``text`` in the place of what the run answered, and have that answered: a new branch beside the old one.

    Raises UnknownSession, NotAllowed, UnknownRun, Busy, HeldByOther, TextEmpty, TextTooLong, BadInputId, InputConflict.
    """
    checked_id(client_id)
    text = checked_text(text)
    person = member(session_id, actor)
    with session_log(person.session.stream_id) as log:
        session = member(session_id, actor).session
        known = Input.objects.filter(session=session, client_id=client_id).first()
        if known is not None:
            if (known.actor, known.text) != (actor, text):
                raise InputConflict()
            return replace(Accepted.of(known), head=log.head)
        old = _opening(_turn(session, run_id))
        _free(session)
        unused(session, client_id)
        may_start(actor)
        made = Input(session=session, client_id=client_id, actor=actor, text=text)
        made.offset = made.place = log.add(events.input_accepted(input_id=client_id, text=text), actor=actor)
        run = consume(log, session, made, after=old.after_id)
        wake_after_commit(run)
        return replace(Accepted.of(made), head=log.head)


def regenerate(*, session_id: str, actor: str, run_id: str, client_id: str) -> Accepted:
    """Have the same message answered once more. ``client_id`` makes a retry harmless.

    Raises UnknownSession, NotAllowed, UnknownRun, Busy, HeldByOther, BadInputId.
    """
    checked_id(client_id)
    person = member(session_id, actor)
    with session_log(person.session.stream_id) as log:
        session = member(session_id, actor).session
        known = Run.objects.filter(session=session, options__request=client_id).first()
        if known is not None:
            return _begun(client_id, known, log)
        old = _opening(_turn(session, run_id))
        _free(session)
        may_start(actor)
        first = old.options.get("again", str(old.pk))
        said = Input.objects.filter(run_id=first, offset__lt=old.input_offset).order_by("offset").first()
        if said is None:
            raise UnknownRun("This answer belongs to no message.")
        run = Run(
            session=session,
            agent=old.agent,
            requested_by=actor,
            after_id=old.after_id,
            options={"again": first, "request": client_id},
        )
        enqueue(log, run, input_id=said.client_id)
        wake_after_commit(run)
        return _begun(client_id, run, log)


def select(*, session_id: str, actor: str, run_id: str) -> int:
    """Show the branch that goes through this run, to its latest end, to everybody. Returns the head.

    Not while somebody is at work or asks something here: everybody would wait for what nobody sees. Raises UnknownSession,
    NotAllowed, UnknownRun, Busy.
    """
    person = member(session_id, actor)
    with session_log(person.session.stream_id) as log:
        session = member(session_id, actor).session
        end = _turn(session, run_id).pk
        followers: dict[UUID, UUID] = {}
        rows = Run.objects.filter(session=session, parent=None).exclude(after=None).order_by("input_offset")
        for pk, after in rows.values_list("pk", "after_id"):
            followers[after] = pk
        while end in followers:
            end = followers[end]
        if end != session.branch:
            if is_busy(session.pk):
                raise Busy(
                    "An answer is being written here, or a question waits. Wait for it, answer it or stop it; then switch."
                )
            Session.objects.filter(pk=session.pk).update(branch=end)
            log.add(events.branch_selected(str(end)), actor=actor)
        return log.head


def _begun(client_id: str, run: Run, log: SessionLog) -> Accepted:
    return Accepted(input_id=client_id, offset=run.input_offset, run_id=str(run.pk), head=log.head)


def _turn(session: Session, run_id: str) -> Run:
    try:
        return Run.objects.get(session=session, parent=None, pk=UUID(run_id))
    except (Run.DoesNotExist, ValueError):
        raise UnknownRun() from None


def _opening(run: Run) -> Run:
    """The run that took the message up: a run that resumes another one belongs to that one's turn."""
    while run.resumes_id is not None:
        run = Run.objects.get(pk=run.resumes_id)
    return run


def _free(session: Session) -> None:
    not_archived(session)
    if session.controller:
        raise HeldByOther("A person holds control. Give it back first, then ask the agent again.")
    if is_busy(session.pk):
        raise Busy()
