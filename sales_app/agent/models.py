"""What RevOps sets for the copilot in the admin: the model, and what its tokens cost."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Now


class ModelPrice(models.Model):
    """US dollars for a million tokens, from a day on. The newest row at the time of a call counts."""

    model = models.CharField(max_length=64)
    prompt_above = models.PositiveIntegerField(
        "for prompts above",
        default=0,
        help_text="Some models cost more when the prompt has more tokens than this.",
    )
    input = models.DecimalField(max_digits=10, decimal_places=4)
    output = models.DecimalField(max_digits=10, decimal_places=4)
    cache_read = models.DecimalField(max_digits=10, decimal_places=4)
    cache_write = models.DecimalField(max_digits=10, decimal_places=4)
    valid_from = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["model", "prompt_above", "valid_from"], name="price_once_per_start"
            )
        ]
        ordering = ["model", "prompt_above", "-valid_from"]

    def __str__(self) -> str:
        return f"{self.model}: {self.input} in, {self.output} out"


class AgentSettings(models.Model):
    """One row: how the copilot calls the model."""

    class Effort(models.TextChoices):
        LOW = "low", "Low: quick and cheap"
        MEDIUM = "medium", "Medium"
        HIGH = "high", "High: thorough"
        XHIGH = "xhigh", "Extra high"
        MAX = "max", "Maximum: slow and dear"

    model = models.CharField(max_length=64, default="claude-sonnet-5-5")
    effort = models.CharField(max_length=16, choices=Effort.choices, default=Effort.MEDIUM)
    max_tokens = models.PositiveIntegerField(
        default=8192,
        validators=[MinValueValidator(256), MaxValueValidator(128_000)],
        help_text="Most tokens of one answer, thinking included.",
    )
    context_tokens = models.PositiveIntegerField(
        default=120_000,
        validators=[MinValueValidator(4_000), MaxValueValidator(900_000)],
        help_text="Older turns are left out of what the model reads above this.",
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
