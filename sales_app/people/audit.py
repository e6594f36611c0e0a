"""The audit trail: one row for each change to people and their rights."""

from typing import Any

from sales_app.people.models import AuditEntry, User


def record(actor: User | None, action: str, target: str, data: dict[str, Any] | None = None) -> None:
    AuditEntry.objects.create(actor=actor, action=action, target=target, data=data or {})
