"""From input to run. One run of a session at a time; what arrives meanwhile waits in order."""

from uuid import UUID

from django.db.models import F, QuerySet
from django.utils import timezone

from sessions_app.runs.listing import entry_changed
from sessions_app.runs.models import Input, Interrupt, Run
from sessions_app.session import events
from sessions_app.session.log import SessionLog
from sessions_app.session.models import Session
from sessions_app.session.search import remember_texts

ACTIVE = (Run.Status.QUEUED, Run.Status.RUNNING)


def is_busy(session_id: UUID | str) -> bool:
    """Whether somebody is at work, or waits for an answer."""
    return (
        Run.objects.filter(session_id=session_id, status__in=ACTIVE).exists()
        or Interrupt.objects.filter(session_id=session_id, status=Interrupt.Status.OPEN).exists()
    )


def start_next(log: SessionLog, session: Session) -> Run | None:
    """Consume the oldest waiting input and queue the run that answers it. The stream is locked by ``log``.

    Called when an input arrives at an idle session and when a run ends, in that transaction: an input can be
    consumed only once, and never waits behind nothing.
    """
    waiting = waiting_inputs(session.pk).first()
    if waiting is None:
        return None
    return consume(log, session, waiting, after=branch_of(session.pk))


def branch_of(session_id: UUID | str) -> UUID | None:
    """The run that ends the branch which is shown, and that whatever is said follows."""
    return Session.objects.values_list("branch", flat=True).get(pk=session_id)


def waiting_inputs(session_id: UUID | str) -> QuerySet[Input]:
    """The queue, in order. Inputs that steer a run are not in it."""
    return Input.objects.filter(session_id=session_id, status=Input.Status.QUEUED).order_by("place", "id")


def consume(
    log: SessionLog, session: Session, waiting: Input, *, after: UUID | None, queue: str = Run.Queue.CHAT
) -> Run:
    """Queue the run that answers this input, which may not be stored yet, behind the run ``after``."""
    run = Run(session=session, agent=session.agent, requested_by=waiting.actor, after_id=after, queue=queue)
    _say(log, waiting)
    enqueue(log, run, input_id=waiting.client_id)
    waiting.status, waiting.run = Input.Status.CONSUMED, run
    waiting.save()
    remember_texts(session.pk, {waiting.client_id: waiting.text})
    return run


def enqueue(log: SessionLog, run: Run, *, input_id: str | None) -> None:
    """Store a run that continues the conversation, its record, and that its branch is the one which is shown."""
    run.input_offset = log.add(
        events.run_queued(
            run_id=str(run.pk),
            agent=run.agent,
            input_id=input_id,
            after=str(run.after_id) if run.after_id else None,
            resumes=str(run.resumes_id) if run.resumes_id else None,
        ),
        actor=events.SYSTEM,
    )
    run.save(force_insert=True)
    Session.objects.filter(pk=run.session_id).update(
        branch=run.pk, live_runs=F("live_runs") + 1, last_offset=log.head, last_ts=timezone.now()
    )
    entry_changed(run.session_id)


def _say(log: SessionLog, said: Input, *, run: str | None = None) -> None:
    """The input becomes a message. What steers a run carries its id."""
    log.add(events.text_start(message_id=said.client_id, role="user"), actor=said.actor, run=run)
    log.add(events.text_content(message_id=said.client_id, delta=said.text), actor=said.actor, run=run)
    log.add(events.text_end(said.client_id), actor=said.actor, run=run)


def say_only(log: SessionLog, said: Input) -> None:
    """Log what people say to each other while a person holds control: a message that starts no run."""
    _say(log, said)
    said.status = Input.Status.CONSUMED
    said.save()
    remember_texts(said.session_id, {said.client_id: said.text})
    Session.objects.filter(pk=said.session_id).update(last_offset=log.head, last_ts=timezone.now())
    entry_changed(said.session_id)


def consume_steering(log: SessionLog, run_id: str) -> list[Input]:
    """The run reads what was said to it while it worked. The stream is locked by ``log``."""
    said = list(steering(run_id))
    for each in said:
        _say(log, each, run=run_id)
        each.status = Input.Status.CONSUMED
        each.save(update_fields=["status"])
    if said:
        remember_texts(said[0].session_id, {each.client_id: each.text for each in said})
    return said


def steering(run_id: str | UUID) -> QuerySet[Input]:
    return Input.objects.filter(run_id=run_id, status=Input.Status.STEERING).order_by("place", "id")


def miss_steering(log: SessionLog, run: Run) -> None:
    """The run has ended without reading them: they wait for their own turn."""
    for each in steering(run.pk):
        log.add(
            events.steer_missed(input_id=each.client_id, run_id=str(run.pk)),
            actor=f"agent:{run.agent}",
            run=str(run.pk),
        )
        each.status, each.run = Input.Status.QUEUED, None
        each.save(update_fields=["status", "run"])
