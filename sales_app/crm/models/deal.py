"""A sale under way, won or lost."""

from decimal import Decimal
from typing import Final

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

from sales_app.crm.models.account import Account, currency_code
from sales_app.crm.models.key import KeyField


class Stage(models.TextChoices):
    """In the order a deal goes through them."""

    PROSPECTING = "prospecting", "Prospecting"
    DISCOVERY = "discovery", "Discovery"
    EVALUATION = "evaluation", "Evaluation"
    PROPOSAL = "proposal", "Proposal"
    NEGOTIATION = "negotiation", "Negotiation"
    WON = "won", "Won"
    LOST = "lost", "Lost"


CLOSED_STAGES: Final = (Stage.WON, Stage.LOST)
OPEN_STAGES: Final = tuple(stage for stage in Stage if stage not in CLOSED_STAGES)

# Percent, where nobody has said otherwise.
USUAL_PROBABILITY: Final = {
    Stage.PROSPECTING: 10,
    Stage.DISCOVERY: 20,
    Stage.EVALUATION: 40,
    Stage.PROPOSAL: 60,
    Stage.NEGOTIATION: 80,
    Stage.WON: 100,
    Stage.LOST: 0,
}


class Deal(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="deals")
    name = models.CharField(max_length=200)
    name_key = KeyField(of="name")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="deals"
    )
    stage = models.CharField(max_length=16, choices=Stage.choices, default=Stage.PROSPECTING)
    amount = models.DecimalField(
        max_digits=14, decimal_places=2, default=Decimal(0), validators=[MinValueValidator(Decimal(0))]
    )
    currency = models.CharField(max_length=3, default="USD", validators=[currency_code])
    close_date = models.DateField(null=True, blank=True, help_text="Expected, or when it was won or lost.")
    probability = models.PositiveSmallIntegerField(
        default=10, validators=[MaxValueValidator(100)], help_text="Percent."
    )
    next_step = models.CharField(max_length=300, blank=True)
    competitor = models.CharField(max_length=120, blank=True)
    lost_reason = models.CharField(max_length=300, blank=True)
    external_id = models.CharField(
        max_length=100, unique=True, null=True, blank=True, help_text="Its id in the system it came from."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    stage_changed_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["close_date", "id"]
        indexes = [
            models.Index(fields=["owner", "stage"], name="deal_by_owner"),
            models.Index(fields=["stage", "close_date"], name="deal_by_stage"),
            models.Index(fields=["close_date", "id"], name="deal_by_close_date"),
            models.Index(fields=["-amount", "id"], name="deal_by_amount"),
            models.Index(fields=["name_key", "id"], name="deal_by_name"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="deal_amount_not_negative"),
            models.CheckConstraint(condition=models.Q(probability__lte=100), name="deal_probability_percent"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("deal", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.stage not in CLOSED_STAGES
