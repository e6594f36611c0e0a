"""Versions of the policy. What a version says never changes; what changes is which one is published."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class PriceVersion(models.Model):
    """``terms`` is the JSON that ``policy.py`` reads. ``replaces`` is the version that counted when this one was published, and
    counts on until ``effective_from``."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        RETIRED = "retired", "Retired"

    number = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.DRAFT)
    terms = models.JSONField()
    effective_from = models.DateField(help_text="Until this day the version before it counts.")
    note = models.CharField(max_length=500, help_text="Why this version was made.")
    replaces = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = "price policy"
        verbose_name_plural = "price policies"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state="published"), name="price_one_published_version"
            ),
        ]

    def __str__(self) -> str:
        return f"Prices v{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A version of the prices never changes: make another one.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("A version of the prices stays, so that what was quoted from it can be explained.")


class PriceChange(models.Model):
    """The trail: who drafted, published or rolled back which version, when and why. Rows are only added."""

    class Action(models.TextChoices):
        CREATED = "created", "Created"
        PUBLISHED = "published", "Published"
        ROLLED_BACK = "rolled_back", "Rolled back to"

    version = models.ForeignKey(PriceVersion, on_delete=models.CASCADE, related_name="changes")
    action = models.CharField(max_length=16, choices=Action.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.version} {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("The trail of the prices is only added to.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("The trail of the prices is only added to.")
