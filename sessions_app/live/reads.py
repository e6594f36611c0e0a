"""What somebody has read, told to their other tabs and devices."""

from sessions_app.live.doorbell import notify_actors
from sessions_app.session.access import get_session_for
from sessions_app.session.participants import entry, mark_read


def read_up_to(session_id: str, actor: str, at: int) -> None:
    """Everything below ``at`` was read; what lies beyond the end of the log is not. Raises UnknownSession."""
    session = get_session_for(actor, session_id)
    if mark_read(session_id, actor, min(at, session.stream.head)):
        notify_actors([actor], entry(session, session.participants.get(actor=actor)))
