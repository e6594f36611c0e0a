"""Notices: written with what causes them, gone from the count when their session was read, on whatever device."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from sales_app.artifacts.models import ArtifactVersion
from sales_app.inbox.models import Notice
from sales_app.inbox.push.queueing import queue_pushes
from sessions_app.live.doorbell import tell_actors
from sessions_app.live.frames import frame
from sessions_app.runs.attention import Cause, Kind
from sessions_app.runs.models import Interrupt, Run
from sessions_app.session.models import Participant, Session

UNREAD_MOST = 100
KEPT = timedelta(days=30)
ENDINGS = (Notice.Kind.ANSWER, Notice.Kind.FAILURE, Notice.Kind.ARTIFACT, Notice.Kind.BRIEF)


def note(cause: Cause) -> None:
    """Write one for each person whom it concerns. Called in the transaction of the cause."""
    actors = list(_concerned(cause).values_list("actor", flat=True))
    _write(actors, kind=_kind(cause), cause=cause.id, session_id=cause.session_id, offset=cause.offset)


def note_one(actor: str, kind: str, cause: str, session_id: UUID) -> None:
    """Tell one person something about what happens in a session now, once for each ``cause``."""
    offset = Session.objects.values_list("stream__head", flat=True).get(pk=session_id)
    _write([actor], kind=kind, cause=cause, session_id=session_id, offset=offset)


def _kind(cause: Cause) -> str:
    """Sessions know of answers only; what was made, or asked for by a clock, is told as that."""
    if cause.kind != Kind.ANSWER:
        return cause.kind.value
    if Run.objects.filter(pk=cause.id, queue=Run.Queue.SCHEDULED).exists():
        return Notice.Kind.BRIEF
    made = ArtifactVersion.objects.filter(run_id=cause.id).exists()
    return Notice.Kind.ARTIFACT if made else Notice.Kind.ANSWER


def _write(actors: list[str], *, kind: str, cause: str, session_id: UUID, offset: int) -> None:
    now = timezone.now()
    due = now + timedelta(seconds=settings.CLEWLINE_NOTICE_SECONDS)
    Notice.objects.bulk_create(
        [
            Notice(actor=actor, session_id=session_id, kind=kind, cause=cause, offset=offset, mail_due=due)
            for actor in actors
        ],
        ignore_conflicts=True,
    )
    queue_pushes(actors, kind, cause, now)
    transaction.on_commit(lambda: _tell(actors), robust=True)


def _concerned(cause: Cause) -> QuerySet[Participant]:
    """Observers can neither ask nor decide, so nothing waits for them, except the chat that they were invited to."""
    people = Participant.objects.filter(session=cause.session_id, left_at=None, actor__startswith="user:")
    if cause.kind != Kind.INVITATION:
        people = people.exclude(role=Participant.Role.OBSERVER)
    if cause.who == "members":
        return people
    if cause.who == "owner":
        return people.filter(role=Participant.Role.OWNER)
    return people.filter(actor=cause.who)


def shown(actor: str) -> QuerySet[Notice]:
    """What waits for a decision first, then the newest, with ``waits`` and ``unread``, of sessions in which the person still
    takes part. Of a session's answers that were read only the last one: more would bury what waits.
    """
    parts = Participant.objects.filter(actor=actor, left_at=None)
    open_ = Interrupt.objects.filter(session__in=parts.values("session"), status=Interrupt.Status.OPEN)
    waiting = [str(pk) for pk in open_.values_list("pk", flat=True)]
    ended = Notice.objects.filter(actor=actor, kind__in=ENDINGS)
    last = ended.order_by().values("session").annotate(last=Max("pk")).values("last")
    return (
        Notice.objects.filter(Exists(_part()), actor=actor)
        .annotate(unread=_not_read(), waits=Q(cause__in=waiting))
        .filter(~Q(kind__in=ENDINGS) | Q(unread=True) | Q(pk__in=last))
        .order_by("-waits", "-created_at", "-pk")
    )


def unread(actor: str) -> QuerySet[Notice]:
    """Those that the person has not read, of sessions in which they still take part."""
    return Notice.objects.filter(_not_read(), actor=actor)


def unread_count(actor: str) -> int:
    """At most ``UNREAD_MOST``."""
    return unread(actor)[:UNREAD_MOST].count()


def _part() -> QuerySet[Participant]:
    return Participant.objects.filter(session=OuterRef("session"), actor=OuterRef("actor"), left_at=None)


def _not_read() -> Exists:
    return Exists(_part().filter(read_offset__lte=OuterRef("offset")))


def was_read(session_id: UUID, actor: str, before: int, at: int) -> None:
    """Somebody has read on in a session: tell their pages the new count, if anything waited there."""
    if Notice.objects.filter(actor=actor, session=session_id, offset__gte=before, offset__lt=at).exists():
        _tell([actor])


def _tell(actors: list[str]) -> None:
    for actor in actors:
        tell_actors([actor], frame(t="inbox", unread=unread_count(actor)))


def unsettled(now: datetime) -> QuerySet[Notice]:
    """Those of which it is time to ask whether they need a mail."""
    return Notice.objects.filter(mail_due__lte=now).order_by("mail_due", "pk")


def seen_by_somebody() -> Exists:
    """Whether anybody of the session has read beyond a notice."""
    return Exists(
        Participant.objects.filter(
            session=OuterRef("session"), left_at=None, read_offset__gt=OuterRef("offset")
        )
    )


def prune(now: datetime) -> int:
    """Forget what is older than ``KEPT``. Returns how many."""
    return Notice.objects.filter(created_at__lt=now - KEPT).delete()[0]
