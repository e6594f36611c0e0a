from typing import Any

from django.db import models
from django.db.models.functions import Now

from sales_app.people.models.user import User


class AuditEntry(models.Model):
    """Who did what to whom. Rows are added, never changed."""

    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    action = models.CharField(max_length=64)
    target = models.CharField(max_length=200)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.action} {self.target}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("An audit entry is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("An audit entry is never deleted.")

    @property
    def words(self) -> str:
        """For a person to read: ``changed, role: rep to manager``."""
        parts = [self.action.removeprefix("people.").replace("_", " ")]
        for name, value in self.data.items():
            shown = " to ".join(str(part or "nobody") for part in value) if isinstance(value, list) else value
            parts.append(f"{name}: {shown}")
        return ", ".join(parts)
