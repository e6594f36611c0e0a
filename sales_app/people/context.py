"""What the navigation shows to whom."""

from typing import Any, NamedTuple

from django.http import HttpRequest

from sales_app.people.access import can


class Item(NamedTuple):
    href: str
    label: str
    icon: str  # a symbol of static/icons/nav.svg
    action: str  # of people.access


ITEMS = (
    Item("/chat/", "Chat", "chat", "crm.read"),
    Item("/inbox/", "Inbox", "inbox", "crm.read"),
    Item("/accounts/", "Accounts", "accounts", "crm.read"),
    Item("/contacts/", "Contacts", "contacts", "crm.read"),
    Item("/deals/", "Deals", "deals", "crm.read"),
    Item("/activities/", "Activities", "activities", "crm.read"),
    Item("/mail/", "Mailbox", "mail", "crm.read"),
    Item("/calendar/", "Calendar", "calendar", "crm.read"),
    Item("/artifacts/", "Artifacts", "artifacts", "crm.read"),
    Item("/team/", "Team", "team", "crm.read"),
    Item("/inspect/", "Inspector", "inspector", "session.inspect"),
    Item("/admin/", "Admin", "admin", "admin.open"),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav_items": [], "nav_current": ""}
    items = [item for item in ITEMS if can(user, item.action)]
    return {"nav_items": items, "nav_current": _current(request, items)}


def _current(request: HttpRequest, items: list[Item]) -> str:
    match = request.resolver_match
    if match is not None and (match.url_name or "").startswith(("account_", "mfa_", "people-profile")):
        return "/me/"  # sign-in pages share the prefix of the customers' accounts
    return next((item.href for item in items if request.path.startswith(item.href)), request.path)
