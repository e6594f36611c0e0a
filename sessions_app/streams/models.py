"""Rows of the durable stream store. Offsets are per stream, contiguous, and taken in the appending transaction."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now


class Stream(models.Model):
    """A named, append-only sequence of records. ``head`` is the offset that the next record will get.

    A fork shares the offsets of its source: records below ``base`` are the source's, the others its own. If it was
    cut inside a record, that record's beginning is the fork's first own one.

    A deleted stream that forks still read keeps its rows and its path, with ``deleted_at`` set, and is closed, so
    that no writer needs to look at anything but ``closed``.
    """

    path = models.CharField(max_length=512, unique=True)
    content_type = models.CharField(max_length=255, default="application/json")
    head = models.BigIntegerField(default=0)
    closed = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    base = models.BigIntegerField(db_default=0)
    # PROTECT is the reference count: the database refuses to remove what a fork still reads.
    source = models.ForeignKey("self", on_delete=models.PROTECT, related_name="forks", null=True)
    fork_offset = models.BigIntegerField(null=True)
    fork_sub_offset = models.BigIntegerField(db_default=0)

    ttl_seconds = models.BigIntegerField(null=True)
    expires_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    last_seq = models.CharField(max_length=255, db_default="")
    closed_by = models.CharField(max_length=320, db_default="")

    class Meta:
        db_table = "clewline_stream"
        constraints = [
            models.CheckConstraint(condition=Q(head__gte=F("base")), name="stream_head_not_below_base"),
            models.CheckConstraint(
                condition=Q(ttl_seconds__isnull=True) | Q(expires_at__isnull=True),
                name="stream_expires_one_way",
            ),
        ]
        indexes = [models.Index("due_at", name="stream_due", condition=Q(due_at__isnull=False))]

    def __str__(self) -> str:
        return self.path


class Record(models.Model):
    """One record. ``body`` is what was appended, as bytes; sessions hold one JSON envelope in each."""

    pk = models.CompositePrimaryKey("stream_id", "pos")
    # No constraint in the database: a check for each inserted row would cost more than the row. Lifecycle deletes both.
    stream = models.ForeignKey(Stream, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    pos = models.BigIntegerField()
    body = models.BinaryField()

    class Meta:
        db_table = "clewline_record"


class Producer(models.Model):
    """An idempotent writer of one stream. Raising ``epoch`` fences every writer that holds a lower one.

    ``seq`` is the last accepted sequence number of HTTP producers, -1 before the first; a run's own
    writer leaves it alone.
    """

    stream = models.ForeignKey(Stream, on_delete=models.CASCADE, related_name="producers")
    producer_id = models.CharField(max_length=255)
    epoch = models.BigIntegerField(default=0)
    seq = models.BigIntegerField(default=-1)

    class Meta:
        db_table = "clewline_producer"
        constraints = [
            models.UniqueConstraint(fields=["stream", "producer_id"], name="producer_once_per_stream")
        ]
