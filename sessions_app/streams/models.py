"""Rows of the durable stream store. Offsets are per stream, contiguous, and taken in the appending transaction."""

from django.db import models
from django.db.models.functions import Now


class Stream(models.Model):
    """A named, append-only sequence of records. ``head`` is the offset that the next record will get."""

    path = models.CharField(max_length=512, unique=True)
    content_type = models.CharField(max_length=255, default="application/json")
    head = models.BigIntegerField(default=0)
    closed = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "clewline_stream"


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
        constraints = [models.UniqueConstraint(fields=["stream", "producer_id"], name="producer_once_per_stream")]
