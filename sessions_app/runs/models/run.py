"""Runs, their steps, and the inputs that start them."""

import uuid

from django.db import models
from django.db.models.functions import Now

from sessions_app.session.models import Session


class Run(models.Model):
    """One answer of one agent. The row is the queue entry, the lease and the lifecycle; the log is what people see.

    queued -> running -> finished | failed | cancelled | interrupted. An interrupted run has asked something; the answer
    starts another one that ``resumes`` it. ``parent`` is the run that a sub-agent works for. A running run whose lease ended may be claimed again; each
    claim raises ``epoch``, which fences whoever held the run before.
    """

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        FINISHED = "finished"
        FAILED = "failed"
        CANCELLED = "cancelled"
        INTERRUPTED = "interrupted"

    TERMINAL = frozenset({Status.FINISHED, Status.FAILED, Status.CANCELLED, Status.INTERRUPTED})

    class Queue(models.TextChoices):
        CHAT = "chat"
        SCHEDULED = "scheduled"

    # The ``error_code`` of an interrupted sub-agent that was stopped before it was answered.
    DROPPED = "stopped"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="runs")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="children"
    )
    resumes = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="resumed_by"
    )
    after = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="followers",
        help_text="The run that it follows. Runs with the same one are branches.",
    )
    agent = models.CharField(max_length=64)
    title = models.CharField(max_length=200, blank=True, help_text="What a sub-agent is doing, for people.")
    requested_by = models.CharField(max_length=128)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.QUEUED)
    epoch = models.BigIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    queue = models.CharField(
        max_length=16,
        choices=Queue.choices,
        default=Queue.CHAT,
        db_default=Queue.CHAT,
        help_text="Nobody waits for scheduled runs: they take only a share of a worker's places.",
    )
    options = models.JSONField(default=dict, blank=True)
    result = models.JSONField(null=True, blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    error_message = models.TextField(blank=True)
    input_offset = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "clewline_run"
        indexes = [
            models.Index(
                fields=["status", "lease_until"],
                condition=models.Q(status__in=["queued", "running"]),
                name="run_due",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True)
                ^ models.Q(status__in=["finished", "failed", "cancelled", "interrupted"]),
                name="run_ended_iff_terminal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent} {self.id}"

    @property
    def asks(self) -> bool:
        """Whether it ended with questions that its parent has not dropped it for."""
        return self.status == self.Status.INTERRUPTED and self.error_code != self.DROPPED


class Step(models.Model):
    """One model call or tool call. ``output`` is private to the agent and to inspectors, never in the log."""

    class Kind(models.TextChoices):
        MODEL = "model"
        TOOL = "tool"
        STEER = "steer"
        CUT = "cut"  # a model call that was stopped: only what it used counts, nothing of it is replayed

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    index = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=128)
    attempt = models.PositiveIntegerField()
    output = models.JSONField()
    model = models.CharField(max_length=64, blank=True)
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    cache_read_tokens = models.PositiveIntegerField(default=0)
    cache_write_tokens = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    end_offset = models.BigIntegerField(help_text="Offset after the step's last record.")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "clewline_step"
        constraints = [models.UniqueConstraint(fields=["run", "index"], name="step_once_per_run")]


class Input(models.Model):
    """What somebody said, from the moment it was acknowledged. ``client_id`` makes a retry harmless.

    queued -> consumed | withdrawn; steering (for ``run``) -> consumed by it, or queued when the run ended first.
    """

    class Status(models.TextChoices):
        QUEUED = "queued"
        STEERING = "steering"
        CONSUMED = "consumed"
        WITHDRAWN = "withdrawn"

    WAITING = frozenset({Status.QUEUED, Status.STEERING})

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="inputs")
    client_id = models.CharField(max_length=64)
    actor = models.CharField(max_length=128)
    text = models.TextField()
    offset = models.BigIntegerField()
    place = models.BigIntegerField(
        default=0, help_text="Order in the queue; its offset, until somebody moves it."
    )
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.QUEUED)
    edited = models.BooleanField(default=False, help_text="Its text is no longer what was first sent.")
    run = models.ForeignKey(Run, null=True, blank=True, on_delete=models.SET_NULL, related_name="inputs")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "clewline_input"
        constraints = [
            models.UniqueConstraint(fields=["session", "client_id"], name="input_once_per_client_id")
        ]
        indexes = [
            models.Index(
                fields=["session", "place"],
                condition=models.Q(status__in=["queued", "steering"]),
                name="input_queue",
            ),
        ]


class AgentKey(models.Model):
    """The right of a program to serve runs of one agent over HTTP. Only the key's hash is kept."""

    agent = models.CharField(max_length=64)
    name = models.CharField(max_length=100)
    key_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(db_default=Now())
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "clewline_agent_key"

    def __str__(self) -> str:
        return f"{self.name} ({self.agent})"
