"""Encodings (from calls or an interview), the calls that were read, the lines proposed, and the deals that runs touched."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from sales_app.artifacts.models import ArtifactVersion
from sales_app.crm.models import Deal
from sales_app.skills.models import Skill, SkillVersion
from sessions_app.session.models import Session


class Encoding(models.Model):
    """One attempt to learn from people for a skill. It ends as a draft version, or as nothing.

    ``claim`` is whoever reads for it just now; it may be taken over once ``claimed_until`` has passed.
    ``criteria`` of calls: ``{"from", "to"}`` (days, ISO, of closing), ``segment`` ("" for all), ``reps`` (ids; empty for all).
    ``contrast`` is a ``contrast.Contrast`` as JSON, empty before it is counted. ``plan`` of an interview are its questions.
    """

    class Kind(models.TextChoices):
        CALLS = "calls", "Calls of won and lost deals"
        INTERVIEW = "interview", "Interview"

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting to begin"
        READING = "reading", "Reading calls"
        WORDING = "wording", "Writing lines"
        TALKING = "talking", "Being told"
        READY = "ready", "To be decided"
        DRAFTED = "drafted", "Made into a draft"
        FAILED = "failed", "Not finished"

    WORKING = frozenset({State.QUEUED, State.READING, State.WORDING})

    kind = models.CharField(max_length=16, choices=Kind.choices)
    state = models.CharField(max_length=16, choices=State.choices)
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="encodings")
    based_on = models.ForeignKey(
        SkillVersion, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="encodings")
    criteria = models.JSONField(default=dict)
    contrast = models.JSONField(default=list)
    plan = models.JSONField(default=list)
    usage = models.JSONField(default=dict, help_text="What wording cost: model, tokens, US dollars.")
    note = models.CharField(max_length=500, blank=True, help_text="What people should know about the lines.")
    error = models.CharField(max_length=500, blank=True)
    claim = models.UUIDField(null=True, editable=False)
    claimed_until = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    session = models.OneToOneField(
        Session, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    private = models.BooleanField(default=False, help_text="Seen by nobody but whoever is interviewed.")
    draft = models.OneToOneField(
        SkillVersion, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    handed_in_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["claimed_until"],
                condition=models.Q(state__in=["queued", "reading", "wording"]),
                name="encoding_at_work",
            ),
            models.Index(fields=["asked_by", "-created_at"], name="encoding_by_person"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(private=False) | models.Q(kind="interview"),
                name="encoding_private_is_interview",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} for {self.skill}"

    @property
    def is_working(self) -> bool:
        return self.state in self.WORKING


class StudiedCall(models.Model):
    """A call of a closed deal, and what was found in it once it was read.

    ``found`` {signal: [{"at": second, "quote", "speaker", "side"}]}; ``measures`` are plain numbers (``signals.measures_of``).
    """

    encoding = models.ForeignKey(Encoding, on_delete=models.CASCADE, related_name="calls")
    call_id = models.CharField(max_length=200)
    title = models.CharField(max_length=300)
    url = models.CharField(max_length=500)
    provider = models.CharField(max_length=64)
    at = models.DateTimeField()
    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="+")
    rep = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    outcome = models.CharField(max_length=8, choices=[("won", "Won"), ("lost", "Lost")])
    read_at = models.DateTimeField(null=True)
    found = models.JSONField(default=dict)
    measures = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "call_id"]
        constraints = [models.UniqueConstraint(fields=["encoding", "call_id"], name="studied_call_once")]

    def __str__(self) -> str:
        return self.title


class ProposedLine(models.Model):
    """One line of the skill's text, as proposed and as decided.

    ``key`` names what it says (a signal, or a question and a place in its answer), ``before`` is the line that it replaces or
    removes. ``fact`` is a ``sales_app.facts.Fact`` as JSON. ``refused``: why the model's wording was not taken. ``revision``
    counts decisions: whoever decides says which one they saw.
    """

    class Change(models.TextChoices):
        ADD = "add", "New line"
        REPLACE = "replace", "Instead of a line"
        REMOVE = "remove", "Line to remove"

    class State(models.TextChoices):
        OPEN = "open", "To be decided"
        ACCEPTED = "accepted", "Accepted"
        EDITED = "edited", "Accepted as edited"
        REJECTED = "rejected", "Rejected"

    encoding = models.ForeignKey(Encoding, on_delete=models.CASCADE, related_name="lines")
    key = models.CharField(max_length=64)
    place = models.PositiveIntegerField()
    change = models.CharField(max_length=8, choices=Change.choices)
    before = models.TextField(blank=True)
    proposed = models.TextField(blank=True)
    text = models.TextField(blank=True, help_text="As it was decided.")
    fact = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)
    refused = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    revision = models.PositiveIntegerField(default=0)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["encoding", "place"]
        constraints = [models.UniqueConstraint(fields=["encoding", "key"], name="proposed_line_once")]

    def __str__(self) -> str:
        return self.text or self.proposed or self.before


class TouchedDeal(models.Model):
    """The first time that a version's run made something for a deal, and the stage that the deal was in."""

    version = models.ForeignKey(SkillVersion, on_delete=models.CASCADE, related_name="+")
    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="+")
    artifact_version = models.ForeignKey(
        ArtifactVersion, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    stage = models.CharField(max_length=16)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "deal"], name="touched_deal_once")]

    def __str__(self) -> str:
        return f"{self.deal} by {self.version}"
