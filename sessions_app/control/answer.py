"""Answering what a run asked. The first answer counts; everybody else is told who gave it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from sessions_app.control.rights import member, not_archived
from sessions_app.control.send import TEXT_MAX
from sessions_app.errors import SessionsError
from sessions_app.runs.interrupts import go_on
from sessions_app.runs.models import Interrupt
from sessions_app.runs.questions import close_interrupts
from sessions_app.session.access import NotAllowed
from sessions_app.session.log import session_log
from sessions_app.session.models import Participant, Session

DECISIONS = {
    "approve": Interrupt.Status.APPROVED,
    "deny": Interrupt.Status.DENIED,
    "answer": Interrupt.Status.ANSWERED,
}


class UnknownInterrupt(SessionsError):
    """There is no such question in this session."""

    code = "unknown_interrupt"
    status = 404


class AlreadyDecided(SessionsError):
    """This was decided already."""

    code = "already_decided"
    status = 409


class Expired(SessionsError):
    """Nobody answered in time. Ask again."""

    code = "expired"
    status = 409


class ArgumentsChanged(SessionsError):
    """What you saw is not what was asked. Load the page again and look once more."""

    code = "arguments_changed"
    status = 409


class BadAnswer(SessionsError):
    """An approval is approved or denied; a question is answered with a text."""

    code = "bad_request"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """``decision`` is approve, deny or answer; ``hash`` is that of the arguments which the person saw."""

    id: str
    decision: str
    hash: str
    text: str = ""


def answer(*, session_id: str, actor: str, replies: Sequence[Reply]) -> int:
    """Decide one or several questions, all or none. Returns the head.

    Repeating one's own decision changes nothing. Raises UnknownSession, NotAllowed, UnknownInterrupt, AlreadyDecided,
    Expired, ArgumentsChanged, BadAnswer, SessionArchived.
    """
    person = member(session_id, actor)
    if not replies:
        raise BadAnswer("Say which question you answer.")
    with session_log(person.session.stream_id) as log:
        person = member(session_id, actor)
        session = person.session
        not_archived(session)
        runs: dict[UUID, None] = {}
        for reply in replies:
            asked = _asked(session, reply)
            if _check(asked, reply, person):
                close_interrupts(
                    log, [asked], status=DECISIONS[reply.decision], actor=actor, answer=reply.text
                )
                runs[asked.run_id] = None
        for run_id in runs:
            go_on(log, session, run_id)
        return log.head


def _asked(session: Session, reply: Reply) -> Interrupt:
    try:
        return Interrupt.objects.get(session=session, pk=UUID(reply.id))
    except (Interrupt.DoesNotExist, ValueError):
        raise UnknownInterrupt() from None


def _check(asked: Interrupt, reply: Reply, person: Participant) -> bool:
    """Whether the reply decides; False when it only repeats the person's own."""
    if reply.decision not in DECISIONS or (reply.decision == "answer") != (
        asked.kind == Interrupt.Kind.QUESTION
    ):
        raise BadAnswer()
    if len(reply.text) > TEXT_MAX or (reply.decision == "answer" and not reply.text.strip()):
        raise BadAnswer(f"An answer has 1 to {TEXT_MAX:,} characters.")
    if not person.may_decide(asked.who):
        raise NotAllowed("Somebody else has to decide this.")
    if reply.decision == "approve" and not _counts(person.actor, asked.tool):
        raise NotAllowed(
            "Your approval does not count here, because you may not change such records yourself. It stays open for somebody else."
        )
    if asked.args_hash != reply.hash:
        raise ArgumentsChanged()
    if asked.status == Interrupt.Status.EXPIRED or (
        asked.status == Interrupt.Status.OPEN and asked.expires_at <= timezone.now()
    ):
        raise Expired()
    if asked.status != Interrupt.Status.OPEN:
        if (asked.status, asked.answered_by, asked.answer) == (
            DECISIONS[reply.decision],
            person.actor,
            reply.text,
        ):
            return False
        raise AlreadyDecided(_told(asked))
    return True


_approvers: list[Callable[[str, str], bool]] = []


def on_approval(counts: Callable[[str, str], bool]) -> None:
    """The layer that knows what people may do outside sessions says here whose approval of a tool counts: (actor, tool)."""
    _approvers[:] = [counts]


def _counts(actor: str, tool: str) -> bool:
    return all(counts(actor, tool) for counts in _approvers)


def _told(asked: Interrupt) -> str:
    if asked.status == Interrupt.Status.STOPPED:
        return "The answer was stopped, so this is no longer asked."
    who = Participant.objects.filter(session=asked.session_id, actor=asked.answered_by).first()
    return f"{who.name if who else 'Somebody else'} has already decided this: {asked.status}."
