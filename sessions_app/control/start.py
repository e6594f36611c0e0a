"""Starting a chat: one session for each first message, however often and from wherever it is sent."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from sessions_app.control.send import CLIENT_ID_MAX, Accepted, BadInputId, send_input
from sessions_app.errors import SessionsError
from sessions_app.runs.agents import UnknownAgent, agents, is_offered
from sessions_app.runs.claim import is_remote
from sessions_app.runs.listing import entry_changed
from sessions_app.runs.models import Input, Run
from sessions_app.session.access import actor_of, name_of
from sessions_app.session.envelope import new_id
from sessions_app.session.models import Session
from sessions_app.session.sessions import create_session
from sessions_app.session.subjects import Subject, resolve


class UnknownSubject(SessionsError):
    """What this chat should be about does not exist, or is not yours to see. Start it from the record's page."""

    code = "unknown_subject"
    status = 404


class NoAgent(SessionsError):
    """No agent is installed here, so nobody would answer. Ask your administrator."""

    code = "no_agent"
    status = 503


@dataclass(frozen=True, kw_only=True)
class Started:
    """``input`` is None when the session was started without a first message."""

    session: Session
    input: Accepted | None


def start_session(
    user: object,
    *,
    agent: str = "",
    title: str = "",
    subject: Subject | None = None,
    text: str = "",
    client_id: str = "",
    scheduled: bool = False,
) -> Started:
    """A new session, with its first message unless ``text`` is empty. The same ``client_id`` again: the same session.

    An empty ``agent`` is the first that is installed. ``scheduled``: a clock starts it for ``user``, who does not wait. Raises UnknownAgent, NoAgent, BadInputId, and what
    ``send_input`` raises; a refused message leaves no empty session behind.
    """
    actor = actor_of(user)
    if len(client_id) > CLIENT_ID_MAX:
        raise BadInputId()
    if client_id and (earlier := _started_as(actor, client_id)) is not None:
        return earlier
    agent = _agent_named(agent)
    try:
        with transaction.atomic():
            session = create_session(
                actor=actor, name=name_of(user), agent=agent, title=title, subject=subject, start_id=client_id
            )
            accepted = None
            if text:
                accepted = send_input(
                    session_id=str(session.pk),
                    actor=actor,
                    client_id=client_id or new_id(),
                    text=text,
                    queue=Run.Queue.SCHEDULED if scheduled else Run.Queue.CHAT,
                )
            entry_changed(session.pk)
    except IntegrityError:
        # Sent twice at the same instant: the other one was first.
        if client_id and (earlier := _started_as(actor, client_id)) is not None:
            return earlier
        raise
    session.refresh_from_db()
    return Started(session=session, input=accepted)


def subject_for(user: object, kind: str, id: str) -> Subject:
    """Raises UnknownSubject, also for what the user may not see."""
    subject = resolve(kind, id, user)
    if subject is None:
        raise UnknownSubject()
    return subject


def _started_as(actor: str, client_id: str) -> Started | None:
    session = Session.objects.filter(created_by=actor, start_id=client_id).first()
    if session is None:
        return None
    made = Input.objects.filter(session=session, client_id=client_id).first()
    return Started(session=session, input=Accepted.of(made) if made else None)


def _agent_named(name: str) -> str:
    if name:
        if not is_offered(name) and not is_remote(name):
            raise UnknownAgent(f"No agent named {name!r} is installed here.")
        return name
    if not agents():
        raise NoAgent()
    return agents()[0].name
