"""Logging: one line a record, as text for people or as JSON for machines, and no secrets in either."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

# API keys, bearer tokens, passwords in URLs, and anything named like a secret.
SECRETS = re.compile(
    r"(sk-[A-Za-z0-9_-]{3})[A-Za-z0-9_-]+"
    r"|(Bearer\s+)[^\s\"',]+"
    r"|(://[^:/@\s]*:)[^@/\s]+(?=@)"
    r"|((?:/s/|/artifact-content/))[A-Za-z0-9_:.-]{16,}"
    r"|((?:password|passwd|secret|token|api[_-]?key|session|sessionid|csrf|csrftoken)[\"']?\s*[=:]\s*[\"']?)[^\s\"',;&]+",
    re.IGNORECASE,
)

STANDARD = frozenset(vars(logging.LogRecord("", 0, "", 0, "", (), None))) | {"message", "asctime", "taskName"}


def without_secrets(text: str) -> str:
    return SECRETS.sub(lambda match: f"{next(g for g in match.groups() if g)}[removed]", text)


class TextFormatter(logging.Formatter):
    """``12:00:01 INFO    sessions_app.runs: message``"""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))


class JsonFormatter(logging.Formatter):
    """One object a line: time, level, logger, message, what was passed as ``extra``, and the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        line |= {key: str(value) for key, value in vars(record).items() if key not in STANDARD}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps({key: without_secrets(v) if isinstance(v, str) else v for key, v in line.items()})


def configuration(*, level: str, as_json: bool) -> dict[str, Any]:
    """The LOGGING setting."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"()": "config.logs.JsonFormatter" if as_json else "config.logs.TextFormatter"},
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django attaches handlers of its own to these; ours suffices.
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # One line for every task and every request is noise at INFO.
            "celery": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
            "daphne": {"level": "WARNING"},
            "uvicorn": {"level": "WARNING", "handlers": [], "propagate": True},
            "httpx": {"level": "WARNING"},
            "httpx2": {"level": "WARNING"},
        },
    }
