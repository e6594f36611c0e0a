from sales_app.agent.models import AgentSettings, ModelPrice
from sales_app.crm.models import Account, Activity, Contact, Deal, ImportBatch, ImportRow
from sales_app.inbox.models import Notice
from sales_app.mail.models import Mail
from sales_app.people.models import AuditEntry, Invitation, User

__all__ = [
    "Account",
    "Activity",
    "AgentSettings",
    "AuditEntry",
    "Contact",
    "Deal",
    "ImportBatch",
    "ImportRow",
    "Invitation",
    "Mail",
    "ModelPrice",
    "Notice",
    "User",
]
