"""The count beside Inbox in the navigation."""

from typing import Any

from django.http import HttpRequest

from sales_app.inbox.notices import unread_count
from sessions_app.session.access import actor_of


def unread(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or request.headers.get("HX-Request"):
        return {}  # fragments have no navigation
    return {"inbox_unread": unread_count(actor_of(user))}
