"""What waits for a person."""

from django.conf import settings
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
        ARTIFACT = "artifact"  # an answer that made one
        BRIEF = "brief"  # what a schedule asked for
        BUDGET = "budget"

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


class NoticeWish(models.Model):
    """How one person wants to hear of one kind, besides the inbox. No row: in every way that is set up."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notice_wishes")
    kind = models.CharField(max_length=16, choices=Notice.Kind.choices)
    mail = models.BooleanField(default=True)
    push = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="notice_wish_once_per_kind")]

    def __str__(self) -> str:
        return f"{self.kind} for {self.user}"


class Device(models.Model):
    """A browser that takes web push for one person. ``endpoint`` is the push service's address for it: who knows it can try
    to send there.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="devices")
    endpoint = models.TextField()
    endpoint_hash = models.CharField(max_length=64, unique=True)
    p256dh = models.CharField(max_length=128)
    auth = models.CharField(max_length=64)
    label = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.label or "browser"


class Push(models.Model):
    """A notice on its way to a device. The row is gone once the push service has it, or when it is given up."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="pushes")
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="pushes")
    due = models.DateTimeField(db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "device"], name="push_once_per_device")]

    def __str__(self) -> str:
        return f"{self.notice} on {self.device}"
