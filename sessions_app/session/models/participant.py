"""Who takes part in a session. A participant is an actor, not a row of the user table."""

from django.db import models
from django.db.models.functions import Now

from sessions_app.session.models.session import Session


class Participant(models.Model):
    class Role(models.TextChoices):
        OWNER = "owner"
        MEMBER = "member"
        OBSERVER = "observer"

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="participants")
    actor = models.CharField(max_length=128, help_text="user:7, guest:…")
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.MEMBER)
    read_offset = models.BigIntegerField(default=0, help_text="Everything below this offset was read.")
    joined_at = models.DateTimeField(db_default=Now())
    left_at = models.DateTimeField(null=True, blank=True)
    removed = models.BooleanField(
        default=False, db_default=False, help_text="The owner let them go; only the owner lets them in again."
    )

    class Meta:
        db_table = "clewline_participant"
        constraints = [
            models.UniqueConstraint(fields=["session", "actor"], name="participant_once_per_session")
        ]
        indexes = [models.Index(fields=["actor", "session"], name="participant_actor")]

    def __str__(self) -> str:
        return f"{self.name} ({self.role})"

    def may_decide(self, who: str) -> bool:
        """Whether this person may answer a question that is for ``who``: members, owner, or one actor."""
        if self.role == self.Role.OBSERVER:
            return False
        if who == "owner":
            return self.role == self.Role.OWNER
        return who in {"members", self.actor}


class Inspection(models.Model):
    """A reading of a session by somebody who does not take part in it."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="inspections")
    actor = models.CharField(max_length=128)
    at_offset = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "clewline_inspection"
