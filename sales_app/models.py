from sales_app.crm.models import Account, Activity, Contact, Deal, ImportBatch, ImportRow
from sales_app.people.models import AuditEntry, Invitation, User

__all__ = [
    "Account",
    "Activity",
    "AuditEntry",
    "Contact",
    "Deal",
    "ImportBatch",
    "ImportRow",
    "Invitation",
    "User",
]
