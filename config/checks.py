"""System checks of the environment. They run at every command's start; each says what to do."""

import difflib
import os
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from config import database, mail
from config.env import env


def check_stores(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.PRODUCTION and not settings.DATABASE_URL:
        found.append(
            Error(
                "The production profile needs PostgreSQL: CLEWLINE_DATABASE_URL is missing.",
                hint=f"Set it to something like {database.EXAMPLE}. SQLite serves one process only.",
                id="clewline.E001",
            )
        )
    if settings.PRODUCTION and not settings.REDIS_URL:
        found.append(
            Error(
                "The production profile needs Redis: CLEWLINE_REDIS_URL is missing.",
                hint="Set it to something like redis://host:6379/0; processes hear each other through it.",
                id="clewline.E002",
            )
        )
    if settings.REDIS_URL and not settings.DATABASE_URL:
        found.append(
            Error(
                "CLEWLINE_REDIS_URL is set and CLEWLINE_DATABASE_URL is not.",
                hint="Set both for the production profile, or neither for the embedded one.",
                id="clewline.E003",
            )
        )
    if settings.DATABASE_URL and not settings.REDIS_URL and not settings.PRODUCTION:
        found.append(
            Warning(
                "PostgreSQL without Redis: start one `manage.py serve` only.",
                hint="Set CLEWLINE_REDIS_URL to run several processes.",
                id="clewline.W001",
            )
        )
    return found


def check_web(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.CLEWLINE_SERVER not in {"daphne", "uvicorn"}:
        found.append(
            Error(
                f"CLEWLINE_SERVER is {settings.CLEWLINE_SERVER!r}.",
                hint="Choose daphne or uvicorn.",
                id="clewline.E004",
            )
        )
    if not settings.PRODUCTION:
        return found
    if not settings.ALLOWED_HOSTS:
        found.append(
            Error(
                "CLEWLINE_ALLOWED_HOSTS is missing: every request would be refused.",
                hint="Set it to the host names people use, with commas: clewline.example.com",
                id="clewline.E005",
            )
        )
    if settings.DEBUG:
        found.append(
            Error(
                "CLEWLINE_DEBUG is on in production: error pages would show settings and data.",
                hint="Remove it.",
                id="clewline.E006",
            )
        )
    if settings.HTTPS and not settings.ALLAUTH_TRUSTED_PROXY_COUNT:
        found.append(
            Warning(
                "Requests are redirected to HTTPS, but no proxy is trusted to say that it came by HTTPS.",
                hint="Set CLEWLINE_PROXY_COUNT to the number of reverse proxies in front (usually 1).",
                id="clewline.W002",
            )
        )
    return found


def check_mail(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    if settings.PRODUCTION and not settings.CLEWLINE_SMTP_URL:
        return [
            Warning(
                "CLEWLINE_SMTP_URL is missing: invitations and password resets become files in "
                f"{settings.DATA_DIR}/mail.",
                hint=f"Set it to something like {mail.EXAMPLE}, and CLEWLINE_FROM_EMAIL to the sender.",
                id="clewline.W003",
            )
        ]
    return []


def check_names(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """A misspelt variable would silently do nothing."""
    known = set(env.dump()) | {"CLEWLINE_READ_DOT_ENV"}
    found = []
    for name in sorted(os.environ):
        # CLEWLINE_TEST_* belongs to the tests.
        if name.startswith("CLEWLINE_") and not name.startswith("CLEWLINE_TEST_") and name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            found.append(
                Warning(
                    f"{name} is set, but there is no such setting.",
                    hint=f"Did you mean {near[0]}?" if near else "docs/deploy.md lists all.",
                    id="clewline.W004",
                )
            )
    return found


ALL = (check_stores, check_web, check_mail, check_names)
