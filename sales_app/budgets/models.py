"""Limits that RevOps sets, and running sums of what was used. US dollars; days and months in UTC."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models


def _limit(words: str) -> "models.DecimalField[Decimal | None, Decimal | None]":
    return models.DecimalField(
        words, max_digits=10, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )


class Budget(models.Model):
    """One row. An empty limit is none."""

    person_day = _limit("each person, a day")
    person_month = _limit("each person, a month")
    organisation_day = _limit("all together, a day")
    organisation_month = _limit("all together, a month")
    ask = models.CharField(
        "whom to ask",
        max_length=200,
        default="RevOps or an administrator",
        help_text="Told to those who have used up theirs.",
    )

    class Meta:
        verbose_name = "budget"
        verbose_name_plural = "budget"
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="budget_one_row")]

    def __str__(self) -> str:
        return "budget (US dollars)"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1
        super().save(*args, **kwargs)


class PersonBudget(models.Model):
    """What one person may use instead of what each may. An empty limit is what each may."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="budget"
    )
    day = _limit("a day")
    month = _limit("a month")

    def __str__(self) -> str:
        return f"budget of {self.user}"


class Spending(models.Model):
    """What one actor's runs have used on one day (UTC): moved in the transaction that records each step."""

    actor = models.CharField(max_length=128)
    day = models.DateField(db_index=True)
    amount = models.DecimalField(max_digits=14, decimal_places=6, default=Decimal(0))

    class Meta:
        verbose_name_plural = "spending"
        ordering = ["-day", "actor"]
        constraints = [models.UniqueConstraint(fields=["actor", "day"], name="spending_once_per_day")]

    def __str__(self) -> str:
        return f"{self.actor} on {self.day}: ${self.amount}"
