"""What RevOps sets for the copilot in the admin: the model, and what its tokens cost."""

from typing import Any

from django.db import models
from django.db.models.functions import Now


class ModelPrice(models.Model):
    """US dollars for a million tokens, from a day on. The newest row at the time of a call counts."""

    model = models.CharField(max_length=64)
    input = models.DecimalField(max_digits=10, decimal_places=4)
    output = models.DecimalField(max_digits=10, decimal_places=4)
    cache_read = models.DecimalField(max_digits=10, decimal_places=4)
    cache_write = models.DecimalField(max_digits=10, decimal_places=4)
    valid_from = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "valid_from"], name="price_once_per_start")]
        ordering = ["model", "-valid_from"]

    def __str__(self) -> str:
        return f"{self.model}: {self.input} in, {self.output} out"


class AgentSettings(models.Model):
    """One row: how the copilot calls the model."""

    class Effort(models.TextChoices):
        LOW = "low", "Low: quick and cheap"
        MEDIUM = "medium", "Medium"
        HIGH = "high", "High: thorough"

    model = models.CharField(max_length=64, default="claude-sonnet-5-5")
    effort = models.CharField(max_length=16, choices=Effort.choices, default=Effort.MEDIUM)
    max_tokens = models.PositiveIntegerField(default=8192, help_text="Most tokens of one answer.")
    context_tokens = models.PositiveIntegerField(
        default=120_000, help_text="Older turns are left out of what the model reads above this."
    )

    class Meta:
        verbose_name = "copilot settings"
        verbose_name_plural = "copilot settings"
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="agent_settings_one_row")]

    def __str__(self) -> str:
        return self.model

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1
        super().save(*args, **kwargs)


def agent_settings() -> AgentSettings:
    """The row, or the defaults when nobody has saved it yet."""
    return AgentSettings.objects.filter(pk=1).first() or AgentSettings(pk=1)
