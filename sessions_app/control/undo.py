"""Taking back what an agent changed."""

from sessions_app.control.rights import member
from sessions_app.runs.effects import undo_effect


def undo(*, session_id: str, actor: str, call_id: str) -> int:
    """Returns the head. Raises UnknownSession, NotAllowed, NothingToUndo, ChangedSince, and what the undo raises."""
    person = member(session_id, actor)
    return undo_effect(
        session_id=str(person.session_id),
        stream_id=person.session.stream_id,
        actor=actor,
        call_id=call_id,
        check=lambda: member(session_id, actor),
    )
