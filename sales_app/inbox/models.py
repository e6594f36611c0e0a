"""What waits for a person."""

from django.db import models
from django.db.models.functions import Now

from sessions_app.session.models import Session


class Notice(models.Model):
    """One person should look at one thing. Whether they did follows from how far they have read the session."""

    class Kind(models.TextChoices):
        ANSWER = "answer"
        FAILURE = "failure"
        APPROVAL = "approval"
        QUESTION = "question"
        INVITATION = "invitation"

    actor = models.CharField(max_length=128)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    cause = models.CharField(
        max_length=64,
        help_text="The id of the run or of the interrupt, or the session and offset of the invitation.",
    )
    offset = models.BigIntegerField(help_text="Of its record: who has read beyond it has seen it.")
    created_at = models.DateTimeField(db_default=Now(), db_index=True)
    mail_due = models.DateTimeField(null=True, help_text="Null once it was mailed, or need not be.")
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["actor", "-created_at"], name="notice_by_actor"),
            models.Index(
                fields=["mail_due"], condition=models.Q(mail_due__isnull=False), name="notice_mail_due"
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["actor", "kind", "cause"], name="notice_once")]

    def __str__(self) -> str:
        return f"{self.kind} for {self.actor}"
