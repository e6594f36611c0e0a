"""What the navigation shows to whom."""

from typing import Any

from django.http import HttpRequest

from sales_app.people.access import can

ITEMS = (
    ("/chat/", "Chat", "crm.read"),
    ("/accounts/", "Accounts", "crm.read"),
    ("/contacts/", "Contacts", "crm.read"),
    ("/deals/", "Deals", "crm.read"),
    ("/activities/", "Activities", "crm.read"),
    ("/calendar/", "Calendar", "crm.read"),
    ("/team/", "Team", "crm.read"),
    ("/inspect/", "Inspector", "session.inspect"),
    ("/admin/", "Admin", "admin.open"),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav_items": [], "nav_current": ""}
    items = [(href, label) for href, label, action in ITEMS if can(user, action)]
    current = next((href for href, _ in items if request.path.startswith(href)), request.path)
    return {"nav_items": items, "nav_current": current}
