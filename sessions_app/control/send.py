"""Saying something to a session."""

from dataclasses import dataclass

from sessions_app.errors import SessionsError
from sessions_app.runs.dispatch import wake_after_commit
from sessions_app.runs.models import Input
from sessions_app.runs.queue import consume, is_busy
from sessions_app.session import events
from sessions_app.session.access import NotAllowed, UnknownSession, canonical
from sessions_app.session.log import session_log
from sessions_app.session.models import Participant, Session
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


class SessionArchived(SessionsError):
    """This chat is archived. Restore it to go on."""

    code = "session_archived"
    status = 409


class QueueFull(SessionsError):
    """Too many messages wait here already. Wait for the answer first."""

    code = "queue_full"
    status = 409
    retry = True


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """The acknowledgement. ``run_id`` is None when the input waits behind a busy run."""

    input_id: str
    offset: int
    run_id: str | None

    @classmethod
    def of(cls, made: Input) -> "Accepted":
        return cls(
            input_id=made.client_id, offset=made.offset, run_id=str(made.run_id) if made.run_id else None
        )


def send_input(*, session_id: str, actor: str, client_id: str, text: str) -> Accepted:
    """Log an input, and start a run when the session is idle. Sending the same ``client_id`` again changes nothing.

    Raises UnknownSession, NotAllowed, TextEmpty, TextTooLong, BadInputId, InputConflict, SessionArchived, QueueFull.
    """
    if not 1 <= len(client_id) <= CLIENT_ID_MAX:
        raise BadInputId()
    text = text.replace("\x00", "")
    if not text.strip():
        raise TextEmpty()
    if len(text) > TEXT_MAX:
        raise TextTooLong(
            f"The message has {len(text):,} characters; {TEXT_MAX:,} are the limit. Shorten it."
        )
    person = (
        Participant.objects.filter(session_id=canonical(session_id), actor=actor, left_at=None)
        .select_related("session")
        .first()
    )
    if person is None:
        raise UnknownSession()
    if person.role == Participant.Role.OBSERVER:
        raise NotAllowed()
    with session_log(person.session.stream_id) as log:
        known = Input.objects.filter(session_id=session_id, client_id=client_id).first()
        if known is not None:
            return _again(known, actor, text)
        session = Session.objects.get(pk=session_id)
        if session.archived_at is not None:
            raise SessionArchived()
        busy = is_busy(session_id)
        if busy and Input.objects.filter(session=session, status=Input.Status.QUEUED).count() >= QUEUE_MAX:
            raise QueueFull()
        offset = log.add(events.input_accepted(input_id=client_id, text=text), actor=actor)
        made = Input(session=session, client_id=client_id, actor=actor, text=text, offset=offset)
        title = "" if session.title else title_for(text)
        if title:
            log.add(events.session_renamed(title), actor=events.SYSTEM)
        run = None
        if not busy:
            # Nothing waits at an idle session: whatever ends a run starts the next one in that transaction.
            run = consume(log, session, made, title=title)
            wake_after_commit(run)
        else:
            made.save()
            if title:
                Session.objects.filter(pk=session_id).update(title=title)
    return Accepted(input_id=client_id, offset=offset, run_id=str(run.pk) if run else None)


def _again(known: Input, actor: str, text: str) -> Accepted:
    if (known.actor, known.text) != (actor, text):
        raise InputConflict()
    return Accepted.of(known)
