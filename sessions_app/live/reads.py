"""What somebody has read, told to their other tabs and devices."""

from collections.abc import Callable
from uuid import UUID

from sessions_app.live.doorbell import notify_actors
from sessions_app.session.access import get_session_for
from sessions_app.session.participants import entry, mark_read

# (session id, actor, everything below was read before, and now)
Call = Callable[[UUID, str, int, int], object]

_called: list[Call] = []


def on_read(call: Call) -> None:
    """Layers above say here what else follows when somebody has read on."""
    _called[:] = [call]


def read_up_to(session_id: str, actor: str, at: int) -> None:
    """Everything below ``at`` was read; what lies beyond the end of the log is not. Raises UnknownSession."""
    session = get_session_for(actor, session_id)
    person = session.participants.get(actor=actor)
    before, at = person.read_offset, min(at, session.stream.head)
    if mark_read(session_id, actor, at):
        person.refresh_from_db(fields=["read_offset"])  # another device may have read further
        notify_actors([actor], entry(session, person))
        for call in _called:
            call(session.pk, actor, before, at)
