from sales_app.people.models.audit import AuditEntry
from sales_app.people.models.invitation import Invitation
from sales_app.people.models.user import WEEKDAYS, User, check_hours

__all__ = ["WEEKDAYS", "AuditEntry", "Invitation", "User", "check_hours"]
