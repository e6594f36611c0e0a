"""The login of a long-lived connection: checked when it opens, at every command, and by every sweep."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.models import Session as LoginSession
from django.http.cookie import parse_cookie
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from sessions_app.errors import SessionsError
from sessions_app.session.access import actor_of, name_of

KEYS_AT_ONCE = 500


class SignedOut(SessionsError):
    """You are signed out. Sign in again; what you typed is kept."""

    code = "signed_out"
    status = 401


@dataclass(slots=True, eq=False)
class Login:
    """``seen`` is the state of session and user that was found good; unchanged, it need not be looked into again."""

    key: str
    user_id: Any
    actor: str
    name: str
    seen: int = 0


def session_key_of(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The login session named by the cookie header of an ASGI scope."""
    for name, value in headers:
        if name == b"cookie":
            key = parse_cookie(value.decode("latin1")).get(settings.SESSION_COOKIE_NAME)
            if key:
                return key
    return None


def open_login(key: str | None) -> Login:
    """The login that a session key stands for. Raises SignedOut."""
    row = _live_rows([key]).get(key) if key else None
    if key is None or row is None:
        raise SignedOut()
    data = _decoded(key, row)
    model = get_user_model()
    try:
        user_id = model._meta.pk.to_python(data.get(SESSION_KEY))
    except (ValueError, TypeError):
        raise SignedOut() from None
    user = model._default_manager.filter(pk=user_id).first() if user_id is not None else None
    if user is None or not _holds(data, user):
        raise SignedOut()
    return Login(key, user_id, actor_of(user), name_of(user), _state(row, user))


def check_login(login: Login) -> None:
    """Raises SignedOut."""
    if ended_logins([login]):
        raise SignedOut()


def ended_logins(logins: Sequence[Login]) -> list[Login]:
    """Those that hold no longer: signed out, expired, password changed, deactivated. Two queries for each 500."""
    ended: list[Login] = []
    for first in range(0, len(logins), KEYS_AT_ONCE):
        some = logins[first : first + KEYS_AT_ONCE]
        rows = _live_rows({login.key for login in some})
        users = get_user_model()._default_manager.in_bulk({login.user_id for login in some})
        for login in some:
            row, user = rows.get(login.key), users.get(login.user_id)
            if row is None or user is None:
                ended.append(login)
                continue
            state = _state(row, user)
            if state == login.seen:
                continue
            data = _decoded(login.key, row)
            if data.get(SESSION_KEY) != str(user.pk) or not _holds(data, user):
                ended.append(login)
            else:
                login.seen = state
    return ended


def _live_rows(keys: Iterable[str]) -> dict[str, str]:
    rows = LoginSession.objects.filter(session_key__in=list(keys), expire_date__gt=timezone.now())
    return dict(rows.values_list("session_key", "session_data"))


def _decoded(key: str, session_data: str) -> dict[str, Any]:
    store = import_module(settings.SESSION_ENGINE).SessionStore(key)
    data: dict[str, Any] = store.decode(session_data)
    return data


def _state(session_data: str, user: Any) -> int:
    return hash((session_data, user.is_active, user.password))


def _holds(data: dict[str, Any], user: Any) -> bool:
    """What django.contrib.auth.get_user asks, for a session that was read already."""
    if not user.is_active or data.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return False
    kept = data.get(HASH_SESSION_KEY) or ""
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(kept, each) for each in hashes)
