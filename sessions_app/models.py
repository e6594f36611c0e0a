from sessions_app.runs.models import AgentKey, Input, Run, Step
from sessions_app.session.models import Inspection, Participant, Session, SessionText, Snapshot
from sessions_app.streams.models import Producer, Record, Stream

__all__ = [
    "AgentKey",
    "Input",
    "Inspection",
    "Participant",
    "Producer",
    "Record",
    "Run",
    "Session",
    "SessionText",
    "Snapshot",
    "Step",
    "Stream",
]
