"""The commands of a session as data: frames of the socket, bodies of the HTTP API. Each calls one domain function."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec

from sessions_app.control import answer as answers
from sessions_app.control import branches, handover, people
from sessions_app.control.send import Accepted, send_input
from sessions_app.control.stop import stop
from sessions_app.control.undo import undo
from sessions_app.control.waiting import edit_input, move_input, set_policy, withdraw_input
from sessions_app.live.reads import read_up_to

SessionId = Annotated[str, msgspec.Meta(max_length=64)]
Ref = Annotated[str, msgspec.Meta(max_length=64)]
Offset = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class _Command(msgspec.Struct, tag_field="t", gc=False, kw_only=True):
    s: SessionId
    ref: Ref | int | None = None


class Send(_Command, tag="send"):
    id: str
    text: str
    mode: str = ""


class Stop(_Command, tag="stop"):
    run: str | None = None


class Edit(_Command, tag="edit"):
    id: str
    text: str
    seen: str | None = None


class Withdraw(_Command, tag="withdraw"):
    id: str


class Move(_Command, tag="move"):
    id: str
    before: str | None = None


class Policy(_Command, tag="policy", rename={"while_busy": "whileBusy"}):
    while_busy: str


class Decide(_Command, tag="decide"):
    replies: Annotated[list[answers.Reply], msgspec.Meta(min_length=1, max_length=50)]


class Undo(_Command, tag="undo"):
    call: str


class Revise(_Command, tag="revise"):
    run: str
    id: str
    text: str


class Regenerate(_Command, tag="regenerate"):
    run: str
    id: str


class Branch(_Command, tag="branch"):
    run: str


class Take(_Command, tag="take"):
    pass


class Release(_Command, tag="release"):
    pass


class Invite(_Command, tag="invite"):
    actor: str
    role: str = "member"


class Remove(_Command, tag="remove"):
    actor: str


class Read(_Command, tag="read"):
    at: Offset


Command = (
    Send
    | Stop
    | Edit
    | Withdraw
    | Move
    | Policy
    | Decide
    | Undo
    | Revise
    | Regenerate
    | Branch
    | Take
    | Release
    | Invite
    | Remove
    | Read
)

Answer = dict[str, Any]


def execute(actor: str, command: Command, user: Callable[[], Any]) -> Answer | None:
    """The answer's fields, None when there is none. ``user()`` is the signed-in user, asked for when a command needs it.

    Raises what the domain function raises.
    """
    match command:
        case Send(s=session_id, id=client_id, text=text, mode=mode):
            accepted = send_input(
                session_id=session_id, actor=actor, client_id=client_id, text=text, mode=mode
            )
            return _ack(accepted)
        case Read(s=session_id, at=at):
            read_up_to(session_id, actor, at)
            return None
        case Stop(s=session_id, run=run_id):
            stopped = stop(session_id=session_id, actor=actor, run_id=run_id)
            return _done(stopped.offset, runs=stopped.run_ids)
        case Edit(s=session_id, id=input_id, text=text, seen=seen):
            head = edit_input(session_id=session_id, actor=actor, input_id=input_id, text=text, seen=seen)
            return _done(head)
        case Withdraw(s=session_id, id=input_id):
            return _done(withdraw_input(session_id=session_id, actor=actor, input_id=input_id))
        case Move(s=session_id, id=input_id, before=before):
            head = move_input(session_id=session_id, actor=actor, input_id=input_id, before=before)
            return _done(head)
        case Policy(s=session_id, while_busy=policy):
            return _done(set_policy(session_id=session_id, actor=actor, while_busy=policy))
        case Decide(s=session_id, replies=replies):
            return _done(answers.answer(session_id=session_id, actor=actor, replies=replies))
        case Undo(s=session_id, call=call_id):
            return _done(undo(session_id=session_id, actor=actor, call_id=call_id))
        case Revise(s=session_id, run=run_id, id=client_id, text=text):
            accepted = branches.revise(
                session_id=session_id, actor=actor, run_id=run_id, client_id=client_id, text=text
            )
            return _begun(accepted)
        case Regenerate(s=session_id, run=run_id, id=client_id):
            accepted = branches.regenerate(
                session_id=session_id, actor=actor, run_id=run_id, client_id=client_id
            )
            return _begun(accepted)
        case Branch(s=session_id, run=run_id):
            return _done(branches.select(session_id=session_id, actor=actor, run_id=run_id))
        case Take(s=session_id):
            return _done(handover.take(session_id=session_id, actor=actor))
        case Release(s=session_id):
            return _done(handover.release(session_id=session_id, actor=actor))
        case Invite(s=session_id, actor=whom, role=role):
            return _done(people.invite(session_id=session_id, user=user(), actor=whom, role=role))
        case Remove(s=session_id, actor=whom):
            return _done(people.remove(session_id=session_id, by=actor, actor=whom))


def _ack(accepted: Accepted) -> Answer:
    return {
        "t": "ack",
        "inputId": accepted.input_id,
        "offset": accepted.offset,
        "runId": accepted.run_id,
    }


def _begun(accepted: Accepted) -> Answer:
    return _done(accepted.head, runId=accepted.run_id)


def _done(head: int, **fields: Any) -> Answer:
    return {"t": "done", "head": head, **fields}
