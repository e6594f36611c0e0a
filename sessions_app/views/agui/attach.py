"""From a RunAgentInput to the run that answers it: found, resumed or started, and never twice."""

import uuid
from dataclasses import dataclass
from typing import Any, Literal

from django.db import IntegrityError, transaction

from sessions_app.control.answer import Reply, UnknownInterrupt, answer
from sessions_app.control.send import Busy, send_input
from sessions_app.control.stop import stop
from sessions_app.control.waiting import NoLongerWaiting
from sessions_app.runs.agents import UnknownAgent, is_offered
from sessions_app.runs.claim import is_remote
from sessions_app.runs.lineage import top_of
from sessions_app.runs.models import Input, Interrupt, Run
from sessions_app.runs.questions import open_interrupts
from sessions_app.session.access import actor_of, get_session_for, name_of
from sessions_app.session.models import Session
from sessions_app.session.sessions import create_session
from sessions_app.session.snapshots import load_view
from sessions_app.views.agui.run_input import RunAgentInput, Said, decision_in, hash_in, last_said
from sessions_app.views.api.answers import BadRequest

Json = dict[str, Any]

KNOWN_AS = "agui"  # in a run's options: the id that the client gave it


@dataclass(frozen=True, kw_only=True)
class Attached:
    """What to follow: the run, or the input until a run takes it up. ``start`` is where in the log, ``view`` what was before.

    ``came_back``: the client may hold a part already. ``over``: there is no run, and the outcome of none.
    """

    session_id: str
    stream_id: int
    head: int
    start: int
    view: Json
    known_as: str
    run_id: str = ""
    input_id: str = ""
    came_back: bool = False
    over: Literal["", "success", "cancelled"] = ""


def attach(user: Any, agent: str, wanted: RunAgentInput) -> Attached:
    """Send, answer, or find again. Raises UnknownSession, UnknownAgent, BadRequest, and what sending and answering raise."""
    actor = actor_of(user)
    said = last_said(wanted.messages)
    session = _session_of(actor, wanted.thread_id)
    if session is None:
        return _in_new_session(user, agent, wanted, said)
    if session.agent != agent:
        raise BadRequest(f"This thread belongs to another agent: {session.agent}.")
    if (known := _known(session, wanted.run_id)) is not None:
        return _to_run(session, known, wanted, came_back=True)
    if wanted.resume:
        resumed = _resume(session, actor, wanted)
        if resumed is not None:
            if said is not None and not _input(session, said):
                _send(session, actor, said)  # waits for a run of its own
            return _to_run(session, resumed, wanted)
        if said is None or _input(session, said):
            return _over(session, wanted, "cancelled")
    if said is None:
        raise BadRequest("The last message must be a user's, unless `resume` answers something.")
    return _say(session, actor, said, wanted)


def _session_of(actor: str, thread_id: str) -> Session | None:
    """None when the thread is to be made. Raises UnknownSession for a session that is not theirs."""
    if not thread_id or not Session.objects.filter(pk=thread_id).exists():
        return None
    return get_session_for(actor, thread_id)


def _in_new_session(user: Any, agent: str, wanted: RunAgentInput, said: Said | None) -> Attached:
    if not is_offered(agent) and not is_remote(agent):
        raise UnknownAgent(f"No agent named {agent!r} is installed here.")
    if wanted.resume:
        raise UnknownInterrupt()
    if said is None:
        raise BadRequest("The last message must be a user's.")
    actor, thread_id = actor_of(user), wanted.thread_id or str(uuid.uuid4())
    try:
        with transaction.atomic():  # a refused message leaves no empty session behind
            session = create_session(actor=actor, name=name_of(user), agent=agent, session_id=thread_id)
            return _say(session, actor, said, wanted)
    except IntegrityError:
        # Sent twice at the same instant: the other one was first.
        found = _session_of(actor, thread_id)
        if found is None:
            raise
        return _say(found, actor, said, wanted)


def _input(session: Session, said: Said) -> Input | None:
    return Input.objects.filter(session=session, client_id=said.id).select_related("run").first()


def _send(session: Session, actor: str, said: Said, mode: str = "") -> None:
    send_input(session_id=str(session.pk), actor=actor, client_id=said.id, text=said.text, mode=mode)


def _say(session: Session, actor: str, said: Said, wanted: RunAgentInput) -> Attached:
    came_back = _input(session, said) is not None
    replaces = session.while_busy == Session.WhileBusy.INTERRUPT
    if not (came_back or replaces) and open_interrupts(session.pk).exists():
        raise Busy("A question is open here. Answer it with `resume`, then go on.")
    # Each POST is answered by a run: what would steer waits for its own instead.
    steers = session.while_busy == Session.WhileBusy.STEER
    _send(session, actor, said, Session.WhileBusy.QUEUE if steers else "")
    made = _input(session, said)
    assert made is not None
    if made.status == Input.Status.WITHDRAWN:
        raise NoLongerWaiting()
    if made.run is not None:
        return _to_run(session, made.run, wanted, came_back=came_back)
    if made.status == Input.Status.CONSUMED:
        return _over(session, wanted, "success")  # a person holds control: nobody else answers
    return _attached(session, made.offset, wanted, input_id=said.id, came_back=came_back)


def _resume(session: Session, actor: str, wanted: RunAgentInput) -> Run | None:
    """Answer, and find the run that goes on. None when there is nothing to go on with."""
    entries = {each.interrupt_id: each for each in wanted.resume or ()}
    asked = [_asked(session, each) for each in entries]
    left = [str(each.pk) for each in open_interrupts(session.pk) if str(each.pk) not in entries]
    if left:
        raise BadRequest(f"Every open question needs an answer: {', '.join(left)}.")
    dropped = [
        each
        for each in asked
        if entries[str(each.pk)].status == "cancelled" and each.kind == Interrupt.Kind.QUESTION
    ]
    if dropped:
        for run_id in {each.run_id for each in dropped}:
            stop(session_id=str(session.pk), actor=actor, run_id=str(run_id))
        if not any(each.run.parent_id for each in dropped):
            return None
        asked = [each for each in asked if each.run_id not in {gone.run_id for gone in dropped}]
    replies = []
    for each in asked:
        entry = entries[str(each.pk)]
        if entry.status == "cancelled" and each.status != Interrupt.Status.OPEN:
            continue
        decision, text = decision_in(entry, each)
        replies.append(Reply(id=str(each.pk), decision=decision, hash=hash_in(entry, each), text=text))
    if replies:
        answer(session_id=str(session.pk), actor=actor, replies=replies)
    before = {top_of(each.run).pk for each in [*asked, *dropped]}
    return Run.objects.filter(resumes__in=before).order_by("-input_offset").first()


def _asked(session: Session, interrupt_id: str) -> Interrupt:
    try:
        return Interrupt.objects.select_related("run").get(session=session, pk=uuid.UUID(interrupt_id))
    except (Interrupt.DoesNotExist, ValueError):
        raise UnknownInterrupt() from None


def _known(session: Session, client_run_id: str) -> Run | None:
    found = Run.objects.filter(session=session, parent=None, **{f"options__{KNOWN_AS}": client_run_id})
    return found.order_by("input_offset").first()


def remember(run: Run, client_run_id: str) -> None:
    """The run is known by this id from now on. A run that resumes another has that one's options, and a new id."""
    if run.options.get(KNOWN_AS) == client_run_id:
        return
    inherited = run.resumes and run.resumes.options.get(KNOWN_AS)
    if run.options.get(KNOWN_AS) in (None, inherited):
        run.options[KNOWN_AS] = client_run_id
        run.save(update_fields=["options"])


def _to_run(session: Session, run: Run, wanted: RunAgentInput, *, came_back: bool = False) -> Attached:
    remember(run, wanted.run_id)
    return _attached(session, run.input_offset, wanted, run_id=str(run.pk), came_back=came_back)


def _over(session: Session, wanted: RunAgentInput, outcome: Literal["success", "cancelled"]) -> Attached:
    return _attached(session, 0, wanted, over=outcome)


def _attached(session: Session, start: int, wanted: RunAgentInput, **fields: Any) -> Attached:
    session.stream.refresh_from_db(fields=["head"])
    _, view = load_view(str(session.pk), start)
    return Attached(
        session_id=str(session.pk),
        stream_id=session.stream_id,
        head=session.stream.head,
        start=start,
        view=view,
        known_as=wanted.run_id,
        **fields,
    )
