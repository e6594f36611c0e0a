"""What people set about what comes by itself, and what came."""

from datetime import time

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now

from sessions_app.session.models import Session

USUAL_TIME = time(7)
USUAL_LEAD = 60


class Schedule(models.Model):
    """One person's wishes. Who has no row gets what the defaults say."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="schedule"
    )
    brief = models.BooleanField("Morning brief", default=True, help_text="On your working days.")
    brief_at = models.TimeField("At", default=USUAL_TIME, help_text="In your time zone, by 11:00.")
    call_prep = models.BooleanField("Prep before each call with a customer", default=True)
    lead_minutes = models.PositiveSmallIntegerField(
        "Minutes before the call",
        default=USUAL_LEAD,
        validators=[MinValueValidator(10), MaxValueValidator(240)],
        help_text="Before an early call it comes the evening before.",
    )

    def __str__(self) -> str:
        return f"schedule of {self.user}"


class Delivery(models.Model):
    """One thing for one person and period: written in the transaction that starts it, so it is started once.

    ``period`` is the day of a brief (2026-11-24), and of a prep the call's id and day (17:2026-11-24).
    """

    class Kind(models.TextChoices):
        BRIEF = "brief", "Morning brief"
        CALL_PREP = "call_prep", "Call prep"

    class Skipped(models.TextChoices):
        LATE = "late", "It was past noon when it could have been made"
        BUDGET = "budget", "The budget for scheduled work was used up"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="deliveries")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    period = models.CharField(max_length=40)
    due_at = models.DateTimeField()
    skipped = models.CharField(
        max_length=16,
        choices=Skipped.choices,
        blank=True,
        help_text="Why it was left out; empty: it was started.",
    )
    session = models.ForeignKey(Session, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "period"], name="delivered_once_per_period")
        ]
        indexes = [models.Index(fields=["kind", "period"], name="delivery_by_period")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.period} for {self.user}"
