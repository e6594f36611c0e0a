"""A company that is or may become a customer."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

from sales_app.crm.models.key import KeyField

currency_code = RegexValidator(r"^[A-Z]{3}$", "Use the three letters of the currency, such as USD.")


class Account(models.Model):
    class Segment(models.TextChoices):
        SMB = "smb", "SMB"
        MID = "mid", "Mid-market"
        ENTERPRISE = "enterprise", "Enterprise"

    class Status(models.TextChoices):
        PROSPECT = "prospect", "Prospect"
        CUSTOMER = "customer", "Customer"
        CHURNED = "churned", "Churned"

    class Health(models.TextChoices):
        UNKNOWN = "", "Not rated"
        GOOD = "good", "Good"
        WATCH = "watch", "Watch"
        AT_RISK = "at_risk", "At risk"

    name = models.CharField(max_length=200)
    name_key = KeyField(of="name")
    domain = models.CharField(max_length=200, blank=True)
    industry = models.CharField(max_length=80, blank=True)
    segment = models.CharField(max_length=16, choices=Segment.choices, default=Segment.SMB)
    employees = models.PositiveIntegerField(null=True, blank=True)
    country = models.CharField(max_length=80, blank=True)
    region = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.PROSPECT)
    plan = models.CharField(max_length=60, blank=True)
    health = models.CharField(max_length=16, choices=Health.choices, blank=True, default=Health.UNKNOWN)
    arr = models.DecimalField(
        "annual recurring revenue",
        max_digits=14,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(Decimal(0))],
    )
    currency = models.CharField(max_length=3, default="USD", validators=[currency_code])
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="accounts"
    )
    next_step = models.CharField(max_length=300, blank=True)
    external_id = models.CharField(
        max_length=100, unique=True, null=True, blank=True, help_text="Its id in the system it came from."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Counts edits: a form sends back the one it was made from, and a stale one is refused.
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["name_key", "id"]
        indexes = [
            models.Index(fields=["name_key", "id"], name="account_by_name"),
            models.Index(fields=["owner", "name_key"], name="account_by_owner"),
            models.Index(fields=["-arr", "id"], name="account_by_arr"),
            models.Index(fields=["status", "segment"], name="account_by_status"),
            models.Index(fields=["industry"], name="account_by_industry"),
            models.Index(fields=["country"], name="account_by_country"),
            models.Index(fields=["domain"], name="account_by_domain"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(arr__gte=0), name="account_arr_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("account", args=[self.pk])
