"""The DATABASES entry for either store."""

from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

EXAMPLE = "postgresql://user:password@host:5432/clewline"


class Synchronous(Enum):
    NORMAL = "NORMAL"
    FULL = "FULL"


def sqlite(path: Path, *, synchronous: Synchronous) -> dict[str, Any]:
    """SQLite in WAL. ``synchronous`` NORMAL survives the death of the process, FULL that of the machine.

    IMMEDIATE takes the write lock when a transaction begins: a deferred one that reads and then writes fails
    with "database is locked" at once, whatever the timeout.
    """
    return {
        "ENGINE": "config.sqlite",
        "NAME": path,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": f"PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous.value};",
        },
        "CONN_MAX_AGE": None,  # opening costs more than most queries
        "TEST": {"NAME": path.with_name("test.sqlite3")},
    }


def postgresql(url: str, *, pool_size: int) -> dict[str, Any]:
    """A PostgreSQL database by URL; the query string goes to libpq (``?sslmode=require``, ``?host=/run/pg``).

    Raises ``ImproperlyConfigured`` when the URL is not one of PostgreSQL.

    Under ASGI each request runs its database work on a thread of its own, so connections kept per thread
    would never be used twice; the pool keeps them and bounds how many a process opens. 0 turns it off.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            f"CLEWLINE_DATABASE_URL must look like {EXAMPLE}; its scheme is {parts.scheme or 'missing'!r}. "
            "For SQLite leave the variable unset: the file then lies in CLEWLINE_DATA_DIR."
        )
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", "") or parts.hostname or ""
    if pool_size:
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(host),
        "PORT": str(parts.port or options.pop("port", "")),
        "OPTIONS": options,
        "CONN_HEALTH_CHECKS": True,
    }
