"""What RevOps and administrators do to an account: its role and manager, the end and the return of its access.

The one way to change them: the pages and the admin call these, and each leaves a row in the audit trail.
"""

from django.db import transaction

from sales_app.people.access import can, is_administrator
from sales_app.people.audit import record
from sales_app.people.errors import PeopleError
from sales_app.people.logins import end_logins
from sales_app.people.models import User


def may_grant(by: User, role: str) -> None:
    """Raises PeopleError ``not_allowed``: only administrators make administrators."""
    if not can(by, "people.invite"):
        raise PeopleError("not_allowed", "Your role cannot do that. Ask RevOps.")
    if role == User.Role.ADMINISTRATOR and not is_administrator(by):
        raise PeopleError("not_allowed", "Only an administrator can make somebody an administrator.")


def change_place(user: User, *, role: str, manager: User | None, by: User) -> None:
    """Give somebody a role and a manager. The new rights hold from their next click or message on.

    Raises PeopleError: not_allowed, not_yourself, last_administrator, circle.
    """
    _may_touch(user, by)
    may_grant(by, role)
    for above in _chain(manager):
        if above.pk == user.pk:
            raise PeopleError("circle", f"{manager} reports to {user}. Choose somebody else as manager.")
    with transaction.atomic():
        user = _locked(user)
        was = {"role": user.role, "manager": user.manager.email if user.manager else None}
        if role != user.role:
            if user.pk == by.pk:
                raise PeopleError(
                    "not_yourself", "You cannot change your own role. Ask another administrator."
                )
            _leaves_an_administrator(user)
        user.role, user.manager = role, manager
        user.save(update_fields=["role", "manager", "is_staff"])
        now = {"role": user.role, "manager": manager.email if manager else None}
        changed = {name: [was[name], now[name]] for name in was if was[name] != now[name]}
        if changed:
            record(by, "people.changed", user.email, changed)


def deactivate(user: User, *, by: User) -> None:
    """From this moment on they are signed out everywhere; what they own and wrote stays.

    Raises PeopleError: not_allowed, not_yourself, last_administrator.
    """
    _may_touch(user, by)
    if user.pk == by.pk:
        raise PeopleError("not_yourself", "You cannot end your own access. Ask another administrator.")
    with transaction.atomic():
        if not _locked(user).is_active:
            return
        _leaves_an_administrator(user)
        User.objects.filter(pk=user.pk).update(is_active=False)
        end_logins(user)
        record(by, "people.deactivated", user.email)


def reactivate(user: User, *, by: User) -> None:
    """Raises PeopleError ``not_allowed``."""
    _may_touch(user, by)
    with transaction.atomic():
        if User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
            record(by, "people.reactivated", user.email)


def _may_touch(user: User, by: User) -> None:
    if not can(by, "people.deactivate"):
        raise PeopleError("not_allowed", "Your role cannot do that. Ask RevOps.")
    if is_administrator(user) and not is_administrator(by):
        raise PeopleError("not_allowed", "Only an administrator can do that to an administrator.")


def _locked(user: User) -> User:
    return User.objects.select_for_update(of=("self",)).select_related("manager").get(pk=user.pk)


def _leaves_an_administrator(user: User) -> None:
    """An installation without an administrator could not be repaired from its pages."""
    if not is_administrator(user):
        return
    others = User.objects.filter(is_active=True).exclude(pk=user.pk)
    # Locked in one order, so that two administrators who demote each other at once do not both succeed.
    remaining = others.select_for_update().order_by("pk")
    if not any(is_administrator(other) for other in remaining):
        raise PeopleError("last_administrator", f"{user} is the last administrator. Make another one first.")


def _chain(manager: User | None) -> list[User]:
    """The manager and everybody above, each once."""
    found: list[User] = []
    while manager is not None and manager not in found:
        found.append(manager)
        manager = manager.manager
    return found
