"""Roles and row access: one table of what a role may do, and whose book somebody may see."""

from typing import Any

from django.contrib.auth.backends import BaseBackend

from sales_app.people.models import User

Role = User.Role

_EVERYBODY = frozenset(Role.values)
_SELLERS = frozenset({Role.REP, Role.BDR, Role.MANAGER})
_RUNNERS = frozenset({Role.REVOPS, Role.ADMINISTRATOR})
_STAFF = _RUNNERS | {Role.AUDITOR}

ALLOWED: dict[str, frozenset[str]] = {
    "crm.read": _EVERYBODY,
    "crm.write": _SELLERS | _RUNNERS,
    "crm.import": _RUNNERS | {Role.MANAGER},
    "crm.export": _EVERYBODY - {Role.BDR},
    "people.invite": _RUNNERS,
    "people.deactivate": _RUNNERS,
    "session.inspect": _STAFF,
    "admin.open": _STAFF,
}

# What a role may do in Django's terms: ``app.codename`` prefixes. Administrators may do everything.
_ADMIN_PREFIXES: dict[str, tuple[str, ...]] = {
    Role.REVOPS: ("sales_app.", "sessions_app.view_", "sessions_app.change_agentkey", "funnels."),
    Role.AUDITOR: ("sales_app.view_", "sessions_app.view_", "funnels.view_"),
}

UNLIMITED = frozenset({Role.REVOPS, Role.AUDITOR, Role.ADMINISTRATOR})


def can(user: Any, action: str) -> bool:
    """Whether the user may do ``action``, one of ``ALLOWED``. Inactive and unknown users may do nothing."""
    if not getattr(user, "is_active", False) or not isinstance(user, User):
        return False
    return user.is_superuser or user.role in ALLOWED[action]


def book_owner_ids(user: User) -> frozenset[int] | None:
    """Ids of the owners whose records the user may see; None means all. Managers see their reports', at any depth."""
    if user.is_superuser or user.role in UNLIMITED:
        return None
    if user.role != Role.MANAGER:
        return frozenset({user.pk})
    team: set[int] = {user.pk}
    level = {user.pk}
    while level:
        found = User.objects.filter(manager_id__in=level).values_list("pk", flat=True)
        level = set(found) - team
        team |= level
    return frozenset(team)


def is_administrator(user: Any) -> bool:
    return isinstance(user, User) and (user.is_superuser or user.role == Role.ADMINISTRATOR)


def display_name(user: User) -> str:
    return user.get_full_name() or user.email


class RoleBackend(BaseBackend):
    """Django permissions that follow from the role, for the admin and the inspector. It signs nobody in."""

    def has_perm(self, user: Any, perm: str, obj: Any = None) -> bool:
        if not isinstance(user, User) or not user.is_active:
            return False
        if perm == "sessions_app.inspect_session":
            return can(user, "session.inspect")
        return user.role == Role.ADMINISTRATOR or perm.startswith(_ADMIN_PREFIXES.get(user.role, ("\0",)))

    def has_module_perms(self, user: Any, app_label: str) -> bool:
        return can(user, "admin.open") and app_label in {"sales_app", "sessions_app", "funnels"}
