from sessions_app.session.models.participant import Inspection, Participant
from sessions_app.session.models.session import Session, SessionText, Snapshot

__all__ = ["Inspection", "Participant", "Session", "SessionText", "Snapshot"]
