from sales_app.crm.models import Account, Activity, Contact, Deal, ImportBatch, ImportRow
from sales_app.people.models import User

__all__ = [
    "Account",
    "Activity",
    "Contact",
    "Deal",
    "ImportBatch",
    "ImportRow",
    "User",
]
