"""What a run asks people, and what it did to the world."""

import uuid

from django.db import models
from django.db.models.functions import Now

from sessions_app.runs.models.run import Run
from sessions_app.session.models import Session


class Interrupt(models.Model):
    """A question that ended a run. ``open`` until the first answer, which is the only one that counts.

    ``args`` is what was asked about, exactly; ``args_hash`` binds an approval to it.
    """

    class Kind(models.TextChoices):
        APPROVAL = "approval"
        QUESTION = "question"

    class Status(models.TextChoices):
        OPEN = "open"
        APPROVED = "approved"
        DENIED = "denied"
        ANSWERED = "answered"
        EXPIRED = "expired"
        STOPPED = "stopped"

    DECIDED = frozenset({Status.APPROVED, Status.DENIED, Status.ANSWERED})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="interrupts")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="interrupts")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    call_id = models.CharField(max_length=128)
    tool = models.CharField(max_length=128, blank=True)
    title = models.CharField(max_length=300)
    args = models.JSONField()
    args_hash = models.CharField(max_length=64)
    changes = models.JSONField(default=list)
    who = models.CharField(max_length=128, help_text="members, owner, or one actor")
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.OPEN)
    answer = models.TextField(blank=True)
    answered_by = models.CharField(max_length=128, blank=True)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "clewline_interrupt"
        constraints = [models.UniqueConstraint(fields=["run", "call_id"], name="interrupt_once_per_call")]
        indexes = [
            models.Index(fields=["session"], condition=models.Q(status="open"), name="interrupt_open"),
            models.Index(fields=["expires_at"], condition=models.Q(status="open"), name="interrupt_due"),
        ]

    def __str__(self) -> str:
        return self.title


class Effect(models.Model):
    """Something that a tool call changed, or may have changed. One row for each call, whatever is tried again.

    An internal effect commits with its record: ``done``. An external one is ``claimed`` before it is tried; a claim that
    nobody settled is ``unknown``, is shown as that, and never tried again by itself.
    """

    class Status(models.TextChoices):
        CLAIMED = "claimed"
        DONE = "done"
        FAILED = "failed"
        UNKNOWN = "unknown"

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="effects")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="effects")
    interrupt = models.ForeignKey(
        Interrupt, null=True, blank=True, on_delete=models.PROTECT, related_name="effects"
    )
    call_id = models.CharField(max_length=128)
    tool = models.CharField(max_length=128)
    args = models.JSONField()
    status = models.CharField(max_length=16, choices=Status.choices)
    key = models.UUIDField(
        default=uuid.uuid4, editable=False, help_text="Idempotency key for whoever carries it out."
    )
    requested_by = models.CharField(max_length=128)
    result = models.JSONField(
        null=True, blank=True, help_text="What an external effect said, for a takeover."
    )
    undo = models.JSONField(
        null=True, blank=True, help_text="What its undo needs; null when it cannot be undone."
    )
    undone_by = models.CharField(max_length=128, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "clewline_effect"
        constraints = [models.UniqueConstraint(fields=["session", "call_id"], name="effect_once_per_call")]

    def __str__(self) -> str:
        return f"{self.tool} {self.status}"
