"""Saying something to a session."""

from dataclasses import dataclass, field

from django.conf import settings

from sessions_app.control.handover import heard
from sessions_app.control.rights import member, not_archived
from sessions_app.control.stop import stop_runs
from sessions_app.errors import SessionsError
from sessions_app.runs.dispatch import wake_after_commit
from sessions_app.runs.models import Input, Interrupt, Run
from sessions_app.runs.questions import close_interrupts, drop_approved, open_interrupts
from sessions_app.runs.queue import ACTIVE, consume, say_only
from sessions_app.session import events
from sessions_app.session.ids import whose
from sessions_app.session.log import SessionLog, session_log
from sessions_app.session.models import Session
from sessions_app.session.titles import title_for

TEXT_MAX = 20_000
QUEUE_MAX = 50
CLIENT_ID_MAX = 64


class TextEmpty(SessionsError):
    """There is nothing to send. Type something first."""

    code = "text_empty"


class TextTooLong(SessionsError):
    """The message is too long. Shorten it, or send it in parts."""

    code = "text_too_long"


class BadInputId(SessionsError):
    """The message needs an id of 1 to 64 characters."""

    code = "bad_request"


class InputConflict(SessionsError):
    """This id was already used for another message. Send again with a new id."""

    code = "input_conflict"
    status = 409


class QueueFull(SessionsError):
    """Too many messages wait here already. Wait for the answer first."""

    code = "queue_full"
    status = 409
    retry = True


class Busy(SessionsError):
    """An answer is being written, and this session takes nothing meanwhile. Wait for it, or stop it."""

    code = "busy"
    status = 409
    retry = True


class TooManyRuns(SessionsError):
    """So many answers of yours are under way that no more can begin. Wait for one, or stop some."""

    code = "too_many_runs"
    status = 429
    retry = True


class BadMode(SessionsError):
    """A message sent to a busy session is one of: queue, steer, interrupt, reject."""

    code = "bad_request"


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """The acknowledgement. ``run_id`` is the run that answers it or that it steers; None while it waits.

    ``head`` is how far the log reaches with what was done, for those who are told of it.
    """

    input_id: str
    offset: int
    run_id: str | None
    head: int = field(default=0, compare=False)

    @classmethod
    def of(cls, made: Input) -> "Accepted":
        return cls(
            input_id=made.client_id, offset=made.offset, run_id=str(made.run_id) if made.run_id else None
        )


def checked_id(client_id: str) -> None:
    """Raises BadInputId."""
    if not 1 <= len(client_id) <= CLIENT_ID_MAX:
        raise BadInputId()


def unused(session: Session, client_id: str) -> None:
    """A message becomes an item of that id, which no other may have. Raises InputConflict."""
    if whose(str(session.pk), [client_id]):
        raise InputConflict()


def checked_text(text: str) -> str:
    """Raises TextEmpty, TextTooLong."""
    text = text.replace("\x00", "")
    if not text.strip():
        raise TextEmpty()
    if len(text) > TEXT_MAX:
        raise TextTooLong(
            f"The message has {len(text):,} characters; {TEXT_MAX:,} are the limit. Shorten it."
        )
    return text


def send_input(
    *,
    session_id: str,
    actor: str,
    client_id: str,
    text: str,
    mode: str = "",
    queue: str = Run.Queue.CHAT,
) -> Accepted:
    """Log an input, and start a run when the session is idle. Sending the same ``client_id`` again changes nothing.

    ``mode`` says what becomes of it while a run is at work: ``queue``, ``steer``, ``interrupt`` or ``reject``; empty is
    what the session says. ``queue`` is that of a run which starts at once. Raises UnknownSession, NotAllowed, TextEmpty, TextTooLong, BadInputId, InputConflict,
    SessionArchived, QueueFull, Busy, BadMode.
    """
    checked_id(client_id)
    if mode and mode not in Session.WhileBusy:
        raise BadMode()
    text = checked_text(text)
    person = member(session_id, actor)
    with session_log(person.session.stream_id) as log:
        known = Input.objects.filter(session_id=session_id, client_id=client_id).first()
        if known is not None:
            return _again(known, actor, text)
        session = member(session_id, actor).session
        not_archived(session)
        unused(session, client_id)
        made = Input(session=session, client_id=client_id, actor=actor, text=text)
        title = "" if session.title else title_for(text)
        run = _take(log, session, made, mode or session.while_busy, title, queue)
        if title:
            log.add(events.session_renamed(title), actor=events.SYSTEM)
            Session.objects.filter(pk=session_id).update(title=title)
    if session.controller == actor:
        heard(session_id, actor)
    return Accepted(input_id=client_id, offset=made.offset, run_id=str(run.pk) if run else None)


def _take(log: SessionLog, session: Session, made: Input, mode: str, title: str, queue: str) -> Run | None:
    """Store the input and do with it what ``mode`` says. Returns the run that answers it, or that it steers."""
    active = list(Run.objects.filter(session=session, status__in=ACTIVE).order_by("created_at"))
    asked = list(open_interrupts(session.pk))
    busy = bool(active or asked)
    target: Run | None = None
    if busy and mode == Session.WhileBusy.REJECT:
        raise Busy()
    if active and mode == Session.WhileBusy.STEER:
        # Nobody speaks to a sub-agent; they hear of it from the run that asked them.
        target = next((run for run in reversed(active) if run.parent_id is None), None)
    waits = busy and target is None and mode != Session.WhileBusy.INTERRUPT
    if waits and Input.objects.filter(session=session, status__in=Input.WAITING).count() >= QUEUE_MAX:
        raise QueueFull()
    steers = str(target.pk) if target else None
    made.offset = made.place = log.add(
        events.input_accepted(input_id=made.client_id, text=made.text, steer=steers), actor=made.actor
    )
    if session.controller:
        say_only(log, made)
        return None
    if busy and mode == Session.WhileBusy.INTERRUPT:
        stop_runs(log, active, actor=made.actor, reason="interrupt")
        close_interrupts(log, asked, status=Interrupt.Status.STOPPED, actor=made.actor)
        drop_approved(log, session.pk, actor=made.actor)
        busy = False
    if not busy:
        may_start(made.actor)
        # Nothing waits at an idle session: whatever ends a run starts the next one in that transaction.
        run = consume(log, session, made, after=session.branch, queue=queue)
        wake_after_commit(run)
        return run
    if target is not None:
        made.status, made.run = Input.Status.STEERING, target
    made.save()
    return target


def may_start(actor: str) -> None:
    """One person does not take the places of all others. Raises TooManyRuns."""
    under_way = Run.objects.filter(requested_by=actor, status__in=ACTIVE)
    if under_way.count() >= settings.CLEWLINE_RUNS_PER_PERSON:
        raise TooManyRuns()


def _again(known: Input, actor: str, text: str) -> Accepted:
    if known.actor != actor or (known.text != text and not known.edited):
        raise InputConflict()
    return Accepted.of(known)
