"""A CSV on its way in: its rows wait here, checked, until all of them go over at once."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class ImportBatch(models.Model):
    class Kind(models.TextChoices):
        ACCOUNTS = "accounts", "Accounts"
        CONTACTS = "contacts", "Contacts"
        DEALS = "deals", "Deals"
        ACTIVITIES = "activities", "Activities"

    class State(models.TextChoices):
        STAGING = "staging", "Being read"
        REFUSED = "refused", "Has errors"
        READY = "ready", "Ready to import"
        APPLIED = "applied", "Imported"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    state = models.CharField(max_length=16, choices=State.choices, default=State.STAGING)
    file_name = models.CharField(max_length=200)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    applied_at = models.DateTimeField(null=True, editable=False)
    rows_read = models.PositiveIntegerField(default=0)
    to_create = models.PositiveIntegerField(default=0)
    to_update = models.PositiveIntegerField(default=0)
    error_count = models.PositiveIntegerField(default=0)
    # The first of them: [{"line", "column", "value", "message", "fix"}].
    errors = models.JSONField(default=list)

    class Meta:
        verbose_name = "import"
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["created_by", "-created_at"], name="import_by_person")]

    def __str__(self) -> str:
        return f"{self.file_name}: {self.get_kind_display()}"


class ImportRow(models.Model):
    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    # Column values as the model takes them, in JSON's types.
    values = models.JSONField()
    # The existing row that this one changes; None: a new one.
    target = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["line"]
        constraints = [models.UniqueConstraint(fields=["batch", "line"], name="import_row_once")]

    def __str__(self) -> str:
        return f"line {self.line}"
