"""A session: an addressable conversation whose content is the log of its stream."""

import uuid

from django.db import models
from django.db.models.functions import Now

from sessions_app.streams.models import Stream


class Session(models.Model):
    """What lists, search and access need. Everything else is the fold of the log.

    ``live_runs``, ``last_offset`` and ``last_ts`` repeat what the log says, written in the same transaction as the
    records that change them, so that a list of sessions costs one query.
    """

    class WhileBusy(models.TextChoices):
        QUEUE = "queue"
        STEER = "steer"
        INTERRUPT = "interrupt"
        REJECT = "reject"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stream = models.OneToOneField(Stream, on_delete=models.PROTECT, related_name="session")
    title = models.CharField(max_length=200, blank=True)
    agent = models.CharField(max_length=64)
    while_busy = models.CharField(max_length=16, choices=WhileBusy.choices, default=WhileBusy.QUEUE)
    subject_kind = models.CharField(max_length=32, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    subject_label = models.CharField(max_length=200, blank=True)
    subject_url = models.CharField(max_length=300, blank=True)
    created_by = models.CharField(max_length=128)
    start_id = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text="The first message's id: sent twice, it starts one chat.",
    )
    created_at = models.DateTimeField(db_default=Now())
    last_ts = models.DateTimeField(db_default=Now(), db_index=True)
    last_offset = models.BigIntegerField(default=0)
    live_runs = models.PositiveIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)
    branch = models.UUIDField(null=True, blank=True, help_text="The run that ends the branch which is shown.")
    controller = models.CharField(
        max_length=128, blank=True, help_text="The person who holds control; empty: the agents."
    )
    control_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "clewline_session"
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="session_subject")]
        constraints = [
            models.UniqueConstraint(
                fields=["created_by", "start_id"],
                condition=~models.Q(start_id=""),
                name="session_once_per_start",
            )
        ]
        permissions = [("inspect_session", "Can read any session through the inspector")]

    def __str__(self) -> str:
        return self.title or "New chat"


class SessionText(models.Model):
    """The words of finished messages, for search; one row for each message."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="texts")
    message_id = models.CharField(max_length=64)
    text = models.TextField()

    class Meta:
        db_table = "clewline_session_text"
        constraints = [
            models.UniqueConstraint(fields=["session", "message_id"], name="text_once_per_message")
        ]


class Snapshot(models.Model):
    """The fold of the first ``at`` records, as the JSON bytes that a client gets."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="snapshots")
    at = models.BigIntegerField()
    view = models.BinaryField()
    version = models.PositiveSmallIntegerField(default=1, help_text="Of the view's shape.")
    boundary = models.BooleanField(default=False, help_text="Taken at the end of a run; kept for replay.")

    class Meta:
        db_table = "clewline_snapshot"
        constraints = [models.UniqueConstraint(fields=["session", "at"], name="snapshot_once_per_offset")]
