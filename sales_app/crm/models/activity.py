"""What happened or is planned: calls, emails, meetings, notes, tasks."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from sales_app.crm.models.account import Account
from sales_app.crm.models.contact import Contact
from sales_app.crm.models.deal import Deal


class Activity(models.Model):
    class Kind(models.TextChoices):
        CALL = "call", "Call"
        EMAIL = "email", "Email"
        MEETING = "meeting", "Meeting"
        NOTE = "note", "Note"
        TASK = "task", "Task"

    kind = models.CharField(max_length=16, choices=Kind.choices)
    subject = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, null=True, blank=True, related_name="activities"
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="activities"
    )
    deal = models.ForeignKey(
        Deal, on_delete=models.SET_NULL, null=True, blank=True, related_name="activities"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="activities"
    )
    starts_at = models.DateTimeField(
        default=timezone.now, help_text="When it happened or begins; of a task, when it was noted."
    )
    ends_at = models.DateTimeField(null=True, blank=True)
    due = models.DateField(null=True, blank=True, help_text="Of a task.")
    done = models.BooleanField(default=False)
    location = models.CharField(max_length=200, blank=True)
    attendees = models.CharField(max_length=500, blank=True, help_text="Names, with commas between.")
    external_id = models.CharField(
        max_length=100, unique=True, null=True, blank=True, help_text="Its id in the system it came from."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name_plural = "activities"
        ordering = ["-starts_at", "-id"]
        indexes = [
            models.Index(fields=["-starts_at", "-id"], name="activity_by_time"),
            models.Index(fields=["account", "-starts_at"], name="activity_by_account"),
            models.Index(fields=["owner", "-starts_at"], name="activity_by_owner"),
            models.Index(fields=["kind", "-starts_at"], name="activity_by_kind"),
            models.Index(fields=["owner", "done", "due"], name="activity_by_due"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True) | models.Q(ends_at__gte=models.F("starts_at")),
                name="activity_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        return reverse("activity", args=[self.pk])
