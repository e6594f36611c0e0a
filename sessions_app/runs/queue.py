"""From input to run. One run of a session at a time; what arrives meanwhile waits in order."""

from uuid import UUID

from django.db.models import F
from django.utils import timezone

from sessions_app.runs.listing import entry_changed
from sessions_app.runs.models import Input, Run
from sessions_app.session import events
from sessions_app.session.log import SessionLog
from sessions_app.session.models import Session
from sessions_app.session.search import remember_texts

ACTIVE = (Run.Status.QUEUED, Run.Status.RUNNING)


def is_busy(session_id: UUID | str) -> bool:
    return Run.objects.filter(session_id=session_id, status__in=ACTIVE).exists()


def start_next(log: SessionLog, session: Session) -> Run | None:
    """Consume the oldest waiting input and queue the run that answers it. The stream is locked by ``log``.

    Called when an input arrives at an idle session and when a run ends, in that transaction: an input can be
    consumed only once, and never waits behind nothing.
    """
    waiting = Input.objects.filter(session=session, status=Input.Status.QUEUED).order_by("id").first()
    return None if waiting is None else consume(log, session, waiting)


def consume(log: SessionLog, session: Session, waiting: Input, *, title: str = "") -> Run:
    """Queue the run that answers this input, which may not be stored yet. ``title`` is one that was just given."""
    run = Run(session=session, agent=session.agent, requested_by=waiting.actor)
    log.add(events.text_start(message_id=waiting.client_id, role="user"), actor=waiting.actor)
    log.add(events.text_content(message_id=waiting.client_id, delta=waiting.text), actor=waiting.actor)
    log.add(events.text_end(waiting.client_id), actor=waiting.actor)
    run.input_offset = log.add(
        events.run_queued(run_id=str(run.pk), agent=run.agent, input_id=waiting.client_id),
        actor=events.SYSTEM,
    )
    run.save(force_insert=True)
    waiting.status, waiting.run = Input.Status.CONSUMED, run
    waiting.save()
    remember_texts(session.pk, {waiting.client_id: waiting.text})
    named = {"title": title} if title else {}
    Session.objects.filter(pk=session.pk).update(
        live_runs=F("live_runs") + 1, last_offset=log.head, last_ts=timezone.now(), **named
    )
    entry_changed(session.pk)
    return run
